"""What a logged-in client asks: batches, procedures, attentions ([MS-TDS] 2.2.6); each says who
sends it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from acceptance.simulator.sqlserver import execution, tokens
from acceptance.simulator.sqlserver.constants import (
    DoneStatus,
    EnvChange,
    PacketType,
    ProcId,
    Token,
)
from acceptance.simulator.sqlserver.datatypes import type_info
from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.locks import FATAL
from acceptance.simulator.sqlserver.packets import Message, ProtocolError
from acceptance.simulator.sqlserver.rpc import Parameter, RpcRequest, parse_batch, parse_rpc
from acceptance.simulator.sqlserver.session import Result, Session, Variable
from acceptance.simulator.sqlserver.tokens import has_failed, response
from acceptance.simulator.sqlserver.transport import Transport

SLOW = (PacketType.SQL_BATCH, PacketType.RPC)  # what `answer_delay` holds back


@dataclass(frozen=True)
class BatchRecord:
    """One request: `kind` is `batch` or the procedure; `own` where the driver asks for itself."""

    kind: str
    text: str
    database: str
    own: bool = False


class Requests:
    """Answers a session's requests; keeps its prepared statements."""

    def __init__(
        self,
        transport: Transport,
        session: Session,
        records: list[BatchRecord],
        answer_delay: float,
        *,
        hangs_at: int | None = None,
        breaks_at: int | None = None,
    ) -> None:
        self.transport, self.session = transport, session
        self.records, self.answer_delay = records, answer_delay
        self.hangs_at, self.breaks_at = hangs_at, breaks_at
        self.prepared: dict[int, tuple[str, str]] = {}  # declarations and statement by handle
        self.handles = 0
        self.fatal = False  # the last answer was this connection's last
        self.by_type: dict[PacketType, Callable[[Message], bytes]] = {
            PacketType.SQL_BATCH: self._batch,  # System.Data.SqlClient without parameters
            PacketType.RPC: self._rpc,
            PacketType.TRANSACTION_MANAGER: self._transaction,
            PacketType.ATTENTION: lambda _: tokens.done(Token.DONE, DoneStatus.ATTENTION),
        }
        self.procedures: dict[int | str, Callable[[Sequence[Parameter]], bytes]] = {
            ProcId.SP_EXECUTESQL: self._execute_sql,  # SqlClient with parameters
            ProcId.SP_PREPARE: self._prepare,  # pyodbc with a value longer than 8000 bytes
            ProcId.SP_EXECUTE: self._execute,
            ProcId.SP_PREPEXEC: self._prepare_and_execute,  # pyodbc with parameters
            ProcId.SP_UNPREPARE: self._unprepare,
            "sp_executesql": self._execute_sql,
            "sp_unprepare": self._unprepare,  # ODBC Driver 18 calls it by name
            "sp_datatype_info_100": self._datatype_info,
            "sp_describe_undeclared_parameters": self._describe_parameters,
        }

    def answer(self, message: Message) -> None:
        """Answer one message. Raises ProtocolError for one that no client sends after the login."""
        if message.type not in self.by_type:
            raise ProtocolError(f"{message.type.name} after the login")
        head = b""
        if message.reset:  # SqlClient's pool hands the connection to the next
            self.session.reset()
            head = tokens.env_change(EnvChange.RESET_CONNECTION, "")
        before = len(self.records)
        payload = self.by_type[message.type](message)
        if len(self.records) > before and not self.records[-1].own:
            self._misbehave(sum(not one.own for one in self.records))
        slow = self.answer_delay and message.type in SLOW and not self.records[-1].own
        if slow and self._cancelled():
            return
        self.transport.write_message(head + payload)
        if self.fatal:
            raise EOFError

    def _misbehave(self, number: int) -> None:
        """At the batch of that number: the connection ends, or nothing is answered ever again."""
        if number == self.breaks_at:
            raise EOFError
        while number == self.hangs_at:
            self.transport.read_message()

    def _cancelled(self) -> bool:
        """Wait; where the client sends an attention meanwhile, only that is answered (2.2.1.7)."""
        end = time.monotonic() + self.answer_delay
        while (left := end - time.monotonic()) > 0:
            if self.transport.has_input(left):
                self.answer(self.transport.read_message())
                return True
        return False

    def _response(self, results: Sequence[Result], procedure: bytes = b"") -> bytes:
        errors = [one for one in results if isinstance(one, SqlError)]
        self.fatal = any(one.severity >= FATAL for one in errors)
        return response(results, self.session.twin.server.name, procedure)

    def _record(self, kind: str, text: str, *, own: bool = False) -> None:
        self.records.append(BatchRecord(kind, text, self.session.database, own))

    def _batch(self, message: Message) -> bytes:
        text = parse_batch(message.payload)
        self._record("batch", text)
        return self._response(execution.run(self.session, text))

    def _transaction(self, _: Message) -> bytes:
        self._record("transaction", "")
        return self._response([not_evaluated("a transaction")])

    def _rpc(self, message: Message) -> bytes:
        return b"".join(self._call(request) for request in parse_rpc(message.payload))

    def _call(self, request: RpcRequest) -> bytes:
        name = request.procedure
        key: int | str = name.lower().rpartition(".")[2] if isinstance(name, str) else name
        if key not in self.procedures:
            self._record(str(name), "")
            unknown = isinstance(name, str)  # what has a number is on every server
            failure = error(2812, name=name) if unknown else not_evaluated(f"the procedure {name}")
            return self._response([failure])
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
        return self._response([], end)

    def _prepare_and_execute(self, parameters: Sequence[Parameter]) -> bytes:
        handle = self._remember(parameters)
        declared, statement = self.prepared[handle]
        self._record("sp_prepexec", statement)
        returned = tokens.return_value(parameters[0].name, handle)
        return self._run(statement, declared, parameters[3:], returned)

    def _remember(self, parameters: Sequence[Parameter]) -> int:
        self.handles += 1
        self.prepared[self.handles] = (parameters[1].value or "", parameters[2].value)
        return self.handles

    def _execute(self, parameters: Sequence[Parameter]) -> bytes:
        handle = parameters[0].value
        if handle not in self.prepared:
            return self._response([error(8179, name=handle)])
        declared, statement = self.prepared[handle]
        self._record("sp_execute", statement)
        return self._run(statement, declared, parameters[1:])

    def _unprepare(self, parameters: Sequence[Parameter]) -> bytes:
        self.prepared.pop(parameters[0].value, None)
        return self._response([], tokens.return_status(0))

    def _datatype_info(self, parameters: Sequence[Parameter]) -> bytes:
        """SQLGetTypeInfo: pyodbc asks at its first connection for the greatest lengths."""
        self._record("sp_datatype_info_100", "", own=True)
        return self._response([type_info(parameters[0].value)], tokens.return_status(0))

    def _describe_parameters(self, parameters: Sequence[Parameter]) -> bytes:
        """SQLDescribeParam: pyodbc asks for a parameter that is None.

        It takes varchar where the server cannot say.
        """
        self._record("sp_describe_undeclared_parameters", parameters[0].value, own=True)
        failed = not_evaluated("the types of undeclared parameters")
        return self._response([failed], tokens.return_status(1))

    def _run(
        self, statement: str, declared: str, values: Sequence[Parameter], returned: bytes = b""
    ) -> bytes:
        arguments = [(value.name, Variable(value.type, value.value)) for value in values]
        results = execution.execute_sql(self.session, statement, declared or "", arguments)
        end = tokens.return_status(int(has_failed(results))) + returned
        return self._response(results, end)
