"""Replies are believed only as far as they are this command's:
bad services, each wrong in one thing.
"""

import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from acceptance.simulator.windows.runner import Emit, Result
from acceptance.simulator.winrm import messages, refusals
from acceptance.simulator.winrm.authentication import Authenticator
from acceptance.simulator.winrm.messages import SHELL, SOAP, STATE_DONE, STATE_RUNNING, Request
from acceptance.simulator.winrm.refusals import Fault
from acceptance.simulator.winrm.server import WsManServer

from acceptance.backends.logins import LogIns, account_key
from acceptance.backends.winrm import replies
from acceptance.backends.winrm.backend import WinRMBackend
from acceptance.errors import DeadlineError, ProtocolError, RemoteFaultError
from acceptance.inventory.connection import Connection
from tests.servers import ACCOUNT, answering, connection_to

PASSWORD = "secret"
Change = Callable[[Request, bytes], bytes]


class Waits:
    """A program that says one word and ends, or waits to be told to."""

    def __init__(self, *, ends: bool = True) -> None:
        self.go_on = threading.Event()
        if ends:
            self.go_on.set()

    def run(self, _line: str, _stdin: Iterator[bytes], emit: Emit) -> Result:
        emit("stdout", b"said ")
        self.go_on.wait(30)
        return Result(b"all", b"", 3)


def backend_of(server: WsManServer, **changes: Any) -> WinRMBackend:
    return WinRMBackend("web01", connection_to(server, **changes), PASSWORD, log_ins=LogIns())


def ask(server: WsManServer, **changes: Any) -> Any:
    backend = backend_of(server, **changes)
    try:
        return backend.stream("powershell.exe", [], b"hello")
    finally:
        backend.close()


def serve(program: Waits | None = None, *, tls: bool = True, **options: Any) -> WsManServer:
    return WsManServer(program or Waits(), users={ACCOUNT: PASSWORD}, tls=tls, **options)


def instead(pattern: str, by: str) -> Change:
    return lambda _, answer: re.sub(pattern.encode(), by.encode(), answer, flags=re.DOTALL)


def refusing(fault: Fault) -> Change:
    return lambda request, _: refusals.fault_response(request, fault, "localhost")


ANOTHER = "00000000-0000-0000-0000-000000000000"
STATES = (
    '<rsp:CommandState CommandId="\\\\g<1>" '
    f'State="{STATE_DONE}"><rsp:ExitCode>1</rsp:ExitCode></rsp:CommandState>'
    f'<rsp:CommandState CommandId="\\\\g<1>" State="{STATE_RUNNING}"></rsp:CommandState>'
    '<rsp:CommandState CommandId="\\\\g<1>" '
    f'State="{STATE_DONE}"><rsp:ExitCode>7</rsp:ExitCode></rsp:CommandState>'
).replace("\\\\", "\\")
OWN_END = f'<rsp:CommandState CommandId="([^"]*)" State="{STATE_DONE}">.*?</rsp:CommandState>'


def test_of_several_ends_the_last_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three states in one reply: pywinrm alone takes the first code, or never sees the end."""
    answering(monkeypatch, "receive", instead(OWN_END, STATES))
    with serve() as server:
        assert ask(server).exit_code == 7


@pytest.mark.parametrize(
    "strange",
    [
        f'<rsp:Stream Name="stdout" CommandId="{ANOTHER}">c3RyYW5nZQ==</rsp:Stream>',
        f'<rsp:CommandState CommandId="{ANOTHER}" '
        f'State="{STATE_DONE}"><rsp:ExitCode>9</rsp:ExitCode></rsp:CommandState>',
        '<o:Stream xmlns:o="urn:other" Name="stdout" CommandId="OWN">c3RyYW5nZQ==</o:Stream>',
        '<o:CommandState xmlns:o="urn:other" CommandId="OWN" '
        f'State="{STATE_DONE}"><rsp:ExitCode>9</rsp:ExitCode></o:CommandState>',
        '<rsp:Stream Name="other" CommandId="OWN">c3RyYW5nZQ==</rsp:Stream>',
        '<rsp:CommandState CommandId="OWN" '
        f'State="urn:other{STATE_DONE}"><rsp:ExitCode>9</rsp:ExitCode></rsp:CommandState>',
    ],
)
@pytest.mark.parametrize("place", ["before", "after"])
def test_what_is_of_another_command_or_namespace_is_nobodys(
    monkeypatch: pytest.MonkeyPatch, strange: str, place: str
) -> None:
    """Neither its output nor its end."""

    def with_strange(request: Request, answer: bytes) -> bytes:
        mine = strange.replace("OWN", request.command_id).encode()
        if place == "before":
            return answer.replace(b"<rsp:ReceiveResponse>", b"<rsp:ReceiveResponse>" + mine)
        return answer.replace(b"</rsp:ReceiveResponse>", mine + b"</rsp:ReceiveResponse>")

    answering(monkeypatch, "receive", with_strange)
    with serve() as server:
        output = ask(server)
    assert (output.stdout, output.exit_code) == (b"said all", 3)


@pytest.mark.parametrize(
    ("message", "decoy"),
    [
        ("create", '<o:Thing xmlns:o="urn:other" Name="ShellId">STRANGE</o:Thing>'),
        ("command", '<o:CommandId xmlns:o="urn:other">STRANGE</o:CommandId>'),
    ],
)
def test_a_shell_and_a_command_are_named_by_their_own_elements(
    monkeypatch: pytest.MonkeyPatch, message: str, decoy: str
) -> None:
    answering(monkeypatch, message, instead("<s:Body>", f"<s:Body>{decoy}"))
    with serve() as server:
        assert ask(server).stdout == b"said all"


@pytest.mark.parametrize("message", ["create", "command", "send", "receive"])
@pytest.mark.parametrize("wrong", ["", "uuid:" + ANOTHER])
def test_an_answer_to_another_message_is_none(
    monkeypatch: pytest.MonkeyPatch, message: str, wrong: str
) -> None:
    """An answer that came late, or somebody else's: RelatesTo says of which message it is."""
    answering(
        monkeypatch,
        message,
        instead("<a:RelatesTo>.*?</a:RelatesTo>", f"<a:RelatesTo>{wrong}</a:RelatesTo>"),
    )
    with serve() as server, pytest.raises(ProtocolError, match="answers another message"):
        ask(server)


