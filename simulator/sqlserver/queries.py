"""One SELECT as a function: its sources and the right to read them, its rows in order."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from acceptance.simulator.sqlserver import catalog, expressions, locks, predicates, rights
from acceptance.simulator.sqlserver.collations import fold, sort_key
from acceptance.simulator.sqlserver.conversions import convert
from acceptance.simulator.sqlserver.dialect import DIALECT
from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.rights import Target
from acceptance.simulator.sqlserver.sqltypes import SqlType
from acceptance.simulator.sqlserver.state import collation_of, column_types, lookup, table_key
from acceptance.simulator.sqlserver.terms import (
    Compiled,
    Row,
    Rows,
    Scope,
    Source,
    Typed,
    condition,
    expression,
    value_of,
)
from sqlglot import exp

HANDLERS = {**predicates.HANDLERS, **expressions.HANDLERS}
AGGREGATES = (exp.Count, exp.Sum)
Joined = Callable[[list[Row]], list[Row]]


def compile_query(node: exp.Query, session: Any) -> Compiled:
    """Raises SqlError: 207, 208, 229 and so on, or that it cannot be evaluated."""
    with _understood(node):
        return _query(node, Scope(session, _query, HANDLERS))


def compile_value(node: exp.Expr, session: Any) -> Typed:
    """An expression outside of a query. Raises SqlError."""
    with _understood(node):
        return value_of(node, Scope(session, _query, HANDLERS))


def compile_condition(node: exp.Expr, session: Any) -> Callable[[Rows], bool | None]:
    """A predicate outside of a query. Raises SqlError."""
    with _understood(node):
        return condition(node, Scope(session, _query, HANDLERS))


@contextmanager
def _understood(node: exp.Expr) -> Iterator[None]:
    """sqlglot reads more than T-SQL: trees of a shape that no valid statement has."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as failure:
        raise not_evaluated(f"{node.sql(DIALECT)[:200]} ({failure})") from failure


def _query(node: exp.Expr, around: Scope) -> Compiled:
    if isinstance(node, exp.Subquery):
        return _query(node.this, around)
    if not isinstance(node, exp.Select):
        raise not_evaluated(node.key.upper())
    outer = (*around.outer, *around.sources)
    scope = Scope(around.session, _query, HANDLERS, outer)
    joined = _from(node, scope)
    where = node.args.get("where")
    keep = condition(where.this, scope) if where else None
    scope.grouped = any(_has_aggregate(item) for item in node.expressions)
    shown = _projections(node, scope)
    order = [_order_item(item, scope, shown) for item in _ordered(node)]
    columns = tuple((name, typed.type) for name, typed in shown)

    def run(outer_row: Row) -> list[tuple[Any, ...]]:
        rows = [row for row in joined([outer_row]) if keep is None or keep([row])]
        groups: list[Rows] = [rows] if scope.grouped else [[row] for row in rows]
        found = [_output(group, shown, order) for group in groups]
        if node.args.get("distinct"):
            found = list({_folded(out, columns): (out, keys) for out, keys in found}.values())
        for number, (_, descending) in reversed(list(enumerate(order))):
            found.sort(key=lambda pair: pair[1][number], reverse=descending)
        return [out for out, _ in found][: _top(node)]

    return Compiled(columns, run)


def _has_aggregate(node: exp.Expr) -> bool:
    """An aggregate of this query, not one of a subquery in it."""
    own = node.walk(prune=lambda inner: isinstance(inner, exp.Query | exp.Subquery))
    return any(isinstance(inner, AGGREGATES) for inner in own)


def _ordered(node: exp.Select) -> Sequence[exp.Expr]:
    order = node.args.get("order")
    return order.expressions if order else ()


def _output(
    group: Rows, shown: Sequence[tuple[str, Typed]], order: Sequence[tuple[Typed, bool]]
) -> tuple[tuple[Any, ...], list[Any]]:
    """A row of the result, and what it is sorted by."""
    out = tuple(typed.of(group) for _, typed in shown)
    return out, [_comparable(typed.of(group), typed.type) for typed, _ in order]


def _comparable(value: Any, kind: SqlType) -> tuple[bool, Any]:
    """NULL comes first."""
    if value is None:
        return False, 0
    return True, sort_key(value, kind.collation) if kind.is_text else value


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


def _projections(node: exp.Select, scope: Scope) -> list[tuple[str, Typed]]:
    out: list[tuple[str, Typed]] = []
    for item in node.expressions:
        if isinstance(item, exp.Star):
            names = [(source, name) for source in scope.sources for name in source.columns]
            out += [(name, _named(source, name, scope)) for source, name in names]
        else:
            name = item.alias or (item.name if isinstance(item, exp.Column) else "")
            out.append((name, value_of(item.unalias(), scope)))
    return out


def _named(source: Source, name: str, scope: Scope) -> Typed:
    identifiers = (exp.to_identifier(part, quoted=True) for part in (name, source.alias))
    this, table = identifiers
    return expression(exp.Column(this=this, table=table), scope)


def _order_item(
    item: exp.Expr, scope: Scope, shown: Sequence[tuple[str, Typed]]
) -> tuple[Typed, bool]:
    """A name of the result goes before a column of that name."""
    node = item.this if isinstance(item, exp.Ordered) else item
    descending = bool(item.args.get("desc"))
    if isinstance(node, exp.Literal):
        raise not_evaluated("ORDER BY a position")
    if isinstance(node, exp.Column) and not node.table:
        for name, typed in shown:
            if scope.same(name, node.name):
                return typed, descending
    return value_of(node, scope), descending


