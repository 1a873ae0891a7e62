"""The values that the collectors write, as functions of rows: literals, columns, conversions,
functions, aggregates."""

from collections.abc import Sequence
from typing import Any

from acceptance.simulator.sqlserver.collations import is_collation
from acceptance.simulator.sqlserver.conversions import convert
from acceptance.simulator.sqlserver.dialect import DIALECT, declared_type
from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.functions import FUNCTIONS, TEXT_FUNCTIONS
from acceptance.simulator.sqlserver.sqltypes import BIGINT, INT, MAX, NVARCHAR_MAX, SqlType
from acceptance.simulator.sqlserver.state import lookup
from acceptance.simulator.sqlserver.terms import (
    Handlers,
    Rows,
    Scope,
    Source,
    Typed,
    coerced,
    combine,
    common_collation,
    condition,
    expression,
    value_of,
)
from sqlglot import exp


def _constant(kind: SqlType, value: Any) -> Typed:
    return Typed(kind, lambda _: value)


def _null(_: exp.Expr, __: Scope) -> Typed:
    return Typed(INT, lambda _: None, null=True)


def _literal(node: exp.Expr, scope: Scope) -> Typed:
    if node.is_string or isinstance(node, exp.National):
        kind = "nvarchar" if isinstance(node, exp.National) else "varchar"
        return _constant(SqlType(kind, max(len(node.name), 1), scope.collation), node.name)
    if not node.name.isdecimal():
        raise not_evaluated(f"the number {node.name}")
    number = int(node.name)
    return _constant(INT if number < 2**31 else BIGINT, number)


def _column(node: exp.Column, scope: Scope) -> Typed:
    if node.args.get("db"):
        raise not_evaluated(f"the column name {node.sql(DIALECT)} with a schema")
    found = _find_column(node, scope.sources, len(scope.outer), scope)
    if found is not None:
        if scope.grouped:
            raise error(8120, name=node.name)
        return found
    found = _find_column(node, scope.outer, 0, scope)
    if found is not None:
        return found
    if node.table:
        raise error(4104, name=node.sql(DIALECT))
    raise _unknown_column(node.name, scope.sources)


def _find_column(
    node: exp.Column, sources: Sequence[Source], first: int, scope: Scope
) -> Typed | None:
    found, named = [], []
    for place, source in enumerate(sources, first):
        if node.table and not scope.same(source.alias, node.table):
            continue
        named.append(source)
        column = lookup(source.columns, node.name, scope.collation)
        if column is not None:
            if column[0] in source.denied:
                raise error(230, column=column[0], name=source.alias)
            at = place, list(source.columns).index(column[0])
            found.append((at, column[1]))
    if len(found) > 1:
        raise error(209, name=node.name)
    if found:
        (source_at, column_at), kind = found[0]
        return Typed(kind, lambda rows: rows[0][source_at][column_at], "implicit")
    if node.table and named:
        raise _unknown_column(node.name, named)
    return None


def _unknown_column(name: str, sources: Sequence[Source]) -> SqlError:
    """207; but a catalog view may have columns that the simulator has not."""
    views = [source for source in sources if source.place]
    near = {column.casefold() for source in views for column in source.columns}
    if views and name.casefold() not in near:
        return not_evaluated(f"the column {name} of {views[0].place}")
    return error(207, name=name)


def _variable(node: exp.Parameter, scope: Scope) -> Typed:
    if isinstance(node.this, exp.Parameter):
        raise not_evaluated(f"@@{node.this.name}")
    variable = scope.session.variable("@" + node.name)
    return Typed(variable.type.collated(scope.collation), lambda _: variable.value)


def _paren(node: exp.Paren, scope: Scope) -> Typed:
    return expression(node.this, scope)


def _scalar_subquery(node: exp.Subquery, scope: Scope) -> Typed:
    compiled = scope.query(node.this, scope)
    if len(compiled.columns) != 1:
        raise SqlError(116, "Only one expression can be specified in the select list when the "
                            "subquery is not introduced with EXISTS.")  # fmt: skip

    def of(rows: Rows) -> Any:
        found = compiled.run(rows[0] if rows else ())
        if len(found) > 1:
            raise error(512)
        return found[0][0] if found else None

    return Typed(compiled.columns[0][1], of, "implicit")


def _add(node: exp.Add, scope: Scope) -> Typed:
    """+ of texts. The collectors add no numbers."""
    left, right = value_of(node.this, scope), value_of(node.expression, scope)
    kind = combine([left, right])
    if not kind.is_text or not all(one.type.is_text or one.null for one in (left, right)):
        raise not_evaluated(f"{node.sql(DIALECT)[:100]}: + of what is no text")
    lengths = [one.type.length for one in (left, right)]
    most = 4000 if kind.name == "nvarchar" else 8000
    length = MAX if MAX in lengths else min(sum(lengths), most)
    collation = common_collation(left, right, "add")

    def of(rows: Rows) -> str | None:
        one, other = left.of(rows), right.of(rows)
        return None if one is None or other is None else str(one + other)

    return Typed(SqlType(kind.name, length, collation), of)


