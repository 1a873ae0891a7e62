"""When something was asked, answered or run: a moment that a judge can add days to.

What may end on 9999-12-31 ("never") is compared alone.
"""

import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from acceptance.evidence.shapes import Moment, Seconds
from acceptance.inventory.types import Days

ROOT = Path(__file__).parents[2]
# Fields that may hold any instant, since nothing is added to them.
COMPARED_ALONE = {"not_before", "not_after", "utc_now"}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Moment, "9999-12-31T23:59:59Z"),
        (Moment, "9999-12-31T23:59:59-12:00"),
        (Moment, "0001-01-01T00:00:00+12:00"),
        (Moment, "2026-11-26T12:00:00"),
        (Seconds, 10**12),
        (Seconds, -1),
        (Days, 10**9),
        (Days, 0),
    ],
)
def test_what_nothing_can_be_added_to_is_refused(kind: object, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


def test_every_instant_that_is_read_is_a_moment_unless_it_is_compared_alone() -> None:
    """A field that is read from a file as a bare AwareDatetime once broke IIS-28."""
    source = [path.read_text(encoding="utf-8") for path in (ROOT / "acceptance").rglob("*.py")]
    fields = {
        name for text in source for name in re.findall(r"^    (\w+): AwareDatetime", text, re.M)
    }
    assert fields == COMPARED_ALONE
