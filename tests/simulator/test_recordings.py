"""Without PowerShell the demo replays recorded sections: the same answers as the real thing, to the
letter.

Renew them after a change of a collector or a twin:
RENEW_RECORDINGS=1 pytest tests/simulator/test_recordings.py
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from acceptance.simulator.twinfiles import TWINS
from acceptance.simulator.windows.runner import (
    NOW,
    RECORDINGS,
    PowerShellRunner,
    ReplayRunner,
    Runner,
    recorded,
)
from acceptance.simulator.windows.twin import load_twin

from acceptance.collecting.script import (
    END,
    POWERSHELL,
    SECTIONS,
    START,
    arguments,
    stdin_payload,
)
from acceptance.evidence.windows import Read
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
    text = runner.run(LINE, stdin_payload(SECTIONS, PATIENT), no_output_yet).stdout.decode("ascii")
    lines = [json.loads(line[len(START) : -len(END)]) for line in text.splitlines()]
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


@pytest.mark.parametrize("name", RECORDED)
def test_a_replay_is_evidence(name: str) -> None:
    """The suite reads a replay as it reads a server: every section, and only those asked for."""
    evidence = ask(ReplayRunner(load_twin(name)))
    assert evidence.failure is None
    assert all(isinstance(getattr(evidence.sections, section), Read) for section in SECTIONS)
    assert ask(ReplayRunner(load_twin(name)), sections=["dotnet"]).sections.os is None


def test_a_replay_runs_nothing_else() -> None:
    """Any other program gets cmd.exe's own answer, not a made-up one."""
    result = ReplayRunner(load_twin(RECORDED[0])).run("whoami /all", b"", no_output_yet)
    assert result.exit_code == 1
    assert result.stdout == b""
    assert b"'whoami' is not recognized" in result.stderr


def test_recordings_name_no_machine() -> None:
    """A recording holds the twin's data, nothing of the machine that made it."""
    for path in RECORDINGS.glob("*.json"):
        assert str(Path.home()) not in path.read_text(encoding="ascii")
