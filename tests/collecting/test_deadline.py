"""A host's deadline costs the sections that had not come by then, and no other."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from acceptance.simulator.windows.runner import Emit, Result
from acceptance.simulator.winrm.messages import Request
from acceptance.simulator.winrm.server import WsManServer

from acceptance.backends.winrm.backend import WinRMBackend
from acceptance.collecting.collect import collect
from acceptance.collecting.script import section_seconds
from acceptance.evidence.envelope import Read, Unread
from acceptance.evidence.file import Evidence
from tests.servers import ACCOUNT, answering, connection_to

pytestmark = pytest.mark.slow

PASSWORD = "secret"
WHOLE = {"status": "ok", "value": {"release": 461808, "version": "4.7.03190"}, "milliseconds": 3}


class Hangs:
    """Answers some sections, begins another, and hangs; `asked` is what it was sent first."""

    def __init__(self, *sections: str) -> None:
        self.sections = sections
        self.go_on = threading.Event()
        self.asked: dict[str, Any] = {}

    def run(self, _line: str, stdin: Iterator[bytes], emit: Emit) -> Result:
        self.asked = json.loads(b"".join(stdin).split(b"\n", 1)[0])
        for name in self.sections:
            answer = json.dumps({"section": name, "answer": WHOLE})
            emit("stdout", f"@@FACT@@{answer}@@END@@\r\n".encode())
        emit("stdout", b'@@FACT@@{"section":"os","ans')
        self.go_on.wait(30)
        return Result(b"", b"", 0)


def evidence_of(server: WsManServer, deadline: float) -> Evidence:
    connection = connection_to(server, deadline_seconds=deadline)
    return collect(
        WinRMBackend("web01", connection, PASSWORD),
        customer="acme",
        host="web01",
        sections=["dotnet", "os"],
        simulated=True,
        now=lambda: datetime.now(UTC),
        deadline=deadline,
    )


@pytest.mark.parametrize("silent", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_what_came_whole_by_the_deadline_is_kept(
    monkeypatch: pytest.MonkeyPatch, silent: bool
) -> None:
    """Whether the program hangs, or the server with it; half a section is none."""
    program = Hangs("dotnet")
    received: list[bytes] = []

    def falls_silent(_: Request, answer: bytes) -> bytes:
        if received and silent:
            program.go_on.wait(30)
        received.append(b"")
        return answer

    answering(monkeypatch, "receive", falls_silent)
    with WsManServer(program, users={ACCOUNT: PASSWORD}, tls=True) as server:
        evidence = evidence_of(server, 2)
        program.go_on.set()
    assert evidence.failure is None
    assert isinstance(evidence.sections.dotnet, Read)
    assert isinstance(evidence.sections.os, Unread)
    assert "deadline passed" in evidence.sections.os.error.message
    assert program.asked["seconds"] == section_seconds(2)


def test_where_nothing_came_whole_the_deadline_is_the_hosts_failure() -> None:
    program = Hangs()
    with WsManServer(program, users={ACCOUNT: PASSWORD}, tls=True) as server:
        evidence = evidence_of(server, 1)
        program.go_on.set()
    assert evidence.failure is not None
    assert evidence.failure.kind == "DeadlineError"
