"""Runs a compiled query in a fresh SQLite database that holds only the tables that the query reads."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, Protocol
from xml.sax.saxutils import escape

from acceptance.simulator.sqlserver.collations import compare, fold
from acceptance.simulator.sqlserver.conversions import convert, iso
from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.functions import FUNCTIONS
from acceptance.simulator.sqlserver.metadata import Caller
from acceptance.simulator.sqlserver.sqltypes import UNICODE, SqlType
from acceptance.simulator.sqlserver.terms import Compiled, Loaded, quoted

SECONDS = {
    "day": 86400,
    "dd": 86400,
    "hour": 3600,
    "hh": 3600,
    "minute": 60,
    "mi": 60,
    "second": 1,
    "ss": 1,
}
MONTHS = {"year": 12, "yy": 12, "yyyy": 12, "quarter": 3, "month": 1, "mm": 1}


class Running(Caller, Protocol):
    """The session: where its variables are, and where an error inside SQLite waits for the way out."""

    def variable_value(self, name: str) -> Any: ...


def run(compiled: Compiled, session: Running) -> list[tuple[Any, ...]]:
    """The rows as SQLite has them. Raises SqlError."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        raised: list[SqlError] = []
        _register(database, session, raised)
        for table in compiled.tables:
            _load(database, table)
        collations = re.findall(r'COLLATE "(\w+)"', compiled.sql)
        for name in collations:
            _collation(database, name)
        try:
            return database.execute(compiled.sql, dict(compiled.parameters)).fetchall()
        except sqlite3.Error as failure:
            if raised:
                raise raised[0] from None
            raise not_evaluated(f"{failure}: {compiled.sql[:300]}") from failure


def _load(database: sqlite3.Connection, table: Loaded) -> None:
    definitions = []
    for name, kind in table.columns.items():
        if kind.collation:
            _collation(database, kind.collation)
        collate = f" COLLATE {quoted(kind.collation)}" if kind.collation else ""
        definitions.append(f"{quoted(name)} {_affinity(kind)}{collate}")
    database.execute(f"CREATE TABLE {quoted(table.name)} ({', '.join(definitions)})")
    marks = ", ".join("?" * len(table.columns))
    database.executemany(f"INSERT INTO {quoted(table.name)} VALUES ({marks})", table.rows)  # noqa: S608


def _affinity(kind: SqlType) -> str:
    if kind.name in ("decimal", "numeric", "real", "float"):
        return "REAL"
    if kind.is_number:
        return "INTEGER"
    return "BLOB" if kind.is_binary or kind.name == "sql_variant" else "TEXT"


def _collation(database: sqlite3.Connection, name: str) -> None:
    database.create_collation(name, lambda left, right: compare(left, right, name))


def _register(database: sqlite3.Connection, session: Running, raised: list[SqlError]) -> None:
    def guarded(call: Callable[..., Any]) -> Callable[..., Any]:
        """SQLite drops what a function raises: keep it."""

        def guard(*values: Any) -> Any:
            try:
                return call(*values)
            except SqlError as failure:
                raised.append(failure)
                raise
            except (ArithmeticError, TypeError, ValueError) as failure:
                raised.append(not_evaluated(f"a function of {values!r} ({failure})"))
                raise

        return guard

    calls: dict[str, Callable[..., Any]] = {
        "f_call": lambda name, *values: FUNCTIONS[name].call(session, *values),
        "f_convert": _convert,
        "f_try_convert": _try_convert,
        "f_like": _like,
        "f_divide": _divide,
        "f_variable": session.variable_value,
        "f_dateadd": _dateadd,
        "f_datediff": _datediff,
        "f_datalength": _datalength,
        "f_xml": lambda value: None if value is None else escape(str(value)),
        "f_more_than_one": _more_than_one,
    }
    for name, call in calls.items():
        database.create_function(name, -1, guarded(call))


def _convert(value: Any, source: str, name: str, length: int, scale: int, style: int) -> Any:
    return convert(value, source, SqlType(name, length, scale), style)


def _try_convert(value: Any, source: str, name: str, length: int, scale: int, style: int) -> Any:
    try:
        return _convert(value, source, name, length, scale, style)
    except SqlError:
        return None


def _like(text: str | None, pattern: str | None, collation: str, mark: str) -> int | None:
    """LIKE with %, _, [a-z], [^a] and ESCAPE."""
    if text is None or pattern is None:
        return None
    expression, position = "", 0
    pattern = fold(pattern + "|", collation)[:-1]
    while position < len(pattern):
        char = pattern[position]
        if mark and char == mark and position + 1 < len(pattern):
            position += 1
            expression += re.escape(pattern[position])
        elif char in "%_":
            expression += ".*" if char == "%" else "."
        elif char == "[" and "]" in pattern[position + 1 :]:
            end = pattern.index("]", position + 1)
            inner = pattern[position + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            expression += f"[{inner}]"
            position = end
        else:
            expression += re.escape(char)
        position += 1
    return int(re.fullmatch(expression, fold(text + "|", collation)[:-1], re.DOTALL) is not None)


def _divide(left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if right == 0:
        raise SqlError(8134, "Divide by zero error encountered.")
    if isinstance(left, int) and isinstance(right, int):
        return int(left / right)
    return left / right


def _dateadd(part: str, count: int | None, moment: str | None) -> str | None:
    if count is None or moment is None:
        return None
    start = datetime.fromisoformat(moment)
    if part in SECONDS:
        return iso(start + timedelta(seconds=count * SECONDS[part]))
    if part in MONTHS:
        months = start.year * 12 + start.month - 1 + count * MONTHS[part]
        year, month = divmod(months, 12)
        day = min(
            start.day,
            (datetime(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day,
        )
        return iso(start.replace(year=year, month=month + 1, day=day))
    raise not_evaluated(f"DATEADD({part})")


def _datediff(part: str, start: str | None, end: str | None) -> int | None:
    """Borders crossed, as T-SQL counts."""
    if start is None or end is None:
        return None
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    if part in MONTHS:
        months = MONTHS[part]
        return (last.year * 12 + last.month - 1) // months - (
            first.year * 12 + first.month - 1
        ) // months
    if part in SECONDS:
        size = SECONDS[part]
        zero = datetime.min
        return int((last - zero).total_seconds() // size - (first - zero).total_seconds() // size)
    raise not_evaluated(f"DATEDIFF({part})")


def _datalength(value: Any, kind: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return len(value)
    return (
        len(str(value)) * (2 if kind in UNICODE else 1)
        if isinstance(value, str)
        else SqlType(kind).max_length
    )


def _more_than_one() -> None:
    raise error(512)
