"""The inputs on which the suite was once wrong, each a folder with a `run.py` that says HOLDS."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NOT_YET: dict[str, str] = {}


@pytest.mark.slow
@pytest.mark.pwsh
@pytest.mark.parametrize("case", sorted(path.parent.name for path in HERE.glob("*/run.py")))
def test_a_case_holds(case: str, request: pytest.FixtureRequest) -> None:
    if case in NOT_YET:
        request.applymarker(pytest.mark.xfail(reason=NOT_YET[case], strict=True))
    done = subprocess.run(
        [sys.executable, str(HERE / case / "run.py")],
        env=os.environ | {"PROJ": str(ROOT), "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
