"""Columns, variables and collations: what a name means in a scope, and how two texts compare."""

from collections.abc import Sequence
from typing import Any

from acceptance.simulator.sqlserver.collations import fold, is_collation
from acceptance.simulator.sqlserver.conversions import to_sqlite
from acceptance.simulator.sqlserver.dialect import DIALECT
from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.sqltypes import MAX, SqlType
from acceptance.simulator.sqlserver.state import collation_of, lookup
from acceptance.simulator.sqlserver.terms import (
    Asking,
    Loaded,
    Scope,
    Source,
    Typed,
    literal,
    quoted,
)
from sqlglot import exp

NILADIC = ("SYSTEM_USER", "CURRENT_USER", "SESSION_USER", "CURRENT_TIMESTAMP")


class Names:
    """The part of the compiler that knows names. `expression` and `call` are the later parts'."""

    def __init__(self, session: Asking) -> None:
        self.session = session
        self.collation = collation_of(session.twin, session.database)
        self.tables: dict[str, Loaded] = {}
        self.parameters: dict[str, Any] = {}
        self.assigning = False

    def expression(self, node: exp.Expr, scope: Scope) -> Typed:
        """SQLite's text and the type of one expression or predicate. Raises SqlError."""
        raise NotImplementedError

    def _call(self, name: str, arguments: Sequence[exp.Expr], scope: Scope) -> Typed:
        raise NotImplementedError

    def _column(self, node: exp.Column, scope: Scope) -> Typed:
        if not node.table and not node.this.args.get("quoted"):
            if node.name.upper() in NILADIC:
                return self._call(node.name, [], scope)
            if node.name.upper() == "DEFAULT":
                raise not_evaluated("DEFAULT")
        if node.db:
            raise not_evaluated(f"the column name {node.sql(DIALECT)} with a schema")
        level: Scope | None = scope
        while level is not None:
            found = self._find_column(node, level)
            if found is not None:
                if level is scope and scope.grouped is not None and found.sql not in scope.grouped:
                    raise SqlError(8120, f"Column '{node.name}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.")  # fmt: skip
                return found
            if any(self._find_column(node, Scope([source])) for source in level.apply_to):
                raise not_evaluated(
                    f"an APPLY that names {node.sql(DIALECT)} of the sources before it"
                )
            level = level.parent
        raise (
            error(4104, name=node.sql(DIALECT))
            if node.table
            else self._unknown_column(node.name, scope.sources)
        )

    def _find_column(self, node: exp.Column, scope: Scope) -> Typed | None:
        named = [
            source
            for source in scope.sources
            if not node.table or self._same(source.alias, node.table)
        ]
        found = []
        for source in named:
            column = lookup(source.columns, node.name, self.collation)
            if column is not None:
                prefix = f"{quoted(source.alias)}." if source.alias else ""
                found.append(Typed(f"{prefix}{quoted(column[0])}", column[1], "implicit"))
        if len(found) > 1:
            raise error(209, name=node.name)
        if node.table and named and not found:
            raise self._unknown_column(node.name, named)
        return found[0] if found else None

    def _unknown_column(self, name: str, sources: Sequence[Source]) -> SqlError:
        """207; but a catalog view may have columns that the simulator has not."""
        views = [source for source in sources if source.is_view]
        near = {column.casefold() for source in views for column in source.columns}
        if views and name.casefold() not in near:
            return not_evaluated(f"the column {name} of {views[0].place}")
        return error(207, name=name)

    def _variable(self, node: exp.Parameter, scope: Scope) -> Typed:
        if isinstance(node.this, exp.Parameter):
            return self._call(f"@@{node.this.name}", [], scope)
        name = variable_name(node)
        variable = self.session.variable(name)
        kind = variable.type.collated(self.collation)
        if self.assigning:
            return Typed(
                f"f_variable({literal(name)})", kind
            )  # its value may change from row to row
        self.parameters[name.lstrip("@")] = to_sqlite(variable.value)
        return Typed(f":{name.lstrip('@')}", kind)

    def _collate(self, node: exp.Collate, scope: Scope) -> Typed:
        inner, name = self.expression(node.this, scope), node.expression.name
        if not inner.type.is_text:
            raise error(447, name=inner.type.name)
        if name.upper() in ("DATABASE_DEFAULT", "CATALOG_DEFAULT"):
            name = self.collation
        if not is_collation(name):
            raise error(448, name=name)
        return Typed(inner.sql, inner.type.collated(name), "explicit")

    def _common_collation(self, left: Typed, right: Typed, word: str) -> str:
        order = ("default", "implicit", "explicit")
        first, second = sorted((left, right), key=lambda typed: -order.index(typed.firmness))
        conflict = (
            first.firmness == second.firmness and first.type.collation != second.type.collation
        )
        if conflict and first.firmness != "default":
            names = {"equal to": "=", "like": "LIKE"}
            shown = next((name for name, sign in names.items() if sign == word), word)
            raise error(468, one=left.type.collation, other=right.type.collation, operator=shown)
        return first.type.collation or self.collation

    def _collated(self, typed: Typed) -> str:
        return (
            f"{typed.sql} COLLATE {quoted(typed.type.collation)}"
            if typed.type.collation
            else typed.sql
        )

    def _same(self, one: str, other: str) -> bool:
        return fold(one, self.collation) == fold(other, self.collation)

    def coerced(self, typed: Typed, target: SqlType, style: int = 0) -> Typed:
        """The expression as another type, where that is not the same anyway."""
        same = typed.type.name == target.name and target.length in (MAX, 0, typed.type.length)
        if typed.null or same or target.name == "sql_variant":
            return typed
        return Typed(
            conversion(typed, target, style),
            target.collated(typed.type.collation or self.collation),
        )


def conversion(typed: Typed, target: SqlType, style: int, attempt: bool = False) -> str:
    name = "f_try_convert" if attempt else "f_convert"
    kind = f"{literal(target.name)}, {target.length}, {target.scale}"
    return f"{name}({typed.sql}, {literal(typed.type.name)}, {kind}, {style})"


def variable_name(node: exp.Parameter) -> str:
    return "@" + node.name
