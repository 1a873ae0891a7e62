"""The acceptance part of the HTML report: static markup, everything escaped by Jinja.

It stands in a page of its own (`page_html`) or above pytest-html's table (log_page.py);
both read and print without JavaScript. The Content-Security-Policy allows exactly this style sheet
and these scripts, by their digests.
"""

import base64
import json
from functools import cache, partial
from hashlib import sha256
from itertools import groupby
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from acceptance.findings.finding import COUNTED, OPEN, Finding, Kind, Verdict
from acceptance.findings.outcome import Outcome
from acceptance.findings.points import Group, Point, area_order, points
from acceptance.report.brief import Brief
from acceptance.report.files import digest
from acceptance.report.fits import seal_of
from acceptance.report.mending import script_names
from acceptance.report.results import HostResult, Results, id_ranges, results_bytes
from acceptance.report.signed import signers_told
from acceptance.report.templating import environment
from acceptance.report.texts import (
    duration,
    instant,
    load_texts,
    reason,
    scope,
    sid_names,
    warnings,
)
from acceptance.report.translating import part_of, title_of, told
from acceptance.text import Sentence, as_sentence, css_class, one_line

MARKS = {
    Kind.NOT_MET: "✗",
    Kind.COULD_NOT_BE_CHECKED: "!",
    Kind.AWAITING: "?",
    Kind.HINT: "i",
    Kind.COMING: "+",
    Kind.WAIVED: "~",
    Kind.ATTESTED: "✎",
    Kind.MET: "✓",
    Kind.NOT_APPLICABLE: "–",
}
VERDICT_MARKS = {
    Verdict.ACCEPTED: "✓",
    Verdict.ACCEPTED_WITH_WAIVERS: "✓",
    Verdict.REJECTED: "✗",
    Verdict.INCOMPLETE: "!",
}
GROUPS = ("newly_broken", "first_seen", "not_checked", "newly_met", "still_open")
MOST_ROWS = 100  # of one table: a browser that need not draw it passes it over whole
LONGEST_FOUND = 200
BARS_FROM, BARS_WIDTH, BAR_STEP = 100, 620, 34


def page_html(
    results: Results, no_log: Literal["none_yet", "without", "unknown"] = "without"
) -> str:
    """A whole page without a technical log; `no_log`: the text that says why."""
    told = {
        "policy": policy(results, asset("report.js")),
        "footer": footer(results),
        "seal": seal(results),
        "no_log": no_log,
    }
    return environment().get_template("page.html").render(_context(results) | told)


def acceptance_html(results: Results) -> str:
    """The acceptance part alone."""
    return environment().get_template("acceptance.html").render(_context(results))


def head_html(results: Results, *scripts: str) -> str:
    """What belongs into the head of a page that runs these scripts and no others."""
    return (
        environment()
        .get_template("head.html")
        .render(policy=policy(results, *scripts), footer=footer(results), seal=seal(results))
    )


def seal(results: Results) -> str:
    """What binds the page to its `results.json`."""
    return seal_of(digest(results_bytes(results)), results.verdict, results.counts)


@cache
def asset(name: str) -> str:
    """`report.js`, spelt as the templates include it."""
    return environment().get_template(name).render()


def footer(results: Results) -> str:
    """What stands at the foot of every printed page,
    so that paper of two reports does not get mixed; a CSS string.
    """
    text = f"{one_line(results.customer, 60)}, {instant(results.started)}"
    return "".join(
        char if char.isascii() and char.isalnum() else f"\\{ord(char):06x}" for char in text
    )


def policy(results: Results, *scripts: str) -> str:
    """The Content-Security-Policy of a report's page."""
    return page_policy(footer(results), *scripts)


def page_policy(foot: str, *scripts: str) -> str:
    """The Content-Security-Policy of a page that has this suite's style sheet."""
    return policy_of(environment().get_template("styles.css").render(footer=foot), *scripts)


def policy_of(style: str, *scripts: str) -> str:
    """A Content-Security-Policy: nothing from outside,
    and of what stands in the page only what is meant.
    """
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {allowed}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


class Part(NamedTuple):
    """A piece of a bar, in the picture's units."""

    kind: Kind
    number: int
    x: float
    width: float


class Bar(NamedTuple):
    marker: str
    y: int
    parts: list[Part]


def counts_by_area(results: Results) -> list[tuple[str, dict[Kind, int]]]:
    """The numbers in the order of every list."""
    counted = results.counts_by_marker
    return [(area, counted[area]) for area in sorted(counted, key=area_order)]


