"""The script by hand and its answers: read-only, the same facts as over WinRM,
every refusal with its reason.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acceptance.collecting.by_hand.answer import LARGEST, read_answer
from acceptance.collecting.by_hand.joined import Wanted, answer_of, refuse_other
from acceptance.collecting.by_hand.script import (
    Question,
    question_file,
    script_by_hand,
    script_digest,
)
from acceptance.collecting.script import SECTIONS, source
from acceptance.errors import EvidenceError
from acceptance.evidence.envelope import Unread
from acceptance.inventory.connection import Connection

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PARAMETERS = {
    "service_account": r"DEMO\svc-clickker",
    "proxy": "",
    "timeout_seconds": 2,
    "targets": [],
}
WANTED = Wanted("acme", "web01", "web01", PARAMETERS)
Change = Callable[[dict[str, Any]], Any]


def sample() -> dict[str, Any]:
    """An answer of one section, as the script writes it."""
    asked = Question(
        customer="acme",
        host="web01",
        simulated=False,
        asked_at=NOW,
        sections=("powershell", "os"),
        parameters=PARAMETERS,
    )
    fault = {"type": "X", "message": "no", "hresult": 1, "line": 1, "id": "x"}
    return {
        "question": json.loads(question_file(asked)),
        "answered": {
            "at": (NOW + timedelta(hours=1)).isoformat(),
            "script_sha256": script_digest(),
            "reader": None,
            "user": r"ACME\jan",
            "computer": "WEB01",
            "domain": "",
            "session": "Console",
            "language_mode": "FullLanguage",
            "version": "5.1",
            "complete": True,
        },
        "facts": {
            name: {"status": "denied", "error": fault, "milliseconds": 1}
            for name in ("powershell", "os")
        },
    }


def lay(folder: Path, data: Any, name: str = "acme-web01.1.answer.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(data), encoding="ascii")
    return path


def evidence(folder: Path, **changed: Any) -> Any:
    """What a run takes of the answers: `evidence(folder, computer="WEB02")`."""
    now = changed.pop("now", NOW + timedelta(hours=2))
    sections = changed.pop("sections", ["powershell", "os"])
    wanted = replace(WANTED, **changed)
    return answer_of(folder, wanted, sections=sections, place="web01.acme.example", now=now)


def test_the_script_is_readable_and_the_same_for_every_server() -> None:
    """ASCII, CRLF, every collector as it stands, no attribute at the top, no code from text."""
    text = script_by_hand().decode("ascii")
    assert "\n" not in text.replace("\r\n", "")
    assert script_by_hand() == script_by_hand()
    for name in SECTIONS:
        assert source(name).replace("\n", "\r\n") in text
    top = text[: text.index("function ")]
    assert not [word for word in ("[CmdletBinding", "[Parameter", "#requires") if word in top]
    assert not re.search(
        r"Invoke-Expression|\[ScriptBlock\]::Create|EncodedCommand|FromBase64|DownloadString"
        r"|Invoke-WebRequest|Start-Process|Set-Content|Out-File|Remove-Item|Set-Item",
        text,
        re.IGNORECASE,
    )
    # One function writes, and one place calls it twice: beside the script, or where
    # temporary files are.
    assert (text.count("New-Item"), text.count("IO.FileStream")) == (1, 1)
    assert text.count("New-AnswerFile -File $File -Text $text") == 2


REFUSED: dict[str, Change] = {
    "another script": lambda one: one["answered"].update(script_sha256="0" * 64),
    "another script than": lambda one: one["answered"].update(script_sha256=None),
    "before it was asked": lambda one: one["answered"].update(at="2026-11-25T01:00:00Z"),
    "complete and lacks os": lambda one: one["facts"].pop("os"),
    "not asked": lambda one: one["facts"].update(iis=one["facts"]["os"]),
    "cannot have read": lambda one: one["answered"].update(language_mode="ConstrainedLanguage"),
    "nothing else": lambda one: one.update(agreements=[]),
    "is not known there": lambda one: one["answered"].update(more=1),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_no_answer_is_refused_with_its_reason(tmp_path: Path, reason: str) -> None:
    """And a run takes nothing of it: the host fails with the same sentence."""
    data = sample()
    REFUSED[reason](data)
    path = lay(tmp_path, data)
    with pytest.raises(EvidenceError, match=reason):
        read_answer(path)
    read = evidence(tmp_path)
    assert read.failure is not None
    assert reason in read.failure.message
    assert read.sections.os is None


@pytest.mark.parametrize(
    "text", ["", "[" * 100_000, '{"question": 1, "question": 2}', '{"a": NaN}', "<html>", "\xff"]
)
def test_hostile_files_are_refused(tmp_path: Path, text: str) -> None:
    """Empty, deep, ambiguous, markup, no text: one line, no traceback."""
    path = tmp_path / "acme-web01.answer.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(EvidenceError) as refused:
        read_answer(path)
    assert "\n" not in str(refused.value)


def test_cut_off_and_huge_files_are_refused(tmp_path: Path) -> None:
    """A sparse file of 1 GB is not read at all."""
    path = lay(tmp_path, sample())
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(EvidenceError):
        read_answer(path)
    with path.open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(EvidenceError, match=f"larger than {LARGEST:,}"):
        read_answer(path)


@pytest.mark.parametrize("key", [*PARAMETERS, "more"])
def test_an_answer_to_another_question_is_refused(tmp_path: Path, key: str) -> None:
    """Whatever parameter differs from today's inventory; so is one of tomorrow."""
    data = sample()
    data["question"]["parameters"][key] = "other"
    path = lay(tmp_path, data)
    with pytest.raises(EvidenceError, match=key):
        refuse_other(read_answer(path), path, WANTED, NOW + timedelta(hours=2))
    assert evidence(tmp_path).failure is not None
    lay(tmp_path, sample())
    assert "future" in evidence(tmp_path, now=NOW).failure.message


