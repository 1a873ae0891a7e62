"""SQL Server asked by SqlClient on another server: the question as data,
and the answers as a backend gives them.

Everything that may be asked goes there at once and comes back raw.
What is asked next and what an answer means is decided where it is for ODBC (collect_sql.py);
an answer that is not needed then counts for nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any, Protocol

from pydantic import ValidationError

from acceptance.backends.refusals import Refusals
from acceptance.backends.sql.backend import ResultSet, SqlBackend
from acceptance.backends.sql.faults import connecting
from acceptance.backends.sql.once import Attempt
from acceptance.backends.sql.sqlclient import Fault, described
from acceptance.collecting.script import source
from acceptance.collecting.sql_batches import Batch, Targets, batches, collector
from acceptance.errors import (
    HostError,
    LoginError,
    OutputError,
    ProtocolError,
    StatementError,
    misfit,
)
from acceptance.evidence.envelope import Strict
from acceptance.evidence.reached import Reached
from acceptance.inventory.sql import SQL_PORT, SqlConnection

NAME = "sqlclient"
TIME_IS_UP = "not asked: sql.deadline_seconds had passed"


class Rows(Strict):
    """One result set, as the server's PowerShell wrote it."""

    columns: list[str]
    rows: list[list[str | int | float | bool | None]]


class BatchAnswer(Strict):
    """Of one batch: its result sets, or what went wrong."""

    sets: list[Rows]
    fault: Fault | None


class SqlclientAnswer(Strict):
    """`failure`: nobody logged in.

    `answers`: of the batches, in their order; fewer where the time had passed.
    """

    failure: Fault | None
    answers: list[BatchAnswer]


def named(text: str) -> str:
    """ODBC's `?` as SqlClient's parameters.

    >>> named("SELECT ?, ?")
    'SELECT @p1, @p2'
    """
    numbers = count(1)
    return "".join(f"@p{next(numbers)}" if letter == "?" else letter for letter in text)


def question(
    connection: SqlConnection, sections: Sequence[str], targets: Targets
) -> dict[str, Any]:
    """What the section sqlclient is asked. Holds no password."""
    asked = batches(sections, targets)
    needed = dict.fromkeys(one.section for one in asked)
    place = f"{connection.server},{connection.port or SQL_PORT}"
    if connection.instance and not connection.port:
        place = f"{connection.server}\\{connection.instance}"
    return {
        "data_source": f"tcp:{place}",
        "encrypt": connection.encrypt != "optional",
        "trust_any_certificate": not connection.verify_certificate,
        "read_only_intent": connection.read_only_intent,
        "username": connection.username,
        "login_seconds": connection.login_seconds,
        "query_seconds": connection.query_seconds,
        "deadline_seconds": connection.deadline_seconds,
        "text": named(collector("in_database")),
        "collectors": [{"name": name, "text": collector(name)} for name in needed],
        "values": targets.values(),
        "batches": [{"section": one.section, "database": one.database} for one in asked],
    }


class Asker(Protocol):
    """Who brings the answer: a server that is asked now, or a file that came back."""

    @property
    def read_at(self) -> datetime | None:
        """When the answer was read; None: now."""

    def ask(self) -> Mapping[str, Any]:
        """The answer, not looked at yet. Raises HostError."""

    def leave(self) -> None: ...
    def close(self) -> None: ...


class SqlclientBackend:
    """One SQL Server, asked through another server; to `collect_sql` it is as one asked by ODBC."""

    def __init__(
        self,
        host: str,
        connection: SqlConnection,
        password: str | None,
        asker: Asker,
        asked: Sequence[Batch],
        remembered: Refusals | None = None,
    ) -> None:
        """`asked`: the batches of the question, in their order."""
        self._remembered = remembered
        self.host_name, self.connection = host, connection
        self._password, self._asker, self._asked = password or "", asker, asked
        self._answers: dict[Batch, BatchAnswer] = {}

    def reached(self) -> Reached:
        """As ODBC's, but from another server."""
        of_odbc = SqlBackend(self.host_name, self.connection, None).reached()
        return replace(of_odbc, backend=NAME, through=self.connection.through or "")

    @property
    def read_at(self) -> datetime | None:
        """When it was read; None: now."""
        return self._asker.read_at

    def texts(self) -> Sequence[str]:
        """What runs on the other server beside the collectors."""
        return source("prelude"), source(NAME)

    def connect(self) -> None:
        """Ask everything. Raises a HostError that names the cause, where nobody could log in."""
        connection = self.connection
        attempt = Attempt(
            self.host_name,
            connection.address,
            connection.username or connection.through or "",
            self._password,
            self._remembered,
        )
        if attempt.refusal is not None:
            raise self._refused(attempt.refusal)
        attempt.require_untried()
        answer = self._read(self._asker.ask())
        if answer.failure is not None:
            error = described(answer.failure, self._password, windows=connection.auth == "windows")
            refused = self._refused(error)
            if isinstance(refused, LoginError):
                attempt.note(error)
            raise refused
        self._answers = dict(zip(self._asked, answer.answers, strict=False))

    def _read(self, answer: Mapping[str, Any]) -> SqlclientAnswer:
        try:
            found = SqlclientAnswer.model_validate(answer)
        except ValidationError as error:
            where, what = misfit(error)
            raise OutputError(
                self.host_name,
                "the answer of SqlClient on {through} is not as agreed: {where}: {what}.",
                "Report it: the suite and this server disagree on a shape.",
                through=self.connection.through or "",
                where=where,
                what=what,
            ) from None
        if len(found.answers) > len(self._asked):
            raise ProtocolError(self.host_name, "SqlClient answered more than was asked.")
        return found

    def _refused(self, error: dict[str, Any]) -> HostError:
        connection = self.connection
        return connecting(
            self.host_name,
            error,
            through=connection.through or "",
            address=connection.address,
            name=connection.server,
            instance=connection.instance or "",
            seconds=str(connection.login_seconds),
            login=connection.username or "of the account that asked",
            database="master",
        )

    def run(self, text: str, parameters: Sequence[str]) -> list[ResultSet]:
        """What came back for this batch.

        Raises StatementError where that was an error, or nothing.
        """
        batch = next((one for one in self._asked if [*one.parameters] == [*parameters]), None)
        answer = self._answers.get(batch) if batch else None
        if answer is None:
            raise StatementError(self.host_name, None, TIME_IS_UP)
        if answer.fault is not None:
            message = answer.fault.message
            if answer.fault.timed_out:
                message = f"no answer within sql.query_seconds: {self.connection.query_seconds}"
            raise StatementError(self.host_name, answer.fault.number, message)
        return [ResultSet(one.columns, [list(row) for row in one.rows]) for one in answer.sets]

    def leave(self) -> None:
        """From another thread than the one that waits:
        close what is open on the server that asks.
        """
        self._asker.leave()

    def close(self) -> None:
        """Leave nothing open on the server that asked."""
        self._asker.close()
