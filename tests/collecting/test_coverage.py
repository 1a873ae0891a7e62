"""Every statement that goes to a server runs in PowerShell; docs/fidelity.md lists what cannot."""

import re
from pathlib import Path

import pytest

from bench.collector_coverage import never_ran

PAGE = Path(__file__).parents[2] / "docs" / "fidelity.md"
ROW = re.compile(r"^- (\w+): `(.*)`: (.+)$", re.MULTILINE)

# Runs only where an address took longer than all of its time: on a busy machine.
TIMED = {("outbound", "if ($left -lt 0) { $left = 0 }")}


@pytest.mark.slow
@pytest.mark.pwsh
def test_what_never_runs_is_named_with_its_reason() -> None:
    """In whichever PowerShell is on PATH: CI runs it in both."""
    _, text, _ = re.split(r"<!-- never ran -->|<!-- end -->", PAGE.read_text(encoding="utf-8"))
    named = {(stem, line) for stem, line, reason in ROW.findall(text) if reason}
    every, missed = never_ran()
    assert len(every) > 1100
    never = {(one.stem, one.line) for one in missed}
    assert named - TIMED <= never <= named
