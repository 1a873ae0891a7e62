"""After the installation: what became of what was signed before it.

The measure is the customer's newest report of phase prepare, in the same environment, that the
customer has accepted by a signature that holds; without one there is nothing to compare with.
"""

from collections.abc import Callable, Iterable
from typing import Literal

from acceptance.findings.finding import OPEN, SETTLED, Finding, Kind
from acceptance.findings.outcome import Outcome
from acceptance.report.compared import Lost, SinceAcceptance
from acceptance.report.results import Results
from acceptance.report.same import key_of, todays_key
from acceptance.report.signed import Signed

Prepared = Iterable[tuple[str, Results]]
SYSADMIN_NO_LONGER = "SQL-11"


def since_acceptance(
    prepared: Prepared, who_signed: Callable[[str], Signed], now: Results
) -> SinceAcceptance | None:
    """`prepared`: the runs of before, the last one first; `who_signed`: by a run's folder."""
    if now.phase != "installed":
        return None
    for folder, before in prepared:
        signed = who_signed(folder)
        if signed.accepted:
            return _compared(folder, before, signed, now)
    return None


def _compared(folder: str, before: Results, signed: Signed, now: Results) -> SinceAcceptance:
    named = todays_key(before, now)
    accepted = {named(one): one for one in before.findings}
    kept, lost, new = 0, [], []
    for finding in now.findings:
        was = accepted.get(key_of(finding))
        if was is None or was.kind is Kind.NOT_APPLICABLE:
            if finding.kind is not Kind.NOT_APPLICABLE:
                new.append(finding.requirement)
        elif was.kind in SETTLED and finding.kind in SETTLED:
            kept += 1
        elif was.kind in SETTLED and finding.kind in OPEN:
            lost.append(
                Lost(
                    requirement=finding.requirement,
                    host=finding.host,
                    title=finding.title,
                    before=was.kind,
                    now=finding.kind,
                )
            )
    return SinceAcceptance(
        folder=folder,
        started=before.started,
        signed_by=list(signed.by),
        kept=kept,
        lost=lost,
        new=list(dict.fromkeys(new)),
        sysadmin=_sysadmin(now.findings),
    )


def _sysadmin(
    findings: Iterable[Finding],
) -> Literal["withdrawn", "not withdrawn", "unknown"]:
    """What the hint about it found; "unknown" where nobody could look, or nothing was asked."""
    told = {one.outcome for one in findings if one.requirement == SYSADMIN_NO_LONGER}
    if told == {Outcome.MET}:
        return "withdrawn"
    return "not withdrawn" if Outcome.NOT_MET in told else "unknown"
