"""The simulated SQL Server: listens on loopback, one thread a connection, counts logins and batches.

>>> with SqlServer(load_twin("sql-compliant"), logins={"acceptance": "secret"}) as server:
...     server.port, server.ca_file, server.logins, server.batches
"""

import contextlib
import socket
import ssl
import tempfile
import threading
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

from acceptance.simulator.certificates import make_certificate
from acceptance.simulator.sqlserver.connection import Connection, LoginRecord
from acceptance.simulator.sqlserver.constants import Encryption
from acceptance.simulator.sqlserver.packets import ProtocolError
from acceptance.simulator.sqlserver.requests import BatchRecord
from acceptance.simulator.sqlserver.state import Twin
from acceptance.simulator.sqlserver.transport import Transport

GARBAGE = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"

FIRST_STRICT = 16  # SQL Server 2022: TDS 8.0, TLS before PRELOGIN
STRICT_ALPN = "tds/8.0"  # [MS-TDS] 3.2.1
TLS_HANDSHAKE = b"\x16"  # RFC 8446, 5.1: the first byte of a ClientHello


class Misbehaviour(Enum):
    """Servers that are none."""

    SILENT = "accepts and never answers"
    CLOSES = "accepts and closes at once"
    GARBAGE = "answers, but no TDS"


class SqlServer:
    """A SQL Server on 127.0.0.1, as a context manager.

    `logins` maps SQL logins of the twin to their passwords, which stand in no file. `certificate_kind` is one of
    certificates.KINDS; `answer_delay` (seconds) comes before every answer to a batch.
    """

    def __init__(
        self,
        twin: Twin,
        *,
        logins: Mapping[str, str],
        encryption: Encryption = Encryption.REQUIRED,
        certificate_kind: str = "good",
        misbehaviour: Misbehaviour | None = None,
        answer_delay: float = 0.0,
    ) -> None:
        self.twin = twin
        self.passwords = dict(logins)
        self._encryption, self._misbehaviour, self._answer_delay = (
            encryption,
            misbehaviour,
            answer_delay,
        )
        self.logins: list[LoginRecord] = []
        self.requests: list[BatchRecord] = []
        self._folder = tempfile.TemporaryDirectory()
        self._certificate = make_certificate(Path(self._folder.name), certificate_kind)
        self._context, self._strict_context = self._tls_context(), self._tls_context()
        self._strict_context.set_alpn_protocols([STRICT_ALPN])
        # TLS inside PRELOGIN packets cannot carry what TLS 1.3 sends after the handshake.
        self._context.maximum_version = ssl.TLSVersion.TLSv1_2
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def _tls_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate.chain, self._certificate.key)
        return context

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def batches(self) -> list[BatchRecord]:
        """The client's batches, without what the driver asks for itself."""
        return [request for request in self.requests if not request.own]

    @property
    def ca_file(self) -> Path:
        """The CA's certificate (PEM), for a client that is to trust this server."""
        return self._certificate.ca

    @property
    def certificate_file(self) -> Path:
        """The server's own certificate (PEM)."""
        return self._certificate.chain

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for connection in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._thread.join()
        self._folder.cleanup()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            # A client that breaks off, refuses the certificate or speaks no TDS is nothing to print.
            with contextlib.suppress(OSError, EOFError, ProtocolError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._talk(connection)
        finally:
            self._open.discard(connection)
            connection.close()

    def _talk(self, connection: socket.socket) -> None:
        misbehaviour = self._misbehaviour
        if misbehaviour is Misbehaviour.CLOSES:
            return
        if misbehaviour is Misbehaviour.GARBAGE:
            connection.recv(4096)
            connection.sendall(GARBAGE)
            return
        if misbehaviour is Misbehaviour.SILENT:
            while connection.recv(4096):
                pass
            return
        strict = (
            self.twin.server.major >= FIRST_STRICT
            and connection.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE
        )
        if strict:
            connection = self._strict_context.wrap_socket(connection, server_side=True)
            self._open.add(connection)
        Connection(
            Transport(connection),
            self.twin,
            passwords=self.passwords,
            encryption=self._encryption,
            tls=None if strict else self._context,
            answer_delay=self._answer_delay,
            logins=self.logins,
            batches=self.requests,
        ).run()
