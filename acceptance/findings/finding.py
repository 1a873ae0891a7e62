"""A finding: one requirement on one host, judged;
and the words for its kinds and for the verdict.
"""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from acceptance.catalogue.remedies import RemedyType
from acceptance.findings.outcome import Outcome
from acceptance.text import Sentence

Part = Literal["expected", "found", "reason", "remedy"]


class Kind(StrEnum):
    """A finding's kind, in DESIGN.md's words; the order is the order of every table."""

    NOT_MET = "not met"
    COULD_NOT_BE_CHECKED = "could not be checked"
    AWAITING = "awaiting confirmation"
    HINT = "hint"
    COMING = "coming"
    WAIVED = "waived"
    ATTESTED = "attested"
    MET = "met"
    NOT_APPLICABLE = "not applicable"


COUNTED: tuple[Kind, ...] = tuple(kind for kind in Kind if kind not in (Kind.HINT, Kind.COMING))
# What remains to be done.
OPEN = frozenset({Kind.NOT_MET, Kind.COULD_NOT_BE_CHECKED, Kind.AWAITING})
# What is in order, or agreed on.
SETTLED = frozenset({Kind.MET, Kind.WAIVED, Kind.ATTESTED})
DECIDED = frozenset({Kind.MET, Kind.NOT_MET, Kind.WAIVED, Kind.ATTESTED})


class Verdict(StrEnum):
    """The outcome of a whole run for a customer."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_WAIVERS = "accepted with waivers"
    REJECTED = "rejected"
    INCOMPLETE = "incomplete"


ACCEPTED = (Verdict.ACCEPTED, Verdict.ACCEPTED_WITH_WAIVERS)


class Promised(BaseModel):
    """Who mends a finding, and by when: told beside it, and nothing else changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    who: str
    by: date
    note: str = ""


class AgreementUsed(BaseModel):
    """The waiver or attestation that decided a finding,
    by its place in the customer's list (from 0).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: Literal["waiver", "attestation"]
    index: int


class Asked(BaseModel):
    """A question to the inventory:
    its key, who can answer, and the sentence with what was found.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    key: str
    owner: str
    text: Sentence


class Mend(BaseModel):
    """A remedy of the catalogue with its names filled in, for a script that mends: of
    `catalogue.remedies.Remedy`, whose `by_hand` also holds where a name is not known.

    `sentence`: of prose, the template with its values, for other languages.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    type: RemedyType
    command: str
    sentence: Sentence | None = None
    use: str = ""
    feature: str = ""
    now: str = ""
    done: str = ""
    stops: bool = False
    restart: bool = False
    by_hand: bool = False


class Finding(BaseModel):
    """One requirement on one host: what every output shows.

    `expected`, `found`, `reason`, `remedy` are text in English;
    `sentences` keeps each as a template with its values, for other languages. `remedy_type`: what
    the remedy is written in, `mends` each of its steps.
    `databases`: those that it is not met in, where it concerns databases.
    `reading`: how the clause is understood, where it leaves room. `weight`: what is a hint, or only
    coming (`since`), is outside verdict and counts. `replaces`: the id that this requirement had
    before. `owner`: who must mend it. `asks`: the questions that it waits for, `question` the first
    one's key. `restart`: to mend it, the server has to restart. `agreement`: what decided it beside
    the server. `definition_sha256`: of the catalogue's entry, so that a changed catalogue is told
    from a changed server. `reads`: the sections that it was judged from, of its own host,
    or `*/section` of every host of the customer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    requirement: str
    marker: str
    title: str
    clause: str
    reading: str = ""
    weight: Literal["required", "hint", "coming"] = "required"
    since: date | None = None
    replaces: str = ""
    host: str
    kind: Kind
    outcome: Outcome
    expected: str
    found: str
    reason: str = ""
    remedy: str = ""
    remedy_type: RemedyType = "text"
    mends: tuple[Mend, ...] = ()
    owner: str = "ICT administrator"
    question: str = ""
    asks: tuple[Asked, ...] = ()
    restart: bool = False
    promise: Promised | None = None
    definition_sha256: str = ""
    reads: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    agreement: AgreementUsed | None = None
    sentences: dict[Part, Sentence] = {}
