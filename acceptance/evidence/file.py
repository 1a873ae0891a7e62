"""One host's evidence: the facts with their provenance, as one JSON file."""

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from acceptance.errors import EvidenceError, misfit, why_unread
from acceptance.evidence.connections import FromHere
from acceptance.evidence.envelope import Failure, Strict
from acceptance.evidence.reached import Reached
from acceptance.evidence.shapes import Moment, Seconds
from acceptance.evidence.sql import SqlEvidence
from acceptance.evidence.windows import Sections
from acceptance.text import Sentence, one_line, said

FORMAT: Literal[1] = 1  # raised when an older file can no longer be judged


class Evidence(Strict):
    """The facts of one host with their provenance: `evidence/<host>.json`.

    `parameters`: what the collectors were given beside their script.
    `from_here`: None where nothing was measured. `reached` None: Windows was not asked,
    only its SQL Server, whose part stands under `sql`. `asked_by`: the machine that asked, where
    it was not the one that judged.
    """

    format: Literal[1] = FORMAT
    customer: str
    host: str
    collected_at: Moment
    seconds: Seconds
    suite_version: str
    collector_sha256: str | None
    reached: Reached | None
    simulated: bool
    parameters: dict[str, Any] = {}
    sections: Sections
    from_here: FromHere | None = None
    failure: Failure | None
    sql: SqlEvidence | None = None
    asked_by: str = ""


def read_evidence(path: Path) -> Evidence:
    """An evidence file.

    Raises EvidenceError for one that cannot be read, or that this suite cannot judge.
    """
    try:
        data = path.read_bytes()
        strict_json(data)
        return Evidence.model_validate_json(data)
    except OSError as error:
        raise EvidenceError(
            "{path}: no evidence can be read there: {reason}.",
            "Name a folder that holds the evidence of every host that is selected, as <host>.json.",
            path=str(path),
            reason=why_unread(error),
        ) from None
    except RecursionError:
        reason = said("it is nested too deep")
    except ValidationError as error:
        where, what = misfit(error, "the file")
        reason = said("{where}: {what}", where=one_line(where, 200), what=one_line(what, 200))
    except ValueError as error:
        reason = said("{what}", what=one_line(why_unread(error), 200).rstrip("."))
    raise EvidenceError(
        "{path}: not readable as evidence: {reason}.",
        "It was collected by {suite}, or changed: collect again.",
        path=str(path),
        reason=reason,
        suite=_suite_of(path),
    )


def strict_json(data: str | bytes) -> Any:
    """JSON that says one thing.

    Raises ValueError: of one key twice the last would win, and NaN is no number of anything.
    """
    return json.loads(data, object_pairs_hook=_each_key_once, parse_constant=_no_number)


def _suite_of(path: Path) -> Sentence:
    """Which version of the suite has written the file, as far as it says so."""
    try:
        version = json.loads(path.read_bytes()).get("suite_version")
    except (OSError, ValueError, AttributeError, RecursionError):
        version = None
    if not isinstance(version, str):
        return said("another version of the suite")
    return said("suite {version}", version=one_line(version, 40))


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands there twice")
    return found


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")
