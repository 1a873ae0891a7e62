"""Hints, what is coming, and what was replaced: beside the verdict, in the history, on the page."""

import json
from datetime import timedelta
from pathlib import Path

from acceptance.findings.finding import Kind
from acceptance.report.files import write_whole
from acceptance.report.html import acceptance_html
from acceptance.report.results import load_results
from acceptance.report.terminal import closing_table
from tests.report.samples import HINT, NOON, every_kind, finding, results

COMING = finding(
    30, Kind.COMING, weight="coming", since="2027-01-01", title="Something new is installed"
)


def test_history_follows_what_was_replaced() -> None:
    """An open point that has another id now is no new one."""
    old = finding(1, requirement="SYN-01", marker="synergy")
    before = results([old, finding(7)], started=NOON - timedelta(days=1))
    now = results([finding(25, replaces="SYN-01"), finding(7)], earlier=[("before", before)])
    assert now.changes is not None
    assert {one.requirement for one in now.changes.still_open} == {"IIS-25", "IIS-07"}
    assert not now.changes.first_seen
    assert not now.changes.no_longer_asked


def test_hints_and_what_is_coming_change_no_number() -> None:
    """Counts, verdict and reason are those of the rest; the page and the terminal show both."""
    plain, more = results(every_kind()), results([*every_kind(), HINT, COMING])
    assert (plain.counts, plain.verdict, plain.reason) == (more.counts, more.verdict, more.reason)
    page = acceptance_html(more)
    assert "No disk is nearly full" in page
    assert "counts from 2027-01-01 on" in page
    told = closing_table(more, Path("report"), colour=False)
    assert "Hint:    OS-18" in told
    assert "Coming:  1 open (IIS-30)" in told


def test_a_hint_that_counts_later_is_first_seen_then() -> None:
    """As a hint it was asked by nobody, so that it cannot have been open before."""
    before = results([finding(7), HINT], started=NOON - timedelta(days=1))
    counted = HINT.model_copy(update={"kind": Kind.NOT_MET, "weight": "required"})
    now = results([finding(7), counted], earlier=[("before", before)])
    assert now.changes is not None
    assert [one.requirement for one in now.changes.first_seen] == ["OS-18"]


def test_a_reading_is_told_at_its_requirement() -> None:
    """On paper of open points only: what is settled has its own class."""
    page = acceptance_html(results([finding(7, reading="as it stands"), finding(8, Kind.MET)]))
    assert "as it stands" in page
    assert page.count("reading--settled") == 0
    settled = acceptance_html(results([finding(7, Kind.MET, reading="as it stands")]))
    assert settled.count("reading--settled") == 1


def test_a_report_of_before_that_had_advice_can_be_read(tmp_path: Path) -> None:
    """It changed no finding, and is left out."""
    data = json.loads(results().model_dump_json())
    data["advice"] = [{"host": "web01", "topic": "t", "text": "x", "remedy": "y"}]
    write_whole(tmp_path / "results.json", json.dumps(data).encode())
    assert load_results(tmp_path).counts == results().counts
