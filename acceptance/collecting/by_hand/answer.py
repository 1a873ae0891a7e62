"""Answers that came back from the script by hand: read, refused with a reason, and joined section by section.

Whoever ran the script is known by their own word only; the report says so.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, ValidationError

from acceptance.collecting.by_hand.script import Question, script_digest
from acceptance.collecting.collect import suite_version
from acceptance.collecting.output import sections_of
from acceptance.errors import EvidenceError, HostError
from acceptance.evidence.binding import CLOCKS_DIFFER
from acceptance.evidence.envelope import Failure, Read, SectionError, Strict, Unread
from acceptance.evidence.file import Evidence, strict_json
from acceptance.evidence.reached import Reached
from acceptance.evidence.windows import Sections
from acceptance.text import one_line

_UNANSWERED = Unread(
    status="error", error=SectionError(type="Script", message="no answer holds this section")
)
LARGEST = 32 * 2**20  # bytes; an answer is less than 1 MB
AGAIN = "Have the script run again with a new question: acceptance script {customer}/{host}"


class Answered(Strict):
    """Who answered, where and when, by their own word."""

    at: AwareDatetime
    script_sha256: str | None
    reader: dict[str, Any] | None
    user: str
    computer: str
    domain: str
    session: str
    language_mode: str
    version: str
    complete: bool


@dataclass(frozen=True)
class Answer:
    """One answer. `code`: what the script showed, to compare over the telephone."""

    question: Question
    answered: Answered
    sections: Sections
    code: str

    @property
    def who(self) -> str:
        """The account that ran the script, as it says itself."""
        value = (self.answered.reader or {}).get("value")
        account = value.get("account") if isinstance(value, dict) else None
        return one_line(f"{account or self.answered.user} on {self.answered.computer}", 100)


def read_answer(path: Path) -> Answer:
    """An answer file. Raises EvidenceError for what is none, is cut off, or was asked by another script."""
    try:
        return _parsed(path)
    except RecursionError:
        reason = "it is nested too deep"
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except (OSError, ValueError) as error:
        reason = str(error)
    raise EvidenceError(
        "{path}: not usable as an answer: {reason}.",
        "Ask for the file again as the script wrote it, or have the script run again.",
        path=str(path),
        reason=one_line(reason, 200).rstrip("."),
    )


def _parsed(path: Path) -> Answer:
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it is larger than {LARGEST:,} bytes")
    text = _text(path.read_bytes())
    data = strict_json(text)
    if not isinstance(data, dict) or data.keys() != {"question", "answered", "facts"}:
        raise ValueError("it must hold question, answered and facts, and nothing else")
    asked = Question.model_validate_json(json.dumps(data["question"]))
    answered = Answered.model_validate_json(json.dumps(data["answered"]))
    _refuse_contradictions(asked, answered, data["facts"])
    sections = sections_of(data["facts"])
    accounts = sections.accounts
    if isinstance(accounts, Read) and not _same(accounts.value.computer_name, answered.computer):
        raise ValueError("it names two computers: in answered, and in the section accounts")
    return Answer(asked, answered, sections, _code(text))


def refuse_other_question(
    answer: Answer, path: Path, parameters: Mapping[str, Any], now: datetime
) -> None:
    """Raise EvidenceError where today's inventory would ask something else, or the clock contradicts."""
    asked = json.loads(json.dumps(dict(parameters)))
    different = [key for key in asked if answer.question.parameters.get(key) != asked[key]]
    different += [key for key in answer.question.parameters if key not in asked]
    if different:
        raise EvidenceError(
            "{path}: answers another question: {what} differs from today's inventory.",
            AGAIN,
            path=str(path),
            what=one_line(", ".join(different), 100),
            customer=one_line(answer.question.customer, 60),
            host=one_line(answer.question.host, 60),
        )
    if answer.answered.at > now + CLOCKS_DIFFER:
        raise EvidenceError(
            "{path}: was answered in the future: {at}.",
            "Set the clock of the server or of this machine, and have the script run again.",
            path=str(path),
            at=answer.answered.at.isoformat(),
        )


