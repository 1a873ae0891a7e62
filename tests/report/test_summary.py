"""summary.md: at most ten lines, the worst first; nothing in it is markup;
no kind is mixed with another.
"""

import pytest

from acceptance.findings.finding import Kind
from acceptance.report.summary import MOST_NAMED, summary
from tests.report.hostile import HOSTILE
from tests.report.samples import finding, results

MOST_LINES = 10


def test_a_bad_night_is_told_in_ten_lines_and_the_worst_first() -> None:
    kinds = [Kind.MET, Kind.AWAITING, Kind.COULD_NOT_BE_CHECKED, Kind.NOT_MET]
    many = [finding(n, kinds[n % 4], host=f"web{n:03}") for n in range(1, 99)]
    lines = summary(results(many)).splitlines()
    assert len(lines) <= MOST_LINES
    starts = ["- To mend: ", "- Could not be checked: ", "- To confirm: "]
    told = [line for line in lines if line.startswith(tuple(starts))]
    assert [line.split(": ")[0] + ": " for line in told] == starts
    for line, kind in zip(told, (kinds[3], kinds[2], kinds[1]), strict=True):
        some = [one for one in many if one.kind is kind]
        assert f": {len(some)}: " in line
        assert line.endswith(f" and {len(some) - MOST_NAMED} more")
        named = line.split(": ")[2].split(", ")
        assert named[0] == f"{some[0].requirement} {some[0].host}"


def test_a_good_night_names_nothing_to_do() -> None:
    text = summary(results([finding(1, Kind.MET)]))
    assert not any(word in text for word in ("To mend", "To confirm", "Could not be checked"))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_one_line_of_plain_text(text: str) -> None:
    told = summary(results([finding(7, Kind.NOT_MET, host=text)]))
    assert len(told.splitlines()) <= MOST_LINES
    for line in told.splitlines():
        assert "<" not in line.replace("\\<", "")
        assert "](" not in line
        assert "://" not in line.replace("\\://", "")
        assert line.isprintable()
