"""Judging: raw outcome + waiver + attestation + now -> finding; findings -> counts and verdict.

Pure: asks no clock, no server, no file. The same evidence gives the same findings, anywhere, for ever.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from acceptance.inventory.models import Attestation, Promise, Waiver


class Outcome(StrEnum):
    """What a test said of a requirement on a host, before waivers and attestations."""

    MET = "met"
    NOT_MET = "not met"
    UNPROVABLE = "unprovable"  # no machine can prove it, or nothing to decide by was given
    UNREAD = "unread"
    NOT_APPLICABLE = "not applicable"


class Kind(StrEnum):
    """A finding's kind, in DESIGN.md's words; the order is the order of every table."""

    NOT_MET = "not met"
    COULD_NOT_BE_CHECKED = "could not be checked"
    AWAITING = "awaiting confirmation"
    WAIVED = "waived"
    ATTESTED = "attested"
    MET = "met"
    NOT_APPLICABLE = "not applicable"


OPEN = frozenset(
    {Kind.NOT_MET, Kind.COULD_NOT_BE_CHECKED, Kind.AWAITING}
)  # what remains to be done
DECIDED = frozenset({Kind.MET, Kind.NOT_MET, Kind.WAIVED, Kind.ATTESTED})


class Verdict(StrEnum):
    """The outcome of a whole run for a customer."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_WAIVERS = "accepted with waivers"
    REJECTED = "rejected"
    INCOMPLETE = "incomplete"


class Judgement(BaseModel):
    """A finding's kind with the sentence that says by whom or until when; `outcome` keeps the raw result."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    kind: Kind
    outcome: Outcome
    note: str = ""


class Promised(BaseModel):
    """Who mends a finding, and by when: told beside it, and nothing else changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    who: str
    by: date
    note: str = ""


class Finding(BaseModel):
    """One requirement on one host: what every output shows.

    `databases`: those that it is not met in, where it concerns databases. `owner`: who must mend it. `definition_sha256`: of
    the catalogue's entry, so that a changed catalogue is told from a changed server.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    requirement: str
    marker: str
    title: str
    clause: str
    host: str
    kind: Kind
    outcome: Outcome
    expected: str
    found: str
    reason: str = ""
    remedy: str = ""
    owner: str = "ICT administrator"
    promise: Promised | None = None
    definition_sha256: str = ""
    databases: tuple[str, ...] = ()


def end_of(last_day: datetime) -> str:
    """An instant written out so that it means one thing."""
    return last_day.strftime("%Y-%m-%d %H:%M %Z")


def waiver_end(waiver: Waiver, zone: ZoneInfo) -> datetime:
    """The exact instant at which a waiver ends: the end of its last day in the inventory's time zone."""
    return datetime.combine(waiver.until + timedelta(days=1), time(0), tzinfo=zone)


def waiver_for(
    waivers: Iterable[Waiver],
    requirement: str,
    host: str,
    today: datetime,
    zone: ZoneInfo,
    databases: frozenset[str] = frozenset(),
) -> Waiver | None:
    """The waiver that speaks of this requirement on this host: of several, one that is agreed already and ends last.

    `databases`: those that the requirement is not met in; a waiver of single databases has to name them all.
    """
    day = today.astimezone(zone).date()
    concerned = [
        one for one in waivers if _concerns(one, requirement, host) and _covers(one, databases)
    ]
    return max(concerned, key=lambda one: (one.agreed_on <= day, one.until), default=None)


def attestation_for(
    attestations: Iterable[Attestation],
    requirement: str,
    host: str,
    today: datetime,
    zone: ZoneInfo,
) -> Attestation | None:
    """The attestation that speaks of this requirement on this host: of several, the latest that is not in the future."""
    day = today.astimezone(zone).date()
    concerned = [one for one in attestations if _concerns(one, requirement, host)]
    return max(concerned, key=lambda one: (one.on <= day, one.on), default=None)


def promise_for(promises: Iterable[Promise], requirement: str, host: str) -> Promised | None:
    """The promise that speaks of this requirement on this host: of several, the one that ends last."""
    concerned = [one for one in promises if _concerns(one, requirement, host)]
    last = max(concerned, key=lambda one: one.by, default=None)
    return Promised(who=last.who, by=last.by, note=last.note or "") if last else None


def _concerns(agreement: Waiver | Attestation | Promise, requirement: str, host: str) -> bool:
    return agreement.requirement == requirement and (
        agreement.hosts is None or host in agreement.hosts
    )


def _covers(waiver: Waiver, databases: frozenset[str]) -> bool:
    if waiver.databases is None:
        return True
    return bool(databases) and databases <= set(waiver.databases)


