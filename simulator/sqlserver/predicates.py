"""Predicates as functions of rows: True, False or None, as T-SQL's unknown."""

import operator
import re
from collections.abc import Callable
from typing import Any

from acceptance.simulator.sqlserver.collations import fold_inside, sort_key
from acceptance.simulator.sqlserver.dialect import DIALECT
from acceptance.simulator.sqlserver.errors import error, not_evaluated
from acceptance.simulator.sqlserver.sqltypes import BOOLEAN, VARIANT
from acceptance.simulator.sqlserver.terms import (
    Handlers,
    Rows,
    Scope,
    Typed,
    coerced,
    combine,
    common_collation,
    condition,
    value_of,
)
from sqlglot import exp

COMPARISONS: dict[type[exp.Expr], tuple[str, Callable[[Any, Any], bool]]] = {
    exp.EQ: ("equal to", operator.eq),
    exp.NEQ: ("not equal to", operator.ne),
    exp.GT: ("greater than", operator.gt),
}


def _logic(node: exp.Binary, scope: Scope) -> Typed:
    """AND and OR, where the deciding value (False, True) wins over unknown."""
    sides = [condition(node.this, scope), condition(node.expression, scope)]
    decides = isinstance(node, exp.Or)
    return Typed(BOOLEAN, lambda rows: _decided([side(rows) for side in sides], decides))


def _decided(found: list[bool | None], decides: bool) -> bool | None:
    if decides in found:
        return decides
    return None if None in found else not decides


def _not(node: exp.Not, scope: Scope) -> Typed:
    inner = condition(node.this, scope)

    def of(rows: Rows) -> bool | None:
        value = inner(rows)
        return None if value is None else not value

    return Typed(BOOLEAN, of)


def _is_null(node: exp.Is, scope: Scope) -> Typed:
    if not isinstance(node.expression, exp.Null):
        raise not_evaluated(node.sql(DIALECT))
    inner = value_of(node.this, scope)
    return Typed(BOOLEAN, lambda rows: inner.of(rows) is None)


def _comparison(node: exp.Binary, scope: Scope) -> Typed:
    word, sign = COMPARISONS[type(node)]
    return compared(value_of(node.this, scope), value_of(node.expression, scope), word, sign)


def compared(left: Typed, right: Typed, word: str, sign: Callable[[Any, Any], bool]) -> Typed:
    """Both sides as one type, texts under one collation."""
    kind = combine([left, right])
    if kind == VARIANT:
        raise not_evaluated("a comparison with a sql_variant that is not CAST")
    for one, other in ((left, right), (right, left)):
        if one.type.is_binary and not one.null and other.type.is_text and not other.null:
            raise error(257, source=other.type.name, target=one.type.name)
    collation = common_collation(left, right, word) if kind.is_text else ""
    if not (left.type.is_text and right.type.is_text):
        left, right = coerced(left, kind), coerced(right, kind)

    def of(rows: Rows) -> bool | None:
        one, other = left.of(rows), right.of(rows)
        if one is None or other is None:
            return None
        if collation:
            one, other = sort_key(one, collation), sort_key(other, collation)
        return sign(one, other)

    return Typed(BOOLEAN, of)


def _in(node: exp.In, scope: Scope) -> Typed:
    left = value_of(node.this, scope)
    items = [value_of(item, scope) for item in node.expressions]
    equals = [compared(left, item, "equal to", operator.eq).of for item in items]
    return Typed(BOOLEAN, lambda rows: _decided([equal(rows) for equal in equals], True))


def _like(node: exp.Like, scope: Scope) -> Typed:
    """% only. The collectors write neither _ nor [a-z]."""
    text, pattern = value_of(node.this, scope), node.expression
    if (
        not text.type.is_text
        or not isinstance(pattern, exp.National)
        or set("_[") & {*pattern.name}
    ):
        raise not_evaluated(node.sql(DIALECT)[:100])
    collation = common_collation(text, value_of(pattern, scope), "like")
    parts = fold_inside(pattern.name, collation).split("%")
    wanted = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)

    def of(rows: Rows) -> bool | None:
        value = text.of(rows)
        return None if value is None else bool(wanted.fullmatch(fold_inside(value, collation)))

    return Typed(BOOLEAN, of)


PREDICATES: Handlers = {
    exp.And: _logic,
    exp.Or: _logic,
    exp.Not: _not,
    exp.Is: _is_null,
    exp.In: _in,
    exp.Like: _like,
    **dict.fromkeys(COMPARISONS, _comparison),
}
