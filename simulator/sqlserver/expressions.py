"""The values that the collectors write, as functions of rows: literals, columns, conversions,
functions, aggregates."""

import operator
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from acceptance.simulator.sqlserver.collations import COLLATION
from acceptance.simulator.sqlserver.dialect import declared_type, written
from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.functions import FUNCTIONS, NullError
from acceptance.simulator.sqlserver.sqltypes import INT, MAX, SqlType, convert
from acceptance.simulator.sqlserver.state import lookup
from acceptance.simulator.sqlserver.terms import Handlers, Names, Rows, Source, Typed, strict, wider
from sqlglot import exp

LONGEST = {"nvarchar": 4000, "varchar": 8000}


def _literal(node: exp.Expr, names: Names) -> Typed:
    if node.is_string or isinstance(node, exp.National):
        kind = "nvarchar" if isinstance(node, exp.National) else "varchar"
        return Typed(SqlType(kind, max(len(node.name), 1), names.collation), lambda _: node.name)
    if not node.name.isdecimal() or int(node.name) >= 2**31:
        raise not_evaluated(f"the number {node.name}")
    return Typed(INT, lambda _: int(node.name))


def _column(node: exp.Column, names: Names) -> Typed:
    """A column of this query's sources, else of those around it."""
    inner, outer = names.sources, names.outer
    views = [source.view for source in inner if source.view]
    if views and not node.table and len(inner) + len(outer) > 1:
        # The view has more columns than the simulator knows: one may be called so.
        raise not_evaluated(f"the column {node.name} without its table, beside {views[0]}")
    for first, sources in ((len(outer), inner), (0, outer)):
        named, found = [], []
        for place, source in enumerate(sources, first):
            if not node.table or names.same(source.alias, node.table):
                named.append(source)
                column = lookup(source.columns, node.name, names.collation)
                found += [(place, source, *column)] if column else []
        if len(found) > 1:
            raise error(209, name=node.name)
        if found and sources is inner and names.grouped:
            raise error(8120, name=node.name)
        if found:
            return _found_column(*found[0])
        if named and node.table:
            raise _unknown_column(node.name, named)
    raise error(4104, name=written(node)) if node.table else _unknown_column(node.name, inner)


def _found_column(place: int, source: Source, name: str, kind: SqlType) -> Typed:
    if name in source.denied:
        raise error(230, column=name, name=source.alias)
    at = list(source.columns).index(name)
    return Typed(kind, lambda rows: rows[0][place][at], "implicit")


def _unknown_column(name: str, sources: Sequence[Source]) -> SqlError:
    """207; but a catalog view may have columns that the simulator has not."""
    views = [source for source in sources if source.view]
    near = {column.casefold() for source in views for column in source.columns}
    if views and name.casefold() not in near:
        return not_evaluated(f"the column {name} of {views[0].view}")
    return error(207, name=name)


def _variable(node: exp.Parameter, names: Names) -> Typed:
    if isinstance(node.this, exp.Parameter):
        raise not_evaluated(f"@@{node.this.name}")
    variable = names.session.variable("@" + node.name)
    return Typed(variable.type.collated(names.collation), lambda _: variable.value)


def _add(node: exp.Add, names: Names) -> Typed:
    """+ of texts. The collectors add no numbers."""
    left, right = names.value(node.this), names.value(node.expression)
    kind = wider([left, right])
    if kind.name not in LONGEST or not all(one.type.is_text or one.null for one in (left, right)):
        raise not_evaluated(f"{written(node)}: + of what is no text")
    lengths = (left.type.length, right.type.length)
    length = MAX if MAX in lengths else min(sum(lengths), LONGEST[kind.name])
    collation = left.collation_with(right, "add")
    return Typed(SqlType(kind.name, length, collation), strict(operator.add, left, right))


def _convert(node: exp.Cast | exp.Convert, names: Names) -> Typed:
    named = isinstance(node, exp.Convert)
    inner, declared = (node.expression, node.this) if named else (node.this, node.args["to"])
    value, style = names.value(inner), node.args.get("style")
    number = int(style.name) if style else 0
    target = declared_type(declared).collated(value.type.collation or names.collation)
    firmness = value.firmness if target.is_text else "default"
    return Typed(target, lambda rows: convert(value.of(rows), target, number), firmness)


def _collate(node: exp.Collate, names: Names) -> Typed:
    inner, name = names.value(node.this), node.expression.name
    if not inner.type.is_text or not COLLATION.match(name):
        raise not_evaluated(written(node))
    return Typed(inner.type.collated(name), inner.of, "explicit")


def _alike(nodes: Iterable[exp.Expr], names: Names) -> tuple[SqlType, list[Typed]]:
    """Several values as one type."""
    values = [names.value(node) for node in nodes]
    kind = wider(values)
    return kind, [value.coerced(kind) for value in values]


def _case(node: exp.Case, names: Names) -> Typed:
    if node.this is not None:
        raise not_evaluated("CASE value WHEN …")
    tests = [names.condition(item.this).of for item in node.args["ifs"]]
    default = node.args.get("default") or exp.Null()
    kind, values = _alike([*(item.args["true"] for item in node.args["ifs"]), default], names)

    def of(rows: Rows) -> Any:
        for test, value in zip(tests, values, strict=False):
            if test(rows):
                return value.of(rows)
        return values[-1].of(rows)

    return Typed(kind, of)


def _coalesce(node: exp.Anonymous, names: Names) -> Typed:
    kind, values = _alike(node.expressions, names)

    def of(rows: Rows) -> Any:
        found = (value.of(rows) for value in values)
        return next((one for one in found if one is not None), None)

    return Typed(kind, of)


def _function(node: exp.Anonymous, names: Names) -> Typed:
    name = node.name.upper()
    if name == "COALESCE":
        return _coalesce(node, names)
    function = FUNCTIONS.get(name)
    values = [names.value(argument) for argument in node.expressions]
    if function is None or len(values) != function.arguments:
        raise not_evaluated(f"the function {written(node)}")

    def of(rows: Rows) -> Any:
        given = [value.of(rows) for value in values]
        if function.strict and None in given:
            return None
        try:
            return function.call(names.session, *given)
        except NullError:
            return None

    if function.result is not None:
        return Typed(function.result.collated(names.collation), of)
    if not values[0].type.is_text:
        raise not_evaluated(f"{name} of what is no text")
    return values[0]._replace(of=of)


def _count(node: exp.Count, _: Names) -> Typed:
    if not isinstance(node.this, exp.Star):
        raise not_evaluated(written(node))
    return Typed(INT, len)


def _sum(node: exp.Sum, names: Names) -> Typed:
    inner = replace(names, grouped=False).value(node.this)
    if inner.type != INT:
        raise not_evaluated(f"{written(node)}: SUM of what is no int")

    def of(rows: Rows) -> int | None:
        values = [value for row in rows if (value := inner.of([row])) is not None]
        return sum(values) if values else None

    return Typed(INT, of)


EXPRESSIONS: Handlers = {
    exp.Literal: _literal,
    exp.National: _literal,
    exp.Null: lambda *_: Typed(INT, lambda _: None, null=True),
    exp.Column: _column,
    exp.Parameter: _variable,
    exp.Paren: lambda node, names: names.expression(node.this),
    exp.Add: _add,
    exp.Cast: _convert,
    exp.Convert: _convert,
    exp.Collate: _collate,
    exp.Case: _case,
    exp.Anonymous: _function,
    exp.Count: _count,
    exp.Sum: _sum,
}