@pytest.mark.parametrize("message", ["create", "command", "send", "receive"])
def test_a_fault_is_one_whatever_http_says(monkeypatch: pytest.MonkeyPatch, message: str) -> None:
    """HTTP's status 200 over a fault: neither success nor something to be asked again and again."""
    answering(monkeypatch, message, refusing(refusals.ACCESS_DENIED))
    with serve() as server, pytest.raises(RemoteFaultError, match=r"access denied.*\(fault 5\)"):
        ask(server)


def test_a_fault_of_another_message_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    original = refusals.fault_response
    other = instead("<a:RelatesTo>.*?<", f"<a:RelatesTo>uuid:{ANOTHER}<")
    changed: Any = lambda request, *of: other(request, original(request, *of))  # noqa: E731
    monkeypatch.setattr(refusals, "fault_response", changed)
    faults = {"receive": itertools.repeat(refusals.TIMED_OUT)}
    with serve(faults=faults) as server, pytest.raises(ProtocolError, match="another message"):
        ask(server)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (instead("<s:Body>.*</s:Body>", "<s:Body></s:Body>"), "nothing of what was asked"),
        (instead("<s:Body>.*</s:Body>", ""), "nothing of what was asked"),
        (instead("</rsp:Stream>", "&#228;</rsp:Stream>"), "no base64"),
        (instead("</rsp:Stream>", "=!</rsp:Stream>"), "no base64"),
        (instead("<rsp:ExitCode>.*?</rsp:ExitCode>", ""), "no exit code"),
        (instead("(<rsp:ExitCode>).*?<", "\\\\g<1>many<".replace("\\\\", "\\")), "no exit code"),
        (lambda _, answer: b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + answer, "document type"),
        (lambda *_: b"<html/>", "no SOAP envelope"),
        (lambda *_: b"plain", "no XML"),
        (lambda *_: b"", "no XML"),
        (lambda _, answer: answer.replace(SOAP.encode(), b"urn:other"), "no SOAP envelope"),
        (lambda _, answer: answer.replace(SHELL.encode() + b'"', b'urn:other"'), "nothing of what"),
    ],
    ids=itertools.count(),
)
def test_an_answer_that_says_nothing_ends_the_conversation_at_once(
    monkeypatch: pytest.MonkeyPatch, change: Change, words: str
) -> None:
    """Not 21 times a second until the deadline."""
    answering(monkeypatch, "receive", change)
    with serve() as server:
        with pytest.raises(ProtocolError, match=words):
            ask(server)
        assert [one.action for one in server.requests].count("Receive") == 1


