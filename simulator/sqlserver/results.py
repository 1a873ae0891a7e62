"""What a batch answers, before it becomes tokens: a list of ResultSet, DatabaseChange and SqlError, in order."""

from dataclasses import dataclass
from typing import Any

from acceptance.simulator.sqlserver.errors import SqlError
from acceptance.simulator.sqlserver.sqltypes import SqlType


@dataclass(frozen=True)
class ResultSet:
    """Columns with their types, and rows of Python's own values."""

    columns: tuple[tuple[str, SqlType], ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class DatabaseChange:
    """USE: the session is in another database now."""

    new: str
    old: str


Result = ResultSet | DatabaseChange | SqlError
