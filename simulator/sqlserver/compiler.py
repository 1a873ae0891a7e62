"""One T-SQL query as SQLite's: names are resolved, rights are checked, and each expression gets its T-SQL type.

The result carries the tables that it reads, filled as the session's security context sees them. What is not known
here is an error that names it (errors.not_evaluated), never an empty answer. The parts: terms, names, expressions,
calls, sources; each builds on the one before.
"""

from collections.abc import Callable
from typing import Any

from acceptance.simulator.sqlserver.calls import AGGREGATES, own_aggregates
from acceptance.simulator.sqlserver.collations import fold
from acceptance.simulator.sqlserver.dialect import DIALECT
from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.expressions import ARITHMETIC, COMPARISONS
from acceptance.simulator.sqlserver.names import variable_name
from acceptance.simulator.sqlserver.sources import Sources, renamed
from acceptance.simulator.sqlserver.sqltypes import INT, SqlType
from acceptance.simulator.sqlserver.terms import (
    BOOLEAN,
    Asking,
    Compiled,
    Scope,
    Source,
    Typed,
    combine,
    output_name,
    quoted,
)
from sqlglot import exp


class Compiler(Sources):
    """Compiles one query for one session."""

    def __init__(self, session: Asking) -> None:
        super().__init__(session)
        self.by_type: dict[type[exp.Expr], Callable[[Any, Scope], Typed]] = {
            exp.Literal: self._literal,
            exp.National: lambda node, _: self._text(str(node.this), "nvarchar"),
            exp.HexString: self._binary,
            exp.Null: lambda _, __: Typed("NULL", INT, null=True),
            exp.Column: self._column,
            exp.Identifier: lambda node, scope: self._column(exp.Column(this=node), scope),
            exp.Parameter: self._variable,
            exp.Paren: self._paren,
            exp.And: lambda node, scope: self._logic(node, scope, "AND"),
            exp.Or: lambda node, scope: self._logic(node, scope, "OR"),
            exp.Not: lambda node, scope: Typed(
                f"(NOT {self.condition(node.this, scope)})", BOOLEAN
            ),
            exp.Is: self._is_null,
            exp.In: self._in,
            exp.Between: self._between,
            exp.Like: lambda node, scope: self._like(node, scope, None),
            exp.Escape: lambda node, scope: self._like(node.this, scope, node.expression),
            exp.Exists: self._exists,
            exp.Add: self._add,
            exp.Div: self._divide,
            exp.Neg: self._negate,
            exp.Cast: self._cast,
            exp.TryCast: self._cast,
            exp.Convert: self._convert,
            exp.Case: self._case,
            exp.Anonymous: self._function,
            exp.Subquery: self._scalar_subquery,
            exp.Collate: self._collate,
            exp.Window: self._window,
            exp.Dot: self._xml_value,
            **dict.fromkeys(COMPARISONS, self._comparison),
            **dict.fromkeys(ARITHMETIC, self._arithmetic),
            **dict.fromkeys(AGGREGATES, self._aggregate),
        }

    def compile(self, query: exp.Query) -> Compiled:
        """Raises SqlError: 207, 208, 229 and so on, or that it cannot be evaluated."""
        assigned = self._assignments(query)
        try:
            sql, columns = self.query(query, Scope())
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as failure:
            # sqlglot reads more than T-SQL: trees of a shape that no valid statement has.
            raise not_evaluated(f"{query.sql(DIALECT)[:200]} ({failure})") from failure
        return Compiled(sql, tuple(columns), tuple(self.tables.values()), self.parameters, assigned)

    def _assignments(self, query: exp.Query) -> tuple[str, ...]:
        """SELECT @a = x: the projections become their right sides."""
        names = []
        for item in query.expressions if isinstance(query, exp.Select) else []:
            if isinstance(item, exp.EQ) and isinstance(item.this, exp.Parameter):
                names.append(variable_name(item.this))
                item.replace(exp.alias_(item.expression.copy(), names[-1].lstrip("@"), quoted=True))
        if names and len(names) != len(query.expressions):
            raise SqlError(141, "A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.", 15)  # fmt: skip
        self.assigning = bool(names)
        return tuple(names)

    def query(self, node: exp.Expr, scope: Scope) -> tuple[str, list[tuple[str, SqlType]]]:
        """SQLite's text, and the columns with their names; `scope` is the outer one."""
        if isinstance(node, exp.Subquery):
            return self.query(node.this, scope)
        inner = Scope(parent=scope, ctes=dict(scope.ctes))
        head = self._with(node, inner)
        if isinstance(node, exp.Select):
            sql, columns = self._select(node, inner)
        elif isinstance(node, exp.SetOperation):
            sql, columns = self._set_operation(node, inner)
        else:
            raise not_evaluated(f"{node.key.upper()}")
        return head + sql, columns

    def _with(self, node: exp.Expr, scope: Scope) -> str:
        clause = node.args.get("with_")
        if clause is None:
            return ""
        parts = []
        for cte in clause.expressions:
            sql, columns = self.query(cte.this, scope)
            columns = renamed(columns, cte.args["alias"])
            scope.ctes[fold(cte.alias, self.collation)] = dict(columns)
            names = ", ".join(quoted(name) for name, _ in columns)
            parts.append(f"{quoted('cte ' + fold(cte.alias, self.collation))} ({names}) AS ({sql})")
        return f"WITH {', '.join(parts)} "

    def _set_operation(
        self, node: exp.SetOperation, scope: Scope
    ) -> tuple[str, list[tuple[str, SqlType]]]:
        words = {exp.Union: "UNION" if node.args.get("distinct") else "UNION ALL", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}  # fmt: skip
        (left, ours), (right, theirs) = (
            self.query(node.this, scope),
            self.query(node.expression, scope),
        )
        if len(ours) != len(theirs):
            raise SqlError(205, "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.")  # fmt: skip
        pairs = zip(ours, theirs, strict=True)
        columns = [
            (name, combine([Typed("", one), Typed("", other)])) for (name, one), (_, other) in pairs
        ]
        sql = f"SELECT * FROM ({left}) {words[type(node)]} SELECT * FROM ({right})"  # noqa: S608 - SQLite in memory
        order = node.args.get("order")
        if order:
            own = Scope([Source("", dict(columns))], scope)
            items = [
                self._order_item(item, own, [name for name, _ in columns])
                for item in order.expressions
            ]
            sql += f" ORDER BY {', '.join(items)}"
        return sql, columns

    def _select(self, node: exp.Select, scope: Scope) -> tuple[str, list[tuple[str, SqlType]]]:
        if node.args.get("for_") and not node.meta.get("xml"):
            raise not_evaluated("FOR XML outside of a text aggregation")
        source = self._from(node, scope)
        where = node.args.get("where")
        tail = f" WHERE {self.condition(where.this, scope)}" if where else ""
        tail += self._grouping(node, scope)
        projections = self._projections(node, scope)
        names = [name for name, _ in projections]
        columns = [(name, typed.type) for name, typed in projections]
        for name, typed in projections:
            if typed.type is BOOLEAN:
                raise error(102, near=name or "=")
        shown = ", ".join(
            f"{self._collated(typed)} AS {quoted(output_name(name, n))}"
            for n, (name, typed) in enumerate(projections)
        )
        distinct = "DISTINCT " if node.args.get("distinct") else ""
        order = node.args.get("order")
        if order:
            items = [self._order_item(item, scope, names) for item in order.expressions]
            tail += f" ORDER BY {', '.join(items)}"
        return f"SELECT {distinct}{shown}{source}{tail}{self._top(node, scope)}", columns

    def _grouping(self, node: exp.Select, scope: Scope) -> str:
        group, having = node.args.get("group"), node.args.get("having")
        out = ""
        if group:
            keys = [self.expression(item, scope) for item in group.expressions]
            out = f" GROUP BY {', '.join(self._collated(key) for key in keys)}"
            scope.grouped = {key.sql for key in keys}
        elif having or any(own_aggregates(item) for item in node.expressions):
            scope.grouped = set()
        return out + (f" HAVING {self.condition(having.this, scope)}" if having else "")

    def _top(self, node: exp.Select, scope: Scope) -> str:
        limit = node.args.get("limit")
        if limit is None:
            return ""
        if not isinstance(limit, exp.Limit):
            raise not_evaluated("FETCH")
        return f" LIMIT {self.expression(limit.expression, scope).sql}"

    def _projections(self, node: exp.Select, scope: Scope) -> list[tuple[str, Typed]]:
        out: list[tuple[str, Typed]] = []
        for item in node.expressions:
            star = (
                item
                if isinstance(item, exp.Star)
                else item.this
                if isinstance(item, exp.Column)
                else None
            )
            if isinstance(star, exp.Star):
                wanted = item.table if isinstance(item, exp.Column) else None
                out += self._star(scope, wanted)
            else:
                name = item.alias or (item.name if isinstance(item, exp.Column) else "")
                out.append((name, self.expression(item.unalias(), scope)))
        return out

    def _star(self, scope: Scope, wanted: str | None) -> list[tuple[str, Typed]]:
        out: list[tuple[str, Typed]] = []
        for source in scope.sources:
            if wanted is None or self._same(source.alias, wanted):
                for name, kind in source.columns.items():
                    out.append(
                        (name, Typed(f"{quoted(source.alias)}.{quoted(name)}", kind, "implicit"))
                    )
        if not out:
            raise error(4104, name=f"{wanted}.*")
        return out

    def expression(self, node: exp.Expr, scope: Scope) -> Typed:
        """SQLite's text and the type of one expression or predicate."""
        handler = self.by_type.get(type(node))
        if handler is None:
            raise not_evaluated(f"{node.key.upper()}: {node.sql(DIALECT)[:100]}")
        return handler(node, scope)