@pytest.mark.parametrize("kind", ["no output", "timed out at once", "timed out in HTTP 200"])
def test_a_service_that_does_not_wait_is_not_hurried(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """What says "nothing yet" without having waited is asked once a second."""

    def no_output(request: Request, _: bytes) -> bytes:
        body = messages.received(request, [], None)
        return messages.envelope(f"{messages.RECEIVE}Response", request, body)

    refused = kind == "timed out in HTTP 200"
    answering(monkeypatch, "receive", refusing(refusals.TIMED_OUT) if refused else no_output)
    faults = (
        {"receive": itertools.repeat(refusals.TIMED_OUT)} if kind == "timed out at once" else {}
    )
    with serve(faults=faults) as server:
        with pytest.raises(DeadlineError):
            ask(server, deadline_seconds=1.5)
        assert [one.action for one in server.requests].count("Receive") <= 3


@pytest.mark.parametrize("status", [200, 500])
def test_over_http_a_fault_in_clear_is_not_believed_and_proves_no_account(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """Somebody between can send one; a password is proved only by an answer that was sealed."""

    def in_clear(_self: Authenticator, answer: bytes) -> tuple[str, bytes]:
        return "application/soap+xml;charset=UTF-8", answer

    monkeypatch.setattr(Authenticator, "seal", in_clear)
    if status == 200:
        answering(monkeypatch, "create", refusing(refusals.ACCESS_DENIED))
    faults = {"create": itertools.repeat(refusals.ACCESS_DENIED)} if status == 500 else {}
    with serve(tls=False, faults=faults) as server:
        backend = backend_of(server)
        with pytest.raises(ProtocolError, match="in clear"):
            backend.stream("powershell.exe", [], b"")
        backend.close()
        assert not _proven(backend)


def test_a_server_that_asks_for_no_password_proves_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may let in whom it likes: others must still be asked one after another."""
    monkeypatch.setattr(Authenticator, "answer", lambda *_: (True, []))
    with serve() as server:
        backend = backend_of(server)
        assert backend.stream("powershell.exe", [], b"").stdout == b"said all"
        backend.close()
        assert not _proven(backend)
    monkeypatch.undo()
    with serve() as server:
        backend = backend_of(server)
        backend.stream("powershell.exe", [], b"")
        backend.close()
        assert _proven(backend)


def _proven(backend: WinRMBackend) -> bool:
    key = account_key(ACCOUNT, "any", can_be_locked=True)
    return backend._log_ins.account(key).proven


SILENT = ("create", "command", "send", "receive", "signal", "delete")


@pytest.mark.parametrize(
    ("silent", "tls"),
    [
        pytest.param(word, tls, marks=[] if (word, tls) == ("receive", True) else pytest.mark.slow)
        for word in SILENT
        for tls in (True, False)
    ],
)
def test_the_deadline_holds_wherever_a_server_falls_silent(
    monkeypatch: pytest.MonkeyPatch, silent: str, tls: bool
) -> None:
    """Within two seconds, and what was complete by then is kept."""
    awake = threading.Event()

    def late(_: Request, answer: bytes) -> bytes:
        awake.wait(20)
        return answer

    answering(monkeypatch, silent, late)
    started = time.monotonic()
    with serve(tls=tls) as server:
        asked = {"deadline_seconds": 0.8, "operation_seconds": 20}
        if silent in ("signal", "delete"):
            assert ask(server, **asked).stdout == b"said all"
        else:
            with pytest.raises(DeadlineError):
                ask(server, **asked)
        assert time.monotonic() - started < 0.8 + 2
        awake.set()


@pytest.mark.parametrize("tls", [True, False])
def test_a_shell_that_was_left_in_a_hurry_is_closed_behind(
    monkeypatch: pytest.MonkeyPatch, tls: bool
) -> None:
    """Nobody waits for it, but it is not left on the server."""
    program = Waits(ends=False)
    awake = threading.Event()

    def late(_: Request, answer: bytes) -> bytes:
        awake.wait(20)
        return answer

    answering(monkeypatch, "command", late)
    with serve(program, tls=tls) as server:
        with pytest.raises(DeadlineError):
            ask(server, deadline_seconds=0.3)
        awake.set()
        program.go_on.set()
        end = time.monotonic() + 5
        while server.open_shells and time.monotonic() < end:
            time.sleep(0.02)
        assert server.open_shells == 0


def test_an_ipv6_address_is_reached_by_its_literal() -> None:
    """`::1` in the inventory, `[::1]` in the URL;
    with brackets the inventory says how it is written.
    """
    with serve(address="::1") as server:
        reached = backend_of(server, address="::1", verify_tls=False, ca_file=None)
        output = reached.stream("powershell.exe", [], b"")
        reached.close()
        assert output.stdout == b"said all"
        assert reached.reached().address == f"[::1]:{server.port}"
    with serve(tls=False, address="::1") as server:
        assert ask(server, address="::1").stdout == b"said all"
    with pytest.raises(ValueError, match="without brackets, such as ::1"):
        Connection(address="[::1]", username="a", password="env:X")


def test_an_exit_code_is_whole_and_a_command_is_known_in_any_case() -> None:
    """A GUID's letters may come back in the other case."""
    reply = (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:rsp="{SHELL}"><s:Body><rsp:ReceiveResponse>'
        f'<rsp:CommandState CommandId="ABC" State="{STATE_DONE}">'
        "<rsp:ExitCode>-1073741819</rsp:ExitCode></rsp:CommandState>"
        "</rsp:ReceiveResponse></s:Body></s:Envelope>"
    ).encode()
    assert replies.received(reply, "abc") == replies.Received(b"", b"", -1073741819)
    assert not replies.received(reply, "abd")
