"""One SELECT as a function: its sources and the right to read them, its rows in order."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from acceptance.simulator.sqlserver import catalog
from acceptance.simulator.sqlserver.collations import fold, sort_key
from acceptance.simulator.sqlserver.dialect import DIALECT
from acceptance.simulator.sqlserver.errors import error, not_evaluated
from acceptance.simulator.sqlserver.expressions import EXPRESSIONS
from acceptance.simulator.sqlserver.predicates import PREDICATES
from acceptance.simulator.sqlserver.session import Session
from acceptance.simulator.sqlserver.sqltypes import SqlType, convert
from acceptance.simulator.sqlserver.state import column_types, lookup, table_key
from acceptance.simulator.sqlserver.terms import (
    HANDLERS,
    Compiled,
    Row,
    Rows,
    Scope,
    Source,
    Typed,
    condition,
    value_of,
)
from sqlglot import exp

JOINS = {(): False, ("INNER",): False, ("LEFT",): True}  # whether a row without a match stays
Joined = Callable[[list[Row]], list[Row]]


def compile_query(node: exp.Expr, session: Session) -> Compiled:
    """Raises SqlError: 207, 208, 229 and so on, or that it cannot be evaluated."""
    with _understood(node):
        return _query(node, Scope(session))


def compile_value(node: exp.Expr, session: Session) -> Typed:
    """An expression outside of a query. Raises SqlError."""
    with _understood(node):
        return value_of(node, Scope(session))


def compile_condition(node: exp.Expr, session: Session) -> Typed:
    """A predicate outside of a query. Raises SqlError."""
    with _understood(node):
        return condition(node, Scope(session))


@contextmanager
def _understood(node: exp.Expr) -> Iterator[None]:
    """sqlglot reads more than T-SQL: trees of a shape that no valid statement has."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as failure:
        raise not_evaluated(f"{node.sql(DIALECT)[:200]} ({failure})") from failure


def _query(node: exp.Expr, around: Scope) -> Compiled:
    if not isinstance(node, exp.Select):
        raise not_evaluated(node.key.upper())
    scope = Scope(around.session, (*around.outer, *around.sources))
    joined = _from(node, scope)
    where = node.args.get("where")
    keep = condition(where.this, scope).of if where else None
    scope.grouped = any(_has_aggregate(item) for item in node.expressions)
    shown = [(_name(item), value_of(item.unalias(), scope)) for item in node.expressions]
    order = [_order_item(item, scope, shown) for item in _ordered(node)]
    columns = tuple((name, typed.type) for name, typed in shown)

    def run(outer_row: Row) -> list[tuple[Any, ...]]:
        rows = [row for row in joined([outer_row]) if keep is None or keep([row])]
        groups: list[Rows] = [rows] if scope.grouped else [[row] for row in rows]
        if order:
            groups.sort(key=lambda group: [_sortable(typed, group) for typed in order])
        found = [tuple(typed.of(group) for _, typed in shown) for group in groups]
        if node.args.get("distinct"):
            found = list({_folded(out, columns): out for out in found}.values())
        return found[: _top(node)]

    return Compiled(columns, run)


def _name(item: exp.Expr) -> str:
    return item.alias or (item.name if isinstance(item, exp.Column) else "")


def _has_aggregate(node: exp.Expr) -> bool:
    """An aggregate of this query, not one of a subquery in it."""
    own = node.walk(prune=lambda inner: isinstance(inner, exp.Query))
    return any(isinstance(inner, exp.Count | exp.Sum) for inner in own)


def _ordered(node: exp.Select) -> Sequence[exp.Expr]:
    order = node.args.get("order")
    return order.expressions if order else ()


def _sortable(typed: Typed, group: Rows) -> tuple[bool, Any]:
    """NULL comes first."""
    value = typed.of(group)
    if value is None:
        return False, 0
    return True, sort_key(value, typed.type.collation) if typed.type.is_text else value


def _folded(out: Sequence[Any], columns: Sequence[tuple[str, SqlType]]) -> tuple[Any, ...]:
    pairs = zip(out, columns, strict=True)
    return tuple(
        fold(value, kind.collation) if isinstance(value, str) else value
        for value, (_, kind) in pairs
    )


def _top(node: exp.Select) -> int | None:
    limit = node.args.get("limit")
    if limit is None:
        return None
    if not isinstance(limit, exp.Limit):
        raise not_evaluated("FETCH")
    return int(limit.expression.name)


def _order_item(item: exp.Expr, scope: Scope, shown: Sequence[tuple[str, Typed]]) -> Typed:
    """A name of the result goes before a column of that name."""
    column = item.this
    if not isinstance(column, exp.Column):
        raise not_evaluated(f"ORDER BY {column.sql(DIALECT)[:100]}")
    named = [typed for name, typed in shown if scope.same(name, column.name)]
    return named[0] if named and not column.table else value_of(column, scope)


