"""What a test said of a requirement on a host: from how it ended to a raw outcome.

What did not decide is unread, never met.
"""

from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from acceptance.errors import UnreadError
from acceptance.text import NOTHING, Sentence, said


class Outcome(StrEnum):
    """What a test said of a requirement on a host, before waivers and attestations."""

    MET = "met"
    NOT_MET = "not met"
    UNPROVABLE = "unprovable"  # no machine can prove it, or nothing to decide by was given
    UNREAD = "unread"
    NOT_APPLICABLE = "not applicable"


class Unprovable(Exception):
    """Nothing to decide by: no machine can prove it, or the inventory sets no threshold.

    `questions`: the inventory's keys that decide it; a person's attestation is no answer then.
    """

    def __init__(self, why: Sentence, questions: tuple[str, ...] = ()) -> None:
        self.why, self.questions = why, questions
        super().__init__(str(why))


def unanswered(*keys: str) -> Unprovable:
    """Only the inventory's answers to these keys decide."""
    return Unprovable(said("the inventory does not say {key}", key=", ".join(keys)), keys)


class Said(NamedTuple):
    """An outcome, why, and what to do about it where the requirement's own remedy does not fit."""

    outcome: Outcome
    reason: Sentence = NOTHING
    mend: Sentence = NOTHING
    questions: tuple[str, ...] = ()  # the keys that only the inventory can answer


REPORT_IT = said("This is an error of the suite: report it.")


def outcome_of_test(error: BaseException | None, judge: Path, *, said_what: bool) -> Said:
    """How a test ended. `judge`: its file; `said_what`: it told what it found.

    Only an assertion that stands in the judge's own file says "not met":
    one that a library makes says nothing of a server.
    """
    if not said_what and (error is None or isinstance(error, AssertionError)):
        reason = said("the test ended without saying what it found: an error of the suite")
        return Said(Outcome.UNREAD, reason, REPORT_IT)
    if error is None:
        return Said(Outcome.MET)
    if isinstance(error, Unprovable):
        return Said(Outcome.UNPROVABLE, error.why, questions=error.questions)
    if isinstance(error, UnreadError):
        return Said(Outcome.UNREAD, error.problem, error.mend)
    if isinstance(error, AssertionError) and _raised_in(error.__traceback__) == judge:
        return Said(Outcome.NOT_MET)
    text = "the test itself failed: {type}: {error}"
    return Said(Outcome.UNREAD, said(text, type=type(error).__name__, error=str(error)), REPORT_IT)


def _raised_in(traceback: TracebackType | None) -> Path | None:
    if traceback is None:
        return None
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return Path(traceback.tb_frame.f_code.co_filename)
