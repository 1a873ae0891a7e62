"""What the script by hand writes, put together from recordings: where there is no PowerShell."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.runner import NOW, RECORDINGS, ReplayRunner
from acceptance.simulator.windows.twin import Twin

ANY_SCRIPT = "powershell.exe -EncodedCommand IAA="


def answer(
    twin: Twin, endpoints: Endpoints, session: Mapping[str, str], script: bytes, question: bytes
) -> str:
    """The answer's text. Raises KeyError for what was never recorded."""
    asked = json.loads(question)
    now = datetime.now(UTC)
    facts = _sections(twin, endpoints, asked["sections"])
    for target in facts.get("outbound", {}).get("value", {}).get("targets", []):
        # Where a demo's own servers listen differs from run to run.
        named = [one for one in asked["parameters"]["targets"] if one["name"] == target["name"]]
        target |= {key: named[0][key] for key in ("host", "port") if named}
    if asked["sql"]:
        facts["sqlclient"] = {name: _sql(name, one, now) for name, one in asked["sql"].items()}
    answered: dict[str, Any] = {
        "at": now.isoformat(),
        "script_sha256": hashlib.sha256(script).hexdigest(),
        "reader": {"status": "ok", "value": twin.accounts["reader"], "milliseconds": 0},
        "user": twin.accounts["reader"]["account"],
        "computer": session["COMPUTERNAME"],
        "domain": session["USERDNSDOMAIN"],
        "session": session["SESSIONNAME"],
        "language_mode": "FullLanguage",
        "version": twin.powershell["version"],
        "complete": True,
    }
    data = {"question": asked, "answered": answered, "facts": facts}
    return json.dumps(data, separators=(",", ":"))


def _sections(twin: Twin, endpoints: Endpoints, wanted: list[str]) -> dict[str, Any]:
    line = json.dumps({"sections": wanted}).encode() + b"\n"
    told = ReplayRunner(twin, endpoints).run(ANY_SCRIPT, iter([line]), lambda *_: None).stdout
    *said, _nothing, _done = told.splitlines()
    lines = [one.removeprefix(b"@@FACT@@").removesuffix(b"@@END@@") for one in said]
    return {one["section"]: one["answer"] for one in map(json.loads, lines)}


def recorded_sql(host: str) -> dict[str, Any]:
    """What SqlClient said of a demo's SQL Server, by "section database"."""
    file = RECORDINGS / f"sqlclient-{host}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="ascii"))
    return found


def _sql(host: str, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    known = recorded_sql(host)
    answers = [known[f"{one['section']} {one['database']}"] for one in asked["batches"]]
    clock = now.replace(tzinfo=None).isoformat(timespec="microseconds")  # as Get-SqlValue writes it
    text = json.dumps({"failure": None, "answers": answers}).replace(NOW, clock)
    return {"status": "ok", "value": json.loads(text), "milliseconds": 0}
