"""One login's session: its security context, its database, its variables; runs batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from acceptance.simulator.sqlserver import security, statements
from acceptance.simulator.sqlserver.batches import parse_batch
from acceptance.simulator.sqlserver.binding import Binding
from acceptance.simulator.sqlserver.compiler import Compiler
from acceptance.simulator.sqlserver.conversions import convert, from_sqlite, to_sqlite
from acceptance.simulator.sqlserver.dialect import parse_expression, parse_query
from acceptance.simulator.sqlserver.engine import run
from acceptance.simulator.sqlserver.errors import Scope, SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.metadata import split_name
from acceptance.simulator.sqlserver.parameters import bound, declared_type
from acceptance.simulator.sqlserver.results import DatabaseChange, Result, ResultSet
from acceptance.simulator.sqlserver.sqltypes import UNICODE, SqlType
from acceptance.simulator.sqlserver.state import Twin, lookup
from acceptance.simulator.sqlserver.statements import Statement
from acceptance.simulator.sqlserver.terms import Compiled, Variable
from sqlglot import exp

MAX_DEPTH = 32  # nesting level of dynamic SQL, as @@NESTLEVEL has it
MAX_TURNS = 1000
SET_OPTIONS = (
    "NOCOUNT", "ANSI_NULLS", "ANSI_PADDING", "ANSI_WARNINGS", "ARITHABORT", "CONCAT_NULL_YIELDS_NULL", "DATEFORMAT",
    "DEADLOCK_PRIORITY", "IMPLICIT_TRANSACTIONS", "LANGUAGE", "LOCK_TIMEOUT", "QUOTED_IDENTIFIER", "TEXTSIZE",
    "TRANSACTION ISOLATION LEVEL", "XACT_ABORT",
)  # fmt: skip


class _EndOfBatch(Exception):
    """RETURN."""


@dataclass
class Session:
    """`context` is the login whose rights count now, `original` the one that logged in."""

    twin: Twin
    original: str
    wanted_database: str = ""
    encrypted: bool = True
    caught: SqlError | None = None
    rowcount: int = 0
    last_error: int = 0
    context: str = field(init=False)
    database: str = field(init=False)
    impersonated: list[str] = field(default_factory=list)  # the contexts to which REVERT goes back
    scopes: list[dict[str, Variable]] = field(default_factory=list)
    _tries: int = 0  # how many TRY blocks are open

    def __post_init__(self) -> None:
        self.context = self.original
        self.database = self._first_database()
        self.handlers: dict[type, Callable[[Any, list[Result]], None]] = {
            statements.Query: self._query,
            statements.Declare: self._declare,
            statements.Assign: lambda statement, _: self._assign(statement.name, statement.text),
            statements.SetOption: self._set_option,
            statements.Use: self._use,
            statements.ExecuteAs: self._execute_as,
            statements.Revert: self._revert,
            statements.Execute: self._execute,
            statements.ExecuteText: lambda statement, results: self._dynamic(
                self._value(statement.text), "", [], results
            ),
            statements.If: self._if,
            statements.While: self._while,
            statements.Block: lambda statement, results: self._statements(
                statement.statements, results
            ),
            statements.TryCatch: self._try,
            statements.Throw: self._throw,
            statements.Print: self._print,
            statements.Return: self._return,
        }

    def _first_database(self) -> str:
        login = self.twin.logins[self.original]
        name = self.wanted_database or login.default_database
        try:
            return security.check_access(self.twin, self.context, name)
        except SqlError:
            raise error(4060 if self.wanted_database else 4064, name=name) from None

    def reset(self) -> None:
        """sp_reset_connection: as after the login."""
        self.context, self.impersonated = self.original, []
        self.database = self._first_database()

    # -- what a client calls ---------------------------------------------------------------------------------

    def run(self, text: str) -> list[Result]:
        """A SQL batch. Errors are among the results; nothing is raised."""
        return self._run(text, {})

    def execute_sql(
        self, text: str, declared: str, arguments: Sequence[tuple[str, Variable]]
    ) -> list[Result]:
        """sp_executesql and its relatives: a batch with parameters."""
        results: list[Result] = []
        try:
            self._dynamic(text, declared, arguments, results)
        except SqlError as failure:
            results.append(failure)
        return results

    def _run(self, text: str, variables: dict[str, Variable]) -> list[Result]:
        results: list[Result] = []
        self.scopes.append(variables)
        try:
            self._batch(text, results)
        except SqlError as failure:
            results.append(failure)
        except _EndOfBatch:
            pass
        finally:
            self.scopes.pop()
        return results

    def _batch(self, text: str, results: list[Result]) -> None:
        """Bind all of it, then run it. Raises SqlError for what ends the batch."""
        batch = parse_batch(text)
        database = self.database
        self.scopes.append(dict(self.scopes[-1]))
        try:
            Binding(self, self.scopes[-1], declared_type).check(batch)
        finally:
            self.scopes.pop()
            self.database = database
        self._statements(batch, results)

    def _statements(self, several: Sequence[Statement], results: list[Result]) -> None:
        """In order; an error that only ends its statement is a result, and the next one runs."""
        for statement in several:
            try:
                self.handlers[type(statement)](statement, results)
                self.last_error = 0
            except SqlError as failure:
                self.last_error = failure.number
                if failure.scope is not Scope.STATEMENT or self._tries:
                    raise
                results.append(failure)

    # -- values ----------------------------------------------------------------------------------------------

    def variable(self, name: str) -> Variable:
        """Names of variables follow the server's collation. Raises SqlError 137."""
        found = lookup(self.scopes[-1], name, self.twin.server.collation) if self.scopes else None
        if found is None:
            raise error(137, name=name)
        return found[1]

    def variable_value(self, name: str) -> Any:
        return to_sqlite(self.variable(name).value)

    def scalar(self, expression: exp.Expr) -> Any:
        query = exp.select(exp.alias_(expression.copy(), "value"))
        return run(Compiler(self).compile(query), self)[0][0]

    def _value(self, text: str) -> Any:
        return self._typed_value(text)[0]

    def _typed_value(self, text: str) -> tuple[Any, SqlType]:
        compiled = Compiler(self).compile(parse_expression(f"({text})"))
        return run(compiled, self)[0][0], compiled.columns[0][1]

    def _condition(self, text: str) -> bool:
        query = parse_query(f"SELECT CASE WHEN {text} THEN 1 ELSE 0 END AS value")
        return bool(run(Compiler(self).compile(query), self)[0][0])

    def _assign(self, name: str, text: str) -> None:
        variable = self.variable(name)
        value, kind = self._typed_value(text)
        variable.value = from_sqlite(convert(value, kind.name, variable.type), variable.type)

    # -- statements ------------------------------------------------------------------------------------------

    def _query(self, statement: statements.Query, results: list[Result]) -> None:
        compiled = Compiler(self).compile(parse_query(statement.text))
        if compiled.assigned:
            self._assign_rows(compiled)
            return
        rows = run(compiled, self)
        kinds = [kind for _, kind in compiled.columns]
        values = tuple(
            tuple(from_sqlite(v, k) for v, k in zip(row, kinds, strict=True)) for row in rows
        )
        self.rowcount = len(values)
        results.append(ResultSet(compiled.columns, values))

    def _assign_rows(self, compiled: Compiled) -> None:
        """Each row assigns, so that SELECT @a = @a + x … goes through all rows."""
        plain = Compiled(
            f"SELECT COUNT(*) FROM ({compiled.sql})",  # noqa: S608 - SQLite in memory
            (),
            compiled.tables,
            compiled.parameters,
        )
        total = run(plain, self)[0][0]
        for number in range(total):
            one = f"SELECT * FROM ({compiled.sql}) LIMIT 1 OFFSET {number}"  # noqa: S608
            row = run(Compiled(one, compiled.columns, compiled.tables, compiled.parameters), self)[
                0
            ]
            for name, value, (_, kind) in zip(
                compiled.assigned, row, compiled.columns, strict=True
            ):
                variable = self.variable(name)
                variable.value = from_sqlite(
                    convert(value, kind.name, variable.type), variable.type
                )
        self.rowcount = total

    def _declare(self, statement: statements.Declare, _: list[Result]) -> None:
        for name, declared, text in statement.variables:
            self.scopes[-1][name] = Variable(declared_type(declared), None)
            if text is not None:
                self._assign(name, text)

    def _set_option(self, statement: statements.SetOption, _: list[Result]) -> None:
        if not statement.text.upper().startswith(SET_OPTIONS):
            raise not_evaluated(f"SET {statement.text}")

    def _use(self, statement: statements.Use, results: list[Result]) -> None:
        new = security.check_access(self.twin, self.context, statement.name)
        results.append(DatabaseChange(new, self.database))
        self.database = new

    def _execute_as(self, statement: statements.ExecuteAs, _: list[Result]) -> None:
        if statement.kind != "LOGIN":
            raise not_evaluated(f"EXECUTE AS {statement.kind}")
        name = str(self._value(statement.text) or "")
        context = security.check_impersonation(self.twin, self.context, name)
        security.check_access(
            self.twin, context, self.database
        )  # the new context must be able to be here
        self.impersonated.append(self.context)
        self.context = context

    def _revert(self, _: statements.Revert, __: list[Result]) -> None:
        if self.impersonated:
            self.context = self.impersonated.pop()

    def _execute(self, statement: statements.Execute, results: list[Result]) -> None:
        name = (
            self._value(statement.procedure)
            if statement.procedure.startswith("@")
            else statement.procedure
        )
        parts = split_name(str(name))
        if parts[-1].lower() != "sp_executesql":
            system = parts[-1][:3].lower() in ("sp_", "xp_")
            raise not_evaluated(f"the procedure {name}") if system else error(2812, name=name)
        if not statement.arguments:
            raise SqlError(
                201, "Procedure or function 'sp_executesql' expects parameter '@statement'."
            )
        texts = [
            self._unicode(label, text)
            for label, (_, text) in zip(
                ("@statement", "@params"), statement.arguments, strict=False
            )
        ]
        arguments = []
        for argument, text in statement.arguments[2:]:
            value, kind = self._typed_value(text)
            arguments.append((argument, Variable(kind, value)))
        declared = texts[1] if len(texts) > 1 else ""
        elsewhere = parts[0] if len(parts) == 3 else ""
        self._dynamic(texts[0], declared, arguments, results, elsewhere)

    def _unicode(self, label: str, text: str) -> str:
        """sp_executesql wants nvarchar: a literal needs its N. Raises SqlError 214."""
        value, kind = self._typed_value(text)
        if kind.name not in UNICODE:
            raise error(214, name=label)
        return str(value or "")

    def _dynamic(
        self,
        text: Any,
        declared: str,
        arguments: Sequence[tuple[str, Variable]],
        results: list[Result],
        elsewhere: str = "",
    ) -> None:
        """A batch inside: own variables; its USE and EXECUTE AS end with it. `elsewhere` is the database to be in."""
        if len(self.scopes) >= MAX_DEPTH:
            raise SqlError(217, f"Maximum stored procedure, function, trigger, or view nesting level exceeded (limit {MAX_DEPTH}).")  # fmt: skip
        variables = bound(declared, arguments, self.twin.server.collation)
        database, context, stack = self.database, self.context, list(self.impersonated)
        if elsewhere:
            self.database = security.check_access(self.twin, self.context, elsewhere)
        self.scopes.append(variables)
        try:
            self._batch(str(text or ""), results)
        except _EndOfBatch:
            pass
        except SqlError as failure:
            # What only ends the inner batch is an ordinary error to the outer one.
            if failure.scope is Scope.COMPILE:
                failure.scope = Scope.STATEMENT
            raise
        finally:
            self.scopes.pop()
            self.context, self.impersonated = context, stack
            self.database = database

    def _if(self, statement: statements.If, results: list[Result]) -> None:
        chosen = statement.then if self._condition(statement.condition) else statement.otherwise
        if chosen is not None:
            self._statements([chosen], results)

    def _while(self, statement: statements.While, results: list[Result]) -> None:
        for _ in range(MAX_TURNS):
            if not self._condition(statement.condition):
                return
            self._statements([statement.body], results)
        raise not_evaluated(f"a loop of more than {MAX_TURNS} turns")

    def _try(self, statement: statements.TryCatch, results: list[Result]) -> None:
        self._tries += 1
        try:
            self._statements(statement.body.statements, results)
        except SqlError as failure:
            if failure.scope is Scope.COMPILE:
                raise
            handled, outer = failure, self.caught
        else:
            return
        finally:
            self._tries -= 1
        self.caught = handled
        try:
            self._statements(statement.handler.statements, results)
        finally:
            self.caught = outer

    def _throw(self, _: statements.Throw, __: list[Result]) -> None:
        if self.caught is None:
            raise SqlError(
                10704,
                "To rethrow an error, a THROW statement must be used inside a CATCH block.",
                15,
            )
        raise SqlError(
            self.caught.number,
            self.caught.message,
            self.caught.severity,
            self.caught.state,
            scope=Scope.BATCH,
        )

    def _print(self, statement: statements.Print, results: list[Result]) -> None:
        results.append(SqlError(0, str(self._value(statement.text)), severity=0))

    def _return(self, _: statements.Return, __: list[Result]) -> None:
        raise _EndOfBatch
