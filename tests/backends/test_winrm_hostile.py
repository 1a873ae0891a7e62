"""A WinRM service that means harm, or is none:
it gets no second log-in, no memory without end, and no time without end.
"""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from acceptance.simulator.certificates import make_certificate
from acceptance.simulator.windows.runner import Emit, Result
from acceptance.simulator.winrm.authentication import Authenticator
from acceptance.simulator.winrm.server import WsManServer

from acceptance.backends.logins import MOST_REFUSALS, LogIns
from acceptance.backends.winrm import backend as backend_module
from acceptance.backends.winrm import guard as winrm_guard
from acceptance.backends.winrm.backend import WinRMBackend
from acceptance.errors import DeadlineError, LoginError, ProtocolError
from acceptance.inventory.connection import Connection

ACCOUNT, PASSWORD = r"DEMO\acceptance", "Correct-Horse-Battery-7"


RUN = SimpleNamespace(log_ins=LogIns())


@pytest.fixture(autouse=True)
def _a_run_of_its_own() -> None:
    RUN.log_ins = LogIns()


class Repeats:
    """A program that says the same, `times` times."""

    def __init__(self, part: bytes = b"", times: int = 1) -> None:
        self.part, self.times = part, times

    def run(self, _line: str, _stdin: Iterator[bytes], emit: Emit) -> Result:
        for _ in range(self.times):
            emit("stdout", self.part)
        return Result(b"", b"", 0)


def ask(port: int, password: str = PASSWORD, host: str = "web01", **changes: Any) -> bytes:
    values = {
        "address": "localhost",
        "port": port,
        "scheme": "http",
        "username": ACCOUNT,
        "password": "env:X",
    }
    backend = WinRMBackend(
        host,
        Connection(**values | {"operation_seconds": 1} | changes),
        password,
        log_ins=RUN.log_ins,
    )
    try:
        return backend.stream("powershell.exe", [], b"hello").stdout
    finally:
        backend.close()


@contextmanager
def answering(reply: Callable[[socket.socket], None]) -> Iterator[tuple[int, list[bytes]]]:
    """A listener that reads each request's header and then does `reply`;
    its port, and what it was sent.
    """
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=one, args=(connection,), daemon=True).start()

        def one(connection: socket.socket) -> None:
            with connection:
                data = connection.recv(65536)
                if data:  # the backend's probe sends nothing
                    seen.append(data)
                    try:
                        reply(connection)
                    except OSError:
                        return

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listener.getsockname()[1], seen
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def test_a_redirect_is_not_followed_so_nobody_else_is_logged_in_to() -> None:
    """requests would log in with NTLM wherever a server points to."""
    with WsManServer(Repeats(), users={ACCOUNT: PASSWORD}) as elsewhere:

        def redirect(connection: socket.socket) -> None:
            where = f"http://localhost:{elsewhere.port}/wsman"
            connection.sendall(
                f"HTTP/1.1 307 X\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode()
            )

        with (
            answering(redirect) as (port, _),
            pytest.raises(ProtocolError, match=r"sends us elsewhere .*307"),
        ):
            ask(port)
        assert elsewhere.requests == []


@pytest.mark.parametrize("zipped", [False, True])
def test_an_answer_without_end_costs_no_memory_without_end(
    monkeypatch: pytest.MonkeyPatch, zipped: bool
) -> None:
    """Neither as it comes nor after decompression."""
    monkeypatch.setattr(winrm_guard, "LARGEST_ANSWER", 100_000)
    body = gzip.compress(b"x" * 2_000_000) if zipped else b"x" * 2_000_000
    encoding = "Content-Encoding: gzip\r\n" if zipped else ""

    def endless(connection: socket.socket) -> None:
        connection.sendall(
            f"HTTP/1.1 401 X\r\n{encoding}WWW-Authenticate: Negotiate\r\n\r\n".encode() + body
        )

    with (
        answering(endless) as (port, _),
        pytest.raises(ProtocolError, match="larger than 100,000 bytes"),
    ):
        ask(port)


