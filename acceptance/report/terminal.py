"""The closing lines in the terminal:
what to do, the numbers per area, the verdict, the report's path.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from textwrap import wrap

from acceptance.findings.finding import COUNTED, Finding, Kind, Part, Verdict
from acceptance.findings.points import Group, Point, area_order, points
from acceptance.report.results import Results, id_ranges
from acceptance.report.texts import load_texts, verdict_text
from acceptance.report.translating import part_of, title_of, told
from acceptance.text import as_sentence, one_line

GREEN, RED, YELLOW = 32, 31, 33  # ECMA-48 8.3.117
COLOURS = {
    Verdict.ACCEPTED: GREEN,
    Verdict.ACCEPTED_WITH_WAIVERS: GREEN,
    Verdict.REJECTED: RED,
    Verdict.INCOMPLETE: YELLOW,
}
# How many lines of each kind; what is not met is never cut off behind the others.
MOST_LINES = {Group.MEND: 40, Group.UNCHECKED: 10, Group.ANSWER: 10, Group.CONFIRM: 10}
LONGEST_REMEDY = 240
LONGEST_LINE = 6_000  # what a server says is one line, and not without end
WIDEST_HEADING = 12  # characters; a longer heading takes several lines


def closing_table(results: Results, report_dir: Path, colour: bool, *, quiet: bool = False) -> str:
    """Plain text, its verdict in colour only when `colour`.

    `quiet`: warnings, verdict and path alone.
    """
    t = load_texts(results.language)["terminal"]
    verdict = t["verdict"].format(line=one_line(verdict_text(results)))
    if colour:
        verdict = f"\x1b[1;{COLOURS[results.verdict]}m{verdict}\x1b[0m"
    lines = [] if quiet else [*to_do_lines(results), *_counts(results), *_beside(results)]
    lines += [*_warnings(results), verdict, t["report"].format(path=report_dir / "report.html")]
    return "\n".join(lines) + "\n"


def _beside(results: Results) -> Iterator[str]:
    """What is open and outside the verdict."""
    language = results.language
    t, kinds = load_texts(language)["terminal"], load_texts(language)["kind"]
    for one in results.own:
        if one.kind is not Kind.MET:
            text = f"{one.requirement} {one.host}: {kinds[one.kind.value]}: "
            text += one.found or one.reason
            yield t["own"].format(what=one_line(text, LONGEST_REMEDY))
    if results.coming:
        ids = id_ranges(list(dict.fromkeys(one.requirement for one in results.coming)))
        yield t["coming"].format(number=len(results.coming), ids=ids)
    for one in results.hints:
        found, remedy = (part_of(one, part, language).text for part in ("found", "remedy"))
        hint = f"{one.requirement} {one.host}: {found}. {remedy}"
        yield t["hint"].format(what=one_line(hint, LONGEST_REMEDY))


def _warnings(results: Results) -> Iterator[str]:
    """What a reader must know beside the verdict."""
    texts = load_texts(results.language)
    t = texts["terminal"]
    if since := results.since_acceptance:
        lost = id_ranges(list(dict.fromkeys(one.requirement for one in since.lost)))
        yield t["since"].format(
            folder=since.folder,
            kept=since.kept,
            lost=len(since.lost),
            ids=f" ({lost})" if lost else "",
            sysadmin=texts["since"]["sysadmin"][since.sysadmin],
        )
    if results.simulated:
        yield t["simulated"]
    for host in results.hosts:
        name, reached = one_line(host.host), host.reached
        if reached.tls == "unverified":
            yield t["unverified"].format(host=name)
        if reached.transport == "tds" and reached.tls == "none":
            yield t["clear"].format(host=name)
    for agreed in results.agreements:
        if agreed.ends_soon:
            told = {"requirement": agreed.requirement, "by": agreed.by, "until": agreed.until}
            yield one_line(t["ends"].format(kind=t[agreed.kind], **told))


def _counts(results: Results) -> list[str]:
    """The numbers by area.

    Columns of kinds that did not occur are left out,
    except the four that every reader looks for.
    """
    always = {Kind.MET, Kind.NOT_MET, Kind.NOT_APPLICABLE, Kind.COULD_NOT_BE_CHECKED}
    kinds = [kind for kind in COUNTED if kind in always or results.counts[kind]]
    texts = load_texts(results.language)
    rows = [(texts["picture"]["area"].lower(), *(texts["kind"][kind.value] for kind in kinds))]
    for area in sorted(results.counts_by_marker, key=area_order):
        name, counts = texts["area"].get(area, area), results.counts_by_marker[area]
        rows.append((one_line(name, 40), *(str(counts[kind]) for kind in kinds)))
    rows.append((texts["picture"]["all"], *(str(results.counts[kind]) for kind in kinds)))
    customer = one_line(results.customer, 100)
    title = texts["terminal"]["customer"].format(customer=customer, phase=results.phase)
    return ["", title, *_columns(rows), ""]


def _columns(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """A heading, rows and a row of sums; the first column to the left, numbers to the right."""
    heading = [wrap(cell, WIDEST_HEADING) for cell in rows[0]]
    body = [list(row) for row in rows[1:]]
    top = [list(cells) for cells in zip_longest(*heading, fillvalue="")]
    widths = [max(map(len, column)) for column in zip(*top, *body, strict=True)]
    rule = "  ".join("-" * width for width in widths)
    yield from (_aligned(cells, widths) for cells in top)
    yield rule
    yield from (_aligned(cells, widths) for cells in body[:-1])
    yield rule
    yield _aligned(body[-1], widths)


def _aligned(cells: list[str], widths: list[int]) -> str:
    (name, *numbers), (first, *others) = cells, widths
    right = (cell.rjust(width) for cell, width in zip(numbers, others, strict=True))
    return "  ".join([name.ljust(first), *right]).rstrip()


Cause = tuple[str, str, str]  # host, reason, remedy


def shared_causes(findings: Iterable[Finding]) -> dict[Cause, list[Finding]]:
    """What kept several requirements of one host from being checked (a password, a firewall)."""
    causes: dict[Cause, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.kind is Kind.COULD_NOT_BE_CHECKED:
            causes[cause_of(finding)].append(finding)
    return {cause: some for cause, some in causes.items() if len(some) > 1}


def cause_of(finding: Finding) -> Cause:
    return finding.host, finding.reason, finding.remedy


def cause_lines(findings: Sequence[Finding], language: str) -> list[str]:
    """One cause, told once for all findings that it kept from being checked."""
    first, t = findings[0], load_texts(language)["terminal"]
    ids = [one.requirement for one in findings]
    reason, remedy = (
        one_line(part_of(first, part, language).text) for part in ("reason", "remedy")
    )
    host = one_line(first.host)
    lines = [
        t["cause"].format(host=host, number=len(ids), ids=id_ranges(ids)),
        f"  {reason.removeprefix(f'{host}: ')}",
    ]
    return [*lines, "  " + t["mend"].format(text=remedy)] if remedy else lines


def finding_line(finding: Finding, language: str) -> str:
    """One finding: what findings.compose.sentence says, in the report's language."""
    t = load_texts(language)["terminal"]

    def part(name: Part) -> str:
        return _closed(part_of(finding, name, language).text)

    title, kind = title_of(finding, language), kind_word(finding.kind, language)
    parts = [f"{finding.requirement} {finding.host}: {title}: {kind}."]
    if finding.kind is not Kind.COULD_NOT_BE_CHECKED:
        parts += [
            t["expected"].format(text=part("expected")),
            t["found"].format(text=part("found")),
        ]
    if finding.reason:
        reason = part("reason")
        awaits = finding.kind is Kind.AWAITING
        parts.append(t["open"].format(text=reason) if awaits else as_sentence(reason))
    if finding.remedy:
        parts.append(t["mend"].format(text=part_of(finding, "remedy", language).text))
    return one_line(" ".join(parts), LONGEST_LINE)


def kind_word(kind: Kind, language: str) -> str:
    """A kind as the terminal says it: in English by its own name, as in results.json."""
    word: str = load_texts(language)["kind"][kind.value]
    return kind.value if language == "en" else word


def _closed(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


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
