"""The closing lines: short, plain where nobody looks at colours, and safe to print."""

from pathlib import Path

from acceptance.findings.finding import Kind
from acceptance.findings.questions import ask
from acceptance.report.html import acceptance_html
from acceptance.report.results import id_ranges
from acceptance.report.terminal import cause_lines, closing_table, shared_causes
from tests.report.hostile import ALL
from tests.report.samples import finding, hostile_results, results

WHERE = Path("reports/customer01/now")


def test_what_to_do_numbers_verdict_and_path() -> None:
    """In this order: what is not met first, the verdict where the eye ends."""
    text = closing_table(results(), WHERE, colour=False)
    parts = [
        "To mend, the ICT administrator: 1",
        "  IIS-07 web01: Install-WindowsFeature -Name Web-Http-Logging",
        "Could not be checked, the Exact partner: 1",
        "To confirm, the customer: 1",
        "Customer customer01",
        "Verdict: rejected: 1 to mend, 1 to confirm, 0 to answer, 1 could not be checked",
    ]
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)
    assert str(WHERE / "report.html") in text
    assert "\x1b" not in text
    assert "\x1b" in closing_table(results(), WHERE, colour=True)


def test_quiet_is_verdict_and_path() -> None:
    """`-q`: three lines."""
    text = closing_table(results(), WHERE, colour=False, quiet=True)
    assert "To mend" not in text
    assert len(text.strip().splitlines()) <= 4


def test_one_remedy_of_many_servers_is_one_line() -> None:
    """With the first three of them."""
    fleet = [finding(7, host=f"web{number:02}") for number in range(12)]
    text = closing_table(results(fleet), WHERE, colour=False)
    assert "IIS-07 web00, web01, web02 and 9 more: Install-WindowsFeature" in text


def test_what_is_not_met_is_never_cut_off_behind_the_rest() -> None:
    """However much awaits confirmation, and whosever it is."""
    waiting = [finding(number, Kind.AWAITING) for number in range(30, 70)]
    mend = [
        finding(number, owner=whose, host=host)
        for whose, host in (("ICT administrator", "web01"), ("customer", "web02"))
        for number in range(1, 21)
    ]
    text = closing_table(results([*waiting, *mend]), WHERE, colour=False)
    assert all(f"  IIS-{number:02} web02: Install" in text for number in range(1, 21))
    assert "… and 30 more in the report" in text
    assert text.index("To mend, the customer") < text.index("To confirm, the ICT")


def test_hostile_values_cannot_steer_the_terminal() -> None:
    """No escape sequence, no direction mark, no markup."""
    text = closing_table(hostile_results(f"[bold red]x[/] {ALL}"), WHERE, colour=False)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert len(text) < 100_000


def test_nothing_to_do_says_nothing() -> None:
    """No empty heading."""
    assert "To mend" not in closing_table(results([finding(1, Kind.MET)]), WHERE, colour=False)


def test_one_cause_of_many_requirements_is_told_once() -> None:
    """A host that cannot be reached is one point, not fifty;
    another host's cause, or another one, stays apart.
    """
    silent = [
        finding(n, Kind.COULD_NOT_BE_CHECKED, reason="web01: silence", remedy="Open 5986.")
        for n in range(1, 15)
    ]
    other = finding(20, Kind.COULD_NOT_BE_CHECKED, reason="web01: access denied", remedy="Ask.")
    shared = shared_causes([*silent, other, finding(21)])
    assert list(shared) == [("web01", "web01: silence", "Open 5986.")]
    (some,) = shared.values()
    assert cause_lines(some, "en") == [
        "web01: 14 requirements could not be checked (IIS-01 … IIS-14):",
        "  silence",
        "  Mend: Open 5986.",
    ]
    text = closing_table(results([*silent, other, finding(21)]), WHERE, colour=False)
    assert (
        "Could not be checked, the ICT administrator: 15\n"
        "  web01, 14 requirements (IIS-01 … IIS-14): Open 5986.\n  IIS-20 web01: Ask.\n" in text
    )
    assert text.count("Open 5986.") == 1


def test_what_awaits_confirmation_asks_for_it() -> None:
    """The remedy would be for the case that it is not met, which nobody knows yet."""
    open_one = finding(
        4, Kind.AWAITING, reason="name who has seen it", remedy="Buy another server."
    )
    text = closing_table(results([open_one]), WHERE, colour=False)
    assert "To confirm, the ICT administrator: 1\n  IIS-04 web01: name who has seen it" in text
    assert "Buy another server" not in text


def test_ids_in_brief_leave_nothing_out_between_two_of_them() -> None:
    """`A … B` is said only where everything between is meant."""
    assert (
        id_ranges(["IIS-01", "IIS-02", "IIS-03", "IIS-07", "SQL-09", "SQL-08"])
        == "IIS-01 … IIS-03, IIS-07, SQL-08, SQL-09"
    )
    assert id_ranges(["IIS-09", "IIS-10", "IIS-11", "LIC-12"]) == "IIS-09 … IIS-11, LIC-12"
    assert id_ranges(["IIS-07"]) == "IIS-07"


def test_a_question_is_asked_once_however_many_wait() -> None:
    """In the terminal and on the page, with the person who can answer, and the ids that wait."""
    waiting = [
        finding(number, Kind.AWAITING, asks=(ask("globe"), ask("phase")), remedy="")
        for number in (7, 8, 9)
    ]
    told = results(waiting)
    text = closing_table(told, WHERE, colour=False)
    assert text.count("Is Exact Globe+ used") == 1
    assert "To answer, the customer: 1\n  Is Exact Globe+ used beside" in text
    assert "globe (IIS-07 … IIS-09)" in text
    assert "To answer, the supplier: 1" in text
    assert "phase (IIS-07 … IIS-09)" in text
    page = acceptance_html(told)
    part = page[page.index('id="todo"') : page.index('id="servers"')]
    assert part.count("Is Exact Globe+ used") == 1
    assert all(f"#IIS-0{number}-web01" in part for number in (7, 8, 9))
    assert "Nothing remains" not in part


def test_the_terminal_speaks_the_reports_language() -> None:
    """As far as its sentences are translated."""
    text = closing_table(results(language="nl"), WHERE, colour=False)
    assert "Op te lossen, de ICT-beheerder: 1" in text
    assert "gebied" in text
