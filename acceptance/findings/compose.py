"""One finding of a judge's outcome, its words, and what the customer's inventory agreed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from acceptance.catalogue.remedies import Remedy, RemedyType, fill, filled, names_of
from acceptance.catalogue.requirements import definition_sha256
from acceptance.catalogue.rules import Requirement
from acceptance.findings.agreements import agreement_used, attestation_for, promise_for, waiver_for
from acceptance.findings.finding import OPEN, Asked, Finding, Kind, Mend, Part
from acceptance.findings.judge import judge, weighed
from acceptance.findings.outcome import Outcome, Said
from acceptance.findings.record import Record
from acceptance.inventory.models import Customer
from acceptance.text import Sentence, as_sentence, said


def finding_of(
    ended: Said,
    record: Record,
    requirement: Requirement,
    host: str,
    *,
    asks: Sequence[Asked],
    agreed: Customer,
    names: Mapping[str, str],
    at: datetime,
) -> Finding:
    """The finding of a judge that ended so.

    `asks`: what only the inventory answers, where that is what is missing.
    `agreed`: the customer with his waivers and attestations. `names`: what the inventory knows of a
    remedy's placeholders. `at`: the run's one instant.
    """
    remedy: Sentence = ended.mend
    mends: tuple[Mend, ...] = ()
    if ended.outcome is Outcome.NOT_MET:
        remedy, mends = remedy_of(requirement, record, names)
    if asks:
        remedy = said("{each}", each=[to_answer(one) for one in asks])
    zone = ZoneInfo(agreed.time_zone)
    judgement = judge(
        ended.outcome,
        waiver_for(agreed.waivers, requirement.id, host, at, zone, record.databases),
        None if asks else attestation_for(agreed.attestations, requirement.id, host, at, zone),
        at,
        zone=zone,
        attestation_days=agreed.attestation_days,
    )
    kind = weighed(judgement.kind, requirement.weight)
    sentences: dict[Part, Sentence] = {
        "expected": record.expected,
        "found": record.what,
        "reason": _joined(ended.reason, judgement.note),
        "remedy": remedy,
    }
    return Finding(
        **_of(requirement),
        host=host,
        kind=kind,
        outcome=ended.outcome,
        expected=str(sentences["expected"]),
        found=str(sentences["found"]),
        reason=str(sentences["reason"]),
        remedy=str(remedy),
        remedy_type=_type_of(mends),
        mends=mends,
        restart=any(one.restart for one in mends),
        databases=tuple(sorted(record.databases)),
        owner=asks[0].owner if asks else requirement.owner,
        question=asks[0].key if asks else "",
        asks=tuple(asks),
        promise=promise_for(agreed.promises, requirement.id, host) if kind in OPEN else None,
        agreement=agreement_used(agreed, judgement.by),
        sentences={part: one for part, one in sentences.items() if one},
    )


def to_answer(asked: Asked) -> Sentence:
    """What to do about a question."""
    return said("{question} Answer in the inventory: {key}", question=asked.text, key=asked.key)


def unjudged(requirement: Requirement, host: str, why: Sentence, mend: Sentence) -> Finding:
    """The finding of a requirement whose judge said nothing."""
    return Finding(
        **_of(requirement),
        host=host,
        kind=weighed(Kind.COULD_NOT_BE_CHECKED, requirement.weight),
        outcome=Outcome.UNREAD,
        expected="",
        found="",
        reason=str(why),
        remedy=str(mend),
        owner=requirement.owner,
        sentences={"reason": why, "remedy": mend},
    )


def _of(requirement: Requirement) -> dict[str, Any]:
    """What a finding tells of its requirement."""
    return {
        "requirement": requirement.id,
        "marker": requirement.marker,
        "title": requirement.title,
        "clause": requirement.clause,
        "reading": requirement.reading,
        "weight": requirement.weight,
        "since": requirement.since,
        "replaces": requirement.replaces,
        "definition_sha256": definition_sha256(requirement),
    }


def _joined(first: Sentence, second: Sentence) -> Sentence:
    if first and second:
        return said("{first}. {second}", first=first, second=second)
    return first or second


def remedy_of(
    requirement: Requirement, record: Record, names: Mapping[str, str]
) -> tuple[Sentence, tuple[Mend, ...]]:
    """What mends it, for people and for a script: the remedy of each cause that the test told,
    each command once.
    """
    each: dict[str, tuple[Sentence, Mend]] = {}
    for cause, own in record.mending or [("", {})]:
        remedy, values = (
            requirement.remedy_for(cause),
            {**names, **requirement.parameters.named, **own},
        )
        told = filled(remedy.template, values)
        each.setdefault(str(told), (told, _mend(remedy, told, values)))
    sentences = [told for told, _ in each.values()]
    whole = sentences[0] if len(sentences) == 1 else said("{each}", each=sentences)
    return whole, tuple(mend for _, mend in each.values())


def _mend(remedy: Remedy, told: Sentence, values: Mapping[str, str]) -> Mend:
    def one(template: str | None) -> str:
        return fill(template, values) if template else ""

    unknown = any(names_of(template) - set(values) for template in remedy.templates())
    return Mend(
        type=remedy.type,
        command=one(remedy.sql or remedy.template),
        sentence=told if remedy.type == "text" else None,
        use=one(remedy.use),
        feature=one(remedy.feature),
        now=one(remedy.now),
        done=one(remedy.done),
        stops=remedy.stops,
        restart=remedy.restart,
        by_hand=remedy.by_hand or unknown,
    )


def _type_of(mends: Sequence[Mend]) -> RemedyType:
    """Several of one kind can be copied together; else it is prose."""
    types = {one.type for one in mends}
    return types.pop() if len(types) == 1 else "text"


def sentence(finding: Finding) -> str:
    """What an administrator reads where a test failed."""
    parts = [f"{finding.requirement} {finding.host}: {finding.title}: {finding.kind.value}."]
    if finding.kind is not Kind.COULD_NOT_BE_CHECKED:
        parts += [
            as_sentence(f"Expected: {finding.expected}"),
            as_sentence(f"Found: {finding.found}"),
        ]
    if finding.reason and finding.kind is Kind.AWAITING:
        parts.append(as_sentence(f"Open: {finding.reason}"))
    elif finding.reason:
        parts.append(as_sentence(finding.reason))
    if finding.remedy:
        parts.append(f"Mend: {finding.remedy}")
    return " ".join(parts)
