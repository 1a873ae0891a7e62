"""Small inputs on which the suite was wrong, each with the right answer: a folder with a `run.py` that ends with 0 where it holds."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CASES = sorted(path.parent.name for path in HERE.glob("*/run.py"))
NOT_YET: dict[str, str] = {}


@pytest.mark.slow
@pytest.mark.pwsh
@pytest.mark.parametrize("case", CASES)
def test_the_case_has_its_right_answer(case: str, request: pytest.FixtureRequest) -> None:
    """Run as somebody would who keeps cases elsewhere: the harness by its folder, the clone by a variable."""
    if shutil.which("pwsh") is None:
        pytest.skip("needs PowerShell 7 (pwsh) on PATH")
    if case in NOT_YET:
        request.applymarker(pytest.mark.xfail(reason=NOT_YET[case], strict=True))
    ran = subprocess.run(
        [sys.executable, str(HERE / case / "run.py")],
        env=os.environ | {"PROJ": str(ROOT), "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
