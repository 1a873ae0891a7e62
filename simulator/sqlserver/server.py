"""The simulated SQL Server: listens on loopback, one thread a connection, counts logins and
batches.

>>> with SqlServer(load_twin("sql-compliant"), logins={"acceptance": "secret"}) as server:
...     server.port, server.ca_file, server.logins, server.batches
"""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from acceptance.simulator.listening import Listener
from acceptance.simulator.sqlserver import tds, tokens
from acceptance.simulator.sqlserver.errors import SqlError, error
from acceptance.simulator.sqlserver.reading import Login, parse_login7, parse_prelogin
from acceptance.simulator.sqlserver.requests import BatchRecord, Requests
from acceptance.simulator.sqlserver.security import check_login
from acceptance.simulator.sqlserver.session import Session
from acceptance.simulator.sqlserver.state import Twin
from acceptance.simulator.sqlserver.transport import ProtocolError, Transport
from acceptance.simulator.sqlserver.typeinfo import COLLATION

FIRST_STRICT = 16  # SQL Server 2022: TDS 8.0, TLS before PRELOGIN
STRICT_ALPN = "tds/8.0"  # [MS-TDS] 3.2.1
TLS_HANDSHAKE = b"\x16"  # RFC 8446, 5.1: the first byte of a ClientHello
ENCRYPTED_PACKET_SIZE = 16192  # seen: the driver cannot encrypt packets of 16368 bytes and more

# [MS-TDS] 2.2.6.5: what the server answers and what is then encrypted, by the server's own setting
# and, in the order of their numbers, the client's. A client that cannot do what it must leaves.
OFF, ON, NOT_SUPPORTED, REQUIRED = tds.Encryption
NEGOTIATED = {
    REQUIRED: (REQUIRED, ON, REQUIRED, ON),
    OFF: (OFF, ON, NOT_SUPPORTED, ON),
    NOT_SUPPORTED: (NOT_SUPPORTED, NOT_SUPPORTED, NOT_SUPPORTED, NOT_SUPPORTED),
}


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
        encryption: tds.Encryption = tds.Encryption.REQUIRED,
        certificate_kind: str = "good",
        answer_delay: float = 0.0,
        refusal: SqlError | None = None,
        old_tls: bool = False,
        hangs_at: int | None = None,
        breaks_at: int | None = None,
    ) -> None:
        super().__init__(self._converse, certificate_kind)
        self.twin, self.passwords = twin, dict(logins)
        self.encryption, self.refusal = encryption, refusal
        self.answer_delay, self.hangs_at, self.breaks_at = answer_delay, hangs_at, breaks_at
        self.logins: list[Login] = []
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
        first = connection.recv(1, socket.MSG_PEEK)
        strict = self.twin.server.major >= FIRST_STRICT and first == TLS_HANDSHAKE
        if strict:
            connection = self.secured(connection, self._strict_context)
        Connection(self, Transport(connection), None if strict else self._context).run()


@dataclass
class Connection:
    """One client's conversation: PRELOGIN, TLS, LOGIN7, then requests until it leaves ([MS-TDS]
    3.3.5).

    `tls` is None where TLS came before all else (Encrypt=strict), so that PRELOGIN has nothing to
    negotiate.
    """

    server: SqlServer
    transport: Transport
    tls: ssl.SSLContext | None

    def run(self) -> None:
        """Until the client leaves. Raises EOFError, OSError or ProtocolError."""
        server = self.server
        session = self._login(self._prelogin())
        if session is None:
            return
        requests = Requests(
            self.transport, session, server.requests, answer_delay=server.answer_delay,
            hangs_at=server.hangs_at, breaks_at=server.breaks_at,
        )  # fmt: skip
        try:
            while True:
                requests.answer(self.transport.read_message())
        finally:
            session.close()

    def _read(self, kind: tds.PacketType) -> bytes:
        message = self.transport.read_message()
        if message.type is not kind:
            raise ProtocolError(f"{message.type.name} instead of {kind.name}")
        return message.payload

    def _prelogin(self) -> tds.Encryption:
        wanted = parse_prelogin(self._read(tds.PacketType.PRELOGIN))
        asked = wanted.get(tds.ENCRYPTION, b"")[:1] or bytes([NOT_SUPPORTED])
        if asked[0] not in set(tds.Encryption):
            raise ProtocolError("an unknown ENCRYPTION")
        negotiated = NEGOTIATED[self.server.encryption][asked[0]] if self.tls else REQUIRED
        version = tokens.version_bytes(self.server.twin.server.version) + bytes(2)  # sub-build
        options = [version, bytes([negotiated]), b"\x00", b"", b"\x00"]
        self.transport.write_message(tokens.write_prelogin(options))
        if self.tls and negotiated is not NOT_SUPPORTED:
            self.transport.start_tls(self.tls)
        return negotiated

    def _login(self, encryption: tds.Encryption) -> Session | None:
        server, twin = self.server, self.server.twin
        payload = self._read(tds.PacketType.LOGIN7)
        if encryption is OFF:
            self.transport.stop_tls()
        login = parse_login7(payload)
        if login.tds_version != tds.TDS_7_4:  # seen: with Encrypt=strict too
            raise ProtocolError(f"TDS version 0x{login.tds_version:08x} is not simulated")
        login.encrypted = encryption in (ON, REQUIRED)
        server.logins.append(login)
        try:
            if server.refusal is not None:
                raise server.refusal
            context = check_login(
                twin, login.user, login.password, server.passwords, integrated=login.integrated
            )
            session = Session(twin, context, login.database)
        except SqlError as refusal:
            login.error = refusal.number
            errors = [refusal]
            if refusal.number in (4060, 4064):
                errors.append(error(18456, name=login.user))
            self.transport.write_message(tokens.response(errors, twin.server.name))
            return None
        size = login.packet_size
        if login.encrypted:
            size = min(size, ENCRYPTED_PACKET_SIZE)
        self.transport.write_message(
            tokens.env_change(tds.EnvChange.DATABASE, session.database, "master")
            + tokens.message(error(5701, name=session.database), twin.server.name)
            + tokens.env_change(tds.EnvChange.COLLATION, COLLATION)
            + tokens.env_change(tds.EnvChange.LANGUAGE, "us_english")
            + tokens.login_ack(twin.server.version, tds.TDS_7_4 if self.tls else tds.TDS_8_0)
            + tokens.env_change(tds.EnvChange.PACKET_SIZE, str(size), str(tds.DEFAULT_PACKET_SIZE))
            + tokens.done(tds.Token.DONE, tds.DoneStatus.FINAL)
        )
        self.transport.packet_size = size
        return session
