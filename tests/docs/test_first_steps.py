"""docs/getting-started.md, walked in an empty folder as it stands, but for the installation."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.examples import blocks

PAGE = "docs/getting-started.md"
TYPED = "Geheim-4711\nGeheim-4712\n"


@pytest.mark.slow
def test_the_first_steps_lead_to_a_report(tmp_path: Path) -> None:
    """No server is there: every call is one that the programs know, and the report says why."""
    _, *steps = [block.text for block in blocks() if (block.page, block.language) == (PAGE, "sh")]
    assert len(steps) == 3
    script = "\n".join(steps)
    lines = [
        # Nothing was decided, and the exit status says so; else each line has to succeed.
        f"{line.split('  #')[0]} || test $? = 1" if line.startswith("pytest --hosts") else line
        for line in script.splitlines()
    ]
    assert sum("|| test" in line for line in lines) == 3
    said = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join([*lines, "pwd", "acceptance check"])],
        cwd=tmp_path,
        env=os.environ
        | {"HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        input=TYPED,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout[-3000:] + said.stderr[-3000:]
    folder = tmp_path / "customers"
    assert f"{folder}\nhosts.yaml: 1 customer, nothing wrong." in said.stdout
    assert "tests collected" in said.stdout
    assert "INTERNALERROR" not in said.stdout + said.stderr
    first, second = sorted((folder / "reports" / "customer01").glob("*/report.html"))
    for report in (first, second):
        text = report.read_text(encoding="utf-8")
        assert "the name web01.example.test is unknown" in text
        assert "Geheim-47" not in text + said.stdout + said.stderr
