"""What a party signs: an in-toto Statement v1 whose subjects
are the report's files (docs/signing.md).
"""

import json
from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from acceptance.errors import misfit
from acceptance.evidence.shapes import Moment
from acceptance.findings.finding import Kind, Verdict
from acceptance.report.fits import ToldFinding, ToldResults
from acceptance.signing.dsse import EnvelopeError

# Identifiers, as in-toto wants them; nothing is fetched from there.
PredicateType = Literal[
    "https://www.clickker.nl/acceptance/sign-off/v1",
    "https://www.clickker.nl/acceptance/sign-off/v2",
]
VERSION_1, VERSION_2 = get_args(PredicateType)

Party = Literal["supplier", "customer"]
Meaning1 = Literal["delivers", "accepts"]
Meaning = Literal["delivers", "accepts", "accepts with the named points", "has taken note of"]
NOTE: Meaning = "has taken note of"
MEANINGS_1: dict[Party, Meaning1] = {"supplier": "delivers", "customer": "accepts"}


def _utc(at: datetime) -> datetime:
    # Everything that shows it writes "UTC" behind it.
    if at.utcoffset() != timedelta(0):
        raise ValueError("must be in UTC")
    return at


Instant = Annotated[Moment, AfterValidator(_utc)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class Part(BaseModel):
    """A part of a statement; JSON's names are camelCase, as in-toto wants them."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True
    )


class Digests(Part):
    sha256: Digest


class Subject(Part):
    """One file of the report, by its path with slashes."""

    name: str
    digest: Digests


class Signer(Part):
    """Who signs; `key`: the public key, base64 of its DER SubjectPublicKeyInfo,
    the body of its PEM file.
    """

    name: Text
    role: Text
    key: str


class ReportSummary(Part):
    """Which report this is, in a few words; `verify` compares them with `results.json`."""

    customer: str
    phase: str
    started: Instant
    verdict: str
    reason: str
    suite_version: str
    language: str


def summary_of(results: ToldResults) -> ReportSummary:
    """The summary of a report."""
    return ReportSummary(
        customer=results.customer,
        phase=results.phase,
        started=results.started,
        verdict=results.verdict.value,
        reason=results.reason,
        suite_version=results.suite_version,
        language=results.language,
    )


class First(Part):
    """The other party's signature that was there already: its file and that file's digest."""

    name: str
    sha256: Digest


class Point(Part):
    """What is not met where a party signs all the same, and who has promised to mend it by when."""

    requirement: str
    host: str
    title: str
    who: str = ""
    by: date | None = None


def points_of(results: ToldResults) -> list[Point]:
    """Everything that is not met."""
    return [_point(one) for one in results.findings if one.kind is Kind.NOT_MET]


def _point(finding: ToldFinding) -> Point:
    point = Point(requirement=finding.requirement, host=finding.host, title=finding.title)
    if finding.promise is None:
        return point
    return point.model_copy(update={"who": finding.promise.who, "by": finding.promise.by})


def meaning_of(party: Party, results: ToldResults) -> Meaning:
    """What a signature under this report says.
    It follows from the report, never from the signer's wish.

    Only a whole run of real servers can be accepted;
    one that is rejected only where everything was decided.
    """
    undecided = results.counts.get(Kind.COULD_NOT_BE_CHECKED, 0)
    undecided += results.counts.get(Kind.AWAITING, 0)
    # None: a report of before the inventory was asked what its servers are.
    production = results.environment in (None, "production") and not results.simulated
    real = results.state == "finished" and results.scope.complete and production
    if not real or undecided or results.verdict is Verdict.INCOMPLETE:
        return NOTE
    if party == "supplier":
        return "delivers"
    return "accepts with the named points" if results.verdict is Verdict.REJECTED else "accepts"


class Signed(Part):
    """What every version holds.

    `signed_at` is the signer's own clock: no timestamp authority is asked.
    """

    party: Party
    signer: Signer
    signed_at: Instant
    remark: Annotated[str, StringConstraints(max_length=2000)] = ""
    report: ReportSummary
    first: First | None


class SignOff1(Signed):
    """The predicate of version 1, which is no longer written:
    the meaning followed from the party alone.
    """

    meaning: Meaning1

    @model_validator(mode="after")
    def _each_party_means_its_own(self) -> Self:
        if self.meaning != MEANINGS_1[self.party]:
            raise ValueError(f"the {self.party} never {self.meaning}")
        return self


class SignOff(Signed):
    """The predicate.

    `points`: what is not met, where the report is accepted or delivered with it.
    """

    meaning: Meaning
    points: list[Point]

    @model_validator(mode="after")
    def _each_party_means_its_own(self) -> Self:
        if (self.party == "supplier") != (self.meaning == "delivers") and self.meaning != NOTE:
            raise ValueError(f"the {self.party} never {self.meaning}")
        return self


class Statement(Part):
    """An in-toto Statement v1 with this suite's own predicate."""

    type: Literal["https://in-toto.io/Statement/v1"] = Field(
        "https://in-toto.io/Statement/v1", alias="_type"
    )
    subject: Annotated[list[Subject], Field(min_length=1)]
    predicate_type: PredicateType = VERSION_2
    predicate: SignOff | SignOff1

    @model_validator(mode="after")
    def _is_of_its_version(self) -> Self:
        if isinstance(self.predicate, SignOff) != (self.predicate_type == VERSION_2):
            raise ValueError("the predicate is of another version than its type")
        return self

    @model_validator(mode="after")
    def _names_each_file_once(self) -> Self:
        if len(self.digests()) < len(self.subject):
            raise ValueError("a file is named twice")
        return self

    def digests(self) -> dict[str, str]:
        """File -> SHA-256, as signed."""
        return {subject.name: subject.digest.sha256 for subject in self.subject}


def dump_statement(statement: Statement) -> bytes:
    """The payload's bytes: keys sorted, no white space, UTF-8."""
    content = statement.model_dump(mode="json", by_alias=True)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8"
    )


def load_statement(payload: bytes) -> Statement:
    """Raises EnvelopeError for a payload that is not exactly one statement in its one spelling."""
    try:
        statement = Statement.model_validate_json(payload)
    except ValidationError as error:
        where, what = misfit(error, "the payload")
        raise EnvelopeError(f"does not hold a sign-off of this suite ({where}: {what})") from None
    if dump_statement(statement) != payload:
        raise EnvelopeError("does not hold a sign-off in its one spelling")
    return statement