def _from(node: exp.Select, scope: Scope) -> Joined:
    clause = node.args.get("from_")
    if clause is None:
        return lambda rows: rows
    steps = [_cross(_source(clause.this, scope))]
    steps += [_join(join, scope) for join in node.args.get("joins") or []]

    def joined(rows: list[Row]) -> list[Row]:
        for step in steps:
            rows = step(rows)
        return rows

    return joined


def _cross(source: Source) -> Joined:
    return lambda rows: [(*row, values) for row in rows for values in source.rows()]


def _join(join: exp.Join, scope: Scope) -> Joined:
    """INNER and LEFT JOIN … ON, CROSS JOIN."""
    on = join.args.get("on")
    source = _source(join.this, scope)
    words = f"{join.side} {join.kind}".split()
    if words == ["CROSS"]:
        return _cross(source)
    if on is None or words not in ([], ["INNER"], ["LEFT"], ["LEFT", "OUTER"]):
        raise not_evaluated(f"{' '.join(words)} JOIN without ON" if on is None else str(words))
    test = condition(on, scope)
    nothing = (None,) * len(source.columns)

    def joined(rows: list[Row]) -> list[Row]:
        out: list[Row] = []
        values = list(source.rows())
        for row in rows:
            found: list[Row] = [(*row, one) for one in values if test([(*row, one)])]
            out += found or ([(*row, nothing)] if "LEFT" in words else [])
        return out

    return joined


def _source(node: exp.Expr, scope: Scope) -> Source:
    if isinstance(node, exp.Subquery) and node.alias:
        return _derived(node, scope)
    if not isinstance(node, exp.Table) or isinstance(node.this, exp.Anonymous):
        raise not_evaluated(f"{node.sql(DIALECT)[:100]} in FROM")
    database = _database(node, scope)
    source = _view(node, scope, database) or _user_table(node, scope, database)
    if any(scope.same(source.alias, other.alias) for other in scope.sources):
        message = f"The objects '{source.alias}' in the FROM clause have the same exposed names."
        raise SqlError(1013, message)
    scope.sources.append(source)
    return source


def _derived(node: exp.Subquery, scope: Scope) -> Source:
    """A query in FROM: it knows nothing of the tables around it."""
    compiled = _query(node.this, Scope(scope.session, _query, HANDLERS))
    source = Source(node.alias, dict(compiled.columns), lambda: compiled.run(()))
    scope.sources.append(source)
    return source


def _database(node: exp.Table, scope: Scope) -> str:
    """For a database that is not there the object is unknown. Raises SqlError 208, 916, 942."""
    session = scope.session
    if not node.catalog:
        return session.database
    if lookup(session.twin.databases, node.catalog, session.twin.server.collation) is None:
        raise error(208, name=_dotted(node))
    return rights.check_access(session.twin, session.context, node.catalog, session)


def _view(node: exp.Table, scope: Scope, database: str) -> Source | None:
    session = scope.session
    collation = collation_of(session.twin, database)
    if lookup({"sys": 0, "INFORMATION_SCHEMA": 0}, node.db or "", collation) is None:
        return None
    found = lookup(catalog.VIEWS, f"{node.db}.{node.name}", collation)
    if found is None:
        near = {name.casefold() for name in catalog.VIEWS}
        if f"{node.db}.{node.name}".casefold() in near:  # only its case is wrong
            raise error(208, name=_dotted(node))
        raise not_evaluated(f"the view {node.db}.{node.name}")
    name, view = found
    own = session.twin.server.collation if view.server else collation
    columns = {column: kind.collated(own) for column, kind in view.columns.items()}
    return Source(
        node.alias or node.name, columns, lambda: catalog.rows(name, session, database), name
    )


def _user_table(node: exp.Table, scope: Scope, database: str) -> Source:
    """Raises SqlError 208, 229."""
    twin, context = scope.session.twin, scope.session.context
    tables = twin.databases[database].tables
    keys = {".".join(table_key(key)): key for key in tables}
    found = lookup(keys, f"{node.db or 'dbo'}.{node.name}", collation_of(twin, database))
    if found is None:
        raise error(208, name=_dotted(node))
    schema, name = table_key(found[1])
    table = tables[found[1]]
    columns = column_types(twin, database, table)
    whole = rights.holds_database(twin, context, database, "SELECT", Target(schema, name))
    denied = frozenset(() if whole else columns)
    if rights.names_columns(twin, database):
        denied = frozenset(
            column
            for column in columns
            if not rights.holds_database(
                twin, context, database, "SELECT", Target(schema, name, column)
            )
        )
    if len(denied) == len(columns):
        raise error(229, permission="SELECT", name=name, database=database, schema=schema)

    def rows() -> list[tuple[Any, ...]]:
        """In their declared types, so that nchar comes padded."""
        locks.enter(scope.session, table)
        return [
            tuple(convert(row.get(column), kind) for column, kind in columns.items())
            for row in table.rows
        ]

    return Source(node.alias or node.name, columns, rows, denied=denied)


def _dotted(node: exp.Table) -> str:
    return ".".join(part for part in (node.catalog, node.db, node.name) if part)
