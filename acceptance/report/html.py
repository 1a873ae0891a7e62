"""The acceptance part of the HTML report: static markup, everything escaped by Jinja.

It stands in a page of its own (`page_html`) or above pytest-html's table (mend.py); both read and print without
JavaScript. The Content-Security-Policy allows exactly this style sheet and these scripts, by their digests.
"""

import base64
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any, Literal
from zoneinfo import ZoneInfo

from acceptance.findings.finding import COUNTED, OPEN, Finding, Kind, Verdict
from acceptance.findings.outcome import Outcome
from acceptance.findings.questions import asked
from acceptance.report.files import digest
from acceptance.report.fits import seal_of
from acceptance.report.results import HostResult, Results, results_bytes
from acceptance.report.templating import environment
from acceptance.report.texts import duration, instant, load_texts, reason, scope, warnings
from acceptance.text import css_class, one_line

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
OWNERS = ("ICT administrator", "Exact partner", "supplier", "customer")
GROUPS = ("newly_broken", "first_seen", "not_checked", "newly_met", "still_open")
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
    """What stands at the foot of every printed page, so that paper of two reports does not get mixed; a CSS string."""
    text = f"{one_line(results.customer, 60)}, {instant(results.started)}"
    return "".join(
        char if char.isascii() and char.isalnum() else f"\\{ord(char):06x}" for char in text
    )


def policy(results: Results, *scripts: str) -> str:
    """The Content-Security-Policy of a report's page."""
    return page_policy(footer(results), *scripts)


def page_policy(foot: str, *scripts: str) -> str:
    """The Content-Security-Policy: nothing from outside, and of what stands in the page only what is meant."""
    allowed = " ".join(_hash(script) for script in scripts)
    style = environment().get_template("styles.css").render(footer=foot)
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {allowed}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


@dataclass(frozen=True)
class Part:
    """A piece of a bar, in the picture's units."""

    kind: Kind
    number: int
    x: float
    width: float


@dataclass(frozen=True)
class Bar:
    marker: str
    y: int
    parts: list[Part]


def bars(results: Results) -> list[Bar]:
    """One bar per marker; its length is its share of the longest, and no piece is too thin to be seen."""
    totals = {marker: sum(counts.values()) for marker, counts in results.counts_by_marker.items()}
    longest = max(totals.values(), default=0)
    drawn = []
    counted = {
        marker: counts for marker, counts in results.counts_by_marker.items() if totals[marker]
    }
    for row, (marker, counts) in enumerate(counted.items()):
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
    changes = results.changes
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
        "bars": bars(results),
        "to_do": _by_owner([one for one in results.findings if not one.question]),
        "questions": asked(results.findings),
        "by_marker": _by_marker(results.findings),
        "change_groups": {name: some for name in GROUPS if (some := getattr(changes, name))}
        if changes
        else {},
        "open": OPEN,
        "css_class": css_class,
        "instant": instant,
        "age": age,
        "overdue": overdue,
        "raw": lambda finding: _raw(finding.outcome, texts),
    }


def shown_name(results: Results) -> str:
    """The customer's name in headings, short enough for one."""
    return one_line(results.title or results.customer, 120)


def _by_owner(findings: list[Finding]) -> dict[str, list[Finding]]:
    """What remains to be done, by who must do it; what is not met comes first."""
    order = list(Kind)
    to_do = sorted(
        (one for one in findings if one.kind in OPEN), key=lambda one: order.index(one.kind)
    )
    grouped = {owner: [one for one in to_do if one.owner == owner] for owner in OWNERS}
    return {owner: some for owner, some in grouped.items() if some}


def _by_marker(findings: list[Finding]) -> dict[str, list[Finding]]:
    """What concerns no server of this run stands last in its table, and short."""
    grouped: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda one: one.kind is Kind.NOT_APPLICABLE):
        grouped.setdefault(finding.marker, []).append(finding)
    return dict(sorted(grouped.items()))


def _raw(outcome: Outcome, texts: dict[str, Any]) -> str:
    """The raw result behind a waiver or an attestation."""
    word: str = texts["kind"][
        "awaiting confirmation" if outcome is Outcome.UNPROVABLE else outcome.value
    ]
    return word
