"""Evidence of earlier suites, kept as it was written: it can still be judged, or FORMAT was raised.

A new required field, or a narrower one, would make it unreadable, and all stored evidence with it.
Then raise FORMAT, keep these files for the message below,
and lay a file of the new format beside them.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from acceptance.errors import EvidenceError
from acceptance.evidence.envelope import Unread
from acceptance.evidence.file import FORMAT, read_evidence

KEPT = sorted((Path(__file__).parent / "kept").glob("format_*.json"))


def test_evidence_of_todays_format_is_kept() -> None:
    assert any(path.name.startswith(f"format_{FORMAT}-") for path in KEPT)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_kept_evidence_is_judged_or_told_by_its_suite(path: Path) -> None:
    if not path.name.startswith(f"format_{FORMAT}-"):
        with pytest.raises(
            EvidenceError, match=r"collected by suite \S+, or changed: collect again"
        ):
            read_evidence(path)
        return
    evidence = read_evidence(path)
    parts: list[Any] = [evidence.sections]
    if evidence.sql is not None:
        parts += [evidence.sql.sections, *evidence.sql.databases.values()]
    lost = [
        name
        for part in parts
        for name, section in part
        if isinstance(section, Unread) and section.error.type == "Shape"
    ]
    assert lost == [], "a section of this format can no longer be read: raise FORMAT"


def test_a_file_of_another_format_says_who_has_written_it(tmp_path: Path) -> None:
    data = json.loads(KEPT[0].read_text(encoding="utf-8")) | {
        "format": 99,
        "suite_version": "0.0.9",
    }
    path = tmp_path / "web01.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"collected by suite 0\.0\.9, or changed"):
        read_evidence(path)
