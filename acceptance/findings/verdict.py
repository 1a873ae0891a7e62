"""Findings -> counts and verdict. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from acceptance.findings.finding import COUNTED, DECIDED, OPEN, Finding, Kind, Verdict
from acceptance.findings.points import Group, open_counts, open_line

ORDER = {kind: place for place, kind in enumerate(Kind)}  # the worst first


def count(findings: Iterable[Finding]) -> dict[Kind, int]:
    """How many required findings of each kind, every kind present.

    Every output takes its numbers from here.
    """
    counts = dict.fromkeys(COUNTED, 0)
    for finding in findings:
        if finding.weight == "required":
            counts[finding.kind] += 1
    return counts


def once(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each requirement and host, however often its test ran;
    the worst of several stands.
    """
    worst: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = finding.requirement, finding.host
        if key not in worst or ORDER[finding.kind] < ORDER[worst[key].kind]:
            worst[key] = finding
    return list(worst.values())


def verdict(findings: Sequence[Finding], *, whole: bool = True) -> tuple[Verdict, str]:
    """The verdict and its reason in one clause.
    Nothing decided is never "accepted", nor is a part of the document.

    `whole`: every requirement was selected, on every server of the customer.
    """
    counts, to_do = count(findings), open_counts(findings)
    found = verdict_of(counts, whole=whole)
    if found is Verdict.REJECTED:
        return found, open_line(to_do)
    if not any(counts[kind] for kind in DECIDED):
        undecided = any(to_do[group] for group in Group)
        return (
            found,
            f"nothing was decided: {open_line(to_do)}" if undecided else "nothing was decided",
        )
    if found is Verdict.INCOMPLETE and any(to_do[group] for group in Group):
        return found, open_line(to_do)
    if found is Verdict.INCOMPLETE:
        return found, "nothing is open in the part that was checked"
    if found is Verdict.ACCEPTED_WITH_WAIVERS:
        return found, f"{counts[Kind.WAIVED]} waived, the rest met"
    return found, "all decided, none open"


def verdict_of(counts: Mapping[Kind, int], *, whole: bool = True) -> Verdict:
    """The verdict from the counts alone, every kind present."""
    if counts[Kind.NOT_MET]:
        return Verdict.REJECTED
    decided = any(counts[kind] for kind in DECIDED)
    if not decided or not whole or any(counts[kind] for kind in OPEN):
        return Verdict.INCOMPLETE
    return Verdict.ACCEPTED_WITH_WAIVERS if counts[Kind.WAIVED] else Verdict.ACCEPTED
