"""What a logged-in client asks: batches, procedures, attentions ([MS-TDS] 2.2.6); each says who
sends it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

from acceptance.simulator.sqlserver import execution, tokens
from acceptance.simulator.sqlserver.catalog import type_info
from acceptance.simulator.sqlserver.constants import (
    DoneStatus,
    EnvChange,
    PacketType,
    ProcId,
    Token,
)
from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.reading import Parameter, parse_batch, parse_rpc
from acceptance.simulator.sqlserver.session import FATAL, Result, Session, Variable
from acceptance.simulator.sqlserver.tokens import has_failed, response
from acceptance.simulator.sqlserver.transport import Message, ProtocolError, Transport

# What the driver asks for itself: the greatest lengths of types at a connection's begin, and the
# types of parameters that are None, which a server may not be able to say either.
OWN = ("sp_datatype_info_100", "sp_describe_undeclared_parameters")


@dataclass(frozen=True)
class BatchRecord:
    """One request: `kind` is `batch` or the procedure."""

    kind: str
    text: str
    database: str

    @property
    def own(self) -> bool:
        return self.kind in OWN


class Requests:
    """Answers a session's requests; keeps its prepared statements."""

    def __init__(
        self,
        transport: Transport,
        session: Session,
        records: list[BatchRecord],
        *,
        answer_delay: float = 0.0,
        hangs_at: int | None = None,
        breaks_at: int | None = None,
    ) -> None:
        self.transport, self.session = transport, session
        self.records, self.answer_delay = records, answer_delay
        self.hangs_at, self.breaks_at = hangs_at, breaks_at
        self.prepared: set[int] = set()  # handles that the client has
        self.handles = count(1)
        self.fatal = False  # the last answer was this connection's last
        self.by_type: dict[PacketType, Callable[[Message], bytes]] = {
            PacketType.SQL_BATCH: self._batch,  # System.Data.SqlClient without parameters
            PacketType.RPC: self._rpc,
            PacketType.TRANSACTION_MANAGER: self._transaction,
            PacketType.ATTENTION: lambda _: tokens.done(Token.DONE, DoneStatus.ATTENTION),
        }
        self.procedures: dict[int | str, Callable[[Sequence[Parameter]], bytes]] = {
            ProcId.SP_EXECUTESQL: self._execute_sql,  # SqlClient with parameters
            ProcId.SP_PREPEXEC: self._prepare_and_execute,  # pyodbc with parameters
            ProcId.SP_UNPREPARE: self._unprepare,
            "sp_unprepare": self._unprepare,  # ODBC Driver 18 calls it by name
            "sp_datatype_info_100": self._datatype_info,
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
        asked = any(not one.own for one in self.records[before:])
        if asked and self._misbehaves(sum(not one.own for one in self.records)):
            return
        self.transport.write_message(head + payload)
        if self.fatal:
            raise EOFError

    def _misbehaves(self, number: int) -> bool:
        """At the batch of that number: the connection ends, or nothing is answered ever again, or
        only the attention that came while it was slow."""
        if number == self.breaks_at:
            raise EOFError
        while number == self.hangs_at:
            self.transport.read_message()
        return bool(self.answer_delay) and self._cancelled()

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

    def _record(self, kind: str, text: str) -> None:
        self.records.append(BatchRecord(kind, text, self.session.database))

    def _batch(self, message: Message) -> bytes:
        text = parse_batch(message.payload)
        self._record("batch", text)
        return self._response(execution.run(self.session, text))

    def _transaction(self, _: Message) -> bytes:
        self._record("transaction", "")
        return self._response([not_evaluated("a transaction")])

    def _rpc(self, message: Message) -> bytes:
        """Other procedures than ours are on every server too: "could not find" would be wrong."""
        request = parse_rpc(message.payload)
        name = request.procedure
        key = name.lower().rpartition(".")[2] if isinstance(name, str) else name
        if key not in self.procedures:
            self._record(str(name), "")
            failure = not_evaluated(f"the procedure {name}")
            return self._response([failure], tokens.return_status(1))
        try:
            return self.procedures[key](request.parameters)
        except (IndexError, TypeError):
            raise ProtocolError(f"{name} without its parameters") from None

    def _execute_sql(self, parameters: Sequence[Parameter]) -> bytes:
        statement = parameters[0].value
        declared = parameters[1].value if len(parameters) > 1 else ""
        self._record("sp_executesql", statement)
        return self._run(statement, declared, parameters[2:])

    def _prepare_and_execute(self, parameters: Sequence[Parameter]) -> bytes:
        declared, statement = parameters[1].value, parameters[2].value
        self._record("sp_prepexec", statement)
        handle = next(self.handles)
        self.prepared.add(handle)
        returned = tokens.return_value(parameters[0].name, handle)
        return self._run(statement, declared, parameters[3:], returned)

    def _unprepare(self, parameters: Sequence[Parameter]) -> bytes:
        handle = parameters[0].value
        known = handle in self.prepared
        self.prepared.discard(handle)
        failed = [] if known else [error(8179, name=handle)]
        return self._response(failed, tokens.return_status(int(not known)))

    def _datatype_info(self, parameters: Sequence[Parameter]) -> bytes:
        """SQLGetTypeInfo: pyodbc asks at its first connection for the greatest lengths."""
        self._record("sp_datatype_info_100", "")
        return self._response([type_info(parameters[0].value)], tokens.return_status(0))

    def _run(
        self, statement: str, declared: str, values: Sequence[Parameter], returned: bytes = b""
    ) -> bytes:
        arguments = [(value.name, Variable(value.type, value.value)) for value in values]
        results = execution.execute_sql(self.session, statement, declared or "", arguments)
        end = tokens.return_status(int(has_failed(results))) + returned
        return self._response(results, end)
