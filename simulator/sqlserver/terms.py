"""What the compiler works with: expressions with their T-SQL types, and the names that a query may use."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from acceptance.simulator.sqlserver.metadata import Caller
from acceptance.simulator.sqlserver.sqltypes import INT, MAX, NUMBERS, SqlType
from sqlglot import exp

BOOLEAN = SqlType("boolean")  # a predicate: T-SQL has no such column
PRECEDENCE = ("binary", "varbinary", "char", "varchar", "nchar", "nvarchar", "uniqueidentifier", *NUMBERS,
              "time", "date", "smalldatetime", "datetime", "datetime2", "datetimeoffset", "sql_variant")  # fmt: skip


class Asking(Caller, Protocol):
    """The session that runs the query."""

    def variable(self, name: str) -> "Variable":
        """Raises SqlError 137."""
        ...

    def scalar(self, expression: exp.Expr) -> Any:
        """The value of an expression without columns."""
        ...


@dataclass
class Variable:
    """A variable or a parameter: its type and its value as Python has it."""

    type: SqlType
    value: Any


@dataclass(frozen=True)
class Typed:
    """SQLite's text of an expression, its T-SQL type, and how firmly its collation holds."""

    sql: str
    type: SqlType
    firmness: str = "default"  # default, implicit (a column's), explicit (COLLATE)
    null: bool = False  # the literal NULL, which fits any type


@dataclass(frozen=True)
class Source:
    """A table, view or subquery of FROM: its name there and its columns. `place` says what it is, for messages."""

    alias: str
    columns: Mapping[str, SqlType]
    is_view: bool = False
    place: str = ""


@dataclass
class Scope:
    """The sources that an expression may name; outer queries' come after its own. `grouped`: texts of GROUP BY."""

    sources: list[Source] = field(default_factory=list)
    parent: "Scope | None" = None
    ctes: dict[str, dict[str, SqlType]] = field(default_factory=dict)
    grouped: set[str] | None = None
    apply_to: list[Source] = field(
        default_factory=list
    )  # sources that a correlated APPLY would name


@dataclass(frozen=True)
class Loaded:
    """A table to fill before the query runs."""

    name: str
    columns: Mapping[str, SqlType]
    rows: Iterable[Sequence[Any]]


@dataclass(frozen=True)
class Compiled:
    """The query for SQLite; `assigned` names the variables that SELECT @a = … fills, in the columns' order."""

    sql: str
    columns: tuple[tuple[str, SqlType], ...]
    tables: tuple[Loaded, ...]
    parameters: Mapping[str, Any]
    assigned: tuple[str, ...] = ()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def output_name(name: str, number: int) -> str:
    """The name in SQLite of a query's column, which in T-SQL may have none."""
    return name or f"column {number}"


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def combine(types: Sequence[Typed]) -> SqlType:
    """The type of CASE, COALESCE, UNION …: the one of highest precedence; texts become as long as the longest."""
    kinds = [typed.type for typed in types if not typed.null] or [INT]
    best = max(kinds, key=lambda kind: PRECEDENCE.index(kind.name))
    if not best.is_text and not best.is_binary:
        return best
    lengths = [kind.length for kind in kinds]
    return SqlType(best.name, MAX if MAX in lengths else max(lengths), 0, best.collation)
