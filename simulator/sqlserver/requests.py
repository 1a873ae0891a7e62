"""What a logged-in client asks: batches, procedures, attentions ([MS-TDS] 2.2.6); each says who
sends it."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from acceptance.simulator.sqlserver import execution, tds, tokens
from acceptance.simulator.sqlserver.catalog import type_info
from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.reading import Parameter, parse_batch, parse_rpc
from acceptance.simulator.sqlserver.session import FATAL, Result, Session, Variable
from acceptance.simulator.sqlserver.transport import Message, ProtocolError, Transport

# What the driver asks for itself: the greatest lengths of types at a connection's begin, and the
# types of parameters that are None, which a server may not be able to say either.
OWN = ("sp_datatype_info_100", "sp_describe_undeclared_parameters")


class BatchRecord(NamedTuple):
    """One request: `kind` is `batch` or the procedure."""

    kind: str
    text: str
    database: str

    @property
    def own(self) -> bool:
        return self.kind in OWN


class Requests:
    """Answers a session's requests."""

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
        self.handles = 0  # of prepared statements that the client has got
        self.fatal = False  # the last answer was this connection's last
        self.by_type: dict[tds.PacketType, Callable[[Message], bytes]] = {
            tds.PacketType.SQL_BATCH: self._batch,  # System.Data.SqlClient without parameters
            tds.PacketType.RPC: self._rpc,
            tds.PacketType.TRANSACTION_MANAGER: self._transaction,
            tds.PacketType.ATTENTION: lambda _: tokens.done(
                tds.Token.DONE, tds.DoneStatus.ATTENTION
            ),
        }
        self.procedures: dict[int | str, Callable[[Sequence[Parameter]], bytes]] = {
            tds.SP_EXECUTESQL: self._execute_sql,  # SqlClient with parameters
            tds.SP_PREPEXEC: self._prepare_and_execute,  # pyodbc with parameters
            tds.SP_UNPREPARE: self._unprepare,
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
            head = tokens.env_change(tds.EnvChange.RESET_CONNECTION, "")
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
        only the attention that came while it was slow (2.2.1.7)."""
        if number == self.breaks_at:
            raise EOFError
        while number == self.hangs_at:
            self.transport.read_message()
        end = time.monotonic() + self.answer_delay
        while (left := end - time.monotonic()) > 0:
            if self.transport.has_input(left):
                self.answer(self.transport.read_message())
                return True
        return False

    def _response(
        self, results: Sequence[Result], *, procedure: bool = True, returned: bytes = b""
    ) -> bytes:
        errors = [one for one in results if isinstance(one, SqlError)]
        self.fatal = any(one.severity >= FATAL for one in errors)
        name = self.session.twin.server.name
        return tokens.response(results, name, procedure=procedure, returned=returned)

    def _record(self, kind: str, text: str) -> None:
        self.records.append(BatchRecord(kind, text, self.session.database))

    def _batch(self, message: Message) -> bytes:
        text = parse_batch(message.payload)
        self._record("batch", text)
        return self._response(execution.run(self.session, text), procedure=False)

    def _transaction(self, _: Message) -> bytes:
        self._record("transaction", "")
        return self._response([not_evaluated("a transaction")], procedure=False)

    def _rpc(self, message: Message) -> bytes:
        """Other procedures than ours are on every server too: "could not find" would be wrong."""
        name, parameters = parse_rpc(message.payload)
        key = name.lower().rpartition(".")[2] if isinstance(name, str) else name
        if key not in self.procedures:
            self._record(str(name), "")
            return self._response([not_evaluated(f"the procedure {name}")])
        try:
            return self.procedures[key](parameters)
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
        self.handles += 1
        returned = tokens.return_value(parameters[0].name, self.handles)
        return self._run(statement, declared, parameters[3:], returned)

    def _unprepare(self, parameters: Sequence[Parameter]) -> bytes:
        """Nothing is kept for a handle: no client executes one again."""
        known = 0 < parameters[0].value <= self.handles
        return self._response([] if known else [error(8179, name=parameters[0].value)])

    def _datatype_info(self, parameters: Sequence[Parameter]) -> bytes:
        """SQLGetTypeInfo: pyodbc asks at its first connection for the greatest lengths."""
        self._record("sp_datatype_info_100", "")
        return self._response([type_info(parameters[0].value)])

    def _run(
        self, statement: str, declared: str, values: Sequence[Parameter], returned: bytes = b""
    ) -> bytes:
        arguments = [(value.name, Variable(value.type, value.value)) for value in values]
        results = execution.execute_sql(self.session, statement, declared or "", arguments)
        return self._response(results, returned=returned)
