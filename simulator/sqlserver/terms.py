"""What a compiled query is made of: expressions with T-SQL types, and the names that a query may
use.

An expression is a function of rows: `rows` is a group for an aggregate, and one row for all else. A
row is a tuple with one row of each source, the outer query's sources first.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from acceptance.simulator.sqlserver.collations import fold
from acceptance.simulator.sqlserver.dialect import written
from acceptance.simulator.sqlserver.errors import error, not_evaluated
from acceptance.simulator.sqlserver.session import Session
from acceptance.simulator.sqlserver.sqltypes import BOOLEAN, INT, MAX, NUMBERS, SqlType, convert
from sqlglot import exp

PRECEDENCE = ("binary", "varbinary", "char", "varchar", "nchar", "nvarchar", "uniqueidentifier",
              *NUMBERS, "datetime", "sql_variant")  # fmt: skip
FIRMNESS = ("default", "implicit", "explicit")  # a literal's collation, a column's, COLLATE's

Row = tuple[Sequence[Any], ...]
Rows = Sequence[Row]


class Typed(NamedTuple):
    """An expression: its T-SQL type, its value for rows, and how firmly its collation holds."""

    type: SqlType
    of: Callable[[Rows], Any]
    firmness: str = "default"
    null: bool = False  # the literal NULL, which fits any type

    def collation_with(self, other: "Typed", word: str) -> str:
        """The collation under which two texts meet. Raises SqlError 468."""
        mine, theirs = self.type.collation, other.type.collation
        strength = FIRMNESS.index(self.firmness) - FIRMNESS.index(other.firmness)
        if strength == 0 and mine != theirs and self.firmness != "default":
            raise error(468, one=mine, other=theirs, operator=word)
        return mine if strength >= 0 else theirs

    def coerced(self, target: SqlType) -> "Typed":
        """The expression as another type."""
        if self.null:
            return self._replace(type=target)
        kind = target.collated(target.collation or self.type.collation)
        return Typed(kind, lambda rows: convert(self.of(rows), target), self.firmness)


class Source(NamedTuple):
    """A table or view of FROM: its name there, its columns, and its rows when the query runs.

    `view` says which it is, for messages. `denied`: what may not be read.
    """

    alias: str
    columns: Mapping[str, SqlType]
    rows: Callable[[], Iterable[Sequence[Any]]]
    view: str = ""
    denied: Set[str] = frozenset()


class Compiled(NamedTuple):
    """A query: its columns, and its rows for a row of the outer query."""

    columns: tuple[tuple[str, SqlType], ...]
    run: Callable[[Row], list[tuple[Any, ...]]]


@dataclass
class Names:
    """What an expression may name. `grouped`: only aggregates may."""

    session: Session
    outer: tuple[Source, ...] = ()
    sources: list[Source] = field(default_factory=list)
    grouped: bool = False

    @property
    def collation(self) -> str:
        return self.session.inside.collation

    def same(self, one: str, other: str) -> bool:
        return fold(one, self.collation) == fold(other, self.collation)

    def expression(self, node: exp.Expr) -> Typed:
        """One expression or predicate. Raises SqlError."""
        if type(node) not in HANDLERS:
            raise not_evaluated(f"{node.key.upper()}: {written(node)}")
        return HANDLERS[type(node)](node, self)

    def condition(self, node: exp.Expr) -> Typed:
        """A predicate. Raises SqlError 4145."""
        typed = self.expression(node)
        if typed.type is not BOOLEAN:
            raise error(4145)
        return typed

    def value(self, node: exp.Expr) -> Typed:
        """An expression that is no predicate. Raises SqlError 102."""
        typed = self.expression(node)
        if typed.type is BOOLEAN:
            raise error(102, near=written(node))
        return typed


Handlers = dict[type[exp.Expr], Callable[[Any, Names], Typed]]
HANDLERS: Handlers = {}  # how each kind of expression is compiled; queries.py fills it


def strict(call: Callable[..., Any], *values: Typed) -> Callable[[Rows], Any]:
    """A function of values that is NULL where one of them is."""

    def of(rows: Rows) -> Any:
        given = [value.of(rows) for value in values]
        return None if None in given else call(*given)

    return of


def wider(several: Sequence[Typed]) -> SqlType:
    """The type of CASE, COALESCE and comparisons: the one of highest precedence, long enough."""
    kinds = [typed.type for typed in several if not typed.null] or [INT]
    best = max(kinds, key=lambda kind: PRECEDENCE.index(kind.name))
    if not best.is_text and not best.is_binary:
        return best
    lengths = [kind.length for kind in kinds]
    return best._replace(length=MAX if MAX in lengths else max(lengths))
