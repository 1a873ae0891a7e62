"""The simulated server's WinRM service: sockets, TLS, HTTP/1.1 with keep-alive; counts every request.

>>> with WsManServer(choose_runner(load_twin("web01")), users={"DEMO\\\\acceptance": "secret"}, tls=True) as server:
...     server.port, server.ca_file
"""

import ssl
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from acceptance.simulator.certificates import make_certificate
from acceptance.simulator.windows.runner import Runner
from acceptance.simulator.winrm import wsman
from acceptance.simulator.winrm.authentication import Authenticator
from acceptance.simulator.winrm.shells import FaultError, Shells
from acceptance.simulator.winrm.wsman import Fault

SOAP_TYPE = "application/soap+xml;charset=UTF-8"


@dataclass(frozen=True)
class RequestRecord:
    """One HTTP request as the service saw it; `action` is empty where the body was not reached (a 401)."""

    action: str
    status: int
    encrypted: bool


class WsManServer:
    """A WS-Man service on 127.0.0.1, as a context manager. `latency` (seconds) is added to every answer.

    `client_certificates`: PEM file of a client's certificate -> the account that it is mapped to.
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
    ) -> None:
        self.users = users
        self.authentications = authentications
        self.latency = latency
        self.tls = tls
        self.client_certificates = client_certificates or {}
        self.requests: list[RequestRecord] = []
        self.refused_logins = 0
        self.shells = Shells(runner, faults or {})
        self._folder = tempfile.TemporaryDirectory()
        self._certificate = (
            make_certificate(Path(self._folder.name), certificate_kind) if tls else None
        )
        self._context = self._tls_context()
        self._http = _Service(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    def _tls_context(self) -> ssl.SSLContext | None:
        if self._certificate is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate.chain, self._certificate.key)
        for certificate in self.client_certificates:
            context.load_verify_locations(certificate)
            context.verify_mode = ssl.CERT_OPTIONAL
        return context

    @property
    def tls_context(self) -> ssl.SSLContext | None:
        return self._context

    @property
    def port(self) -> int:
        port: int = self._http.server_address[1]
        return port

    @property
    def ca_file(self) -> Path:
        """The CA's certificate, for a client that is to trust this server. Raises ValueError without TLS."""
        if self._certificate is None:
            raise ValueError("this server has no TLS")
        return self._certificate.ca

    @property
    def open_shells(self) -> int:
        return self.shells.open

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._folder.cleanup()


class _Service(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    owner: WsManServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that breaks off or refuses our certificate is nothing to print."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet for header and body
    server: _Service

    def setup(self) -> None:
        context = self.server.owner.tls_context
        if context is not None:
            self.request = context.wrap_socket(self.request, server_side=True)
        super().setup()
        owner = self.server.owner
        self.authenticator = Authenticator(
            owner.users, owner.authentications, self._certificate_user()
        )

    def _certificate_user(self) -> str:
        """Whom the client's certificate is mapped to; "" without one that TLS has verified."""
        shown = self.request.getpeercert(binary_form=True) if self.server.owner.tls else None
        for path, user in self.server.owner.client_certificates.items():
            if shown == ssl.PEM_cert_to_DER_cert(path.read_text(encoding="ascii")):
                return user
        return ""

    def finish(self) -> None:
        super().finish()
        self.request.close()  # TLS took the socket over: the server's own clean-up no longer reaches it

    def do_POST(self) -> None:
        owner = self.server.owner
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if owner.latency:
            time.sleep(owner.latency)
        if self.path != "/wsman":
            self._reply("", 404, b"", "text/html", False)
            return
        refused = self.authenticator.refused
        accepted, challenges = self.authenticator.answer(self.headers.get("Authorization", ""))
        owner.refused_logins += self.authenticator.refused - refused
        if not accepted:
            self._reply("", 401, b"", "", False, challenges)
            return
        if not body:
            self._reply("", 200, b"", SOAP_TYPE, False, challenges)
            return
        self._answer(body, challenges)

    def _answer(self, body: bytes, challenges: list[str]) -> None:
        owner = self.server.owner
        try:
            plain, encrypted = self.authenticator.unseal(self.headers.get("Content-Type", ""), body)
            request = wsman.parse_request(plain)
        except (ValueError, IndexError):
            self._reply("", 400, b"", "", False)
            return
        action = request.action.rsplit("/", 1)[-1]
        if not encrypted and not owner.tls:
            self._reply(
                action, 500, b"", "", False
            )  # the service refuses unencrypted bodies over http by default
            return
        address = (
            f"{'https' if owner.tls else 'http'}://{self.headers.get('Host', 'localhost')}/wsman"
        )
        try:
            status, answer = 200, owner.shells.answer(request, address, self.authenticator.user)
        except FaultError as error:
            status, answer = 500, wsman.fault_response(request, error.fault, "localhost")
        content_type = SOAP_TYPE
        if encrypted:
            content_type, answer = self.authenticator.seal(answer)
        self._reply(action, status, answer, content_type, encrypted, challenges)

    def _reply(
        self,
        action: str,
        status: int,
        body: bytes,
        content_type: str,
        encrypted: bool,
        challenges: list[str] | None = None,
    ) -> None:
        self.server.owner.requests.append(RequestRecord(action, status, encrypted))
        self.send_response(status)
        for challenge in challenges or []:
            self.send_header("WWW-Authenticate", challenge)
        if content_type:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed: the requests are counted instead."""
