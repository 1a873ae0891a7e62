"""Without PowerShell the demo replays recorded sections: the same answers as the real thing, to the
letter.

Renew them after a change of a collector or a twin:
RENEW_RECORDINGS=1 pytest --slow tests/simulator/test_recordings.py
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import load_twin as load_sql_twin
from acceptance.simulator.twinfiles import TWINS
from acceptance.simulator.windows.by_hand import Person
from acceptance.simulator.windows.runner import (
    NOW,
    RECORDINGS,
    PowerShellRunner,
    ReplayRunner,
    Runner,
    recorded,
    recorded_sql,
)
from acceptance.simulator.windows.twin import load_twin

from acceptance.collecting.by_hand.script import NAME, Question, question_file, script_by_hand
from acceptance.collecting.by_hand.sql import questions_through
from acceptance.collecting.script import (
    END,
    POWERSHELL,
    SECTIONS,
    START,
    arguments,
    stdin_payload,
)
from acceptance.evidence.windows import Read
from acceptance.inventory.file import load_inventory
from tests.fixtures.conftest import run_pytest
from tests.twins import PARAMETERS, ask, no_output_yet

RECORDED = sorted(path.stem for path in TWINS.glob("demo-*.yaml"))
LINE = " ".join([POWERSHELL, *arguments()])
# a busy machine must not be recorded as a silent one
PATIENT = PARAMETERS | {"timeout_seconds": 60}
INNER = {
    "milliseconds": 1,
    "thumbprint": "00" * 20,
    "chain": [],
    "not_after": "2099-12-31T23:59:59.0000000Z",
}  # of parts, and of certificates made for a run
STEADY = {"milliseconds": 1, "root": None, "raw": None}
MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")


def sections_of(runner: Runner) -> dict[str, Any]:
    """The raw sections without what differs from run to run and machine to machine: durations,
    clock, time zone.
    """
    text = runner.run(LINE, iter([stdin_payload(SECTIONS, PATIENT)]), no_output_yet).stdout.decode(
        "ascii"
    )
    *said, _, last = text.splitlines()
    assert last == "@@DONE@@0"
    lines = [json.loads(line[len(START) : -len(END)]) for line in said]
    sections: dict[str, Any] = {line["section"]: line["answer"] for line in lines}
    for name, section in sections.items():
        sections[name] = _steady(section, INNER if name == "outbound" else STEADY)
    if "value" in sections["os"]:
        value = sections["os"]["value"]
        value |= {"utc_now": MOMENT.sub(NOW, value["utc_now"]), "time_zone": "UTC"}
    return sections


def _steady(value: Any, fixed: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_steady(one, fixed) for one in value]
    if isinstance(value, dict):
        return {
            key: fixed[key] if key in fixed else _steady(one, fixed) for key, one in value.items()
        }
    return value


def write(name: str, sections: dict[str, Any]) -> None:
    """One line a section; of a twin that extends a recorded one only those that differ."""
    base = yaml.safe_load((TWINS / f"{name}.yaml").read_text(encoding="utf-8"))["extends"]
    known = recorded(base) if base in RECORDED else {}
    own = {key: value for key, value in sections.items() if known.get(key) != value}
    if known:
        own = {"extends": base} | own
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in own.items()]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (RECORDINGS / f"{name}.json").write_text(text, encoding="ascii")


@pytest.mark.pwsh
@pytest.mark.parametrize("name", RECORDED)
def test_a_recording_is_what_powershell_says(name: str) -> None:
    """A replay that has drifted from its collector would show a demo that no longer exists."""
    real = sections_of(PowerShellRunner(load_twin(name)))
    if os.environ.get("RENEW_RECORDINGS"):
        write(name, real)
    assert sections_of(ReplayRunner(load_twin(name))) == real


CLOCK = "local_now"  # the column


def sql_by_hand(folder: Path, name: str) -> dict[str, Any]:
    """What the script writes of the demo's SQL Server, by section and database."""
    path = Path(str(resources.files("acceptance.simulator"))) / "demo-by-hand.yaml"
    customer = load_inventory(path).customers["demo-by-hand"]
    host = customer.hosts[name]
    assert host.sql is not None
    through = str(host.sql.through)
    password, twin = "typed", load_twin(f"demo-{through}-delegated")
    logins = {str(host.sql.username): password}
    with Endpoints(twin.network) as network, SqlServer(
        load_sql_twin(f"sql-demo-{name}"), logins=logins
    ) as server:  # fmt: skip
        moved = host.model_copy(update={"sql": host.sql.model_copy(update={"port": server.port})})
        customer = customer.model_copy(update={"hosts": {**customer.hosts, name: moved}})
        asked = Question(
            customer="demo-by-hand",
            host=through,
            simulated=True,
            asked_at=datetime.now(UTC),
            sections=(),
            parameters={},
            sql=questions_through(customer, through),
        )
        (folder / NAME).write_bytes(script_by_hand())
        (folder / "demo.ask.json").write_bytes(question_file(asked))
        Person(twin, network, [server.ca_file], password).answer(folder)
    data = json.loads((folder / "demo.answer.json").read_bytes())
    value = data["facts"]["sqlclient"][name]["value"]
    assert value["failure"] is None
    batches = data["question"]["sql"][name]["batches"]
    keys = [f"{one['section']} {one['database']}" for one in batches]
    found = dict(zip(keys, value["answers"], strict=True))
    for rows in (one for answered in found.values() for one in answered["sets"]):
        for row in rows["rows"] if CLOCK in rows["columns"] else []:
            row[rows["columns"].index(CLOCK)] = NOW
    return found


