"""The closing lines: short, plain where nobody looks at colours, and safe to print."""

from pathlib import Path

from acceptance.findings import Kind
from acceptance.report.terminal import closing_table
from tests.report.hostile import ALL
from tests.report.samples import finding, hostile_results, results

WHERE = Path("reports/customer01/now")


def test_table_remedies_verdict_and_path() -> None:
    """In this order, with the numbers of the one count."""
    text = closing_table(results(), WHERE, 100, colour=False)
    parts = [
        "not met",
        "To do:",
        "IIS-07 web01: Install-WindowsFeature -Name Web-Http-Logging",
        "Verdict: rejected: 1 not met",
    ]
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)
    assert str(WHERE / "report.html") in text
    assert "\x1b" not in text
    assert "\x1b" in closing_table(results(), WHERE, 100, colour=True)


def test_quiet_is_verdict_and_path() -> None:
    """`-q`: three lines."""
    text = closing_table(results(), WHERE, 100, colour=False, quiet=True)
    assert "To do" not in text
    assert len(text.strip().splitlines()) <= 4


def test_one_remedy_of_many_servers_is_one_line() -> None:
    """And of many remedies, the first ten."""
    fleet = [finding(7, host=f"web{number:02}") for number in range(12)]
    text = closing_table(results(fleet), WHERE, 100, colour=False)
    assert "IIS-07 web00, web01, web02 and 9 more: Install-WindowsFeature" in text
    many = [finding(number) for number in range(1, 15)]
    assert "… and 4 more in the report" in closing_table(results(many), WHERE, 100, colour=False)


def test_hostile_values_cannot_steer_the_terminal() -> None:
    """No escape sequence, no direction mark, no markup of rich."""
    text = closing_table(hostile_results(f"[bold red]x[/] {ALL}"), WHERE, 100, colour=False)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert len(text) < 100_000


def test_nothing_to_do_says_nothing() -> None:
    """No empty heading."""
    assert "To do" not in closing_table(results([finding(1, Kind.MET)]), WHERE, 100, colour=False)
