"""summary.md: at most ten lines, the worst first; nothing in it is markup;
no kind is mixed with another.
"""

from datetime import timedelta
from typing import Any

import pytest

from acceptance.findings.finding import Kind, Verdict
from acceptance.report.runs import Run
from acceptance.report.summary import MOST_NAMED, summary, summary_of_all
from tests.report.hostile import HOSTILE
from tests.report.samples import NOON, finding, results

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


def run(customer: str, **changed: Any) -> Run:
    told: dict[str, Any] = {
        "folder": f"{customer}/1",
        "customer": customer,
        "title": "",
        "phase": "prepare",
        "simulated": False,
        "whole": True,
        "started": NOON,
        "verdict": Verdict.ACCEPTED,
        "reason": "all decided, none open",
        "open": {},
        "promised": 0,
        "new": 0,
        "ends": [],
    }
    return Run(**(told | changed))


def test_one_message_over_all_customers_is_ten_lines_and_the_worst_first() -> None:
    """Promised points apart; who was not checked tonight, by the day that stays the same."""
    bad = {"verdict": Verdict.REJECTED, "reason": "2 to mend", "promised": 1, "new": 2}
    last = [run(f"bad{number}", **bad) for number in range(7)]
    last += [run("silent", started=NOON - timedelta(days=2)), run("good"), run("first", new=None)]
    text = summary_of_all(last, NOON + timedelta(hours=1))
    lines = text.splitlines()
    assert len(lines) <= MOST_LINES
    assert lines[0] == "## All customers: 7 rejected, 3 accepted"
    assert lines[2] == r"- bad0: rejected: 2 to mend \(1 promised\)"
    assert lines[7] == "- and 2 more"
    assert lines[8].startswith(
        r"- New since it was last decided: 14 at 7 of 10 customers: bad0 \(2"
    )
    assert lines[9] == r"- Customers that were checked: 9 of 10; not silent \(since 2026-11-22\)"
    assert summary_of_all(last, NOON + timedelta(hours=9)) == text, "no change, no new message"
    assert "no report" in summary_of_all([], NOON)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_customer_is_one_line_of_plain_text(text: str) -> None:
    told = run(text, reason=text, verdict=Verdict.REJECTED, new=1)
    told_of = summary_of_all([told], NOON + timedelta(days=2))
    assert len(told_of.splitlines()) == 5
    assert "<" not in told_of.replace("\\<", "")