def _scalar_subquery(node: exp.Subquery, scope: Scope) -> Typed:
    compiled = _query(node.this, scope)
    if len(compiled.columns) != 1:
        raise not_evaluated("more than one column in a subquery")

    def of(rows: Rows) -> Any:
        found = compiled.run(rows[0] if rows else ())
        if len(found) > 1:
            raise error(512)
        return found[0][0] if found else None

    return Typed(compiled.columns[0][1], of, "implicit")


def _from(node: exp.Select, scope: Scope) -> Joined:
    clause = node.args.get("from_")
    if clause is None:
        return lambda rows: rows
    steps: list[Joined] = [partial(_cross, _source(clause.this, scope))]
    steps += [_join(join, scope) for join in node.args.get("joins") or []]

    def joined(rows: list[Row]) -> list[Row]:
        for step in steps:
            rows = step(rows)
        return rows

    return joined


def _cross(source: Source, rows: list[Row]) -> list[Row]:
    return [(*row, values) for row in rows for values in source.rows()]


def _join(join: exp.Join, scope: Scope) -> Joined:
    """INNER and LEFT JOIN … ON, CROSS JOIN."""
    on = join.args.get("on")
    source = _source(join.this, scope)
    words = tuple(f"{join.side} {join.kind}".split())
    if words == ("CROSS",):
        return partial(_cross, source)
    if on is None or words not in JOINS:
        raise not_evaluated(f"{' '.join(words)} JOIN without ON" if on is None else str(words))
    test = condition(on, scope).of
    others = [(None,) * len(source.columns)] if JOINS[words] else []

    def joined(rows: list[Row]) -> list[Row]:
        values = list(source.rows())
        found = [[one for one in values if test([(*row, one)])] or others for row in rows]
        return [(*row, one) for row, matches in zip(rows, found, strict=True) for one in matches]

    return joined


def _source(node: exp.Expr, scope: Scope) -> Source:
    if isinstance(node, exp.Subquery) and node.alias:
        # A query in FROM knows nothing of the tables around it.
        compiled = _query(node.this, Scope(scope.session))
        source = Source(node.alias, dict(compiled.columns), lambda: compiled.run(()))
    elif isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        source = _view(node, scope) or _user_table(node, scope)
    else:
        raise not_evaluated(f"{node.sql(DIALECT)[:100]} in FROM")
    if any(scope.same(source.alias, other.alias) for other in scope.sources):
        raise not_evaluated(f"two sources called {source.alias}")
    scope.sources.append(source)
    return source


def _view(node: exp.Table, scope: Scope) -> Source | None:
    session, name = scope.session, f"{node.db}.{node.name}"
    if lookup({"sys": 0, "INFORMATION_SCHEMA": 0}, node.db, scope.collation) is None:
        return None
    found = lookup(catalog.VIEWS, name, scope.collation)
    if found is None:
        near = {view.casefold() for view in catalog.VIEWS}
        # Only its case is wrong, or the simulator has it not.
        raise (
            error(208, name=name) if name.casefold() in near else not_evaluated(f"the view {name}")
        )
    spelt, view = found
    collation = session.twin.server.collation if view.server else scope.collation
    columns = {column: kind.collated(collation) for column, kind in view.columns.items()}
    alias = node.alias or node.name
    return Source(alias, columns, lambda: catalog.rows(spelt, session.inside), spelt)


def _user_table(node: exp.Table, scope: Scope) -> Source:
    """Raises SqlError 208, 229."""
    session, inside = scope.session, scope.session.inside
    keys = {".".join(table_key(key)): key for key in inside.database.tables}
    found = lookup(keys, f"{node.db or 'dbo'}.{node.name}", scope.collation)
    if found is None:
        raise error(208, name=f"{node.db}.{node.name}".lstrip("."))
    schema, name = table_key(found[1])
    table = inside.database.tables[found[1]]
    columns = column_types(session.twin, inside.name, table)
    denied = frozenset(() if inside.holds("SELECT", schema, name) else columns)
    if inside.names_columns():
        denied = frozenset(one for one in columns if not inside.holds("SELECT", schema, name, one))
    if len(denied) == len(columns):
        raise error(229, permission="SELECT", name=name, database=inside.name, schema=schema)

    def rows() -> list[tuple[Any, ...]]:
        """In their declared types, so that nchar comes padded."""
        session.enter(table)
        return [
            tuple(convert(row.get(column), kind) for column, kind in columns.items())
            for row in table.rows
        ]

    return Source(node.alias or node.name, columns, rows, denied=denied)


HANDLERS.update(EXPRESSIONS | PREDICATES | {exp.Subquery: _scalar_subquery})
