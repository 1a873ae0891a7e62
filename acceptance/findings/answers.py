"""What a person entered in the report's page:
read, or refused with a reason, and folded into the inventory.

It counts as the inventory's own promises, attestations and answered questions, and names its file.
A waiver never comes this way. Who sent it is known by their own word only.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from acceptance.catalogue.requirements import Catalogue
from acceptance.errors import EvidenceError, in_words
from acceptance.evidence.came_back import read, usable
from acceptance.evidence.envelope import Strict
from acceptance.evidence.file import strict_json
from acceptance.evidence.shapes import Moment
from acceptance.inventory.models import Attestation, Customer, Databases, Promise
from acceptance.inventory.types import FORMS, Day
from acceptance.text import Sentence, one_line, said

LARGEST = 2**20  # bytes
PATTERN = "*.answers.json"  # of the page; the script's are *.answer.json
FROM = "received by mail in {file}, identity not verified by us"

Line = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
Remark = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True)]


class AskedReport(Strict):
    """The report whose page was filled in."""

    customer: str
    results_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class FilledIn(Strict):
    """When, by the browser's clock."""

    at: Moment


class OfFinding(Strict):
    """What is said of one open point."""

    requirement: Line
    host: Line
    remark: Remark = ""


class Done(OfFinding):
    """It is said to be mended; only the next run knows."""

    kind: Literal["done"]
    name: Line
    on: Day


class Planned(OfFinding):
    """Who will mend it, and by when."""

    kind: Literal["planned"]
    who: Line
    by: Day


class Confirmed(OfFinding):
    """A named person's confirmation of what no machine can prove."""

    kind: Literal["confirmed"]
    name: Line
    role: Line
    on: Day
    document: Line


class Told(Strict):
    """The answer to a question of the inventory."""

    kind: Literal["told"]
    key: Line
    answer: Line
    name: Line
    remark: Remark = ""


Agreement = Annotated[Done | Planned | Confirmed | Told, Field(discriminator="kind")]


class PageAnswers(Strict):
    """The file that the page saves: the form of the script's answers,
    with `agreements` instead of `facts`.
    """

    question: AskedReport
    answered: FilledIn
    agreements: Annotated[tuple[Agreement, ...], Field(min_length=1, max_length=10_000)]

    @model_validator(mode="after")
    def _says_one_thing_of_each_question(self) -> Self:
        """Of two answers to one question none is known to hold."""
        told: dict[str, str] = {}
        for one in self.agreements:
            if isinstance(one, Told) and told.setdefault(one.key, one.answer) != one.answer:
                raise ValueError(f"it answers {one_line(one.key, 60)} in two ways")
        return self


def read_answers(path: Path) -> PageAnswers:
    """A page's answers. Raises EvidenceError for what is none."""
    with usable(path, "a page's answers", "Ask for the file again as the page saved it."):
        data = read(path, LARGEST).decode("utf-8-sig")
        strict_json(data)
        return PageAnswers.model_validate_json(data)


def with_answers(name: str, customer: Customer, folder: Path, catalogue: Catalogue) -> Customer:
    """The customer with every page's answers in `folder`;
    the later ones win, and the inventory's own over all.

    Raises EvidenceError for a file that is none, of another customer, or of a requirement that the
    catalogue does not have.
    """
    found = [(read_answers(path), path) for path in sorted(folder.glob(PATTERN))]
    made = customer
    for one, path in sorted(found, key=lambda pair: pair[0].answered.at):
        if one.question.customer != name:
            raise EvidenceError(
                "{path}: holds the answers of another customer: {found}, not {name}.",
                "Remove it, or lay answers in by: acceptance import FILE",
                path=str(path),
                found=one_line(one.question.customer, 60),
                name=name,
            )
        _refuse_unknown(one, path, catalogue)
        made = folded(made, one, path.name, answerable(customer))
    return made


def _refuse_unknown(answers: PageAnswers, path: Path, catalogue: Catalogue) -> None:
    """What an edition no longer asks is not taken for what it asks instead."""
    for one in answers.agreements:
        if not isinstance(one, Told) and one.requirement not in catalogue.entries:
            raise EvidenceError(
                "{path}: speaks of {id}, which is no requirement of the catalogue.",
                "Lay the file elsewhere; have it answered anew in the page of a new report.",
                path=str(path),
                id=one_line(one.requirement, 60),
            )