def answer_of(
    folder: Path,
    *,
    customer: str,
    host: str,
    sections: Sequence[str],
    parameters: Mapping[str, Any],
    place: str,
    simulated: bool,
    now: datetime,
) -> Evidence:
    """What the answers in `folder` say of `host`: of each section the newest answer. None of it: a failure."""
    answers, refused = _usable(folder, customer, host, parameters, now)
    found = Sections()
    used: list[Answer] = []
    for name in sections:
        holding = [one for one in answers if getattr(one.sections, name) is not None]
        if holding:
            newest = max(holding, key=lambda one: (one.question.asked_at, one.answered.at))
            found = found.model_copy(update={name: getattr(newest.sections, name)})
            used.append(newest)
        else:
            found = found.model_copy(update={name: _UNANSWERED})
    failure = None
    if not used:
        failure = Failure.of(refused or _no_answer(customer, host))
    elif len({one.answered.computer.casefold() for one in used}) > 1:
        failure = Failure.of(_several_computers(host, used))
    if failure:
        found = Sections()
    # One file holds several answers: as old as its oldest, by everybody who read.
    at = min((one.answered.at for one in used), default=now)
    return Evidence(
        customer=customer,
        host=host,
        collected_at=at,
        seconds=0,
        suite_version=suite_version(),
        collector_sha256=script_digest() if used else None,
        reached=Reached(
            backend="script",
            address=place,
            transport="file",
            authentication=", ".join(sorted({one.who for one in used})) or "nobody yet",
            tls="none",
        ),
        simulated=simulated,
        parameters=dict(parameters),
        sections=found,
        failure=failure,
    )


def _usable(
    folder: Path, customer: str, host: str, parameters: Mapping[str, Any], now: datetime
) -> tuple[list[Answer], HostError | None]:
    """The answers of this host, and why the last of the others is none."""
    answers: list[Answer] = []
    refused = None
    for path in sorted(folder.glob("*.answer.json")):
        try:
            answer = read_answer(path)
            if (answer.question.customer, answer.question.host) != (customer, host):
                continue
            refuse_other_question(answer, path, parameters, now)
            answers.append(answer)
        except EvidenceError as error:
            if path.name.startswith(f"{customer}-{host}."):
                refused = HostError(host, error.problem, error.mend)
    return answers, refused


def _several_computers(host: str, used: Sequence[Answer]) -> HostError:
    return HostError(
        host,
        "the answers of {host} come from several computers: {names}.",
        "Remove the wrong one from answers/, or have the script run again there.",
        host=host,
        names=one_line(", ".join(sorted({one.answered.computer for one in used})), 200),
    )


def _no_answer(customer: str, host: str) -> HostError:
    return HostError(
        host,
        "there is no answer of {host} yet: it is read by a script that a person runs there.",
        "Make it with: acceptance script {customer}/{host}; then: acceptance import FILE",
        customer=customer,
        host=host,
    )


def _refuse_contradictions(asked: Question, answered: Answered, facts: Any) -> None:
    if answered.script_sha256 != script_digest():
        raise ValueError("it was read by another script than this release's, or by a pasted one")
    if answered.at < asked.asked_at - CLOCKS_DIFFER:
        raise ValueError("it was answered before it was asked")
    if not isinstance(facts, dict) or not facts.keys() <= set(asked.sections):
        raise ValueError("its facts hold what was not asked")
    if answered.language_mode != "FullLanguage" and facts:
        raise ValueError(f"PowerShell ran in {answered.language_mode} and cannot have read facts")
    if answered.complete and answered.language_mode == "FullLanguage":
        missing = set(asked.sections) - facts.keys()
        if missing:
            raise ValueError(f"it calls itself complete and lacks {', '.join(sorted(missing))}")


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _text(data: bytes) -> str:
    """People open and save files: a mark in front, or UTF-16, is no damage."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return data.decode("utf-16" if wide else "utf-8-sig")


def _code(text: str) -> str:
    """Of the text as the script wrote it: without white space outside strings."""
    tight = re.sub(r'("(?:[^"\\]|\\.)*")|\s+', lambda match: match[1] or "", text)
    return sha256(tight.encode("utf-8")).hexdigest()[:8]
