"""`acceptance script` and `acceptance import`: there and back, without a server."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from acceptance.cli.app import app
from acceptance.collecting.by_hand.script import script_by_hand, script_digest

HOSTS = """
customers:
  acme:
    title: Acme
    phase: prepare
    time_zone: UTC
    service_account: ACME\\svc
    databases: {exact: ["Synergy"], synergy: Synergy, clickker: Clickker}
    hosts:
      web01:
        roles: [web]
        connection: {backend: script, address: web01.acme.example}
"""


def call(*arguments: str) -> tuple[int, str]:
    """Exit status, and stdout with stderr."""
    done = CliRunner().invoke(app, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def answered() -> dict[str, Any]:
    """What the script says of itself and of who ran it."""
    return {
        "at": datetime.now(UTC).isoformat(),
        "script_sha256": script_digest(),
        "reader": None,
        "user": "ACME\\jan",
        "computer": "WEB01",
        "domain": "",
        "session": "",
        "language_mode": "FullLanguage",
        "version": "5.1",
        "complete": False,
    }


def test_there_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is laid in unchanged, once; of a customer that is unknown, never."""
    monkeypatch.chdir(tmp_path)
    Path("hosts.yaml").write_text(HOSTS, encoding="utf-8")
    status, said = call("script", "acme", "--output", "out")
    assert status == 0, said
    assert script_digest() in said
    assert Path("out/Read-Server.ps1").read_bytes() == script_by_hand()
    asked = json.loads(Path("out/acme-web01.ask.json").read_bytes())
    answer = {"question": asked, "answered": answered(), "facts": {}}
    file = Path("a.answer.json")
    file.write_text(json.dumps(answer), encoding="ascii")
    status, said = call("import", str(file), "--yes")
    assert status == 0, said
    assert r"acme/web01, read by ACME\jan on WEB01" in said
    (laid,) = Path("answers/acme").iterdir()
    assert laid.read_bytes() == file.read_bytes()
    assert "is there already" in call("import", str(file), "--yes")[1]
    asked["customer"] = "../other"
    file.write_text(json.dumps(answer), encoding="ascii")
    status, said = call("import", str(file), "--yes")
    assert (status, "does not read by hand" in said) == (2, True)
    assert [one.name for one in Path("answers").iterdir()] == ["acme"]


def test_what_nobody_has_told_yet_keeps_nothing_else_from_being_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a phase both phases are asked for; without an account, all but what is its own."""
    monkeypatch.chdir(tmp_path)
    bare = HOSTS.replace("ACME\\svc", "unknown").replace("phase: prepare", "phase: unknown")
    for name, text in (("known", HOSTS), ("unknown", bare)):
        Path("hosts.yaml").write_text(text, encoding="utf-8")
        status, said = call("script", "acme", "--output", name)
        assert status == 0, said
    known, unknown = (
        json.loads(Path(name, "acme-web01.ask.json").read_bytes()) for name in ("known", "unknown")
    )
    assert set(known["sections"]) - set(unknown["sections"]) == {"accounts"}
    assert unknown["parameters"]["service_account"] is None
