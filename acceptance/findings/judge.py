"""Judging: raw outcome + waiver + attestation + now -> kind of finding.

Pure: asks no clock, no server, no file.
The same evidence gives the same findings, anywhere, for ever.
"""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from acceptance.findings.agreements import end_of, waiver_end
from acceptance.findings.finding import OPEN, Kind
from acceptance.findings.outcome import Outcome
from acceptance.inventory.models import Attestation, Waiver
from acceptance.text import NOTHING, Sentence, said

UTC = ZoneInfo("UTC")


class Judgement(NamedTuple):
    """A finding's kind, the sentence that says by whom or until when,
    and the agreement that decided it.
    """

    kind: Kind
    note: Sentence = NOTHING
    by: Waiver | Attestation | None = None


def judge(
    outcome: Outcome,
    waiver: Waiver | None,
    attestation: Attestation | None,
    today: datetime,
    *,
    zone: ZoneInfo = UTC,
    attestation_days: int = 180,
) -> Judgement:
    """Table of DESIGN.md ("situation -> finding"). `today` is an aware instant.

    A waiver covers only what is not met;
    an attestation settles only what no machine can prove,
    so a machine's proof to the contrary wins at once.
    """
    if outcome is Outcome.MET:
        return Judgement(Kind.MET)
    if outcome is Outcome.NOT_APPLICABLE:
        return Judgement(Kind.NOT_APPLICABLE)
    if outcome is Outcome.UNREAD:
        return Judgement(Kind.COULD_NOT_BE_CHECKED)
    if outcome is Outcome.UNPROVABLE:
        return _judge_unprovable(attestation, today.astimezone(zone), attestation_days)
    judgement = _judge_not_met(waiver, today, zone)
    if attestation is None:
        return judgement
    contrary = said("{by}, but a machine found the contrary", by=_attested(attestation))
    note = said("{note}. {contrary}", note=judgement.note, contrary=contrary)
    return Judgement(judgement.kind, note if judgement.note else contrary, judgement.by)


def weighed(kind: Kind, weight: Literal["required", "hint", "coming"]) -> Kind:
    """What is open of a hint is a hint: the document does not ask for it;
    or not yet, and then it is coming.
    """
    apart = {"hint": Kind.HINT, "coming": Kind.COMING}
    return apart.get(weight, kind) if kind in OPEN else kind


def _attested(attestation: Attestation) -> Sentence:
    return said(
        "confirmed by {name} ({role}) on {on}",
        name=attestation.name,
        role=attestation.role,
        on=str(attestation.on),
    )


def _judge_unprovable(
    attestation: Attestation | None, today: datetime, attestation_days: int
) -> Judgement:
    if attestation is None:
        return Judgement(Kind.AWAITING)
    by = _attested(attestation)
    if attestation.on > today.date():
        return Judgement(Kind.AWAITING, said("{by}: that day has not come yet", by=by))
    if attestation.on + timedelta(days=attestation_days) < today.date():
        text = "{by}: older than {days} days, to be confirmed again"
        return Judgement(Kind.AWAITING, said(text, by=by, days=attestation_days))
    note = said("{by}; document: {document}", by=by, document=attestation.document)
    return Judgement(Kind.ATTESTED, note, attestation)


def _judge_not_met(waiver: Waiver | None, today: datetime, zone: ZoneInfo) -> Judgement:
    if waiver is None:
        return Judgement(Kind.NOT_MET)
    end = waiver_end(waiver, zone)
    by = waiver.approved_by
    if today >= end:
        return Judgement(
            Kind.NOT_MET, said("the waiver by {by} ended at {end}", by=by, end=end_of(end))
        )
    if waiver.agreed_on > today.astimezone(zone).date():
        text = "the waiver by {by} is agreed only on {day}"
        return Judgement(Kind.NOT_MET, said(text, by=by, day=str(waiver.agreed_on)))
    note = said(
        "waived until {end} by {by} ({role}): {reason}",
        end=end_of(end),
        by=by,
        role=waiver.approver_role,
        reason=waiver.reason,
    )
    return Judgement(Kind.WAIVED, note, waiver)
