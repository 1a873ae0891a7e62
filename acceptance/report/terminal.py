"""The closing lines in the terminal: counts per marker, what to do, the verdict, the report's path."""

from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from acceptance.findings import OPEN, Kind, Verdict
from acceptance.report.results import Results, verdict_line
from acceptance.report.text import one_line

STYLES = {
    Verdict.ACCEPTED: "bold green",
    Verdict.ACCEPTED_WITH_WAIVERS: "bold green",
    Verdict.REJECTED: "bold red",
    Verdict.INCOMPLETE: "bold yellow",
}
MOST_REMEDIES = 10
LONGEST_REMEDY = 160


def closing_table(results: Results, report_dir: Path, width: int, colour: bool, *, quiet: bool = False) -> str:
    """Plain text, with ANSI colours only when `colour`. `quiet`: warnings, verdict and path alone."""
    out = StringIO()
    console = Console(file=out, width=max(60, min(width, 120)), force_terminal=colour, no_color=not colour)
    if not quiet:
        console.print(_counts(results))
        for line in _remedies(results):
            console.print(Text(line), soft_wrap=True)
        for one in results.advice:
            advice = one_line(f"{one.host}: {one.text}. {one.remedy}", LONGEST_REMEDY)
            console.print(Text(f"Advice:  {advice}"), soft_wrap=True)
    if results.simulated:
        console.print("The customer is SIMULATED: this report says nothing about any real server.")
    for host in results.hosts:
        if host.reached.tls == "unverified":
            console.print(
                Text(f"The identity of {one_line(host.host)} was NOT verified (switched off in the inventory).")
            )
        if host.reached.transport == "tds" and host.reached.tls == "none":
            console.print(Text(f"The connection to {one_line(host.host)} may go in clear (encrypt: optional)."))
    for agreed in results.agreements:
        if agreed.ends_soon:
            ending = one_line(f"the {agreed.kind} of {agreed.requirement} by {agreed.by}, last day {agreed.until}")
            console.print(Text(f"Ends within 14 days: {ending}."), soft_wrap=True)
    console.print(Text(f"Verdict: {one_line(verdict_line(results))}", style=STYLES[results.verdict]), soft_wrap=True)
    console.print(Text(f"Report:  {report_dir / 'report.html'}"), soft_wrap=True)
    return out.getvalue()


def _counts(results: Results) -> Table:
    """Columns of kinds that did not occur are left out, except the four that every reader looks for."""
    always = {Kind.MET, Kind.NOT_MET, Kind.NOT_APPLICABLE, Kind.COULD_NOT_BE_CHECKED}
    kinds = [kind for kind in Kind if kind in always or results.counts[kind]]
    title = Text(f"Customer {one_line(results.customer, 100)}, phase {results.phase}")
    table = Table("marker", *(kind.value for kind in kinds), title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    for marker, counts in results.counts_by_marker.items():
        table.add_row(marker, *(str(counts[kind]) for kind in kinds))
    table.add_section()
    table.add_row("all", *(str(results.counts[kind]) for kind in kinds))
    return table


def _remedies(results: Results) -> list[str]:
    """What to do, a line for each remedy with the servers that it concerns; the report has them all."""
    servers: dict[tuple[str, str], list[str]] = {}
    for finding in results.findings:
        if finding.kind in OPEN and finding.remedy:
            key = finding.requirement, one_line(finding.remedy, LONGEST_REMEDY)
            servers.setdefault(key, []).append(one_line(finding.host))
    lines = [f"{requirement} {_few(hosts)}: {remedy}" for (requirement, remedy), hosts in servers.items()]
    more = len(lines) - MOST_REMEDIES
    shown = [f"  {line}" for line in lines[:MOST_REMEDIES]] + (
        [f"  … and {more} more in the report"] if more > 0 else []
    )
    return ["To do:", *shown] if shown else []


def _few(hosts: list[str]) -> str:
    return ", ".join(hosts) if len(hosts) <= 3 else f"{', '.join(hosts[:3])} and {len(hosts) - 3} more"
