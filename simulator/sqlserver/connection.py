"""One client's conversation: PRELOGIN, TLS, LOGIN7, then requests until it leaves ([MS-TDS] 3.3.5)."""

import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from simulator.sqlserver import tokens
from simulator.sqlserver.constants import (
    DEFAULT_PACKET_SIZE,
    DoneStatus,
    Encryption,
    EnvChange,
    PacketType,
    PreLoginOption,
    ProcId,
    Token,
    TransactionRequest,
)
from simulator.sqlserver.datatypes import type_info
from simulator.sqlserver.errors import SqlError, error, not_evaluated
from simulator.sqlserver.login7 import Login, parse_login7
from simulator.sqlserver.packets import Message, ProtocolError
from simulator.sqlserver.prelogin import parse_prelogin, version_option, write_prelogin
from simulator.sqlserver.results import DatabaseChange, Result
from simulator.sqlserver.rpc import Parameter, RpcRequest, parse_batch, parse_rpc, skip_headers
from simulator.sqlserver.security import check_login
from simulator.sqlserver.session import Session
from simulator.sqlserver.state import Twin
from simulator.sqlserver.terms import Variable
from simulator.sqlserver.transport import Transport

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
    features: tuple[int, ...]
    error: int | None


@dataclass(frozen=True)
class BatchRecord:
    """One request: `kind` is `batch`, `transaction` or the procedure; `own` where the driver asks for itself."""

    kind: str
    text: str
    database: str
    own: bool = False


@dataclass
class Connection:
    """A conversation over one transport; `logins` and `batches` belong to the server, which counts."""

    transport: Transport
    twin: Twin
    passwords: Mapping[str, str]
    encryption: Encryption
    tls: ssl.SSLContext
    answer_delay: float
    logins: list[LoginRecord]
    batches: list[BatchRecord]

    def run(self) -> None:
        """Until the client leaves. Raises EOFError, OSError or ProtocolError."""
        encrypted = self._prelogin()
        if encrypted is None:
            return
        session = self._login(encrypted)
        if session is None:
            return
        requests = Requests(self, session)
        while True:
            requests.answer(self.transport.read_message())

    def _prelogin(self) -> Encryption | None:
        message = self.transport.read_message()
        if message.type is not PacketType.PRELOGIN:
            raise ProtocolError("the first message is no PRELOGIN")
        options = parse_prelogin(message.payload)
        asked = options.get(PreLoginOption.ENCRYPTION, b"\x02")[:1]
        if not asked or asked[0] not in set(Encryption):
            raise ProtocolError("an unknown ENCRYPTION")
        negotiated = NEGOTIATED[self.encryption, Encryption(asked[0])]
        answer: dict[int, bytes] = {
            PreLoginOption.VERSION: version_option(self.twin.server.version),
            PreLoginOption.ENCRYPTION: bytes([Encryption.REQUIRED if negotiated is None else negotiated]),
            PreLoginOption.INSTOPT: b"\x00",
            PreLoginOption.THREADID: b"",
            PreLoginOption.MARS: b"\x00",
        }
        self.transport.write_message(write_prelogin(answer))
        if negotiated in (Encryption.ON, Encryption.REQUIRED, Encryption.OFF):
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
            context = check_login(self.twin, login.user, login.password, self.passwords, integrated=login.integrated)
            session = Session(self.twin, context, login.database)
        except SqlError as refusal:
            self._record(login, encryption, refusal.number)
            errors = [refusal, error(18456, name=login.user)] if refusal.number == 4060 else [refusal]
            self.transport.write_message(self.response(errors))
            return None
        session.encrypted = encryption in (Encryption.ON, Encryption.REQUIRED)
        self._record(login, encryption, None)
        self.transport.write_message(self._login_response(session, login))
        self.transport.packet_size = login.packet_size
        return session

    def _record(self, login: Login, encryption: Encryption, number: int | None) -> None:
        encrypted = encryption in (Encryption.ON, Encryption.REQUIRED)
        self.logins.append(
            LoginRecord(
                login.user, login.database, login.application, login.read_only, encrypted, login.features, number
            )
        )

    def _login_response(self, session: Session, login: Login) -> bytes:
        changed = error(5701, name=session.database)
        return (
            tokens.env_change(EnvChange.DATABASE, session.database, "master")
            + tokens.message(changed, self.twin.server.name)
            + tokens.collation_change(self.twin.server.collation)
            + tokens.env_change(EnvChange.LANGUAGE, "us_english")
            + tokens.login_ack(self.twin.server.version)
            + tokens.env_change(EnvChange.PACKET_SIZE, str(login.packet_size), str(DEFAULT_PACKET_SIZE))
            + tokens.done(Token.DONE, DoneStatus.FINAL)
        )

    def response(self, results: Sequence[Result], procedure: bytes = b"", *, failed: bool | None = None) -> bytes:
        """The tokens of a batch; `procedure` is what ends a procedure's answer before DONEPROC (2.2.7.8)."""
        out = b""
        each = Token.DONEINPROC if procedure else Token.DONE
        for result in results:
            out += _result_tokens(result, each, self.twin.server.name)
        if failed is None:
            failed = any(isinstance(result, SqlError) for result in results)
        status = DoneStatus.ERROR if failed else DoneStatus.FINAL
        return out + procedure + tokens.done(Token.DONEPROC if procedure else Token.DONE, status)


