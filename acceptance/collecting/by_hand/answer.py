"""One answer that came back from the script by hand: read, or refused with a reason.

Whoever ran the script is known by their own word only; the report says so.
"""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from acceptance.collecting.by_hand.script import SQL, Question, script_digest
from acceptance.collecting.output import sections_of
from acceptance.evidence.binding import CLOCKS_DIFFER
from acceptance.evidence.came_back import read, usable
from acceptance.evidence.envelope import Read, Strict
from acceptance.evidence.file import strict_json
from acceptance.evidence.shapes import Moment
from acceptance.evidence.windows import Sections
from acceptance.text import one_line

LARGEST = 32 * 2**20  # bytes; an answer is less than 1 MB
ASK_AGAIN = "Ask for the file again as the script wrote it, or have the script run again."


class Answered(Strict):
    """Who answered, where and when, by their own word."""

    at: Moment
    script_sha256: str | None
    reader: dict[str, Any] | None
    user: str
    computer: str
    domain: str
    session: str
    language_mode: str
    version: str
    complete: bool


class Answer(NamedTuple):
    """One answer. `code`: what the script showed, to compare over the telephone."""

    question: Question
    answered: Answered
    sections: Sections
    sql: Mapping[str, Any]
    code: str

    @property
    def who(self) -> str:
        """The account that ran the script, as it says itself."""
        value = (self.answered.reader or {}).get("value")
        account = value.get("account") if isinstance(value, dict) else None
        return one_line(f"{account or self.answered.user} on {self.answered.computer}", 100)


def read_answer(path: Path) -> Answer:
    """An answer file.

    Raises EvidenceError for what is none, is cut off, or was asked by another script.
    """
    with usable(path, "an answer", ASK_AGAIN):
        return _parsed(path)


def _parsed(path: Path) -> Answer:
    text = _text(read(path, LARGEST))
    data = strict_json(text)
    if not isinstance(data, dict) or data.keys() != {"question", "answered", "facts"}:
        raise ValueError("it must hold question, answered and facts, and nothing else")
    asked = Question.model_validate_json(json.dumps(data["question"]))
    answered = Answered.model_validate_json(json.dumps(data["answered"]))
    _refuse_contradictions(asked, answered, data["facts"])
    facts = dict(data["facts"])
    sql = facts.pop(SQL, {})
    sections = sections_of(facts)
    for name in ("os", "accounts"):
        section = getattr(sections, name)
        if isinstance(section, Read) and not same(section.value.computer_name, answered.computer):
            raise ValueError(f"it names two computers: in answered, and in the section {name}")
    return Answer(asked, answered, sections, sql, _code(text))


def _refuse_contradictions(asked: Question, answered: Answered, facts: Any) -> None:
    constrained = answered.language_mode != "FullLanguage"
    # Where a policy constrains the language no digest can be made, and no fact is read.
    if answered.script_sha256 != script_digest() and not (
        constrained and answered.script_sha256 is None
    ):
        raise ValueError("it was read by another script than this release's")
    if answered.at < asked.asked_at - CLOCKS_DIFFER:
        raise ValueError("it was answered before it was asked")
    if not isinstance(facts, dict) or not facts.keys() <= {*asked.sections, SQL}:
        raise ValueError("its facts hold what was not asked")
    sql = facts.get(SQL, {})
    if not isinstance(sql, dict) or not sql.keys() <= asked.sql.keys():
        raise ValueError("it holds a SQL Server that was not asked")
    if constrained and facts:
        raise ValueError(f"PowerShell ran in {answered.language_mode} and cannot have read facts")
    if answered.complete and not constrained:
        missing = (set(asked.sections) - facts.keys()) | (asked.sql.keys() - sql.keys())
        if missing:
            raise ValueError(f"it calls itself complete and lacks {', '.join(sorted(missing))}")


def same(one: str, other: str) -> bool:
    """Whether two computers' names are one: they compare without case."""
    return one.casefold() == other.casefold()


def _text(data: bytes) -> str:
    """People open and save files: a mark in front, or UTF-16, is no damage."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return data.decode("utf-16" if wide else "utf-8-sig")


def _code(text: str) -> str:
    """Of the text as the script wrote it: without white space outside strings."""
    tight = re.sub(r'("(?:[^"\\]|\\.)*")|\s+', lambda match: match[1] or "", text)
    return sha256(tight.encode("utf-8")).hexdigest()[:8]
