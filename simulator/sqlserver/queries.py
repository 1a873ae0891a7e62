"""One SELECT as a function: its sources and the right to read them, its rows in order."""

from collections.abc import Callable, Sequence
from typing import Any

from acceptance.simulator.sqlserver import catalog
from acceptance.simulator.sqlserver.collations import sort_key
from acceptance.simulator.sqlserver.dialect import written
from acceptance.simulator.sqlserver.errors import error, not_evaluated
from acceptance.simulator.sqlserver.expressions import EXPRESSIONS
from acceptance.simulator.sqlserver.predicates import PREDICATES
from acceptance.simulator.sqlserver.sqltypes import SqlType, convert
from acceptance.simulator.sqlserver.state import lookup, table_key
from acceptance.simulator.sqlserver.terms import HANDLERS, Compiled, Names, Row, Rows, Source, Typed
from sqlglot import exp

Join = Callable[[list[Row]], list[Row]]


def compile_query(node: exp.Expr, around: Names) -> Compiled:
    """A SELECT among what is around it. Raises SqlError: 207, 208, 229 and so on."""
    if not isinstance(node, exp.Select):
        raise not_evaluated(node.key.upper())
    names = Names(around.session, (*around.outer, *around.sources))
    where, ordered, limit = (node.args.get(part) for part in ("where", "order", "limit"))
    joins = _joins(node, names)
    keep = names.condition(where.this).of if where else None
    names.grouped = any(_has_aggregate(item) for item in node.expressions)
    shown = [(_name(item), names.value(item.unalias())) for item in node.expressions]
    order = [_order_item(item, names, shown) for item in (ordered.expressions if ordered else ())]
    columns = tuple((name, typed.type) for name, typed in shown)
    top = int(limit.expression.name) if limit else None

    def run(outer_row: Row) -> list[tuple[Any, ...]]:
        rows = [outer_row]
        for join in joins:
            rows = join(rows)
        rows = [row for row in rows if keep is None or keep([row])]
        groups: list[Rows] = [rows] if names.grouped else [[row] for row in rows]
        if order:
            groups.sort(key=lambda group: [_key(one.of(group), one.type) for one in order])
        found = {}
        for number, group in enumerate(groups):
            out = tuple(typed.of(group) for _, typed in shown)
            unique = tuple(map(_key, out, kinds)) if node.args.get("distinct") else number
            found[unique] = out
        return list(found.values())[:top]

    kinds = [kind for _, kind in columns]
    return Compiled(columns, run)


def _name(item: exp.Expr) -> str:
    return item.alias or (item.name if isinstance(item, exp.Column) else "")


def _has_aggregate(node: exp.Expr) -> bool:
    """An aggregate of this query, not one of a subquery in it."""
    own = node.walk(prune=lambda inner: isinstance(inner, exp.Query))
    return any(isinstance(inner, exp.Count | exp.Sum) for inner in own)


def _key(value: Any, kind: SqlType) -> tuple[bool, Any]:
    """What a value is sorted and told apart by. NULL comes first."""
    if value is None:
        return False, 0
    return True, sort_key(value, kind.collation) if kind.is_text else value


def _order_item(item: exp.Expr, names: Names, shown: Sequence[tuple[str, Typed]]) -> Typed:
    """A name of the result goes before a column of that name."""
    column = item.this
    if not isinstance(column, exp.Column):
        raise not_evaluated(f"ORDER BY {written(column)}")
    named = [typed for name, typed in shown if names.same(name, column.name)]
    return named[0] if named and not column.table else names.value(column)


def _scalar_subquery(node: exp.Subquery, names: Names) -> Typed:
    compiled = compile_query(node.this, names)
    if len(compiled.columns) != 1:
        raise not_evaluated("more than one column in a subquery")

    def of(rows: Rows) -> Any:
        found = compiled.run(rows[0] if rows else ())
        if len(found) > 1:
            raise error(512)
        return found[0][0] if found else None

    return Typed(compiled.columns[0][1], of, "implicit")


def _joins(node: exp.Select, names: Names) -> list[Join]:
    """FROM as steps, each of which adds a source to the rows before."""
    clause = node.args.get("from_")
    if clause is None:
        return []
    out = [_join("CROSS", clause.this, None, names)]
    for join in node.args.get("joins", ()):
        word = f"{join.side} {join.kind}".strip()
        out.append(_join(word, join.this, join.args.get("on"), names))
    return out


def _join(word: str, joined_to: exp.Expr, on: exp.Expr | None, names: Names) -> Join:
    """INNER and LEFT JOIN … ON, CROSS JOIN."""
    if word not in ("", "INNER", "LEFT", "CROSS") or (on is None) != (word == "CROSS"):
        raise not_evaluated(f"JOIN {word} ON {on}")
    source = _source(joined_to, names)
    test = names.condition(on).of if on else None

    def joined(rows: list[Row]) -> list[Row]:
        out: list[Row] = []
        values = list(source.rows())
        for row in rows:
            found: list[Row] = [(*row, one) for one in values]
            if test is not None:
                found = [pair for pair in found if test([pair])]
            if word == "LEFT" and not found:
                found = [(*row, (None,) * len(source.columns))]
            out += found
        return out

    return joined


def _source(node: exp.Expr, names: Names) -> Source:
    if isinstance(node, exp.Subquery) and node.alias:
        # A query in FROM knows nothing of the tables around it.
        compiled = compile_query(node.this, Names(names.session))
        source = Source(node.alias, dict(compiled.columns), lambda: compiled.run(()))
    elif isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        source = _view(node, names) or _user_table(node, names)
    else:
        raise not_evaluated(f"{written(node)} in FROM")
    if any(names.same(source.alias, other.alias) for other in names.sources):
        raise not_evaluated(f"two sources called {source.alias}")
    names.sources.append(source)
    return source


def _view(node: exp.Table, names: Names) -> Source | None:
    session, name = names.session, f"{node.db}.{node.name}"
    if not names.same(node.db, "sys") and not names.same(node.db, "INFORMATION_SCHEMA"):
        return None
    found = lookup(catalog.VIEWS, name, names.collation)
    if found is None:
        if name.casefold() in map(str.casefold, catalog.VIEWS):  # only its case is wrong
            raise error(208, name=name)
        raise not_evaluated(f"the view {name}")
    spelt, view = found
    collation = session.twin.server.collation if view.server else names.collation
    columns = {column: kind.collated(collation) for column, kind in view.columns.items()}
    alias = node.alias or node.name
    return Source(alias, columns, lambda: catalog.rows(spelt, session.inside), spelt)


def _user_table(node: exp.Table, names: Names) -> Source:
    """Raises SqlError 208, 229."""
    session, inside = names.session, names.session.inside
    key = inside.find_table(node.db, node.name)
    if key is None:
        raise error(208, name=f"{node.db}.{node.name}".lstrip("."))
    schema, name = table_key(key)
    table = inside.database.tables[key]
    columns = inside.column_types(key)
    denied = set() if inside.holds("SELECT", schema, name) else set(columns)
    if inside.names_columns():
        denied = {one for one in columns if not inside.holds("SELECT", schema, name, one)}
    if len(denied) == len(columns):
        raise error(229, permission="SELECT", name=name, database=inside.name, schema=schema)

    def rows() -> list[tuple[Any, ...]]:
        """In their declared types, so that nchar comes padded."""
        session.enter(table)
        return [tuple(convert(row.get(key), columns[key]) for key in columns) for row in table.rows]

    return Source(node.alias or node.name, columns, rows, denied=denied)


HANDLERS.update(EXPRESSIONS | PREDICATES | {exp.Subquery: _scalar_subquery})
