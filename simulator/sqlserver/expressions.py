"""Literals, predicates and arithmetic of T-SQL in SQLite's words."""

from collections.abc import Sequence

from acceptance.simulator.sqlserver.dialect import DIALECT, declared_type
from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.names import Names, conversion
from acceptance.simulator.sqlserver.sqltypes import BIGINT, INT, MAX, NVARCHAR_MAX, VARIANT, SqlType
from acceptance.simulator.sqlserver.terms import BOOLEAN, Scope, Typed, combine, literal, quoted
from sqlglot import exp

COMPARISONS = {exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}
ARITHMETIC = {exp.Sub: "-", exp.Mul: "*", exp.Mod: "%", exp.BitwiseAnd: "&", exp.BitwiseOr: "|"}


class Expressions(Names):
    """The part of the compiler that knows expressions. `query` is a later part's."""

    def query(self, node: exp.Expr, scope: Scope) -> tuple[str, list[tuple[str, SqlType]]]:
        """SQLite's text of a query, and its columns with their names; `scope` is the outer one."""
        raise NotImplementedError

    def condition(self, node: exp.Expr, scope: Scope) -> str:
        typed = self.expression(node, scope)
        if typed.type is not BOOLEAN:
            raise SqlError(4145, "An expression of non-boolean type specified in a context where a condition is expected.", 15)  # fmt: skip
        return typed.sql

    def _literal(self, node: exp.Literal, _: Scope) -> Typed:
        if node.is_string:
            return self._text(node.name, "varchar")
        if "." in node.name or "e" in node.name.lower():
            digits = node.name.partition(".")[2]
            return Typed(node.name, SqlType("decimal", 18, len(digits)))
        return Typed(node.name, INT if abs(int(node.name)) < 2**31 else BIGINT)

    def _text(self, text: str, kind: str) -> Typed:
        return Typed(literal(text), SqlType(kind, max(len(text), 1), 0, self.collation))

    def _binary(self, node: exp.HexString, _: Scope) -> Typed:
        digits = node.name
        return Typed(f"x'{digits}'", SqlType("varbinary", max(len(digits) // 2, 1)))

    def _paren(self, node: exp.Paren, scope: Scope) -> Typed:
        inner = self.expression(node.this, scope)
        return Typed(f"({inner.sql})", inner.type, inner.firmness, inner.null)

    def _logic(self, node: exp.Binary, scope: Scope, word: str) -> Typed:
        return Typed(
            f"({self.condition(node.this, scope)} {word} {self.condition(node.expression, scope)})",
            BOOLEAN,
        )

    def _is_null(self, node: exp.Is, scope: Scope) -> Typed:
        if not isinstance(node.expression, exp.Null):
            raise not_evaluated(node.sql(DIALECT))
        return Typed(f"({self.expression(node.this, scope).sql} IS NULL)", BOOLEAN)

    def _comparison(self, node: exp.Binary, scope: Scope) -> Typed:
        left, right = self.expression(node.this, scope), self.expression(node.expression, scope)
        word = COMPARISONS[type(node)]
        one, other = self._comparable(left, right, word)
        return Typed(f"({one} {word} {other})", BOOLEAN)

    def _comparable(self, left: Typed, right: Typed, word: str) -> tuple[str, str]:
        """Both sides as one type, texts under one collation."""
        if BOOLEAN in (left.type, right.type):
            raise error(102, near=word)
        if left.null or right.null:
            return left.sql, right.sql
        if left.type.is_text and right.type.is_text:
            return (
                f"{left.sql} COLLATE {quoted(self._common_collation(left, right, word))}",
                right.sql,
            )
        for one, other in ((left, right), (right, left)):
            if one.type.is_binary and other.type.is_text:
                raise error(257, source=other.type.name, target=one.type.name)
        kind = combine([left, right])
        if kind == VARIANT:
            raise not_evaluated("a comparison with a sql_variant that is not CAST")
        return self.coerced(left, kind).sql, self.coerced(right, kind).sql

    def _in(self, node: exp.In, scope: Scope) -> Typed:
        left = self.expression(node.this, scope)
        query = node.args.get("query")
        if query is not None:
            sql, columns = self.query(query, scope)
            if len(columns) != 1:
                raise SqlError(116, "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.")  # fmt: skip
            mine, _ = self._comparable(left, Typed("", columns[0][1], "implicit"), "=")
            return Typed(f"({mine} IN ({sql}))", BOOLEAN)
        alternatives = []
        for item in node.expressions:
            mine, other = self._comparable(left, self.expression(item, scope), "=")
            alternatives.append(f"{mine} = {other}")
        return Typed(f"({' OR '.join(alternatives)})", BOOLEAN)

    def _between(self, node: exp.Between, scope: Scope) -> Typed:
        value = self.expression(node.this, scope)
        low = self._comparable(value, self.expression(node.args["low"], scope), ">=")
        high = self._comparable(value, self.expression(node.args["high"], scope), "<=")
        return Typed(f"({low[0]} >= {low[1]} AND {high[0]} <= {high[1]})", BOOLEAN)

    def _like(self, node: exp.Like, scope: Scope, escape: exp.Expr | None) -> Typed:
        text, pattern = self.expression(node.this, scope), self.expression(node.expression, scope)
        collation = self._common_collation(text, pattern, "LIKE")
        text, pattern = self.coerced(text, NVARCHAR_MAX), self.coerced(pattern, NVARCHAR_MAX)
        last = literal(escape.name) if escape is not None else "''"
        return Typed(f"f_like({text.sql}, {pattern.sql}, {literal(collation)}, {last})", BOOLEAN)

    def _exists(self, node: exp.Exists, scope: Scope) -> Typed:
        return Typed(f"EXISTS ({self.query(node.this, scope)[0]})", BOOLEAN)

    def _add(self, node: exp.Add, scope: Scope) -> Typed:
        left, right = self.expression(node.this, scope), self.expression(node.expression, scope)
        if not (left.type.is_text or left.null) or not (right.type.is_text or right.null):
            return self._numbers(left, right, "+")
        kind = combine([left, right])
        lengths = [typed.type.length for typed in (left, right)]
        length = (
            MAX if MAX in lengths else min(sum(lengths), 4000 if kind.name == "nvarchar" else 8000)
        )
        collation = self._common_collation(left, right, "add")
        return Typed(f"({left.sql} || {right.sql})", SqlType(kind.name, length, 0, collation))

    def _arithmetic(self, node: exp.Binary, scope: Scope) -> Typed:
        left, right = self.expression(node.this, scope), self.expression(node.expression, scope)
        return self._numbers(left, right, ARITHMETIC[type(node)])

    def _numbers(self, left: Typed, right: Typed, word: str) -> Typed:
        kind = combine([left, right])
        if not kind.is_number:
            raise error(402, source=left.type.name, target=right.type.name, operator=word)
        return Typed(
            f"({self.coerced(left, kind).sql} {word} {self.coerced(right, kind).sql})", kind
        )

    def _divide(self, node: exp.Div, scope: Scope) -> Typed:
        left, right = self.expression(node.this, scope), self.expression(node.expression, scope)
        kind = combine([left, right])
        return Typed(
            f"f_divide({self.coerced(left, kind).sql}, {self.coerced(right, kind).sql})", kind
        )

    def _negate(self, node: exp.Neg, scope: Scope) -> Typed:
        inner = self.expression(node.this, scope)
        return Typed(f"(-{inner.sql})", inner.type)

    def _cast(self, node: exp.Cast, scope: Scope) -> Typed:
        return self._converted(
            node.this, declared_type(node.to), 0, scope, attempt=isinstance(node, exp.TryCast)
        )

    def _convert(self, node: exp.Convert, scope: Scope) -> Typed:
        style = node.args.get("style")
        number = int(style.name) if style is not None else 0
        return self._converted(
            node.expression, declared_type(node.this), number, scope, bool(node.args.get("safe"))
        )

    def _converted(
        self, inner: exp.Expr, target: SqlType, style: int, scope: Scope, attempt: bool
    ) -> Typed:
        value = self.expression(inner, scope)
        target = target.collated(value.type.collation or self.collation)
        return Typed(
            conversion(value, target, style, attempt),
            target,
            value.firmness if target.is_text else "default",
        )

    def _case(self, node: exp.Case, scope: Scope) -> Typed:
        branches = []
        for item in node.args["ifs"]:
            condition = (
                item.this
                if node.this is None
                else exp.EQ(this=node.this.copy(), expression=item.this.copy())
            )
            branches.append(
                (self.condition(condition, scope), self.expression(item.args["true"], scope))
            )
        default = node.args.get("default")
        otherwise = (
            self.expression(default, scope)
            if default is not None
            else Typed("NULL", INT, null=True)
        )
        return self._choice(branches, otherwise)

    def _choice(self, branches: Sequence[tuple[str, Typed]], otherwise: Typed) -> Typed:
        kind = combine([*(value for _, value in branches), otherwise])
        parts = " ".join(
            f"WHEN {condition} THEN {self.coerced(value, kind).sql}"
            for condition, value in branches
        )
        return Typed(f"(CASE {parts} ELSE {self.coerced(otherwise, kind).sql} END)", kind)