@pytest.mark.slow
@pytest.mark.pwsh
def test_a_recorded_sql_server_is_what_sqlclient_says(tmp_path: Path) -> None:
    """Of the demo that is read by hand."""
    real = sql_by_hand(tmp_path, "db01")
    if os.environ.get("RENEW_RECORDINGS"):
        lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in real.items()]
        text = "{\n" + ",\n".join(lines) + "\n}\n"
        (RECORDINGS / "sqlclient-db01.json").write_text(text, encoding="ascii")
    assert recorded_sql("db01") == real


@pytest.mark.parametrize("name", RECORDED)
def test_a_replay_is_evidence(name: str) -> None:
    """The suite reads a replay as it reads a server: every section, and only those asked for."""
    evidence = ask(ReplayRunner(load_twin(name)))
    assert evidence.failure is None
    assert all(isinstance(getattr(evidence.sections, section), Read) for section in SECTIONS)
    assert ask(ReplayRunner(load_twin(name)), sections=["dotnet"]).sections.os is None


def test_a_replay_runs_nothing_else() -> None:
    """Any other program gets cmd.exe's own answer, not a made-up one."""
    result = ReplayRunner(load_twin(RECORDED[0])).run("whoami /all", iter([]), no_output_yet)
    assert result.exit_code == 1
    assert result.stdout == b""
    assert b"'whoami' is not recognized" in result.stderr


def test_recordings_name_no_machine() -> None:
    """A recording holds the twin's data, nothing of the machine that made it."""
    for path in RECORDINGS.glob("*.json"):
        assert str(Path.home()) not in path.read_text(encoding="ascii")


@pytest.mark.slow
@pytest.mark.pwsh
def test_the_demo_is_judged_alike_without_powershell(tmp_path: Path) -> None:
    """What most people see first is the recording: no finding differs from the real run's."""
    found = {}
    for name, path in {"real": os.environ["PATH"], "recorded": "/usr/bin:/bin"}.items():
        assert (shutil.which("pwsh", path=path) is not None) == (name == "real")
        report = tmp_path / name
        ran = run_pytest("--hosts=demo", f"--report-dir={report}", report=report, PATH=path)
        found[name] = {host: ran.kinds(host) for host in ("web01", "db01")}
    assert found["real"] == found["recorded"]
    assert len(found["real"]["web01"]) > 50
