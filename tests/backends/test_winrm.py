"""The WinRM backend against the simulated service:
one conversation, every failure told in one line, nothing left open.
"""

import itertools
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from acceptance.simulator.certificates import make_certificate
from acceptance.simulator.windows.runner import Emit, Result
from acceptance.simulator.winrm import refusals
from acceptance.simulator.winrm.refusals import Fault
from acceptance.simulator.winrm.server import WsManServer

from acceptance.backends.logins import LogIns
from acceptance.backends.winrm import backend as backend_module
from acceptance.backends.winrm import conversation
from acceptance.backends.winrm.backend import CHUNK, WinRMBackend
from acceptance.backends.winrm.faults import BUSY, WSMAN_FAULTS
from acceptance.errors import (
    DeadlineError,
    HostError,
    LoginError,
    ProtocolError,
    RemoteFaultError,
    TlsError,
    UnreachableError,
)
from acceptance.inventory.connection import Connection
from tests.servers import ACCOUNT, connection_to

PASSWORD = "p\u00e4ss;wo\"rd'{}%"


@dataclass
class Program:
    """A program that repeats its input;
    `parts` are said first, each with `pause` seconds before it.
    """

    parts: list[bytes] = field(default_factory=list)
    pause: float = 0.0
    stdin: bytes = b""
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, _line: str, stdin: Iterator[bytes], emit: Emit) -> Result:
        self.stdin = b"".join(stdin)
        for part in self.parts:
            self.stop.wait(self.pause)
            emit("stdout", part)
        return Result(self.stdin, b"", 3)


RUN = SimpleNamespace(log_ins=LogIns())


@pytest.fixture(autouse=True)
def _a_run_of_its_own() -> None:
    RUN.log_ins = LogIns()


def serve(program: Program | None = None, **options: Any) -> WsManServer:
    return WsManServer(program or Program(), users={ACCOUNT: PASSWORD}, **options)


def run(
    server: WsManServer, stdin: bytes = b"hello", password: str = PASSWORD, **changes: Any
) -> Any:
    backend = WinRMBackend("web01", connection_to(server, **changes), password, log_ins=RUN.log_ins)
    try:
        return backend.stream("powershell.exe", ["-NoProfile"], stdin)
    finally:
        backend.close()


def actions(server: WsManServer) -> list[str]:
    return [request.action for request in server.requests if request.action]


ONE_CONVERSATION = ["Create", "Command", "Send", "Receive", "Signal", "Delete"]


@pytest.mark.parametrize(
    ("auth", "tls", "most"),
    [("ntlm", True, 8), ("ntlm", False, 9), ("basic", True, 7)],
)
def test_one_conversation_per_run(auth: str, tls: bool, most: int) -> None:
    """One shell, one command, few requests; over http every message is encrypted."""
    methods = frozenset({"Basic"}) if auth == "basic" else frozenset({"Negotiate"})
    with serve(tls=tls, authentications=methods) as server:
        output = run(server, auth=auth)
        assert (output.stdout, output.exit_code) == (b"hello", 3)
        assert actions(server) == ONE_CONVERSATION
        assert len(server.requests) <= most
        assert all(request.encrypted is not tls for request in server.requests if request.action)
        assert server.open_shells == 0


@pytest.mark.parametrize("tls", [True, False])
def test_credssp_delegates_over_both_schemes(tls: bool) -> None:
    """Its handshake takes five requests;
    over http large messages travel in several sealed parts.
    """
    data = b"x" * 50_000
    with serve(tls=tls, authentications=frozenset({"CredSSP"})) as server:
        assert run(server, stdin=data, auth="credssp").stdout == data
        assert actions(server) == ONE_CONVERSATION
        assert all(request.encrypted is not tls for request in server.requests if request.action)


def test_a_client_certificate_stands_for_an_account(tmp_path: Path) -> None:
    """No password at all: TLS proves who asks."""
    mine = make_certificate(tmp_path, "self-signed")
    options = {
        "authentications": frozenset({"Certificate"}),
        "client_certificates": {mine.chain: ACCOUNT},
    }
    files = {"auth": "certificate", "certificate": mine.chain, "certificate_key": mine.key}
    with serve(tls=True, **options) as server:
        assert run(server, **files).stdout == b"hello"
        assert actions(server) == ONE_CONVERSATION
    other = tmp_path / "other"
    other.mkdir()
    stranger = make_certificate(other, "self-signed")
    with serve(tls=True, **options) as server, pytest.raises(HostError):
        run(server, **files | {"certificate": stranger.chain, "certificate_key": stranger.key})


