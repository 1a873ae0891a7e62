"""The simulated server's WinRM service: sockets, TLS, HTTP/1.1 with keep-alive; counts every
request.

>>> runner = choose_runner(load_twin("web01"))
>>> with WsManServer(runner, users={"DEMO\\\\acceptance": "secret"}, tls=True) as server:
...     server.port, server.ca_file
"""

import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

from acceptance.simulator.listening import Listener
from acceptance.simulator.windows.runner import Runner
from acceptance.simulator.winrm import refusals
from acceptance.simulator.winrm.authentication import Authenticator
from acceptance.simulator.winrm.messages import parse_request
from acceptance.simulator.winrm.refusals import Fault, FaultError
from acceptance.simulator.winrm.shells import Shells

SOAP_TYPE = "application/soap+xml;charset=UTF-8"


class RequestRecord(NamedTuple):
    """One HTTP request; `action` is empty where the body was not reached (a 401)."""

    action: str
    status: int
    encrypted: bool


class WsManServer(Listener):
    """A WS-Man service on loopback, as a context manager.

    `latency` (seconds) is added to every answer. `client_certificates`: PEM file of a client's
    certificate -> the account that it is mapped to.
    """

    def __init__(
        self,
        runner: Runner,
        *,
        users: Mapping[str, str],
        tls: bool = False,
        authentications: frozenset[str] = frozenset({"Negotiate"}),
        latency: float = 0.0,
        faults: Mapping[str, Iterator[Fault]] | None = None,
        certificate_kind: str = "good",
        client_certificates: Mapping[Path, str] | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        super().__init__(self._converse, certificate_kind if tls else None, address)
        self.users, self.authentications = users, authentications
        self.latency, self.tls = latency, tls
        self.requests: list[RequestRecord] = []
        self.refused_logins = 0
        self.shells = Shells(runner, faults or {})
        self._accounts: dict[bytes, str] = {}  # by certificate (DER)
        self._context = self.certificate.context() if tls else None
        if self._context is not None:
            for certificate, account in (client_certificates or {}).items():
                self._context.load_verify_locations(certificate)
                self._context.verify_mode = ssl.CERT_OPTIONAL
                der = ssl.PEM_cert_to_DER_cert(certificate.read_text(encoding="ascii"))
                self._accounts[der] = account

    def _converse(self, connection: socket.socket) -> None:
        account = ""
        if self._context is not None:
            connection = secured = self.secured(connection, self._context)
            account = self._accounts.get(secured.getpeercert(binary_form=True) or b"", "")
        _Handler(connection, self, account)

    @property
    def open_shells(self) -> int:
        return len(self.shells.open)


class _Handler(BaseHTTPRequestHandler):
    """One connection: HTTP's own parsing, then the service."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for header and body

    def __init__(self, connection: socket.socket, owner: WsManServer, account: str) -> None:
        self.owner = owner
        self.authenticator = Authenticator(owner.users, owner.authentications, account)
        super().__init__(connection, ("127.0.0.1", 0), None)  # type: ignore[arg-type]

    def do_POST(self) -> None:
        owner, authenticator = self.owner, self.authenticator
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if owner.latency:
            time.sleep(owner.latency)
        self.challenges: Sequence[str] = ()
        if self.path != "/wsman":
            self._reply(404, content_type="text/html")
            return
        refused = authenticator.refused
        accepted, self.challenges = authenticator.answer(self.headers.get("Authorization", ""))
        owner.refused_logins += authenticator.refused - refused
        if not accepted:
            self._reply(401, content_type="")
        elif not body:
            self._reply(200)
        else:
            self._answer(body)

    def _answer(self, body: bytes) -> None:
        owner = self.owner
        try:
            content_type = self.headers.get("Content-Type", "")
            plain, encrypted = self.authenticator.unseal(content_type, body)
            request = parse_request(plain)
        except (ValueError, IndexError, ParseError):
            self._reply(400, content_type="")
            return
        action = request.action.rsplit("/", 1)[-1]
        if not encrypted and not owner.tls:
            # The service refuses unencrypted bodies over http by default.
            self._reply(500, action, content_type="")
            return
        status, content_type = 200, SOAP_TYPE
        try:
            answer = owner.shells.answer(request, self.authenticator.user)
        except FaultError as error:
            status = 500
            answer = refusals.fault_response(request, error.fault, "localhost")
        if encrypted:
            content_type, answer = self.authenticator.seal(answer)
        self._reply(status, action, answer, content_type, encrypted=encrypted)

    def _reply(
        self, status: int, action: str = "", body: bytes = b"", content_type: str = SOAP_TYPE,
        *, encrypted: bool = False,
    ) -> None:  # fmt: skip
        self.owner.requests.append(RequestRecord(action, status, encrypted))
        self.send_response(status)
        for challenge in self.challenges:
            self.send_header("WWW-Authenticate", challenge)
        if content_type:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed: the requests are counted instead."""