def test_output_without_end_costs_no_memory_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that never stops writing ends at a limit, and its shell is closed."""
    monkeypatch.setattr(backend_module, "LARGEST_OUTPUT", 200_000)
    with WsManServer(Repeats(b"x" * 50_000, times=20), users={ACCOUNT: PASSWORD}) as server:
        with pytest.raises(ProtocolError, match="output is larger than 200,000 bytes"):
            ask(server.port)
        assert server.open_shells == 0


def test_a_clear_answer_to_an_encrypted_message_is_no_evidence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Over http somebody between could answer instead of the server; pywinrm would take it."""
    monkeypatch.setattr(
        Authenticator, "seal", lambda _, answer: ("application/soap+xml;charset=UTF-8", answer)
    )
    refused = pytest.raises(ProtocolError, match="answers an encrypted message in clear")
    with WsManServer(Repeats(), users={ACCOUNT: PASSWORD}) as server, refused:
        ask(server.port)


def test_an_answer_in_drops_ends_soon_after_the_deadline() -> None:
    """A byte now and then keeps every time-out of a socket away."""
    gone = threading.Event()

    def drops(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while not gone.wait(0.1):
            connection.sendall(b"y")

    started = time.monotonic()
    with (
        answering(drops) as (port, _),
        pytest.raises(DeadlineError, match=r"no complete answer within 0\.1 s"),
    ):
        ask(port, deadline_seconds=0.1)
    gone.set()
    assert time.monotonic() - started < 2.5


def test_netrc_is_not_sent_to_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a client certificate requests would take user and password from ~/.netrc,
    and send them.
    """
    netrc = tmp_path / "netrc"
    netrc.write_text(f"default login somebody password {PASSWORD}\n", encoding="ascii")
    monkeypatch.setenv("NETRC", str(netrc))
    mine = make_certificate(tmp_path, "self-signed")
    sent: list[str] = []

    class Listening(Authenticator):
        def answer(self, header: str) -> tuple[bool, list[str]]:
            sent.append(header)
            return super().answer(header)

    monkeypatch.setattr("acceptance.simulator.winrm.server.Authenticator", Listening)
    options: Any = {
        "authentications": frozenset({"Certificate"}),
        "client_certificates": {mine.chain: ACCOUNT},
    }
    with WsManServer(Repeats(b"said"), users={ACCOUNT: PASSWORD}, tls=True, **options) as server:
        files = {
            "auth": "certificate",
            "certificate": mine.chain,
            "certificate_key": mine.key,
            "ca_file": server.ca_file,
        }
        assert ask(server.port, scheme="https", **files) == b"said"
    assert sent
    assert not [header for header in sent if header.startswith("Basic")]


@contextmanager
def several(count: int, password: str) -> Iterator[list[WsManServer]]:
    """Servers that all know the account, with this password."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                WsManServer(Repeats(b"said"), users={ACCOUNT: password, "admin": password})
            )
            for _ in range(count)
        ]


def refusals(servers: list[WsManServer]) -> int:
    return sum(server.refused_logins for server in servers)


def test_a_wrong_password_of_a_domain_account_is_not_tried_on_every_server() -> None:
    """It is one account for all of them: twenty servers side by side would lock it out at once."""

    def one(server: WsManServer) -> str:
        with pytest.raises(LoginError) as caught:
            ask(server.port, password="wrong")
        return caught.value.message

    with several(6, PASSWORD) as servers, ThreadPoolExecutor(6) as pool:
        messages = list(pool.map(one, servers))
        assert refusals(servers) == MOST_REFUSALS
    told = [message for message in messages if "could lock it out" in message]
    assert len(told) == len(messages) - MOST_REFUSALS


def test_a_server_that_refuses_an_account_that_others_know_stops_none_of_them() -> None:
    """Once the password is known to be right, a refusal is that server's own matter."""
    with several(2, PASSWORD) as good, several(3, "another") as bad:
        assert ask(good[0].port) == b"said"
        for server in bad:
            with pytest.raises(LoginError, match="the server refused"):
                ask(server.port)
        assert ask(good[1].port) == b"said"


def test_local_accounts_of_the_same_name_are_different_accounts() -> None:
    r"""`.\admin` is another account on every server."""
    with several(4, PASSWORD) as servers:
        for server in servers:
            with pytest.raises(LoginError, match="the server refused"):
                ask(server.port, username=r".\admin", password="wrong")
        assert refusals(servers) == len(servers)
