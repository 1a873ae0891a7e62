"""`summary.md`: a run in at most ten lines of Markdown, the worst first,
for a CI job's page or a message.
"""

import re
from collections.abc import Sequence

from acceptance.findings.finding import Finding, Kind
from acceptance.report.changes import new_findings
from acceptance.report.results import Results, verdict_line
from acceptance.text import one_line

SUMMARY = "summary.md"
LONGEST_LINE = 300
MOST_NAMED = 8
MARKUP = re.compile(r"[\\`*_{}\[\]<>()#!|~&@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
# The kinds that are open, the worst first, and what each asks for; they are never mixed.
OPEN_LINES = {
    Kind.NOT_MET: "To mend",
    Kind.COULD_NOT_BE_CHECKED: "Could not be checked",
    Kind.AWAITING: "To confirm",
}


def summary(results: Results) -> str:
    """What somebody has to know in the morning; whoever wants the details opens the report."""
    simulated = " (SIMULATED: no real server)" if results.simulated else ""
    lines = [
        f"## {_plain(results.customer)}: {results.verdict.value}{simulated}",
        "",
        _plain(verdict_line(results)),
        "",
        *[_open_line(kind, results.findings) for kind in OPEN_LINES if results.counts[kind]],
        _new_line(results),
        *_since_acceptance(results),
        _asked_line(results),
    ]
    return "\n".join(lines) + "\n"


def _open_line(kind: Kind, findings: Sequence[Finding]) -> str:
    some = [one for one in findings if one.kind is kind]
    promised = sum(one.promise is not None for one in some)
    told = f" ({promised} promised)" if promised else ""
    return f"- {OPEN_LINES[kind]}: {len(some)}{told}: {_named(some)}"


def _new_line(results: Results) -> str:
    if results.changes is None:
        return "- New: no earlier run to compare with"
    new = new_findings(results)
    return f"- New since it was last decided: {len(new)}" + (f": {_named(new)}" if new else "")


def _since_acceptance(results: Results) -> list[str]:
    since = results.since_acceptance
    if since is None:
        return []
    lost = {(one.requirement, one.host) for one in since.lost}
    some = [one for one in results.findings if (one.requirement, one.host) in lost]
    told = f": {_named(some)}" if some else ""
    return [f"- Lost since the signed acceptance: {len(some)}{told}; sysadmin {since.sysadmin}"]


def _asked_line(results: Results) -> str:
    failed = sorted({one.host for one in results.hosts if one.failure})
    asked = {one.host for one in results.hosts}
    answered = len(asked) - len(failed)
    silent = f"; not {_plain(', '.join(failed))}" if failed else ""
    return f"- Servers that answered: {answered} of {len(asked)}{silent}"


def _named(findings: Sequence[Finding]) -> str:
    names = [_plain(f"{one.requirement} {one.host}") for one in findings[:MOST_NAMED]]
    more = len(findings) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _plain(text: str) -> str:
    """One line in which nothing is Markdown or HTML, nor becomes a link by itself."""
    return MARKUP.sub(r"\\\g<0>", one_line(text, LONGEST_LINE))
