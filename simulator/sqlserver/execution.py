"""Runs a batch for one session, as SQL Server does: all of it is bound first, then statement after
statement runs.

Tables are looked up late ("deferred name resolution"): a query over a table that is not there is
bound when its turn
comes. A column of a table that is there is bound at once, so an IF around the query does not help.
"""

from collections.abc import Callable, Sequence
from typing import Any

from acceptance.simulator.sqlserver import batches, rights, security
from acceptance.simulator.sqlserver.batches import Statement, parse_batch
from acceptance.simulator.sqlserver.conversions import convert, needs_unicode
from acceptance.simulator.sqlserver.dialect import parse_query
from acceptance.simulator.sqlserver.errors import (
    NOT_EVALUATED,
    Scope,
    SqlError,
    error,
    not_evaluated,
)
from acceptance.simulator.sqlserver.metadata import split_name
from acceptance.simulator.sqlserver.queries import compile_query
from acceptance.simulator.sqlserver.session import (
    DatabaseChange,
    Result,
    ResultSet,
    Session,
    Variable,
)
from acceptance.simulator.sqlserver.sqltypes import SqlType, parse_type
from acceptance.simulator.sqlserver.state import lookup
from acceptance.simulator.sqlserver.terms import Compiled

MAX_DEPTH = 32  # nesting level of dynamic SQL
LATE = (208, NOT_EVALUATED)  # what a statement that never runs never says
SET_OPTIONS = (  # of the collectors (NOCOUNT) and of clients: what they set changes no answer here
    "NOCOUNT", "ANSI_NULLS", "ANSI_NULL_DFLT_ON", "ANSI_PADDING", "ANSI_WARNINGS", "ARITHABORT",
    "CONCAT_NULL_YIELDS_NULL", "CURSOR_CLOSE_ON_COMMIT", "DATEFORMAT", "IMPLICIT_TRANSACTIONS",
    "LANGUAGE", "LOCK_TIMEOUT", "QUOTED_IDENTIFIER", "TEXTSIZE", "TRANSACTION ISOLATION LEVEL",
)  # fmt: skip
Arguments = Sequence[tuple[str, Variable]]


def run(session: Session, text: str) -> list[Result]:
    """A SQL batch. Errors are among the results; nothing is raised."""
    return _collected(lambda results: _batch(session, text, {}, results))


def execute_sql(session: Session, text: str, declared: str, arguments: Arguments) -> list[Result]:
    """sp_executesql and its relatives: a batch with parameters."""
    return _collected(lambda results: _dynamic(session, text, declared, arguments, results))


def _collected(work: Callable[[list[Result]], None]) -> list[Result]:
    results: list[Result] = []
    try:
        work(results)
    except SqlError as failure:
        results.append(failure)
    return results


def _batch(
    session: Session, text: str, variables: dict[str, Variable], results: list[Result]
) -> None:
    """Bind all of it, then run it. Raises SqlError for what ends the batch."""
    batch = parse_batch(text)
    database = session.database
    session.scopes.append(dict(variables))
    try:
        _bind(session, batch)
        session.scopes[-1], session.database = variables, database
        _statements(session, batch, results)
    finally:
        session.scopes.pop()


def _bind(session: Session, batch: Sequence[Statement]) -> None:
    """In the order of the text, as DECLARE and USE count. Raises what the whole batch is
    refused with."""
    for statement in batch:
        if isinstance(statement, batches.Use):
            found = lookup(session.twin.databases, statement.name, session.twin.server.collation)
            if found is None or found[1].state != "ONLINE":
                return  # USE itself will fail, and what follows never runs
            session.database = found[0]
        for text in _texts(statement):
            try:
                _compiled(session, text)
            except SqlError as failure:
                if failure.scope is Scope.COMPILE and failure.number not in LATE:
                    raise
        if isinstance(statement, batches.Declare):
            for name, kind, _ in statement.variables:
                session.scopes[-1][name] = Variable(_declared_type(kind), None)
        if isinstance(statement, batches.If):
            _bind(session, [one for one in (statement.then, statement.otherwise) if one])


def _texts(statement: Statement) -> list[str]:
    """The queries of a statement itself, expressions as queries."""
    if isinstance(statement, batches.Query):
        return [statement.text]
    if isinstance(statement, batches.If):
        return [_as_condition(statement.condition)]
    if isinstance(statement, batches.Declare):
        return [_as_query(text) for _, _, text in statement.variables if text is not None]
    if isinstance(statement, batches.Execute):
        return [_as_query(text) for _, text in statement.arguments]
    return [_as_query(statement.text)] if isinstance(statement, batches.ExecuteAs) else []


def _as_query(expression: str) -> str:
    return f"SELECT ({expression}) AS value"


def _as_condition(condition: str) -> str:
    return f"SELECT CASE WHEN {condition} THEN 1 ELSE 0 END AS value"


def _compiled(session: Session, text: str) -> Compiled:
    return compile_query(parse_query(text), session)


def _value(session: Session, query: str) -> tuple[Any, SqlType]:
    compiled = _compiled(session, query)
    return compiled.run(())[0][0], compiled.columns[0][1]


def _statements(session: Session, several: Sequence[Statement], results: list[Result]) -> None:
    """An error that only ends its statement is a result, and the next one runs."""
    for statement in several:
        try:
            HANDLERS[type(statement)](session, statement, results)
        except SqlError as failure:
            if failure.scope is not Scope.STATEMENT:
                raise
            results.append(failure)


