"""Open findings as the points that a person reads:
whose they are, what each asks, and in which order they are best done.

Four kinds of open points are never mixed: to mend, to confirm, to answer, could not be checked.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from acceptance.findings.finding import OPEN, Asked, Finding, Kind


class Group(StrEnum):
    """What an open finding asks of its person; the order is that of every list."""

    MEND = "to mend"
    CONFIRM = "to confirm"
    ANSWER = "to answer"
    UNCHECKED = "could not be checked"


# What others depend on comes first: no web site without Windows' components,
# no licence without its database.
AREAS = ("os", "iis", "network", "sql", "synergy", "licence")
OWNERS = ("ICT administrator", "Exact partner", "supplier", "customer")


class Point(NamedTuple):
    """One thing for one person: findings that differ in their server alone, share their cause,
    or wait for one answer.

    `asks`: the question, where they wait for one.
    """

    group: Group
    owner: str
    findings: tuple[Finding, ...]
    asks: Asked | None = None

    @property
    def number(self) -> int:
        """How much it counts: a question once, however many findings wait for its answer."""
        return 1 if self.asks else len(self.findings)

    @property
    def first(self) -> Finding:
        return self.findings[0]

    @property
    def hosts(self) -> list[str]:
        return list(dict.fromkeys(one.host for one in self.findings))

    @property
    def requirements(self) -> list[str]:
        return list(dict.fromkeys(one.requirement for one in self.findings))


def group_of(finding: Finding) -> Group | None:
    """None: it is not open."""
    if finding.kind not in OPEN:
        return None
    if finding.kind is Kind.NOT_MET:
        return Group.MEND
    if finding.kind is Kind.COULD_NOT_BE_CHECKED:
        return Group.UNCHECKED
    return Group.ANSWER if finding.asks else Group.CONFIRM


def points(findings: Iterable[Finding]) -> list[Point]:
    """All open points: person by person, kind by kind, what others depend on first,
    and what needs a restart last.
    """
    together: dict[tuple[object, ...], list[Finding]] = {}
    waiting: dict[str, tuple[Asked, list[Finding]]] = {}
    for finding in findings:
        group = group_of(finding)
        if group is Group.ANSWER:
            for one in finding.asks:
                waiting.setdefault(one.key, (one, []))[1].append(finding)
        elif group is not None:
            together.setdefault((group, finding.owner, *_alike(group, finding)), []).append(finding)
    found = [
        Point(group_of(some[0]) or Group.MEND, some[0].owner, _in_order(some))
        for some in together.values()
    ]
    found += [
        Point(Group.ANSWER, one.owner, _in_order(some), one) for one, some in waiting.values()
    ]
    return sorted(found, key=_order)


def open_counts(findings: Iterable[Finding]) -> Counter[Group]:
    """How many of each: a question counts once, however many findings wait for its answer."""
    counted: Counter[Group] = Counter()
    for point in points(findings):
        counted[point.group] += point.number
    return counted


def open_line(counts: Counter[Group]) -> str:
    """`4 to mend, 3 to confirm, 2 to answer, 0 could not be checked`: every kind is counted."""
    return ", ".join(f"{counts[group]} {group.value}" for group in Group)


def _in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=_place))


def _alike(group: Group, finding: Finding) -> tuple[object, ...]:
    if group is Group.UNCHECKED:
        return finding.host, finding.reason, finding.remedy
    promise = finding.promise
    told = promise.model_dump_json() if promise else ""
    return finding.requirement, finding.found, finding.reason, finding.remedy, told


def area_order(area: str) -> tuple[int, str]:
    """The place of an area in every list; one that is not known stands last."""
    return AREAS.index(area) if area in AREAS else len(AREAS), area


def _place(finding: Finding) -> tuple[tuple[int, str], str, str]:
    return area_order(finding.marker), finding.requirement, finding.host


def _order(point: Point) -> tuple[object, ...]:
    whose = OWNERS.index(point.owner) if point.owner in OWNERS else len(OWNERS)
    place = list(Group).index(point.group)
    restarts = any(one.restart for one in point.findings)
    return whose, point.owner, place, restarts, _place(point.first)
