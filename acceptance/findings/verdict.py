"""Findings -> counts and verdict. Pure."""

from collections.abc import Iterable, Mapping

from acceptance.findings.finding import COUNTED, DECIDED, Finding, Kind, Verdict

ORDER = {kind: place for place, kind in enumerate(Kind)}  # the worst first


def count(findings: Iterable[Finding]) -> dict[Kind, int]:
    """How many required findings of each kind, every kind present. Every output takes its numbers from here."""
    counts = dict.fromkeys(COUNTED, 0)
    for finding in findings:
        if finding.weight == "required":
            counts[finding.kind] += 1
    return counts


def once(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each requirement and host, however often its test ran; the worst of several stands."""
    worst: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = finding.requirement, finding.host
        if key not in worst or ORDER[finding.kind] < ORDER[worst[key].kind]:
            worst[key] = finding
    return list(worst.values())


def verdict(findings: Iterable[Finding], *, whole: bool = True) -> tuple[Verdict, str]:
    """The verdict and its reason in one clause. Nothing decided is never "accepted", nor is a part of the document.

    `whole`: every requirement was selected, on every server of the customer.
    """
    return verdict_of(count(findings), whole=whole)


def verdict_of(counts: Mapping[Kind, int], *, whole: bool = True) -> tuple[Verdict, str]:
    """The same from the counts alone, every kind present."""
    unchecked, awaiting = counts[Kind.COULD_NOT_BE_CHECKED], counts[Kind.AWAITING]
    undecided = f"{unchecked} could not be checked, {awaiting} awaiting confirmation"
    if counts[Kind.NOT_MET]:
        return Verdict.REJECTED, f"{counts[Kind.NOT_MET]} not met, {undecided}"
    if not any(counts[kind] for kind in DECIDED):
        return Verdict.INCOMPLETE, "nothing was decided"
    if unchecked or awaiting:
        return Verdict.INCOMPLETE, undecided
    if not whole:
        return Verdict.INCOMPLETE, "nothing is open in the part that was checked"
    if counts[Kind.WAIVED]:
        return Verdict.ACCEPTED_WITH_WAIVERS, f"{counts[Kind.WAIVED]} waived, the rest met"
    return Verdict.ACCEPTED, "all decided, none open"
