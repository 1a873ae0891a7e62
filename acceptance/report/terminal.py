"""The closing lines in the terminal: counts per marker, what to do, the verdict, the report's path."""

from collections import defaultdict
from collections.abc import Iterable
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from acceptance.findings.finding import COUNTED, OPEN, Finding, Kind, Verdict
from acceptance.findings.questions import asked
from acceptance.report.results import Results, id_ranges, verdict_line
from acceptance.text import one_line

STYLES = {
    Verdict.ACCEPTED: "bold green",
    Verdict.ACCEPTED_WITH_WAIVERS: "bold green",
    Verdict.REJECTED: "bold red",
    Verdict.INCOMPLETE: "bold yellow",
}
MOST_REMEDIES = 10
LONGEST_REMEDY = 240


def closing_table(
    results: Results, report_dir: Path, width: int, colour: bool, *, quiet: bool = False
) -> str:
    """Plain text, with ANSI colours only when `colour`. `quiet`: warnings, verdict and path alone."""
    out = StringIO()
    console = Console(
        file=out, width=max(60, min(width, 120)), force_terminal=colour, no_color=not colour
    )
    if not quiet:
        console.print(_counts(results))
        for line in _remedies(results):
            console.print(Text(line), soft_wrap=True)
        if results.coming:
            ids = id_ranges(list(dict.fromkeys(one.requirement for one in results.coming)))
            text = f"Coming:  {len(results.coming)} points of requirements that do not count yet ({ids})"
            console.print(Text(text), soft_wrap=True)
        for one in results.hints:
            hint = f"{one.requirement} {one.host}: {one.found}. {one.remedy}"
            console.print(Text(f"Hint:    {one_line(hint, LONGEST_REMEDY)}"), soft_wrap=True)
    if results.simulated:
        console.print("The customer is SIMULATED: this report says nothing about any real server.")
    for host in results.hosts:
        if host.reached.tls == "unverified":
            console.print(
                Text(
                    f"The identity of {one_line(host.host)} was NOT verified (switched off in the inventory)."
                )
            )
        if host.reached.transport == "tds" and host.reached.tls == "none":
            console.print(
                Text(
                    f"The connection to {one_line(host.host)} may go in clear (encrypt: optional)."
                )
            )
    for agreed in results.agreements:
        if agreed.ends_soon:
            ending = one_line(
                f"the {agreed.kind} of {agreed.requirement} by {agreed.by}, last day {agreed.until}"
            )
            console.print(Text(f"Ends within 14 days: {ending}."), soft_wrap=True)
    console.print(
        Text(f"Verdict: {one_line(verdict_line(results))}", style=STYLES[results.verdict]),
        soft_wrap=True,
    )
    console.print(Text(f"Report:  {report_dir / 'report.html'}"), soft_wrap=True)
    return out.getvalue()


def _counts(results: Results) -> Table:
    """Columns of kinds that did not occur are left out, except the four that every reader looks for."""
    always = {Kind.MET, Kind.NOT_MET, Kind.NOT_APPLICABLE, Kind.COULD_NOT_BE_CHECKED}
    kinds = [kind for kind in COUNTED if kind in always or results.counts[kind]]
    title = Text(f"Customer {one_line(results.customer, 100)}, phase {results.phase}")
    table = Table("marker", *(kind.value for kind in kinds), title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    for marker, counts in results.counts_by_marker.items():
        table.add_row(marker, *(str(counts[kind]) for kind in kinds))
    table.add_section()
    table.add_row("all", *(str(results.counts[kind]) for kind in kinds))
    return table


Cause = tuple[str, str, str]  # host, reason, remedy


def shared_causes(findings: Iterable[Finding]) -> dict[Cause, list[str]]:
    """What kept several requirements of one host from being checked (a password, a firewall): cause -> their ids."""
    causes: dict[Cause, list[str]] = defaultdict(list)
    for finding in findings:
        if finding.kind is Kind.COULD_NOT_BE_CHECKED:
            causes[cause_of(finding)].append(finding.requirement)
    return {cause: ids for cause, ids in causes.items() if len(ids) > 1}


def cause_of(finding: Finding) -> Cause:
    return finding.host, finding.reason, finding.remedy


def cause_lines(cause: Cause, ids: list[str]) -> list[str]:
    """One cause, told once for all requirements that it kept from being checked."""
    host, reason, remedy = map(one_line, cause)
    lines = [
        f"{host}: {len(ids)} requirements could not be checked ({id_ranges(ids)}):",
        f"  {reason.removeprefix(f'{host}: ')}",
    ]
    return [*lines, f"  Mend: {remedy}"] if remedy else lines


def _remedies(results: Results) -> list[str]:
    """What to do, a line for each remedy with the servers that it concerns; the report has them all.

    What awaits confirmation says what is to be confirmed: whether there is anything to mend is not known yet.
    """
    shared = shared_causes(results.findings)
    lines = [
        f"{one_line(host)}, {len(ids)} requirements: {one_line(remedy, LONGEST_REMEDY)}"
        for (host, _, remedy), ids in shared.items()
        if remedy
    ]
    for waiting in asked(results.findings):
        ids = id_ranges(list(dict.fromkeys(one.requirement for one in waiting)))
        question = one_line(waiting[0].remedy, LONGEST_REMEDY)
        lines.append(f"to answer by the {waiting[0].owner}: {question} ({ids})")
    servers: dict[tuple[str, str], list[str]] = {}
    for finding in results.findings:
        if finding.question:
            continue
        confirm = finding.kind is Kind.AWAITING and finding.reason
        text = f"to confirm: {finding.reason}" if confirm else finding.remedy
        if finding.kind in OPEN and text and cause_of(finding) not in shared:
            key = finding.requirement, one_line(text, LONGEST_REMEDY)
            servers.setdefault(key, []).append(one_line(finding.host))
    lines += [
        f"{requirement} {_few(hosts)}: {text}" for (requirement, text), hosts in servers.items()
    ]
    more = len(lines) - MOST_REMEDIES
    shown = [f"  {line}" for line in lines[:MOST_REMEDIES]] + (
        [f"  … and {more} more in the report"] if more > 0 else []
    )
    return ["To do:", *shown] if shown else []


def _few(hosts: list[str]) -> str:
    return (
        ", ".join(hosts) if len(hosts) <= 3 else f"{', '.join(hosts[:3])} and {len(hosts) - 3} more"
    )