def _result_tokens(result: Result, each: Token, server: str) -> bytes:
    if isinstance(result, SqlError):
        return tokens.message(result, server)
    if isinstance(result, DatabaseChange):
        change = tokens.env_change(EnvChange.DATABASE, result.new, result.old)
        return change + tokens.message(error(5701, name=result.new), server)
    rows = b"".join(tokens.row(result.columns, values) for values in result.rows)
    count = tokens.done(each, DoneStatus.MORE | DoneStatus.COUNT, len(result.rows))
    return tokens.column_metadata(result.columns) + rows + count


class Requests:
    """Answers a session's requests; keeps its prepared statements."""

    def __init__(self, connection: Connection, session: Session) -> None:
        self.connection, self.session = connection, session
        self.prepared: dict[int, tuple[str, str]] = {}
        self.transactions = 0
        self.by_type: dict[PacketType, Callable[[Message], bytes]] = {
            PacketType.SQL_BATCH: self._batch,
            PacketType.RPC: self._rpc,
            PacketType.TRANSACTION_MANAGER: self._transaction,
            PacketType.ATTENTION: lambda _: tokens.done(Token.DONE, DoneStatus.ATTENTION),
        }
        self.procedures: dict[int | str, Callable[[Sequence[Parameter]], bytes]] = {
            ProcId.SP_EXECUTESQL: self._execute_sql,
            ProcId.SP_PREPARE: self._prepare,
            ProcId.SP_EXECUTE: self._execute,
            ProcId.SP_PREPEXEC: self._prepare_and_execute,
            ProcId.SP_UNPREPARE: self._unprepare,
            "sp_executesql": self._execute_sql,
            "sp_unprepare": self._unprepare,
            "sp_datatype_info_100": self._datatype_info,
            "sp_describe_undeclared_parameters": self._describe_parameters,
        }

    def answer(self, message: Message) -> None:
        """Answer one message. Raises ProtocolError for one that no client sends after the login."""
        if message.type not in self.by_type:
            raise ProtocolError(f"{message.type.name} after the login")
        head = b""
        if message.reset:
            self.session.reset()
            head = tokens.env_change(EnvChange.RESET_CONNECTION, "")
        payload = self.by_type[message.type](message)
        delay = self.connection.answer_delay
        transport = self.connection.transport
        if delay and message.type is not PacketType.ATTENTION and self._cancelled(delay):
            return
        transport.write_message(head + payload)

    def _cancelled(self, delay: float) -> bool:
        """Wait; where the client sends an attention meanwhile, only that is answered (2.2.1.7)."""
        end = time.monotonic() + delay
        while (left := end - time.monotonic()) > 0:
            if self.connection.transport.has_input(left):
                self.answer(self.connection.transport.read_message())
                return True
        return False

    def _record(self, kind: str, text: str, *, own: bool = False) -> None:
        self.connection.batches.append(BatchRecord(kind, text, self.session.database, own))

    def _batch(self, message: Message) -> bytes:
        text = parse_batch(message.payload)
        self._record("batch", text)
        return self.connection.response(self.session.run(text))

    def _rpc(self, message: Message) -> bytes:
        return b"".join(self._call(request) for request in parse_rpc(message.payload))

    def _call(self, request: RpcRequest) -> bytes:
        name = request.procedure
        key: int | str = name.lower().rpartition(".")[2] if isinstance(name, str) else name
        if key not in self.procedures:
            self._record(str(name), "")
            shown = ProcId(name).name.lower() if isinstance(name, int) and name in set(ProcId) else str(name)
            return self.connection.response([error(2812, name=shown)])
        try:
            return self.procedures[key](request.parameters)
        except (IndexError, TypeError):
            raise ProtocolError(f"{name} without its parameters") from None

    def _execute_sql(self, parameters: Sequence[Parameter]) -> bytes:
        statement = parameters[0].value
        declared = parameters[1].value if len(parameters) > 1 else ""
        self._record("sp_executesql", statement)
        return self._run(statement, declared, parameters[2:])

    def _prepare(self, parameters: Sequence[Parameter]) -> bytes:
        """Answers the handle only; the driver asks for the columns when it executes."""
        handle = self._remember(parameters)
        end = tokens.return_status(0) + tokens.return_value(parameters[0].name, handle)
        return self.connection.response([], end)

    def _prepare_and_execute(self, parameters: Sequence[Parameter]) -> bytes:
        handle = self._remember(parameters)
        declared, statement = self.prepared[handle]
        self._record("sp_prepexec", statement)
        return self._run(statement, declared, parameters[3:], tokens.return_value(parameters[0].name, handle))

    def _remember(self, parameters: Sequence[Parameter]) -> int:
        handle = len(self.prepared) + 1
        self.prepared[handle] = (parameters[1].value or "", parameters[2].value)
        return handle

    def _execute(self, parameters: Sequence[Parameter]) -> bytes:
        handle = parameters[0].value
        if handle not in self.prepared:
            return self.connection.response([error(8179, name=handle)])
        declared, statement = self.prepared[handle]
        self._record("sp_execute", statement)
        return self._run(statement, declared, parameters[1:])

    def _unprepare(self, parameters: Sequence[Parameter]) -> bytes:
        self.prepared[parameters[0].value] = ("", "")
        return self.connection.response([], tokens.return_status(0))

    def _datatype_info(self, parameters: Sequence[Parameter]) -> bytes:
        """SQLGetTypeInfo: pyodbc asks at its first connection for the greatest lengths of four types."""
        self._record("sp_datatype_info_100", "", own=True)
        return self.connection.response([type_info(parameters[0].value)], tokens.return_status(0))

    def _describe_parameters(self, parameters: Sequence[Parameter]) -> bytes:
        """SQLDescribeParam: pyodbc asks for a parameter that is None, and takes varchar where the server cannot say."""
        self._record("sp_describe_undeclared_parameters", parameters[0].value, own=True)
        return self.connection.response([not_evaluated("the types of undeclared parameters")], tokens.return_status(1))

    def _run(self, statement: str, declared: str, values: Sequence[Parameter], returned: bytes = b"") -> bytes:
        arguments = [(value.name, Variable(value.type, value.value)) for value in values]
        results = self.session.execute_sql(statement, declared or "", arguments)
        failed = any(isinstance(result, SqlError) and result.severity > tokens.INFORMATION for result in results)
        end = tokens.return_status(1 if failed else 0) + returned
        return self.connection.response(results, end)

    def _transaction(self, message: Message) -> bytes:
        """Nothing is ever changed here, so a transaction is only its descriptor."""
        kind = int.from_bytes(skip_headers(message.payload)[:2], "little")
        self._record("transaction", TransactionRequest(kind).name if kind in set(TransactionRequest) else str(kind))
        descriptor = self.transactions.to_bytes(8, "little")
        changes = {
            TransactionRequest.BEGIN: EnvChange.BEGIN_TRANSACTION,
            TransactionRequest.COMMIT: EnvChange.COMMIT_TRANSACTION,
            TransactionRequest.ROLLBACK: EnvChange.ROLLBACK_TRANSACTION,
        }
        if kind not in changes:
            raise ProtocolError(f"transaction request {kind}")
        if kind == TransactionRequest.BEGIN:
            self.transactions += 1
            new, old = self.transactions.to_bytes(8, "little"), b""
        else:
            new, old = b"", descriptor
        change = tokens.env_change_bytes(changes[TransactionRequest(kind)], new, old)
        return change + tokens.done(Token.DONE, DoneStatus.FINAL)
