"""Functions, aggregates and subqueries as values."""

from collections.abc import Sequence

from acceptance.simulator.sqlserver.dialect import DIALECT
from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.expressions import Expressions
from acceptance.simulator.sqlserver.functions import FUNCTIONS, find_function
from acceptance.simulator.sqlserver.sqltypes import BIGINT, INT, MAX, NVARCHAR_MAX, SqlType
from acceptance.simulator.sqlserver.terms import BOOLEAN, Scope, Typed, combine, literal, quoted
from sqlglot import exp

AGGREGATES = {exp.Count: "COUNT", exp.Sum: "SUM", exp.Min: "MIN", exp.Max: "MAX", exp.Avg: "AVG"}
TEXT_FUNCTIONS = ("LTRIM", "RTRIM", "TRIM", "UPPER", "LOWER", "LEFT", "RIGHT", "SUBSTRING", "REPLACE", "STUFF",
                  "REPLICATE", "REVERSE")  # fmt: skip


class Calls(Expressions):
    """The part of the compiler that knows functions."""

    def _function(self, node: exp.Anonymous, scope: Scope) -> Typed:
        return self._call(node.name, node.expressions, scope)

    def _call(self, name: str, arguments: Sequence[exp.Expr], scope: Scope) -> Typed:
        upper = name.upper()
        if upper == "IIF" and len(arguments) == 3:
            condition = self.condition(arguments[0], scope)
            return self._choice(
                [(condition, self.expression(arguments[1], scope))],
                self.expression(arguments[2], scope),
            )
        if upper in ("DATEADD", "DATEDIFF") and len(arguments) == 3:
            return self._date_function(upper, arguments, scope)
        if upper == "DATALENGTH" and len(arguments) == 1:
            value = self.expression(arguments[0], scope)
            return Typed(f"f_datalength({value.sql}, {literal(value.type.name)})", INT)
        if upper == "STRING_AGG" and len(arguments) == 2:
            return self._string_agg(arguments, scope)
        if upper not in FUNCTIONS:
            raise not_evaluated(f"the function {name}")
        function = find_function(self.session.twin, name, len(arguments))
        values = [self.expression(argument, scope) for argument in arguments]
        if any(value.type is BOOLEAN for value in values):
            raise error(102, near=name)
        values = self._coerced_arguments(upper, values)
        kind = (
            function.result
            if isinstance(function.result, SqlType)
            else values[function.result].type
        )
        if upper in ("REPLACE", "STUFF", "REPLICATE"):
            kind = SqlType(kind.name, 4000 if kind.length != MAX else MAX, 0, kind.collation)
        call = ", ".join([literal(upper), *(value.sql for value in values)])
        kind = kind.collated(kind.collation or self.collation)
        firm = values[0].firmness if values and isinstance(function.result, int) else "default"
        return Typed(f"f_call({call})", kind, firm)

    def _coerced_arguments(self, name: str, values: list[Typed]) -> list[Typed]:
        if name in ("COALESCE", "ISNULL"):
            kind = combine(values) if name == "COALESCE" or values[0].null else values[0].type
            first = (
                [Typed(values[0].sql, kind, values[0].firmness)]
                if values[0].null
                else [self.coerced(values[0], kind)]
            )
            return first + [self.coerced(value, kind) for value in values[1:]]
        if name in TEXT_FUNCTIONS and not values[0].type.is_text:
            return [self.coerced(values[0], SqlType("nvarchar", 4000)), *values[1:]]
        return values

    def _date_function(self, name: str, arguments: Sequence[exp.Expr], scope: Scope) -> Typed:
        part = literal(arguments[0].name.lower())
        values = [self.expression(argument, scope) for argument in arguments[1:]]
        values = [
            self.coerced(value, SqlType("datetime")) if value.type.is_text else value
            for value in values
        ]
        kind = INT if name == "DATEDIFF" else values[1].type
        return Typed(f"f_{name.lower()}({part}, {', '.join(value.sql for value in values)})", kind)

    def _string_agg(self, arguments: Sequence[exp.Expr], scope: Scope) -> Typed:
        if self.session.twin.server.major < 14:
            raise error(195, name="STRING_AGG")
        inner = Scope(scope.sources, scope.parent, scope.ctes)
        value, separator = (self.expression(argument, inner) for argument in arguments)
        return Typed(
            f"GROUP_CONCAT({value.sql}, {separator.sql})", NVARCHAR_MAX.collated(self.collation)
        )

    def _aggregate(self, node: exp.AggFunc, scope: Scope) -> Typed:
        word = AGGREGATES[type(node)]
        inner = Scope(scope.sources, scope.parent, scope.ctes)
        if isinstance(node.this, exp.Star):
            return Typed("COUNT(*)", BIGINT if node.args.get("big_int") else INT)
        distinct = isinstance(node.this, exp.Distinct)
        argument = node.this.expressions[0] if distinct else node.this
        value = self.expression(argument, inner)
        text = f"{word}({'DISTINCT ' if distinct else ''}{self._collated(value)})"
        if word == "COUNT":
            return Typed(text, BIGINT if node.args.get("big_int") else INT)
        if word in ("SUM", "AVG"):
            if not value.type.is_number or value.type.name == "bit":
                raise SqlError(
                    8117,
                    f"Operand data type {value.type.name} is invalid for {word.lower()} operator.",
                )
            if word == "AVG" and value.type.name in ("tinyint", "smallint", "int", "bigint"):
                text = f"CAST({text} AS INTEGER)"
            return Typed(text, INT if value.type.name in ("tinyint", "smallint") else value.type)
        return Typed(text, value.type, "implicit")

    def _scalar_subquery(self, node: exp.Subquery, scope: Scope) -> Typed:
        if _is_text_aggregation(node.this):
            return self._for_xml(node, scope, escape=True)
        sql, columns = self.query(node.this, scope)
        if len(columns) != 1:
            raise SqlError(116, "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.")  # fmt: skip
        name, kind = columns[0]
        column = quoted(name or "column 0")
        single = f"SELECT CASE WHEN COUNT(*) > 1 THEN f_more_than_one() ELSE MAX({column}) END FROM ({sql})"  # noqa: S608 - SQLite in memory
        return Typed(f"({single})", kind, "implicit")

    def _xml_value(self, node: exp.Dot, scope: Scope) -> Typed:
        """(SELECT … FOR XML PATH(''), TYPE).value('.', …): how texts are joined before SQL Server 2017."""
        method = node.expression
        known = (
            isinstance(method, exp.Anonymous)
            and method.name == "value"
            and method.expressions[0].name == "."
        )
        if (
            not known
            or not isinstance(node.this, exp.Subquery)
            or not _is_text_aggregation(node.this.this)
        ):
            raise not_evaluated(f"{node.sql(DIALECT)[:100]}")
        return self._for_xml(node.this, scope, escape=False)

    def _for_xml(self, node: exp.Subquery, scope: Scope, *, escape: bool) -> Typed:
        node.this.meta["xml"] = True
        sql, columns = self.query(node.this, scope)
        if len(columns) != 1 or columns[0][0]:
            raise not_evaluated("FOR XML PATH of more than one unnamed column")
        column = f"f_xml({quoted('column 0')})" if escape else quoted("column 0")
        return Typed(
            f"(SELECT GROUP_CONCAT({column}, '') FROM ({sql}))",  # noqa: S608
            NVARCHAR_MAX.collated(self.collation),
        )

    def _window(self, node: exp.Window, scope: Scope) -> Typed:
        if not isinstance(node.this, exp.Anonymous) or node.this.name.upper() != "ROW_NUMBER":
            raise not_evaluated(f"the window function {node.this.sql(DIALECT)}")
        parts = [
            self._collated(self.expression(item, scope))
            for item in node.args.get("partition_by") or []
        ]
        order = [self._order_item(item, scope, []) for item in node.args["order"].expressions]
        partition = f"PARTITION BY {', '.join(parts)} " if parts else ""
        return Typed(f"ROW_NUMBER() OVER ({partition}ORDER BY {', '.join(order)})", BIGINT)

    def _order_item(self, item: exp.Expr, scope: Scope, names: Sequence[str]) -> str:
        node = item.this if isinstance(item, exp.Ordered) else item
        direction = " DESC" if item.args.get("desc") else ""
        if isinstance(node, exp.Literal) and not node.is_string:
            return f"{node.name}{direction}"
        if isinstance(node, exp.Column) and not node.table:
            same = [name for name in names if self._same(name, node.name)]
            if same:
                return f"{quoted(same[0])}{direction}"
        return f"{self._collated(self.expression(node, scope))}{direction}"


def own_aggregates(node: exp.Expr) -> bool:
    """Aggregates of this query, not those of a subquery in it."""
    if isinstance(node, exp.AggFunc):
        return True
    if isinstance(node, (exp.Query, exp.Window)):
        return False
    if isinstance(node, exp.Anonymous) and node.name.upper() == "STRING_AGG":
        return True
    return any(own_aggregates(child) for child in node.iter_expressions())


def _is_text_aggregation(node: exp.Expr) -> bool:
    clause = node.args.get("for_")
    return (
        clause is not None
        and clause.args.get("kind") is not None
        and "PATH('')" in clause.sql(DIALECT)
    )
