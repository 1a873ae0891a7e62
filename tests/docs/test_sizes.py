"""No module is longer than it can be read at once."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 300  # lines
# Shapes, class after class: of evidence, and of results.json.
SHAPES = {
    "acceptance/evidence/sqlserver.py",
    "acceptance/evidence/windows.py",
    "acceptance/report/results.py",
}


@pytest.mark.parametrize("folder", ["acceptance", "fixtures", "tests_infra", "simulator", "bench"])
def test_a_module_is_split_by_purpose_before_it_is_too_long(folder: str) -> None:
    long = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST
    }
    assert long <= SHAPES
