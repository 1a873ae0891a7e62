"""What SQL Server finds wrong before it runs anything of a batch: unknown columns, variables, functions, collations.

Tables are looked up late ("deferred name resolution"): a query over a table that is not there is bound when its turn
comes. A column of a table that is there is bound at once, so an IF around the query does not help.
"""

from collections.abc import Callable, Sequence
from typing import Any

from acceptance.simulator.sqlserver import statements
from acceptance.simulator.sqlserver.compiler import Compiler
from acceptance.simulator.sqlserver.dialect import parse_query
from acceptance.simulator.sqlserver.errors import NOT_EVALUATED, Scope, SqlError
from acceptance.simulator.sqlserver.sqltypes import SqlType
from acceptance.simulator.sqlserver.state import lookup
from acceptance.simulator.sqlserver.statements import Statement
from acceptance.simulator.sqlserver.terms import Asking, Variable

LATE = (208, NOT_EVALUATED)  # what a statement that never runs never says


def texts_of(statement: Statement) -> tuple[str, ...]:
    """The queries of a statement itself, expressions as queries; not those of statements inside it."""
    expressions: dict[type, Callable[[Any], Sequence[str]]] = {
        statements.Assign: lambda found: [f"({found.text})"],
        statements.Declare: lambda found: [
            f"({text})" for _, _, text in found.variables if text is not None
        ],
        statements.Print: lambda found: [f"({found.text})"],
        statements.ExecuteText: lambda found: [f"({found.text})"],
        statements.If: lambda found: [f"CASE WHEN {found.condition} THEN 1 END"],
        statements.While: lambda found: [f"CASE WHEN {found.condition} THEN 1 END"],
        statements.Execute: lambda found: [text for _, text in found.arguments],
        statements.ExecuteAs: lambda found: [found.text],
    }
    if isinstance(statement, statements.Query):
        return (statement.text,)
    return tuple(
        f"SELECT {text} AS value"
        for text in expressions.get(type(statement), lambda _: [])(statement)
    )


def statements_in(statement: Statement) -> tuple[Statement, ...]:
    """The statements inside a block, a condition, a loop or TRY."""
    if isinstance(statement, statements.Block):
        return statement.statements
    if isinstance(statement, statements.TryCatch):
        return (statement.body, statement.handler)
    if isinstance(statement, statements.While):
        return (statement.body,)
    if isinstance(statement, statements.If):
        return (
            (statement.then,)
            if statement.otherwise is None
            else (statement.then, statement.otherwise)
        )
    return ()


class Binding:
    """Goes once through a batch in the order of its text, as DECLARE and USE count."""

    def __init__(
        self, session: Asking, variables: dict[str, Variable], declared: Callable[[str], SqlType]
    ) -> None:
        self._session, self._variables, self._declared = session, variables, declared

    def check(self, batch: Sequence[Statement]) -> None:
        """Raises the first SqlError that the whole batch is refused with. Changes `variables` and the database."""
        for statement in batch:
            if isinstance(statement, statements.Use):
                found = lookup(
                    self._session.twin.databases,
                    statement.name,
                    self._session.twin.server.collation,
                )
                if found is None or found[1].state != "ONLINE":
                    return  # USE itself will fail, and what follows never runs
                self._session.database = found[0]
            for text in texts_of(statement):
                self._bind(text)
            if isinstance(statement, statements.Declare):
                for name, kind, _ in statement.variables:
                    self._variables[name] = Variable(self._declared(kind), None)
            self.check(statements_in(statement))

    def _bind(self, text: str) -> None:
        try:
            Compiler(self._session).compile(parse_query(text))
        except SqlError as failure:
            if failure.scope is Scope.COMPILE and failure.number not in LATE:
                raise
