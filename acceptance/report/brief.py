"""A report as its customer's index of rounds needs it: of a year of nights no more is built than
that.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from acceptance.evidence.shapes import Moment
from acceptance.findings.finding import Kind, Promised, Verdict
from acceptance.report.results import Scope


class Part(BaseModel):
    """What else a report tells is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class BriefFinding(Part):
    requirement: str
    host: str
    title: str
    kind: Kind
    replaces: str = ""
    promise: Promised | None = None


class Place(Part):
    address: str


class BriefHost(Part):
    host: str
    reached: Place


class Brief(Part):
    """Some fields of `Results`, under the same names."""

    format: Literal[2]
    state: Literal["finished", "interrupted", "unfinished"]
    language: str
    customer: str
    title: str
    phase: Literal["prepare", "installed", "unanswered"]
    simulated: bool
    started: Moment
    previous_sha256: str = ""
    verdict: Verdict
    scope: Scope
    hosts: list[BriefHost]
    findings: list[BriefFinding]


def brief_of(data: bytes) -> Brief | None:
    """None: it is no results.json that this suite reads."""
    try:
        return Brief.model_validate_json(data)
    except ValidationError:
        return None