def folded(customer: Customer, answers: PageAnswers, file: str, free: frozenset[str]) -> Customer:
    """The customer with one page's answers;
    `free`: the questions that the inventory leaves open.
    """
    source = FROM.format(file=file)
    promises, attestations = [*customer.promises], [*customer.attestations]
    made = customer
    told = [one for one in answers.agreements if isinstance(one, Told) and one.key in free]
    for answer in sorted(told, key=lambda one: ORDER.index(one.key)):
        made = answered(made, answer)
    for one in answers.agreements:
        if isinstance(one, Told):
            continue
        of = {"requirement": one.requirement, "hosts": (one.host,)}
        note = "; ".join(part for part in (one.remark, source) if part)
        if isinstance(one, Confirmed):
            document = f"{one.document} ({note})"
            attestations.append(
                Attestation(name=one.name, role=one.role, on=one.on, document=document, **of)
            )
        elif isinstance(one, Done):
            note = f"said to be done; {note}"
            promises.append(Promise(who=one.name, by=one.on, note=note, **of))
        else:
            promises.append(Promise(who=one.who, by=one.by, note=note, **of))
    return made.model_copy(
        update={"promises": tuple(promises), "attestations": tuple(attestations)}
    )


def _yes_or_no(text: str) -> bool:
    words = {"true": True, "yes": True, "ja": True, "false": False, "no": False, "nee": False}
    if text.casefold() not in words:
        raise ValueError("yes or no")
    return words[text.casefold()]


def _several(text: str) -> Any:
    names = [name.strip() for name in text.strip("[]").split(",") if name.strip()]
    return names[0] if len(names) == 1 else tuple(names)


def _names(text: str) -> Any:
    return tuple(name.strip() for name in text.strip("[]").split(",") if name.strip())


# The questions that a page may answer, and how their text is read;
# a way into a server is the inventory's own.
READ: dict[str, Callable[[str], Any]] = {
    "phase": str,
    "service_account": str,
    "globe": _yes_or_no,
    "writes_back": _yes_or_no,
    "external_access": _several,
    "external_host": str,
    "tls_ends": str,
    "synergy_site": str,
    "administrations": _names,
    "databases.exact": _names,
    "databases.synergy": str,
    "databases.clickker": str,
}


ORDER = tuple(READ)  # which of the databases is Synergy's follows which they are


def answerable(customer: Customer) -> frozenset[str]:
    """The questions that the inventory leaves open."""
    return frozenset(key for key in READ if not _value(customer, key))


def _value(customer: Customer, key: str) -> Any:
    part, _, name = key.rpartition(".")
    value = getattr(getattr(customer, part) if part else customer, name)
    return "answered" if value is False else value


def answered(customer: Customer, told: Told) -> Customer:
    """The customer with one question answered. Raises EvidenceError for what is no answer to it."""
    part, _, name = told.key.rpartition(".")
    try:
        value = READ[told.key](told.answer)
        if part:
            given = customer.databases.model_dump() | {name: value}
            return customer.model_copy(update={"databases": Databases.model_validate(given)})
        field = Customer.model_fields[name]
        kind: Any = field.annotation
        for constraint in field.metadata:
            kind = Annotated[kind, constraint]
        checked = TypeAdapter(kind).validate_python(value)
        return customer.model_copy(update={name: checked})
    except (KeyError, ValueError) as error:
        first = str(error)
        if isinstance(error, ValidationError):
            first = in_words(error.errors(include_input=False, include_url=False)[0], FORMS)
        raise EvidenceError(
            "the answer to {key} cannot be used: {answer}: {why}.",
            "Answer it in the inventory, or in the page again.",
            key=one_line(told.key, 60),
            answer=one_line(told.answer, 60),
            why=one_line(first, 200).rstrip("."),
        ) from None


def sentences(answers: PageAnswers) -> Iterator[Sentence]:
    """What each entry says, for the person who takes it in."""
    for one in answers.agreements:
        values = {key: one_line(str(value), 200) for key, value in one.model_dump().items()}
        yield said(SAYS[one.kind], **values)


SAYS = {
    "done": "{requirement} {host}: done on {on}, says {name}; the next run will tell. {remark}",
    "planned": "{requirement} {host}: promised by {who} for {by}. {remark}",
    "confirmed": "{requirement} {host}: confirmed by {name} ({role}) on {on}: {document}. {remark}",
    "told": "{key} is answered by {name}: {answer}. {remark}",
}


def code_of(data: bytes) -> str:
    """A short code of the file, which two people can compare."""
    return sha256(data).hexdigest()[:8]
