"""Predicates as functions of rows: True, False or None, as T-SQL's unknown."""

import operator
import re
from collections.abc import Callable
from typing import Any

from acceptance.simulator.sqlserver.collations import fold_inside, sort_key
from acceptance.simulator.sqlserver.dialect import written
from acceptance.simulator.sqlserver.errors import not_evaluated
from acceptance.simulator.sqlserver.sqltypes import BOOLEAN, VARIANT
from acceptance.simulator.sqlserver.terms import Handlers, Names, Rows, Typed, strict, wider
from sqlglot import exp

COMPARISONS: dict[type[exp.Expr], tuple[str, Callable[[Any, Any], bool]]] = {
    exp.EQ: ("equal to", operator.eq),
    exp.NEQ: ("not equal to", operator.ne),
    exp.GT: ("greater than", operator.gt),
}


def _logic(node: exp.Binary, names: Names) -> Typed:
    """AND and OR, where the deciding value (False, True) wins over unknown."""
    sides = [names.condition(node.this), names.condition(node.expression)]
    return _decided(sides, decides=isinstance(node, exp.Or))


def _decided(several: list[Typed], *, decides: bool) -> Typed:
    def of(rows: Rows) -> bool | None:
        found = [one.of(rows) for one in several]
        if decides in found:
            return decides
        return None if None in found else not decides

    return Typed(BOOLEAN, of)


def _not(node: exp.Not, names: Names) -> Typed:
    return Typed(BOOLEAN, strict(operator.not_, names.condition(node.this)))


def _is_null(node: exp.Is, names: Names) -> Typed:
    if not isinstance(node.expression, exp.Null):
        raise not_evaluated(written(node))
    inner = names.value(node.this)
    return Typed(BOOLEAN, lambda rows: inner.of(rows) is None)


def _comparison(node: exp.Binary, names: Names) -> Typed:
    word, sign = COMPARISONS[type(node)]
    return compared(names.value(node.this), names.value(node.expression), word, sign)


def compared(left: Typed, right: Typed, word: str, sign: Callable[[Any, Any], bool]) -> Typed:
    """Both sides as one type, texts under one collation."""
    kind = wider([left, right])
    mixed = left.type.is_binary != right.type.is_binary and not (left.null or right.null)
    if kind == VARIANT or mixed:
        raise not_evaluated(f"a comparison of {left.type.name} with {right.type.name}")
    collation = left.collation_with(right, word) if kind.is_text else ""
    if not (left.type.is_text and right.type.is_text):
        left, right = left.coerced(kind), right.coerced(kind)
    if not collation:
        return Typed(BOOLEAN, strict(sign, left, right))

    def under_collation(one: str, other: str) -> bool:
        return sign(sort_key(one, collation), sort_key(other, collation))

    return Typed(BOOLEAN, strict(under_collation, left, right))


def _in(node: exp.In, names: Names) -> Typed:
    left = names.value(node.this)
    items = map(names.value, node.expressions)
    equals = [compared(left, item, *COMPARISONS[exp.EQ]) for item in items]
    return _decided(equals, decides=True)


def _like(node: exp.Like, names: Names) -> Typed:
    """% only. The collectors write neither _ nor [a-z]."""
    text, pattern = names.value(node.this), node.expression
    plain = isinstance(pattern, exp.National) and not re.search(r"[_\[]", pattern.name)
    if not plain or not text.type.is_text:
        raise not_evaluated(written(node))
    collation = text.collation_with(names.value(pattern), "like")
    parts = fold_inside(pattern.name, collation).split("%")
    wanted = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)

    def matches(value: str) -> bool:
        return wanted.fullmatch(fold_inside(value, collation)) is not None

    return Typed(BOOLEAN, strict(matches, text))


PREDICATES: Handlers = {
    exp.And: _logic,
    exp.Or: _logic,
    exp.Not: _not,
    exp.Is: _is_null,
    exp.In: _in,
    exp.Like: _like,
    **dict.fromkeys(COMPARISONS, _comparison),
}