def bars(results: Results) -> list[Bar]:
    """One bar per marker; its length is its share of the longest,
    and no piece is too thin to be seen.
    """
    by_area = counts_by_area(results)
    totals = {marker: sum(counts.values()) for marker, counts in by_area}
    longest = max(totals.values(), default=0)
    drawn = []
    drawable = [(marker, counts) for marker, counts in by_area if totals[marker]]
    for row, (marker, counts) in enumerate(drawable):
        present = {kind: number for kind, number in counts.items() if number}
        room = BARS_WIDTH * totals[marker] / longest
        least = min(6.0, room / len(present))
        spare = room - least * len(present)
        parts, x = [], float(BARS_FROM)
        for kind, number in present.items():
            width = round(least + spare * number / totals[marker], 1)
            parts.append(Part(kind, number, round(x, 1), width))
            x += width
        drawn.append(Bar(marker, row * BAR_STEP + 4, parts))
    return drawn


def _context(results: Results) -> dict[str, Any]:
    def age(host: HostResult) -> str:
        return duration(results.finished - host.collected_at)

    def overdue(finding: Finding) -> bool:
        return (
            finding.promise is not None
            and finding.promise.by < results.finished.astimezone(ZoneInfo(results.time_zone)).date()
        )

    texts = load_texts(results.language)
    changes, language = results.changes, results.language
    to_do = to_do_lists(results)
    return {
        "r": results,
        "t": texts,
        "name": shown_name(results),
        "reason": reason(results),
        "scope": scope(results),
        "warnings": warnings(results),
        "unverified": [host.host for host in results.hosts if host.reached.tls == "unverified"],
        "verdict_mark": VERDICT_MARKS[results.verdict],
        "marks": MARKS,
        "kinds": [kind for kind in COUNTED if results.counts[kind]],
        "shown_kinds": [kind for kind in Kind if any(f.kind is kind for f in results.findings)],
        "open": OPEN,
        "bars": bars(results),
        "counts_by_area": counts_by_area(results),
        "to_do": to_do,
        "people": {
            owner: [(one.group, one.number) for one in lists] for owner, lists in to_do.items()
        },
        "open_points": [point for lists in to_do.values() for one in lists for point in one.points],
        "by_area": _by_area(results.findings),
        "rows": MOST_ROWS,
        "change_groups": {name: some for name in GROUPS if (some := getattr(changes, name))}
        if changes
        else {},
        "css_class": css_class,
        "id_ranges": id_ranges,
        "instant": instant,
        "signers": partial(signers_told, texts=texts),
        "age": age,
        "overdue": overdue,
        "raw": lambda finding: _raw(finding.outcome, texts),
        "scripts": script_names(results),
        "in_language": lambda finding, part: part_of(finding, part, language),
        "title": lambda finding: title_of(finding, language),
        "words_of": lambda text: told(Sentence(template=text), language),
        "places": lambda point: json.dumps([(one.requirement, one.host) for one in point.findings]),
        "question": lambda point: told(point.asks.text, language),
        "shortened": shortened,
        "as_sentence": as_sentence,
        "sid_names": sid_names,
    }


def shown_name(results: Results | Brief) -> str:
    """The customer's name in headings, short enough for one."""
    return one_line(results.title or results.customer, 120)


class ToDo(NamedTuple):
    """One person's points of one kind.

    `restart`: the servers that have to restart once all is done.
    """

    group: Group
    kind: Kind
    number: int
    points: list[Point]
    restart: list[str]


def to_do_lists(results: Results) -> dict[str, list[ToDo]]:
    """Whose the open points are, kind by kind; the numbers are those of the verdict."""
    lists: dict[str, list[ToDo]] = {}
    for (owner, group), some in groupby(
        points(results.findings), key=lambda one: (one.owner, one.group)
    ):
        here = list(some)
        number = sum(point.number for point in here)
        restart = {host for point in here if point.first.restart for host in point.hosts}
        kind = here[0].first.kind
        one = ToDo(group, kind, number, here, sorted(restart))
        lists.setdefault(owner, []).append(one)
    return lists


def shortened(text: str) -> str:
    """What was found in one glance: whole where it is short, else as many of its parts as fit."""
    if len(text) <= LONGEST_FOUND:
        return text
    cut = text[:LONGEST_FOUND]
    end = max(cut.rfind(mark) for mark in ("; ", ", ", " "))
    return f"{cut[: end if end > 0 else LONGEST_FOUND].rstrip(' ;,')} …"


def _by_area(findings: list[Finding]) -> dict[str, list[Finding]]:
    """What concerns no server of this run stands last in its table, and short."""
    grouped: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda one: one.kind is Kind.NOT_APPLICABLE):
        grouped.setdefault(finding.marker, []).append(finding)
    return {area: grouped[area] for area in sorted(grouped, key=area_order)}


def _raw(outcome: Outcome, texts: dict[str, Any]) -> str:
    """The raw result behind a waiver or an attestation."""
    word: str = texts["kind"][
        "awaiting confirmation" if outcome is Outcome.UNPROVABLE else outcome.value
    ]
    return word
