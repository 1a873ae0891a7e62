"""Whether a customer is ready for another edition of the document, by evidence that was stored:
one line, and why not.
"""

from collections.abc import Iterable
from datetime import timedelta

from acceptance.findings.finding import Finding, Kind
from acceptance.report.results import Results


def readiness(results: Results, longest: int) -> str:
    """`ready`, `not yet` with the points and whose they are,
    or `cannot be said` with what is missing, and since when.

    A point that is known to be open says "not yet", whatever else is unknown. `longest`: for how
    many days what was read says something of today.
    """
    findings = [one for one in results.findings if one.weight == "required"]
    open_points = [one for one in findings if one.kind is Kind.NOT_MET]
    unknown = [one for one in findings if one.kind in (Kind.COULD_NOT_BE_CHECKED, Kind.AWAITING)]
    read = [host.collected_at for host in results.hosts]
    since = f"; read on {min(read):%Y-%m-%d}" if read else ""
    if read and results.started - min(read) > timedelta(days=longest):
        return f"cannot be said: what was read is older than {longest} days{since}"
    if open_points:
        return f"not yet: {_whose(open_points)}{since}"
    if unknown or not any(one.kind is Kind.MET for one in findings):
        return f"cannot be said: {_whose(unknown) or 'nothing was decided'}{since}"
    return f"ready{since}"


def _whose(findings: Iterable[Finding]) -> str:
    """`IIS-07, IIS-08 (ICT administrator); SYN-03 (Exact partner)`."""
    owned: dict[str, dict[str, None]] = {}
    for one in findings:
        owned.setdefault(one.owner, {})[one.requirement] = None
    return "; ".join(f"{', '.join(ids)} ({owner})" for owner, ids in owned.items())
