"""The simulated SQL Server: listens on loopback, one thread a connection, counts logins and
batches.

>>> with SqlServer(load_twin("sql-compliant"), logins={"acceptance": "secret"}) as server:
...     server.port, server.ca_file, server.logins, server.batches
"""

import socket
import ssl
from collections.abc import Mapping
from enum import Enum

from acceptance.simulator.listening import Listener
from acceptance.simulator.sqlserver.connection import Connection, LoginRecord
from acceptance.simulator.sqlserver.constants import Encryption
from acceptance.simulator.sqlserver.errors import SqlError
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


class SqlServer(Listener):
    """A SQL Server on 127.0.0.1, as a context manager.

    `logins` maps SQL logins of the twin to their passwords, which stand in no file.
    `certificate_kind` is one of certificates.KINDS; `answer_delay` (seconds) comes before every
    answer to a batch. `refusal`: the error that answers every login. `old_tls`: TLS 1.1 at most.
    `hangs_at`: that batch, counted from 1, is never answered, nor is the attention after it.
    `breaks_at`: at that batch the server ends the connection.
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
        refusal: SqlError | None = None,
        old_tls: bool = False,
        hangs_at: int | None = None,
        breaks_at: int | None = None,
    ) -> None:
        super().__init__(self._converse, certificate_kind)
        self.twin = twin
        self.passwords = dict(logins)
        self._encryption, self._misbehaviour = encryption, misbehaviour
        self._answer_delay, self._refusal = answer_delay, refusal
        self._hangs_at, self._breaks_at = hangs_at, breaks_at
        self.logins: list[LoginRecord] = []
        self.requests: list[BatchRecord] = []
        self._context, self._strict_context = self.certificate.context(), self.certificate.context()
        self._strict_context.set_alpn_protocols([STRICT_ALPN])
        # TLS inside PRELOGIN packets cannot carry what TLS 1.3 sends after the handshake.
        self._context.maximum_version = ssl.TLSVersion.TLSv1_2
        if old_tls:
            # OpenSSL signs with SHA-1, as TLS 1.1 does, at its level 0 only.
            self._context.set_ciphers("ALL:@SECLEVEL=0")
            self._context.minimum_version = ssl.TLSVersion.TLSv1
            self._context.maximum_version = ssl.TLSVersion.TLSv1_1

    @property
    def batches(self) -> list[BatchRecord]:
        """The client's batches, without what the driver asks for itself."""
        return [request for request in self.requests if not request.own]

    def _converse(self, connection: socket.socket) -> None:
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
        first = connection.recv(1, socket.MSG_PEEK)
        strict = self.twin.server.major >= FIRST_STRICT and first == TLS_HANDSHAKE
        if strict:
            connection = self.secured(connection, self._strict_context)
        Connection(
            Transport(connection),
            self.twin,
            passwords=self.passwords,
            encryption=self._encryption,
            tls=None if strict else self._context,
            answer_delay=self._answer_delay,
            refusal=self._refusal,
            hangs_at=self._hangs_at,
            breaks_at=self._breaks_at,
            logins=self.logins,
            batches=self.requests,
        ).run()