def _query(session: Session, statement: batches.Query, results: list[Result]) -> None:
    compiled = _compiled(session, statement.text)
    results.append(ResultSet(compiled.columns, tuple(compiled.run(()))))


def _declared_type(text: str) -> SqlType:
    try:
        return parse_type(text)
    except ValueError:
        raise not_evaluated(f"a variable of type {text}") from None


def _declare(session: Session, statement: batches.Declare, _: list[Result]) -> None:
    for name, declared, text in statement.variables:
        variable = Variable(_declared_type(declared), None)
        if text is not None:
            variable.value = convert(_value(session, _as_query(text))[0], variable.type)
        session.scopes[-1][name] = variable


def _set_option(session: Session, statement: batches.SetOption, _: list[Result]) -> None:
    for option in statement.text.upper().split(","):
        if not option.strip().startswith(SET_OPTIONS):
            raise not_evaluated(f"SET {statement.text}")
        if option.strip().startswith("LOCK_TIMEOUT"):
            session.lock_timeout = int(option.split()[-1])


def _use(session: Session, statement: batches.Use, results: list[Result]) -> None:
    new = rights.check_access(session.twin, session.context, statement.name, session)
    results.append(DatabaseChange(new, session.database))
    session.database = new


def _execute_as(session: Session, statement: batches.ExecuteAs, _: list[Result]) -> None:
    if statement.kind != "LOGIN":
        raise not_evaluated(f"EXECUTE AS {statement.kind}")
    name = str(_value(session, _as_query(statement.text))[0] or "")
    context = security.check_impersonation(session.twin, session.context, name)
    # The new context must be able to be here.
    rights.check_access(session.twin, context, session.database, session)
    session.impersonated.append(session.context)
    session.context = context


def _revert(session: Session, _: batches.Revert, __: list[Result]) -> None:
    if session.impersonated:
        session.context = session.impersonated.pop()


def _execute(session: Session, statement: batches.Execute, results: list[Result]) -> None:
    """sp_executesql, in this database or in the one that its name begins with."""
    name = statement.procedure
    if name.startswith("@"):
        name = str(session.variable(name).value)
    parts = split_name(name)
    if parts[-1].lower() != "sp_executesql":
        system = parts[-1][:3].lower() in ("sp_", "xp_")
        raise not_evaluated(f"the procedure {name}") if system else error(2812, name=name)
    given = [
        (label, Variable(kind, value))
        for label, text in statement.arguments
        for value, kind in [_value(session, _as_query(text))]
    ]
    if not given:
        message = "Procedure or function 'sp_executesql' expects parameter '@statement'."
        raise SqlError(201, message)
    for (_, variable), label in zip(given, ("@statement", "@params"), strict=False):
        needs_unicode(variable.type, label)
    text, *rest = [str(variable.value or "") for _, variable in given[:2]]
    elsewhere = parts[0] if len(parts) == 3 else ""
    _dynamic(session, text, rest[0] if rest else "", given[2:], results, elsewhere)


def _dynamic(
    session: Session,
    text: str,
    declared: str,
    arguments: Arguments,
    results: list[Result],
    elsewhere: str = "",
) -> None:
    """A batch inside: own variables; its USE and EXECUTE AS end with it. `elsewhere`: a
    database."""
    if len(session.scopes) >= MAX_DEPTH:
        raise error(217, limit=MAX_DEPTH)
    variables = _parameters(declared, arguments, session.twin.server.collation)
    database, context, stack = session.database, session.context, list(session.impersonated)
    if elsewhere:
        session.database = rights.check_access(session.twin, session.context, elsewhere, session)
    try:
        _batch(session, text, variables, results)
    except SqlError as failure:
        # What only ends the inner batch is an ordinary error to the outer one.
        if failure.scope is Scope.COMPILE:
            failure.scope = Scope.STATEMENT
        raise
    finally:
        session.context, session.impersonated, session.database = context, stack, database


def _parameters(declared: str, arguments: Arguments, collation: str) -> dict[str, Variable]:
    """sp_executesql's parameters in their declared types. Raises SqlError 8144, 8145, 8178."""
    variables: dict[str, Variable] = {}
    for statement in parse_batch(f"DECLARE {declared}") if declared.strip() else ():
        for name, kind, _ in statement.variables if isinstance(statement, batches.Declare) else ():
            variables[name] = Variable(_declared_type(kind), None)
    names = list(variables)
    if len(arguments) > len(names):
        raise error(8144, name="sp_executesql")
    for number, (label, argument) in enumerate(arguments):
        found = lookup(variables, label or names[number], collation)
        if found is None:
            raise error(8145, name=label)
        found[1].value = convert(argument.value, found[1].type)
        names[number if not label else names.index(found[0])] = ""
    missing = [name for name in names if name]
    if missing:
        raise error(8178, name=declared, parameter=missing[0])
    return variables


def _if(session: Session, statement: batches.If, results: list[Result]) -> None:
    holds = _value(session, _as_condition(statement.condition))[0]
    chosen = statement.then if holds else statement.otherwise
    if chosen is not None:
        _statements(session, [chosen], results)


HANDLERS: dict[type, Callable[[Session, Any, list[Result]], None]] = {
    batches.Query: _query,
    batches.Declare: _declare,
    batches.SetOption: _set_option,
    batches.Use: _use,
    batches.ExecuteAs: _execute_as,
    batches.Revert: _revert,
    batches.Execute: _execute,
    batches.If: _if,
}
