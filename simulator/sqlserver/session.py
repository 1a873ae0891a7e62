"""One login's session: its security context, its database, its variables."""

from dataclasses import dataclass, field
from time import sleep
from typing import Any, NamedTuple

from acceptance.simulator.sqlserver.errors import SqlError, error
from acceptance.simulator.sqlserver.rights import Inside, check_access
from acceptance.simulator.sqlserver.security import Eyes
from acceptance.simulator.sqlserver.sqltypes import SqlType
from acceptance.simulator.sqlserver.state import Table, Twin, lookup

FOREVER = -1  # SET LOCK_TIMEOUT's default: the lock is waited for without end
FOR_ALL_PRACTICAL_PURPOSES = 600.0  # seconds
DEADLOCK_CHECK = 0.1  # seconds; a real server looks every 5 s, sooner where there are many
FATAL = 20  # from this class on the server ends the connection ([MS-TDS] 2.2.7.10)


@dataclass
class Variable:
    """A variable or a parameter: its type and its value."""

    type: SqlType
    value: Any


class ResultSet(NamedTuple):
    """Columns with their types, and rows of Python's own values."""

    columns: tuple[tuple[str, SqlType], ...]
    rows: tuple[tuple[Any, ...], ...]


Result = ResultSet | SqlError


@dataclass(eq=False)
class Session:
    """`context` is the login whose rights count now, `original` the one that logged in."""

    twin: Twin
    original: str
    wanted_database: str = ""
    context: str = field(init=False)
    database: str = field(init=False)
    impersonated: list[str] = field(init=False)  # the contexts to which REVERT goes back
    lock_timeout: int = field(init=False)  # milliseconds
    scopes: list[dict[str, Variable]] = field(default_factory=lambda: [{}])

    def __post_init__(self) -> None:
        self.reset()
        self.twin.sessions.add(self)

    def reset(self) -> None:
        """As after the login; sp_reset_connection. Raises SqlError 4060 or 4064."""
        self.context, self.impersonated, self.lock_timeout = self.original, [], FOREVER
        name = self.wanted_database or self.twin.logins[self.original].default_database
        try:
            self.database = check_access(self.eyes, name, self)
        except SqlError:
            raise error(4060 if self.wanted_database else 4064, name=name) from None

    @property
    def eyes(self) -> Eyes:
        return Eyes(self.twin, self.context)

    @property
    def inside(self) -> Inside:
        return Inside(self.eyes, self.database)

    def close(self) -> None:
        """The client has gone."""
        self.twin.sessions.discard(self)

    def variable(self, name: str) -> Variable:
        """Names of variables follow the server's collation. Raises SqlError 137."""
        found = lookup(self.scopes[-1], name, self.twin.server.collation)
        if found is None:
            raise error(137, name=name)
        return found[1]

    def enter(self, table: Table) -> None:
        """Before a table's rows are read.

        Raises SqlError 1222, 1205 or 596 where another session is in the way.
        """
        if table.held == "locked":
            forever = self.lock_timeout == FOREVER
            sleep(FOR_ALL_PRACTICAL_PURPOSES if forever else self.lock_timeout / 1000)
            raise error(1222)
        if table.held == "deadlocked":
            sleep(DEADLOCK_CHECK)
            raise error(1205)
        if table.held == "killed":
            raise error(596)