def test_a_large_script_is_sent_in_pieces_and_a_large_answer_read_in_pieces() -> None:
    """Neither a request nor a response grows beyond MaxEnvelopeSize; every byte arrives."""
    data = bytes(itertools.islice(itertools.cycle(range(256)), 2 * CHUNK + 17))
    with serve(tls=True) as server:
        assert run(server, stdin=data).stdout == data
        assert actions(server).count("Send") == 3
        assert actions(server).count("Receive") == 3


def test_output_in_parts_is_awaited() -> None:
    """A running command answers in parts, and with time-outs between them."""
    with serve(Program(parts=[b"one ", b"two "], pause=1.2), tls=True) as server:
        assert run(server).stdout == b"one two hello"
        assert actions(server).count("Receive") > 3


def test_the_deadline_ends_a_hanging_command_and_closes_its_shell() -> None:
    """An endless command costs its deadline, once, and leaves nothing open."""
    program = Program(parts=[b""], pause=60)
    with serve(program, tls=True) as server:
        with pytest.raises(DeadlineError, match=r"web01: no complete answer within 1\.5 s\."):
            run(server, deadline_seconds=1.5)
        program.stop.set()
        assert actions(server)[-2:] == ["Signal", "Delete"]
        assert server.open_shells == 0


def test_a_refused_password_is_tried_once() -> None:
    """Accounts are not locked out: the second attempt of the same run does not reach the server."""
    bad = PASSWORD[::-1]
    with serve(tls=True) as server:
        for _ in range(2):
            with pytest.raises(LoginError, match="refused DEMO") as caught:
                run(server, password=bad)
        assert server.refused_logins == 1
        assert bad not in "".join(traceback.format_exception(caught.value))


def test_an_unanswered_name_port_or_certificate_is_told_apart(tmp_path: Path) -> None:
    """Each cause has its own line."""
    with serve(tls=True) as server:
        closed = unused_port()
        cases: list[tuple[dict[str, Any], type[HostError], str]] = [
            (
                {"address": "no-such-host.invalid"},
                UnreachableError,
                "the name no-such-host.invalid is unknown",
            ),
            ({"port": closed}, UnreachableError, f"nothing listens on localhost:{closed}"),
            ({"ca_file": None}, TlsError, "from a CA that is not trusted here"),
        ]
        for changes, kind, words in cases:
            with pytest.raises(kind, match=words):
                run(server, **changes)
        assert run(server, ca_file=None, verify_tls=False).stdout == b"hello"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("expired", "has expired"),
        ("wrong-name", "is not for localhost"),
        ("self-signed", "is self-signed"),
    ],
)
def test_a_bad_certificate_is_named(kind: str, words: str) -> None:
    """What is wrong with it decides what the administrator does."""
    with serve(tls=True, certificate_kind=kind) as server:
        with pytest.raises(TlsError, match=words):
            run(server)
        assert server.requests == []


def test_https_and_http_mixed_up_is_told() -> None:
    """The commonest mistake with ports 5985 and 5986."""
    with serve(tls=True) as server, pytest.raises(HostError) as caught:
        run(server, scheme="http", ca_file=None)
    assert "5985" in str(caught.value)
    with serve() as server, pytest.raises(TlsError, match="TLS could not be agreed"):
        run(server, scheme="https", auth="ntlm")


@pytest.mark.parametrize("code", sorted(set(WSMAN_FAULTS) - {refusals.TIMED_OUT.code}))
def test_every_known_fault_is_a_sentence_with_a_remedy(code: int) -> None:
    """Decided by number, whatever the server's language; the number stays visible."""
    fault = Fault(code, "w:InternalError", "Zugriff verweigert")
    with serve(tls=True, faults={"create": itertools.repeat(fault)}) as server:
        with pytest.raises(RemoteFaultError) as caught:
            run(server)
        assert server.open_shells == 0
    assert caught.value.code == code
    assert f"(fault {code})" in caught.value.message
    assert caught.value.remedy
    assert "Zugriff" not in str(caught.value)


