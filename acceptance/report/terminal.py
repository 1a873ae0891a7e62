"""The closing table in the terminal: counts per marker, the verdict, the report's path."""

from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from acceptance.findings import Kind, Verdict
from acceptance.report.results import Results, verdict_line

STYLES = {
    Verdict.ACCEPTED: "bold green",
    Verdict.ACCEPTED_WITH_WAIVERS: "bold green",
    Verdict.REJECTED: "bold red",
    Verdict.INCOMPLETE: "bold yellow",
}


def closing_table(results: Results, report_dir: Path, width: int, colour: bool) -> str:
    """Plain text, with ANSI colours only when `colour`. Columns of kinds that did not occur are left out,
    except the four that every reader looks for."""
    always = {Kind.MET, Kind.NOT_MET, Kind.NOT_APPLICABLE, Kind.COULD_NOT_BE_CHECKED}
    kinds = [kind for kind in Kind if kind in always or results.counts[kind]]
    table = Table(
        "marker", *(kind.value for kind in kinds), title=f"Customer {results.customer}, phase {results.phase}"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for marker, counts in results.counts_by_marker.items():
        table.add_row(marker, *(str(counts[kind]) for kind in kinds))
    table.add_section()
    table.add_row("all", *(str(results.counts[kind]) for kind in kinds))
    out = StringIO()
    console = Console(file=out, width=max(60, min(width, 120)), force_terminal=colour, no_color=not colour)
    console.print(table)
    if results.simulated:
        console.print("The customer is SIMULATED: this report says nothing about any real server.")
    for host in results.hosts:
        if host.reached.tls == "unverified":
            console.print(Text(f"The identity of {host.host} was NOT verified (switched off in the inventory)."))
        if host.reached.transport == "tds" and host.reached.tls == "none":
            console.print(Text(f"The connection to {host.host} may go in clear (encrypt: optional)."))
    for one in results.advice:
        console.print(Text(f"Advice:  {one.host}: {one.text}. {one.remedy}"), soft_wrap=True)
    for agreed in results.agreements:
        if agreed.ends_soon:
            text = f"Ends within 14 days: the {agreed.kind} of {agreed.requirement} by {agreed.by}, last day {agreed.until}."
            console.print(Text(text), soft_wrap=True)
    console.print(Text(f"Verdict: {verdict_line(results)}", style=STYLES[results.verdict]))
    console.print(Text(f"Report:  {report_dir / 'report.html'}"), soft_wrap=True)
    return out.getvalue()
