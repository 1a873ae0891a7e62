"""`summary.md`: a run, or the last runs of all customers, in at most ten lines of Markdown, the
worst first, for a CI job's page or a message.

No line tells the time: a message that is the same as the last one says that nothing has changed.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from acceptance.findings.finding import ACCEPTED, Finding, Kind
from acceptance.report.changes import new_findings
from acceptance.report.results import Results, verdict_line
from acceptance.report.runs import WORST, Run
from acceptance.text import one_line

SUMMARY = "summary.md"
LONGEST_LINE = 300
MOST_NAMED = 8
MOST_CUSTOMERS = 5
NIGHTLY = timedelta(hours=23)  # a run that began longer ago is not this night's
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


def summary_of_all(last: Sequence[Run], now: datetime) -> str:
    """One message over all customers. `last`: each one's last run, the worst first."""
    verdicts = Counter(run.verdict for run in last)
    told = ", ".join(f"{verdicts[one]} {one.value}" for one in WORST if verdicts[one])
    bad = [run for run in last if run.verdict not in ACCEPTED]
    more = [f"- and {len(bad) - MOST_CUSTOMERS} more"] if len(bad) > MOST_CUSTOMERS else []
    lines = [
        f"## All customers: {told or 'no report'}",
        "",
        *map(_customer_line, bad[:MOST_CUSTOMERS]),
        *more,
        _all_new_line(last),
        _silent_line(last, now),
    ]
    return "\n".join(lines) + "\n"


def _customer_line(run: Run) -> str:
    simulated = ", SIMULATED" if run.simulated else ""
    promised = f" ({run.promised} promised)" if run.promised else ""
    line = f"{run.customer}{simulated}: {run.verdict.value}: {run.reason}{promised}"
    return f"- {_plain(line)}"


def _all_new_line(last: Sequence[Run]) -> str:
    some = [run for run in last if run.new]
    line = f"- New since it was last decided: {sum(run.new or 0 for run in some)}"
    named = _listed([f"{run.customer} ({run.new})" for run in some])
    return f"{line} at {len(some)} of {len(last)} customers: {named}" if some else line


def _silent_line(last: Sequence[Run], now: datetime) -> str:
    """By the day on which each was heard of last, which stays the same from night to night."""
    silent = [run for run in last if now - run.started > NIGHTLY]
    line = f"- Customers that were checked: {len(last) - len(silent)} of {len(last)}"
    days = [f"{run.customer} (since {run.started:%Y-%m-%d})" for run in silent]
    return f"{line}; not {_listed(days)}" if silent else line


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
    return _listed([f"{one.requirement} {one.host}" for one in findings])


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    told = ", ".join(map(_plain, names[:MOST_NAMED]))
    return f"{told} and {more} more" if more > 0 else told


def _plain(text: str) -> str:
    """One line in which nothing is Markdown or HTML, nor becomes a link by itself."""
    return MARKUP.sub(r"\\\g<0>", one_line(text, LONGEST_LINE))
