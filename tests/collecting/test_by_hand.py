"""The script by hand and its answers: read-only, the same facts as over WinRM,
every refusal with its reason.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.runner import STAND_IN, environment, state_of
from acceptance.simulator.windows.twin import load_twin

from acceptance.collecting.by_hand.answer import (
    LARGEST,
    answer_of,
    read_answer,
    refuse_other_question,
)
from acceptance.collecting.by_hand.script import question, script_by_hand, script_digest
from acceptance.collecting.script import SECTIONS, source
from acceptance.errors import EvidenceError
from acceptance.evidence.envelope import Read, Unread

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PARAMETERS = {
    "service_account": r"DEMO\svc-clickker",
    "proxy": "",
    "timeout_seconds": 2,
    "targets": [],
}
Change = Callable[[dict[str, Any]], Any]


def sample() -> dict[str, Any]:
    """An answer of one section, as the script writes it."""
    asked = json.loads(question("acme", "web01", ["powershell", "os"], PARAMETERS, NOW))
    fault = {"type": "X", "message": "no", "hresult": 1, "line": 1, "id": "x"}
    return {
        "question": asked,
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
    asked = {
        "customer": "acme",
        "host": "web01",
        "sections": ["powershell", "os"],
        "parameters": PARAMETERS,
        "place": "web01",
        "simulated": False,
        "now": NOW + timedelta(hours=2),
    }
    return answer_of(folder, **(asked | changed))


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
    assert [
        line.strip() for line in text.splitlines() if "New-Item" in line and "#" not in line
    ] == ["$null = New-Item -ItemType File -Path $File -Value $text"]


REFUSED: dict[str, Change] = {
    "another script": lambda one: one["answered"].update(script_sha256="0" * 64),
    "pasted one": lambda one: one["answered"].update(script_sha256=None),
    "before it was asked": lambda one: one["answered"].update(at="2026-11-25T01:00:00Z"),
    "complete and lacks os": lambda one: one["facts"].pop("os"),
    "not asked": lambda one: one["facts"].update(iis=one["facts"]["os"]),
    "cannot have read": lambda one: one["answered"].update(language_mode="ConstrainedLanguage"),
    "nothing else": lambda one: one.update(agreements=[]),
    "Extra inputs": lambda one: one["answered"].update(more=1),
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
        refuse_other_question(read_answer(path), path, PARAMETERS, NOW + timedelta(hours=2))
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
    later["answered"]["computer"] = "DB01"
    lay(tmp_path, later, "acme-web01.2.answer.json")
    assert "several computers" in evidence(tmp_path).failure.message


@pytest.mark.pwsh
def test_the_script_reads_a_server_and_writes_one_file(tmp_path: Path, shared: Path) -> None:
    """In a real PowerShell over the simulated Windows; a second call writes over nothing."""
    (tmp_path / "Read-Server.ps1").write_bytes(script_by_hand())
    ask = tmp_path / "demo-web01.ask.json"
    ask.write_bytes(question("demo", "web01", SECTIONS, PARAMETERS, datetime.now(UTC)))
    twin = load_twin("demo-web01")
    with Endpoints(twin.network) as endpoints:
        state = tmp_path / "state"
        state.write_text(state_of(twin, endpoints), encoding="utf-8")
        line = f"Import-Module -Name '{STAND_IN}'; & '{tmp_path}/Read-Server.ps1' -Question '{ask}'"
        command = [
            str(shared / "pwsh7" / "pwsh"),
            "-NoProfile",
            "-NonInteractive",
            "-Command",
            line,
        ]
        names = {"COMPUTERNAME": "WEB01", "USERNAME": "jan", "USERDOMAIN": "DEMO"}
        variables = os.environ | environment(state) | names

        def call() -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                command, env=variables, capture_output=True, text=True, timeout=120, check=False
            )

        done = call()
        answers = list(tmp_path.glob("*.answer.json"))
        assert len(answers) == 1, done.stdout + done.stderr
        data = answers[0].read_bytes()
        again = call()
    assert "exists already" in again.stdout + again.stderr
    assert answers[0].read_bytes() == data
    code = sha256(data).hexdigest()[:8]
    assert f"Code: {code}" in done.stdout
    answer = read_answer(answers[0])
    assert answer.code == code
    assert answer.answered.complete
    read = [name for name in SECTIONS if isinstance(getattr(answer.sections, name), Read)]
    assert {"os", "iis", "dotnet", "features", "powershell"} <= set(read)
