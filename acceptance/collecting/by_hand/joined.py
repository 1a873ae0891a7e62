"""The answers of a host: each held against what today's inventory asks,
and joined section by section.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from acceptance.catalogue.requirements import Catalogue
from acceptance.collecting.by_hand.answer import Answer, read_answer, same
from acceptance.collecting.by_hand.script import script_digest
from acceptance.collecting.collect import suite_version
from acceptance.collecting.parameters import parameters_of
from acceptance.collecting.script import OWN
from acceptance.errors import EvidenceError, HostError
from acceptance.evidence.binding import CLOCKS_DIFFER
from acceptance.evidence.envelope import Failure, SectionError, Unread
from acceptance.evidence.file import Evidence
from acceptance.evidence.reached import Reached
from acceptance.evidence.windows import Sections
from acceptance.inventory.models import Customer
from acceptance.text import one_line, said

FULL = "FullLanguage"
AGAIN = "Have the script run again with a new question: acceptance script {customer}/{host}"


@dataclass(frozen=True)
class Wanted:
    """What an answer of a host must be an answer to.

    `computer` None: the inventory does not tell its name. `own`: what today's own checks name; an
    answer to others counts all the same, but for its section `own`.
    """

    customer: str
    host: str
    computer: str | None
    parameters: Mapping[str, Any]
    simulated: bool = False
    own: Mapping[str, Any] = field(default_factory=dict)


def wanted_of(
    name: str, customer: Customer, host: str, catalogue: Catalogue, *, simulated: bool = False
) -> Wanted:
    """What today's inventory asks a host that is read by hand."""
    connection = customer.hosts[host].connection
    assert connection is not None, "only a host with a connection is read by hand"
    parameters = parameters_of(customer, host, catalogue)
    return Wanted(name, host, connection.own_name, parameters, simulated)


def refuse_other(answer: Answer, path: Path, wanted: Wanted, now: datetime) -> None:
    """Raise EvidenceError where today's inventory asks something else or of another,
    or the clock contradicts.
    """
    _refuse_other_question(answer, path, wanted.parameters)
    if answer.question.simulated != wanted.simulated:
        raise EvidenceError(
            "{path}: is of a simulated server, and {customer} is a real customer, or the reverse.",
            AGAIN,
            path=str(path),
            customer=one_line(wanted.customer, 60),
            host=one_line(wanted.host, 60),
        )
    # A computer's name of more letters than NetBIOS has is cut in the variable COMPUTERNAME.
    if wanted.computer is None or not same(wanted.computer[:15], answer.answered.computer):
        raise EvidenceError(
            "{path}: was read on the computer {found}, and {customer}/{host} is {expected}.",
            "If that is the server, say computer: {found} in its connection in the inventory;"
            " otherwise have the script run on the right one.",
            path=str(path),
            found=one_line(answer.answered.computer, 60),
            customer=one_line(wanted.customer, 60),
            host=one_line(wanted.host, 60),
            expected=wanted.computer or said("an address without a name"),
        )
    if answer.answered.at > now + CLOCKS_DIFFER:
        raise EvidenceError(
            "{path}: was answered in the future: {at}.",
            "Set the clock of the server or of this machine, and have the script run again.",
            path=str(path),
            at=answer.answered.at.isoformat(),
        )


def _refuse_other_question(answer: Answer, path: Path, parameters: Mapping[str, Any]) -> None:
    asked = json.loads(json.dumps(dict(parameters)))
    different = [key for key in asked if answer.question.parameters.get(key) != asked[key]]
    different += [key for key in answer.question.parameters if key not in asked and key != OWN]
    if different:
        raise EvidenceError(
            "{path}: answers another question: {what} differs from today's inventory.",
            AGAIN,
            path=str(path),
            what=one_line(", ".join(different), 100),
            customer=one_line(answer.question.customer, 60),
            host=one_line(answer.question.host, 60),
        )


def answer_of(
    folder: Path, wanted: Wanted, *, sections: Sequence[str], place: str, now: datetime
) -> Evidence:
    """What the answers in `folder` say of a host: of each section the newest answer.

    None of it: a failure.
    """
    answers, refused = usable(folder, wanted, now)
    own = json.loads(json.dumps(dict(wanted.own)))
    found = Sections()
    used: list[Answer] = []
    for name in sections:
        holding = [one for one in answers if getattr(one.sections, name) is not None]
        if name == OWN:
            holding = [one for one in holding if one.question.parameters.get(OWN) == own]
        if holding:
            newest = max(holding, key=lambda one: (one.question.asked_at, one.answered.at))
            found = found.model_copy(update={name: getattr(newest.sections, name)})
            used.append(newest)
        else:
            found = found.model_copy(update={name: _unanswered(answers)})
            used += [one for one in answers if one.answered.language_mode != FULL]
    used = used or answers  # none of which holds anything that is asked: each section says so
    failure = None
    if not used:
        failure = Failure.of(refused or no_answer(wanted))
    if failure:
        found = Sections()
    # One file holds several answers: as old as its oldest, by everybody who read.
    at = min((one.answered.at for one in used), default=now)
    return Evidence(
        customer=wanted.customer,
        host=wanted.host,
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
        simulated=wanted.simulated,
        parameters=dict(wanted.parameters) | ({OWN: own} if OWN in sections else {}),
        sections=found,
        failure=failure,
    )


def _unanswered(answers: Sequence[Answer]) -> Unread:
    """Why no answer holds a section."""
    why = "no answer holds this section"
    for mode in {one.answered.language_mode for one in answers} - {FULL}:
        why = f"PowerShell ran in {one_line(mode, 40)}: AppLocker or WDAC forbids the collectors"
    return Unread(status="error", error=SectionError(type="Script", message=why))


def usable(folder: Path, wanted: Wanted, now: datetime) -> tuple[list[Answer], HostError | None]:
    """The answers of this host, and why the last of the others is none.

    Where the newest is refused none is usable: an older one in its place would be taken for it.
    Files are in the order of their names, which begin with the time that `acceptance import` gave.
    """
    answers: list[Answer] = []
    refused: HostError | None = None
    refused_last = False
    for path in sorted(folder.glob("*.answer.json")):
        try:
            answer = read_answer(path)
            if (answer.question.customer, answer.question.host) != (wanted.customer, wanted.host):
                continue
            refuse_other(answer, path, wanted, now)
            answers.append(answer)
            refused_last = False
        except EvidenceError as error:
            if path.name.startswith(f"{wanted.customer}-{wanted.host}."):
                refused = HostError(wanted.host, error.problem, error.mend)
                refused_last = True
    if answers and refused and refused_last:
        mend = "{mend} Or take that file away: the answer before it counts then."
        newest = "the newest answer is refused: {why}"
        return [], HostError(wanted.host, newest, mend, why=refused.problem, mend=refused.mend)
    return answers, refused


def no_answer(wanted: Wanted) -> HostError:
    """That nobody has run the script there yet."""
    return HostError(
        wanted.host,
        "there is no answer of {host} yet: it is read by a script that a person runs there.",
        "Make it with: acceptance script {customer}/{host}; then: acceptance import FILE",
        customer=wanted.customer,
        host=wanted.host,
    )