def test_an_unknown_fault_keeps_its_number() -> None:
    """Nobody knows them all: the number is what helps."""
    with (
        serve(tls=True, faults={"command": itertools.repeat(Fault(4711, "w:X", "?"))}) as server,
        pytest.raises(RemoteFaultError, match="4711"),
    ):
        run(server)
    assert server.open_shells == 0


@pytest.mark.parametrize("action", ["command", "send", "receive"])
def test_whatever_fails_the_shell_is_closed(action: str) -> None:
    """A leaked shell counts against the account's quota for hours."""
    with serve(tls=True, faults={action: itertools.repeat(refusals.ACCESS_DENIED)}) as server:
        with pytest.raises(RemoteFaultError, match="access denied"):
            run(server)
        assert server.open_shells == 0


def test_a_failing_clean_up_hides_no_result() -> None:
    """Signal and Delete may fail: the output was complete."""
    faults = {
        "signal": itertools.repeat(refusals.ACCESS_DENIED),
        "delete": itertools.repeat(refusals.ACCESS_DENIED),
    }
    with serve(tls=True, faults=faults) as server:
        assert run(server).stdout == b"hello"


def test_a_busy_service_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 170: an earlier Send is still being processed."""
    monkeypatch.setattr(backend_module, "BUSY_SECONDS", 0.01)
    assert refusals.BUSY.code == BUSY
    with serve(tls=True, faults={"send": iter([refusals.BUSY, refusals.BUSY])}) as server:
        assert run(server).stdout == b"hello"
        assert actions(server).count("Send") == 3


def test_a_web_server_that_is_no_winrm_is_told() -> None:
    """Another service on the port: its status is named."""
    with plain_web_server() as port:
        other = Connection(
            address="localhost", port=port, scheme="http", username=ACCOUNT, password="env:X"
        )
        backend = WinRMBackend("web01", other, PASSWORD, log_ins=RUN.log_ins)
        with pytest.raises(ProtocolError, match="HTTP status 404"):
            backend.stream("powershell.exe", [], b"")
        backend.close()


def test_a_password_that_basic_cannot_carry_is_told() -> None:
    """HTTP Basic is limited to Latin-1: the server is not asked."""
    with serve(tls=True, authentications=frozenset({"Basic"})) as server:
        with pytest.raises(LoginError, match="cannot carry a character"):
            run(server, auth="basic", password="\u65e5\u672c")
        assert server.requests == []


def test_environment_proxies_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are for the internet, not for the customer's servers."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serve(tls=True) as server:
        assert run(server).stdout == b"hello"


def test_no_secret_in_logs_or_errors(caplog: pytest.LogCaptureFixture) -> None:
    """Neither at debug level nor in a traceback of any failure."""
    caplog.set_level(logging.DEBUG)
    with serve(tls=True, faults={"receive": itertools.repeat(refusals.ACCESS_DENIED)}) as server:
        with pytest.raises(RemoteFaultError) as caught:
            run(server)
        backend = WinRMBackend("web01", connection_to(server), PASSWORD, log_ins=RUN.log_ins)
        texts = [
            caplog.text,
            "".join(traceback.format_exception(caught.value)),
            repr(backend),
            str(vars(caught.value)),
        ]
    assert all(PASSWORD not in text for text in texts)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class _NotFound(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_error(404)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class plain_web_server:
    """A web server that knows no /wsman."""

    def __enter__(self) -> int:
        self.server = HTTPServer(("127.0.0.1", 0), _NotFound)
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self.server.server_address[1]

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def test_a_silent_port_costs_its_own_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener that never answers: the probe connects, the conversation gives up."""
    monkeypatch.setattr(conversation, "READ_MARGIN", 1)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        silent = Connection(
            address="localhost",
            port=listener.getsockname()[1],
            username=ACCOUNT,
            password="env:X",
            operation_seconds=1,
        )
        backend = WinRMBackend("web01", silent, PASSWORD, log_ins=RUN.log_ins)
        with pytest.raises(UnreachableError, match="the server stopped answering"):
            backend.stream("powershell.exe", [], b"")