def test_a_later_answer_joins_an_earlier_one_section_by_section(tmp_path: Path) -> None:
    """The newest of each section; as old as the oldest;
    nobody's section is unread, and so is another host's.
    """
    lay(tmp_path, sample())
    later = sample()
    later["question"]["sections"] = ["os"]
    del later["facts"]["powershell"]
    later["facts"]["os"]["status"] = "absent"
    later["answered"]["at"] = (NOW + timedelta(hours=1, minutes=30)).isoformat()
    lay(tmp_path, later, "acme-web01.2.answer.json")
    read = evidence(tmp_path, sections=["powershell", "os", "iis"])
    assert (read.sections.powershell.status, read.sections.os.status) == ("denied", "absent")
    assert isinstance(read.sections.iis, Unread)
    assert read.collected_at == NOW + timedelta(hours=1)
    assert (read.reached.backend, read.reached.transport) == ("script", "file")
    assert read.reached.authentication == r"ACME\jan on WEB01"
    assert "no answer of web02" in evidence(tmp_path, host="web02").failure.message


def test_a_refused_newest_answer_is_not_replaced_by_an_older_one(tmp_path: Path) -> None:
    """Nobody would see that; an older one that is refused costs nothing."""
    lay(tmp_path, sample(), "acme-web01.2.answer.json")
    other = sample()
    other["answered"]["computer"] = "DB01"
    lay(tmp_path, other, "acme-web01.1.answer.json")
    assert evidence(tmp_path).failure is None
    for name in ("acme-web01.3.answer.json", "acme-web01.answer.json"):
        path = lay(tmp_path, other, name)
        failure = evidence(tmp_path).failure
        assert "the newest answer is refused: " in failure.message
        assert "was read on the computer DB01" in failure.message
        assert "Or take that file away" in failure.remedy
        path.unlink()
    (tmp_path / "acme-web01.3.answer.json").write_text("{", encoding="ascii")
    assert "the newest answer is refused: " in evidence(tmp_path).failure.message


