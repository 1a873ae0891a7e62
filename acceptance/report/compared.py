"""A run beside earlier ones, as results.json tells it: what changed since each finding was last
decided, and what became of what was accepted before the installation.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from acceptance.evidence.shapes import Moment
from acceptance.findings.finding import Kind


class Part(BaseModel):
    """Unknown keys are errors, and nothing changes once it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


Cause = Literal["server", "requirement", "inventory", "agreement", "reachability", "suite"]
EARLIER_WORDS = {"catalogue": "requirement", "collector": "suite"}  # of reports that are there


class Change(Part):
    """A finding beside that of the last run that decided it;
    `causes`: what differs between the two.
    """

    requirement: str
    host: str
    title: str
    before: Kind | None
    now: Kind
    causes: list[Cause]

    @field_validator("causes", mode="before")
    @classmethod
    def _in_todays_words(cls, causes: Any) -> Any:
        if not isinstance(causes, list):
            return causes
        return [EARLIER_WORDS.get(one, one) if isinstance(one, str) else one for one in causes]


class Changes(Part):
    """What is different since the runs that decided each finding last.
    `folder`: of the customer's last run.

    `not_checked`: what could not be checked now: neither better nor worse.
    """

    folder: str
    started: Moment
    suite_version: str
    catalogue_changed: bool
    newly_met: list[Change]
    newly_broken: list[Change]
    still_open: list[Change]
    first_seen: list[Change]
    not_checked: list[Change] = []
    no_longer_asked: int


class Lost(Part):
    """What was in order, or agreed on, when it was accepted, and is open now."""

    requirement: str
    host: str
    title: str
    before: Kind
    now: Kind


class Signer(Part):
    """Who a signature that holds says has signed, for whom, and what it means."""

    name: str
    party: Literal["supplier", "customer"]
    meaning: str


class SinceAcceptance(Part):
    """A run after the installation beside the newest report of before it that the customer
    has accepted.

    `folder` and `started`: that report's; `signed_by`: who its signatures, which hold, say has
    signed. `kept`: how much is still in order; `new`: the ids of what is asked
    after the installation only. `sysadmin`: whether the account has still that right.
    """

    folder: str
    started: Moment
    signed_by: list[Signer]
    kept: int
    lost: list[Lost]
    new: list[str]
    sysadmin: Literal["withdrawn", "not withdrawn", "unknown"]
