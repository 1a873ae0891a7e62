"""The closing lines in the terminal:
what to do, the numbers per area, the verdict, the report's path.
"""

from collections import defaultdict
from collections.abc import Iterable
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from acceptance.findings.finding import COUNTED, Finding, Kind, Part, Verdict
from acceptance.findings.points import Group, Point, area_order, points
from acceptance.report.results import Results, id_ranges, verdict_line
from acceptance.report.texts import load_texts
from acceptance.report.translating import part_of, told
from acceptance.text import one_line

STYLES = {
    Verdict.ACCEPTED: "bold green",
    Verdict.ACCEPTED_WITH_WAIVERS: "bold green",
    Verdict.REJECTED: "bold red",
    Verdict.INCOMPLETE: "bold yellow",
}
# How many lines of each kind; what is not met is never cut off behind the others.
MOST_LINES = {Group.MEND: 40, Group.UNCHECKED: 10, Group.ANSWER: 10, Group.CONFIRM: 10}
LONGEST_REMEDY = 240


def closing_table(
    results: Results, report_dir: Path, width: int, colour: bool, *, quiet: bool = False
) -> str:
    """Plain text, with ANSI colours only when `colour`.

    `quiet`: warnings, verdict and path alone.
    """
    out = StringIO()
    console = Console(
        file=out, width=max(60, min(width, 120)), force_terminal=colour, no_color=not colour
    )
    if not quiet:
        for line in to_do_lines(results):
            console.print(Text(line), soft_wrap=True)
        console.print(_counts(results))
        for one in results.own:
            if one.kind is not Kind.MET:
                text = f"{one.requirement} {one.host}: {one.kind.value}: {one.found or one.reason}"
                console.print(Text(f"Own:     {one_line(text, LONGEST_REMEDY)}"), soft_wrap=True)
        if results.coming:
            ids = id_ranges(list(dict.fromkeys(one.requirement for one in results.coming)))
            console.print(Text(f"Coming:  {len(results.coming)} open ({ids})"), soft_wrap=True)
        for one in results.hints:
            hint = f"{one.requirement} {one.host}: {one.found}. {one.remedy}"
            console.print(Text(f"Hint:    {one_line(hint, LONGEST_REMEDY)}"), soft_wrap=True)
    if results.simulated:
        console.print("The customer is SIMULATED: this report says nothing about any real server.")
    for host in results.hosts:
        if host.reached.tls == "unverified":
            console.print(
                Text(
                    f"The identity of {one_line(host.host)} was NOT verified (switched off in "
                    "the inventory)."
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
    """Columns of kinds that did not occur are left out,
    except the four that every reader looks for.
    """
    always = {Kind.MET, Kind.NOT_MET, Kind.NOT_APPLICABLE, Kind.COULD_NOT_BE_CHECKED}
    kinds = [kind for kind in COUNTED if kind in always or results.counts[kind]]
    title = Text(f"Customer {one_line(results.customer, 100)}, phase {results.phase}")
    texts = load_texts(results.language)
    areas = texts["area"]
    table = Table(
        texts["picture"]["area"].lower(),
        *(texts["kind"][kind.value] for kind in kinds),
        title=title,
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for area in sorted(results.counts_by_marker, key=area_order):
        counts = results.counts_by_marker[area]
        table.add_row(one_line(areas.get(area, area), 40), *(str(counts[kind]) for kind in kinds))
    table.add_section()
    table.add_row(texts["picture"]["all"], *(str(results.counts[kind]) for kind in kinds))
    return table


Cause = tuple[str, str, str]  # host, reason, remedy


def shared_causes(findings: Iterable[Finding]) -> dict[Cause, list[str]]:
    """What kept several requirements of one host from being checked (a password, a firewall):
    cause -> their ids.
    """
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


def to_do_lines(results: Results) -> list[str]:
    """What to do: what is not met first and for everybody, then what could not be checked,
    the rest after that.

    What awaits confirmation says what is to be confirmed:
    whether there is anything to mend is not known yet.
    """
    texts = load_texts(results.language)
    every = points(results.findings)
    lines = []
    for group, most in MOST_LINES.items():
        for owner in dict.fromkeys(one.owner for one in every):
            some = [one for one in every if (one.group, one.owner) == (group, owner)]
            if not some:
                continue
            whose = texts["owner_article"].get(owner, owner)
            number = sum(one.number for one in some)
            lines.append(f"{texts['group'][group.value]}, {whose}: {number}")
            lines += [f"  {_line(one, results.language)}" for one in some[:most]]
            if len(some) > most:
                lines.append("  " + texts["terminal"]["more"].format(number=len(some) - most))
    return lines


def _line(point: Point, language: str) -> str:
    first, ids = point.first, id_ranges(point.requirements)
    if point.asks:
        question = told(point.asks.text, language).text
        return one_line(f"{question} {point.asks.key} ({ids})", LONGEST_REMEDY)
    part: Part = "remedy" if point.group is Group.MEND or first.remedy else "reason"
    if point.group is Group.CONFIRM:
        part = "reason" if first.reason else "expected"
    text = one_line(part_of(first, part, language).text, LONGEST_REMEDY)
    if len(point.requirements) > 1:
        several = load_texts(language)["todo"]["several"]
        whose = several.format(number=len(point.findings), ids=ids)
        return f"{one_line(first.host)}, {whose}: {text}"
    return f"{ids} {_few([one_line(host) for host in point.hosts])}: {text}"


def _few(hosts: list[str]) -> str:
    return (
        ", ".join(hosts) if len(hosts) <= 3 else f"{', '.join(hosts[:3])} and {len(hosts) - 3} more"
    )