def test_an_answer_of_another_computer_is_refused(tmp_path: Path) -> None:
    """Whoever runs it may sit at the wrong server; an address without a name proves nothing."""
    lay(tmp_path, sample())
    assert evidence(tmp_path).failure is None
    for computer, why in {"web02": "web02", None: "an address without a name"}.items():
        failure = evidence(tmp_path, computer=computer).failure
        assert f"was read on the computer WEB01, and acme/web01 is {why}." in failure.message
        assert "say computer: WEB01 in its connection" in failure.remedy
    long = sample()
    long["answered"]["computer"] = "APPLICATION-SER"
    lay(tmp_path, long)
    assert evidence(tmp_path, computer="application-server01").failure is None


@pytest.mark.parametrize(
    ("address", "computer", "own"),
    [
        ("web01.acme.example", None, "web01"),
        ("web01", None, "web01"),
        ("198.51.100.7", None, None),
        ("2001:db8::7", None, None),
        ("portal.acme.example", "WEB01", "WEB01"),
    ],
)
def test_the_address_tells_the_computers_name(
    address: str, computer: str | None, own: str | None
) -> None:
    """Or the inventory does."""
    made = Connection(backend="script", address=address, computer=computer)
    assert made.own_name == own


def test_answers_of_simulated_and_real_servers_are_never_mixed(tmp_path: Path) -> None:
    """Neither way round."""
    data = sample()
    data["question"]["simulated"] = True
    lay(tmp_path, data)
    assert "simulated" in evidence(tmp_path).failure.message
    assert evidence(tmp_path, simulated=True).failure is None
    lay(tmp_path, sample())
    assert "simulated" in evidence(tmp_path, simulated=True).failure.message


def test_where_a_policy_constrains_the_language_nothing_was_read(tmp_path: Path) -> None:
    """The script cannot tell its digest there; the answer is taken and says why."""
    data = sample()
    data["answered"] |= {"language_mode": "ConstrainedLanguage", "script_sha256": None}
    data["facts"] = {}
    lay(tmp_path, data)
    read = evidence(tmp_path)
    assert read.failure is None
    assert "ConstrainedLanguage" in read.sections.os.error.message


STRANGE: tuple[Any, ...] = (None, "", "x", 0, -1, True, [], {}, "2026-11-25T12:30:00Z", "<b>")


def places(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of nested objects."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield (*path, key)
            yield from places(one, (*path, key))


@pytest.mark.parametrize("path", list(places(sample())), ids=".".join)
def test_whatever_is_changed_decides_nothing_more(tmp_path: Path, path: tuple[str, ...]) -> None:
    """Each field gone, or another value: refused, or no section that was unread is read.

    What stands inside a section is held by the same models as over WinRM (tests/evidence).
    """
    whole = evidence_of(tmp_path, sample())
    for strange in (*STRANGE, "gone"):
        data = sample()
        place = data
        for key in path[:-1]:
            place = place[key]
        if strange == "gone":
            del place[path[-1]]
        else:
            place[path[-1]] = strange
        read = evidence_of(tmp_path, data)
        if read.failure is not None:
            assert "Traceback" not in read.failure.message
            assert "\n" not in read.failure.message
            continue
        for section in ("powershell", "os"):
            assert isinstance(getattr(read.sections, section), Unread)
        # Of whom, of what and asked how is never another than without the change.
        assert (read.customer, read.host, read.parameters, read.collector_sha256) == (
            (whole.customer, whole.host, whole.parameters, whole.collector_sha256)
        )


def evidence_of(folder: Path, data: Any) -> Any:
    lay(folder, data)
    return evidence(folder)


def test_the_changelog_names_the_scripts_digest() -> None:
    """Once, for whoever allows it by its hash; `python -m acceptance.collecting.by_hand.script`
    prints the line.
    """
    text = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = text.split("\n## ")[1]
    named = re.findall(r"`Read-Server.ps1` of this version: SHA-256 `([0-9a-f]{64})`", newest)
    assert named == [script_digest()]