def judge(
    outcome: Outcome,
    waiver: Waiver | None,
    attestation: Attestation | None,
    today: datetime,
    *,
    zone: ZoneInfo = ZoneInfo("UTC"),  # noqa: B008 - immutable
    attestation_days: int = 180,
) -> Judgement:
    """Table of DESIGN.md ("situation -> finding"). `today` is an aware instant.

    A waiver covers only what is not met; an attestation settles only what no machine can prove, so a
    machine's proof to the contrary wins at once.
    """
    if outcome is Outcome.MET:
        return Judgement(kind=Kind.MET, outcome=outcome)
    if outcome is Outcome.NOT_APPLICABLE:
        return Judgement(kind=Kind.NOT_APPLICABLE, outcome=outcome)
    if outcome is Outcome.UNREAD:
        return Judgement(kind=Kind.COULD_NOT_BE_CHECKED, outcome=outcome)
    if outcome is Outcome.UNPROVABLE:
        return _judge_unprovable(attestation, today.astimezone(zone), attestation_days)
    judgement = _judge_not_met(waiver, today, zone)
    if attestation is None:
        return judgement
    contradicted = f"attested by {attestation.name} ({attestation.role}) on {attestation.on}, but a machine found the contrary"
    return judgement.model_copy(
        update={"note": ". ".join(filter(None, [judgement.note, contradicted]))}
    )


def _judge_unprovable(
    attestation: Attestation | None, today: datetime, attestation_days: int
) -> Judgement:
    if attestation is None:
        return Judgement(kind=Kind.AWAITING, outcome=Outcome.UNPROVABLE)
    by = f"attested by {attestation.name} ({attestation.role}) on {attestation.on}"
    if attestation.on > today.date():
        return Judgement(
            kind=Kind.AWAITING, outcome=Outcome.UNPROVABLE, note=f"{by}: that day has not come yet"
        )
    if attestation.on + timedelta(days=attestation_days) < today.date():
        note = f"{by}: older than {attestation_days} days, to be confirmed again"
        return Judgement(kind=Kind.AWAITING, outcome=Outcome.UNPROVABLE, note=note)
    return Judgement(
        kind=Kind.ATTESTED,
        outcome=Outcome.UNPROVABLE,
        note=f"{by}; document: {attestation.document}",
    )


def _judge_not_met(waiver: Waiver | None, today: datetime, zone: ZoneInfo) -> Judgement:
    if waiver is None:
        return Judgement(kind=Kind.NOT_MET, outcome=Outcome.NOT_MET)
    end = waiver_end(waiver, zone)
    if today >= end:
        note = f"the waiver by {waiver.approved_by} ended at {end_of(end)}"
        return Judgement(kind=Kind.NOT_MET, outcome=Outcome.NOT_MET, note=note)
    if waiver.agreed_on > today.astimezone(zone).date():
        note = f"the waiver by {waiver.approved_by} is agreed only on {waiver.agreed_on}"
        return Judgement(kind=Kind.NOT_MET, outcome=Outcome.NOT_MET, note=note)
    note = f"waived until {end_of(end)} by {waiver.approved_by} ({waiver.approver_role}): {waiver.reason}"
    return Judgement(kind=Kind.WAIVED, outcome=Outcome.NOT_MET, note=note)


def count(findings: Iterable[Finding]) -> dict[Kind, int]:
    """How many findings of each kind, every kind present. Every output takes its numbers from here."""
    counts = dict.fromkeys(Kind, 0)
    for finding in findings:
        counts[finding.kind] += 1
    return counts


def verdict(findings: Iterable[Finding], *, whole: bool = True) -> tuple[Verdict, str]:
    """The verdict and its reason in one clause. Nothing decided is never "accepted", nor is a part of the document.

    `whole`: every requirement was selected, on every server of the customer.
    """
    counts = count(findings)
    unchecked, awaiting = counts[Kind.COULD_NOT_BE_CHECKED], counts[Kind.AWAITING]
    if counts[Kind.NOT_MET]:
        return Verdict.REJECTED, f"{counts[Kind.NOT_MET]} not met"
    if not any(counts[kind] for kind in DECIDED):
        return Verdict.INCOMPLETE, "nothing was decided"
    if unchecked or awaiting:
        return (
            Verdict.INCOMPLETE,
            f"{unchecked} could not be checked, {awaiting} awaiting confirmation",
        )
    if not whole:
        return Verdict.INCOMPLETE, "nothing is open in the part that was checked"
    if counts[Kind.WAIVED]:
        return Verdict.ACCEPTED_WITH_WAIVERS, f"{counts[Kind.WAIVED]} waived, the rest met"
    return Verdict.ACCEPTED, "all decided, none open"
