"""One host's evidence: the facts with their provenance, as one JSON file."""

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from acceptance.errors import EvidenceError
from acceptance.evidence.connections import FromHere
from acceptance.evidence.envelope import Failure, Strict
from acceptance.evidence.reached import Reached
from acceptance.evidence.sql import SqlEvidence
from acceptance.evidence.windows import Sections

FORMAT: Literal[1] = 1  # raised when an older file can no longer be judged


class Evidence(Strict):
    """The facts of one host with their provenance: `evidence/<host>.json`.

    `parameters`: what the collectors were given beside their script. `from_here`: None where nothing was measured.
    `reached` None: Windows was not asked, only its SQL Server, whose part stands under `sql`.
    """

    format: Literal[1] = FORMAT
    customer: str
    host: str
    collected_at: datetime
    seconds: float
    suite_version: str
    collector_sha256: str | None
    reached: Reached | None
    simulated: bool
    parameters: dict[str, Any] = {}
    sections: Sections
    from_here: FromHere | None = None
    failure: Failure | None
    sql: SqlEvidence | None = None


def read_evidence(path: Path) -> Evidence:
    """An evidence file. Raises EvidenceError for one that cannot be read, or that this suite cannot judge."""
    try:
        return Evidence.model_validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise EvidenceError(
            "{path}: not readable as evidence: {reason}.",
            "Collect again with this version of the suite.",
            path=str(path),
            reason=str(error).splitlines()[0].rstrip("."),
        ) from None
