"""`acceptance script` and `acceptance import`: there and back, without a server."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import definition_sha256, load_catalogue
from acceptance.cli.app import app
from acceptance.collecting.by_hand.script import script_by_hand, script_digest
from acceptance.findings.finding import Kind
from acceptance.report.results import write_results
from tests.report import samples

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


def test_a_reports_open_points_go_into_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the comparison of its rule where that is the whole of it; of another definition, of
    another host or settled: none. Another customer's report is refused.
    """
    monkeypatch.chdir(tmp_path)
    Path("hosts.yaml").write_text(HOSTS, encoding="utf-8")
    catalogue = load_catalogue(own_tests() / "requirements")
    same = {one.id: definition_sha256(one) for one in catalogue}
    changes = {"marker": "iis", "definition_sha256": same["IIS-07"]}
    results = samples.results(
        [
            samples.finding(7, **changes),
            samples.finding(8, definition_sha256="0" * 64),
            samples.finding(9, Kind.MET, definition_sha256=same["IIS-09"]),
            samples.finding(10, host="web02", definition_sha256=same["IIS-10"]),
            samples.finding(26, Kind.AWAITING, definition_sha256=same["IIS-26"]),
        ]
    )
    for name, status in (("acme", 0), ("other", 2)):
        write_results(results.model_copy(update={"customer": name}), tmp_path)
        assert call("script", "acme", "--output=out", f"--report={tmp_path}")[0] == status
    asked = json.loads(Path("out/acme-web01.ask.json").read_bytes())
    assert {one["requirement"]: one["compared"] for one in asked["open"]} == {
        "IIS-07": [
            {"section": "features", "way": ["features", "=Web-Http-Logging", "state"]}
            | {"operator": "is", "value": "Installed"}
        ],
        "IIS-08": [],
        "IIS-26": [],
    }