def _cast(node: exp.Cast, scope: Scope) -> Typed:
    return _converted(node.this, declared_type(node.to), 0, scope)


def _convert(node: exp.Convert, scope: Scope) -> Typed:
    style = node.args.get("style")
    return _converted(
        node.expression, declared_type(node.this), int(style.name) if style else 0, scope
    )


def _converted(inner: exp.Expr, target: SqlType, style: int, scope: Scope) -> Typed:
    value = value_of(inner, scope)
    target = target.collated(value.type.collation or scope.collation)
    firmness = value.firmness if target.is_text else "default"
    return Typed(target, lambda rows: convert(value.of(rows), target, style), firmness)


def _collate(node: exp.Collate, scope: Scope) -> Typed:
    inner, name = value_of(node.this, scope), node.expression.name
    if not inner.type.is_text:
        raise error(447, name=inner.type.name)
    if name.upper() in ("DATABASE_DEFAULT", "CATALOG_DEFAULT"):
        name = scope.collation
    if not is_collation(name):
        raise error(448, name=name)
    return Typed(inner.type.collated(name), inner.of, "explicit")


def _case(node: exp.Case, scope: Scope) -> Typed:
    if node.this is not None:
        raise not_evaluated("CASE value WHEN …")
    tests = [condition(item.this, scope) for item in node.args["ifs"]]
    default = node.args.get("default") or exp.Null()
    values = [value_of(item.args["true"], scope) for item in node.args["ifs"]]
    values.append(value_of(default, scope))
    kind = combine(values)
    values = [coerced(value, kind) for value in values]

    def of(rows: Rows) -> Any:
        for test, value in zip(tests, values, strict=False):
            if test(rows):
                return value.of(rows)
        return values[-1].of(rows)

    return Typed(kind, of)


def _function(node: exp.Anonymous, scope: Scope) -> Typed:
    name = node.name.upper()
    values = [value_of(argument, scope) for argument in node.expressions]
    if name == "COALESCE":
        kind = combine(values)
        values = [coerced(value, kind) for value in values]
        return Typed(kind, lambda rows: _first(value.of(rows) for value in values))
    if name not in FUNCTIONS:
        raise not_evaluated(f"the function {node.name}")
    function = FUNCTIONS[name]
    if not function.least <= len(values) <= function.most:
        message = f"The {name.lower()} function requires {function.least} argument(s)."
        raise SqlError(174, message, severity=15)
    kind = (function.result or values[0].type).collated(scope.collation)
    first: Any = scope.session
    if name in TEXT_FUNCTIONS:
        values[0] = values[0] if values[0].type.is_text else coerced(values[0], NVARCHAR_MAX)
        kind = values[0].type
        first = kind.collation or scope.collation

    def of(rows: Rows) -> Any:
        given = [value.of(rows) for value in values]
        if function.strict and None in given:
            return None
        return function.call(first, *given)

    return Typed(kind, of, values[0].firmness if name in TEXT_FUNCTIONS else "default")


def _first(values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _count(node: exp.Count, scope: Scope) -> Typed:
    if isinstance(node.this, exp.Star):
        return Typed(INT, len)
    inner = value_of(node.this, scope.ungrouped())
    return Typed(INT, lambda rows: sum(inner.of([row]) is not None for row in rows))


def _sum(node: exp.Sum, scope: Scope) -> Typed:
    inner = value_of(node.this, scope.ungrouped())
    if inner.type.name not in ("tinyint", "smallint", "int", "bigint"):
        raise error(8117, name=inner.type.name, operator="sum")

    def of(rows: Rows) -> int | None:
        values = [value for row in rows if (value := inner.of([row])) is not None]
        return sum(values) if values else None

    return Typed(BIGINT if inner.type == BIGINT else INT, of)


HANDLERS: Handlers = {
    exp.Literal: _literal,
    exp.National: _literal,
    exp.Null: _null,
    exp.Column: _column,
    exp.Parameter: _variable,
    exp.Paren: _paren,
    exp.Subquery: _scalar_subquery,
    exp.Add: _add,
    exp.Cast: _cast,
    exp.Convert: _convert,
    exp.Collate: _collate,
    exp.Case: _case,
    exp.Anonymous: _function,
    exp.Count: _count,
    exp.Sum: _sum,
}
