"""One client's conversation: PRELOGIN, TLS, LOGIN7, then requests until it leaves ([MS-TDS]
3.3.5)."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from acceptance.simulator.sqlserver import tokens
from acceptance.simulator.sqlserver.constants import (
    DEFAULT_PACKET_SIZE,
    TDS_8_0,
    TDS_VERSIONS,
    DoneStatus,
    Encryption,
    EnvChange,
    PacketType,
    PreLoginOption,
    Token,
)
from acceptance.simulator.sqlserver.errors import SqlError, error
from acceptance.simulator.sqlserver.login7 import Login, parse_login7
from acceptance.simulator.sqlserver.packets import ProtocolError
from acceptance.simulator.sqlserver.prelogin import parse_prelogin, version_option, write_prelogin
from acceptance.simulator.sqlserver.requests import SLOW, BatchRecord, Requests
from acceptance.simulator.sqlserver.security import check_login
from acceptance.simulator.sqlserver.session import Session
from acceptance.simulator.sqlserver.state import Twin
from acceptance.simulator.sqlserver.transport import Transport

ENCRYPTED_PACKET_SIZE = 16192  # seen: the driver cannot encrypt packets of 16368 bytes and more

# [MS-TDS] 2.2.6.5: what the server answers and what is then encrypted, by (server, client).
# None: the server ends the conversation, as the client cannot do what it must.
NEGOTIATED: dict[tuple[Encryption, Encryption], Encryption | None] = {
    (Encryption.REQUIRED, Encryption.OFF): Encryption.REQUIRED,
    (Encryption.REQUIRED, Encryption.ON): Encryption.ON,
    (Encryption.REQUIRED, Encryption.REQUIRED): Encryption.ON,
    (Encryption.REQUIRED, Encryption.NOT_SUPPORTED): None,
    (Encryption.OFF, Encryption.OFF): Encryption.OFF,
    (Encryption.OFF, Encryption.ON): Encryption.ON,
    (Encryption.OFF, Encryption.REQUIRED): Encryption.ON,
    (Encryption.OFF, Encryption.NOT_SUPPORTED): Encryption.NOT_SUPPORTED,
    (Encryption.NOT_SUPPORTED, Encryption.OFF): Encryption.NOT_SUPPORTED,
    (Encryption.NOT_SUPPORTED, Encryption.ON): Encryption.NOT_SUPPORTED,  # the client leaves
    (Encryption.NOT_SUPPORTED, Encryption.REQUIRED): Encryption.NOT_SUPPORTED,
    (Encryption.NOT_SUPPORTED, Encryption.NOT_SUPPORTED): Encryption.NOT_SUPPORTED,
}


@dataclass(frozen=True)
class LoginRecord:
    """One LOGIN7. `error` is the number that the client got, or None where it is in."""

    user: str
    database: str
    application: str
    read_only: bool
    encrypted: bool
    tds_version: int
    features: tuple[int, ...]
    error: int | None


@dataclass
class Connection:
    """A conversation over one transport; `logins` and `batches` belong to the server, which counts.

    `tls` is None where TLS came before all else (Encrypt=strict), so that PRELOGIN has nothing to
    negotiate.
    """

    transport: Transport
    twin: Twin
    passwords: Mapping[str, str]
    encryption: Encryption
    tls: ssl.SSLContext | None
    answer_delay: float
    logins: list[LoginRecord]
    batches: list[BatchRecord]
    refusal: SqlError | None = None
    hangs_at: int | None = None
    breaks_at: int | None = None

    def run(self) -> None:
        """Until the client leaves. Raises EOFError, OSError or ProtocolError."""
        encrypted = self._prelogin()
        if encrypted is None:
            return
        session = self._login(encrypted)
        if session is None:
            return
        requests = Requests(self.transport, session, self.batches, self.answer_delay)
        try:
            while True:
                message = self.transport.read_message()
                number = 1 + sum(not one.own for one in self.batches)
                counts = message.type in SLOW
                if counts and number == self.breaks_at:
                    self.batches.append(BatchRecord("broken", "", session.database, False))
                    return
                if counts and number == self.hangs_at:
                    self.batches.append(BatchRecord("hung", "", session.database, False))
                    while True:
                        self.transport.read_message()
                requests.answer(message)
        finally:
            session.close()

    def _prelogin(self) -> Encryption | None:
        message = self.transport.read_message()
        if message.type is not PacketType.PRELOGIN:
            raise ProtocolError("the first message is no PRELOGIN")
        options = parse_prelogin(message.payload)
        asked = options.get(PreLoginOption.ENCRYPTION, b"\x02")[:1]
        if not asked or asked[0] not in set(Encryption):
            raise ProtocolError("an unknown ENCRYPTION")
        negotiated = (
            NEGOTIATED[self.encryption, Encryption(asked[0])] if self.tls else Encryption.REQUIRED
        )
        answer: dict[int, bytes] = {
            PreLoginOption.VERSION: version_option(self.twin.server.version),
            PreLoginOption.ENCRYPTION: bytes(
                [Encryption.REQUIRED if negotiated is None else negotiated]
            ),
            PreLoginOption.INSTOPT: b"\x00",
            PreLoginOption.THREADID: b"",
            PreLoginOption.MARS: b"\x00",
        }
        self.transport.write_message(write_prelogin(answer))
        if self.tls and negotiated in (Encryption.ON, Encryption.REQUIRED, Encryption.OFF):
            self.transport.start_tls(self.tls)
        return negotiated

    def _login(self, encryption: Encryption) -> Session | None:
        message = self.transport.read_message()
        if encryption is Encryption.OFF:
            self.transport.stop_tls()
        if message.type is not PacketType.LOGIN7:
            raise ProtocolError("no LOGIN7 after PRELOGIN")
        login = parse_login7(message.payload)
        try:
            if self.refusal is not None:
                raise self.refusal
            context = check_login(
                self.twin, login.user, login.password, self.passwords, integrated=login.integrated
            )
            session = Session(self.twin, context, login.database)
        except SqlError as refusal:
            self._record(login, encryption, refusal.number)
            errors = [refusal]
            if refusal.number in (4060, 4064):
                errors.append(error(18456, name=login.user))
            self.transport.write_message(tokens.response(errors, self.twin.server.name))
            return None
        self._record(login, encryption, None)
        size = login.packet_size
        if encryption in (Encryption.ON, Encryption.REQUIRED):
            size = min(size, ENCRYPTED_PACKET_SIZE)
        agreed = agreed_version(login.tds_version) if self.tls else TDS_8_0
        self.transport.write_message(self._login_response(session, size, agreed))
        self.transport.packet_size = size
        return session

    def _record(self, login: Login, encryption: Encryption, number: int | None) -> None:
        encrypted = encryption in (Encryption.ON, Encryption.REQUIRED)
        record = LoginRecord(
            login.user, login.database, login.application, login.read_only, encrypted,
            login.tds_version, login.features, number,
        )  # fmt: skip
        self.logins.append(record)

    def _login_response(self, session: Session, packet_size: int, agreed: int) -> bytes:
        changed = error(5701, name=session.database)
        return (
            tokens.env_change(EnvChange.DATABASE, session.database, "master")
            + tokens.message(changed, self.twin.server.name)
            + tokens.collation_change(self.twin.server.collation)
            + tokens.env_change(EnvChange.LANGUAGE, "us_english")
            + tokens.login_ack(self.twin.server.version, agreed)
            + tokens.env_change(EnvChange.PACKET_SIZE, str(packet_size), str(DEFAULT_PACKET_SIZE))
            + tokens.done(Token.DONE, DoneStatus.FINAL)
        )


def agreed_version(asked: int) -> int:
    """The newest version that both sides know. Raises ProtocolError for a client from before
    7.1."""
    known = [version for version in TDS_VERSIONS if version <= asked]
    if not known:
        raise ProtocolError(f"TDS version 0x{asked:08x}")
    return known[-1]
