"""Runs a batch for one session, as SQL Server does: all of it is bound first, then statement after
statement runs.

Tables are looked up late ("deferred name resolution"): a query over a table that is not there is
bound when its turn comes. A column of a table that is there is bound at once, so an IF around the
query does not help.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from acceptance.simulator.sqlserver.dialect import (
    DIALECT,
    ExecuteAs,
    Revert,
    declared_type,
    parse_batch,
)
from acceptance.simulator.sqlserver.errors import (
    NOT_EVALUATED,
    Scope,
    SqlError,
    error,
    not_evaluated,
)
from acceptance.simulator.sqlserver.functions import split_name
from acceptance.simulator.sqlserver.queries import (
    compile_condition,
    compile_query,
    compile_value,
)
from acceptance.simulator.sqlserver.rights import check_access
from acceptance.simulator.sqlserver.security import Eyes, check_impersonation
from acceptance.simulator.sqlserver.session import Result, ResultSet, Session, Variable
from acceptance.simulator.sqlserver.sqltypes import UNICODE, convert
from acceptance.simulator.sqlserver.state import lookup
from sqlglot import exp

LATE = (208, NOT_EVALUATED)  # what a statement that never runs never says
CONSTANTS = (exp.Literal, exp.National, exp.Null, exp.Parameter)
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
    statements = parse_batch(text)
    session.scopes.append(variables)
    try:
        _bind(session, statements)
        _run(session, statements, results)
    finally:
        session.scopes.pop()


def _bind(session: Session, statements: Sequence[exp.Expr]) -> None:
    """In the order of the text, as DECLARE counts. Raises what the whole batch is refused with."""
    for statement in statements:
        kind = STATEMENTS.get(type(statement))
        if kind is None:
            raise not_evaluated(f"the statement {statement.sql(DIALECT)[:200]}")
        for node in kind.binds(statement):
            try:
                kind.compiled(node, session)
            except SqlError as failure:
                if failure.scope is Scope.COMPILE and failure.number not in LATE:
                    raise
        if isinstance(statement, exp.Declare):
            session.scopes[-1] |= _declared(statement)
        if isinstance(statement, exp.IfBlock):
            _bind(session, _branches(statement))


def _run(session: Session, statements: Sequence[exp.Expr], results: list[Result]) -> None:
    """An error that only ends its statement is a result, and the next one runs."""
    for statement in statements:
        try:
            STATEMENTS[type(statement)].run(session, statement, results)
        except SqlError as failure:
            if failure.scope is not Scope.STATEMENT:
                raise
            results.append(failure)


def _query(session: Session, statement: exp.Select, results: list[Result]) -> None:
    compiled = compile_query(statement, session)
    results.append(ResultSet(compiled.columns, tuple(compiled.run(()))))


def _value(session: Session, node: exp.Expr) -> Variable:
    typed = compile_value(node, session)
    return Variable(typed.type, typed.of([()]))


def _declared(statement: exp.Declare) -> dict[str, Variable]:
    """The variables by name, still NULL."""
    out = {}
    for item in statement.expressions:
        (name,) = item.this
        out[f"@{name.name}"] = Variable(declared_type(item.args["kind"]), None)
    return out


def _defaults(statement: exp.Declare) -> list[exp.Expr]:
    return [item.args["default"] for item in statement.expressions if item.args["default"]]


def _declare(session: Session, statement: exp.Declare, _: list[Result]) -> None:
    """It was declared when the batch was bound."""
    for item in statement.expressions:
        if item.args["default"]:
            variable = session.variable(f"@{item.this[0].name}")
            variable.value = convert(_value(session, item.args["default"]).value, variable.type)


def _set_option(session: Session, statement: exp.Set, _: list[Result]) -> None:
    """NOCOUNT, which changes no answer here, and LOCK_TIMEOUT (in_database)."""
    for item in statement.expressions:
        option = item.this.this.name.upper() if isinstance(item.this.this, exp.Column) else ""
        if option == "LOCK_TIMEOUT":
            session.lock_timeout = int(item.this.expression.name)
        elif option != "NOCOUNT":
            raise not_evaluated(statement.sql(DIALECT))


def _execute_as(session: Session, statement: ExecuteAs, _: list[Result]) -> None:
    if statement.name.upper() != "LOGIN":
        raise not_evaluated(f"EXECUTE AS {statement.name}")
    name = str(_value(session, statement.expression).value or "")
    context = check_impersonation(session.eyes, name)
    # The new context must be able to be here.
    check_access(Eyes(session.twin, context), session.database, session)
    session.impersonated.append(session.context)
    session.context = context


def _revert(session: Session, _: Revert, __: list[Result]) -> None:
    if session.impersonated:
        session.context = session.impersonated.pop()


def _arguments(statement: exp.Execute) -> list[tuple[str, exp.Expr]]:
    """Name and value: EXECUTE takes constants and variables, no expressions."""
    out: list[tuple[str, exp.Expr]] = []
    for item in statement.expressions:
        named = isinstance(item, exp.EQ)
        name, value = (f"@{item.this.name}", item.expression) if named else ("", item)
        if not isinstance(value, CONSTANTS):
            raise not_evaluated(f"the argument {item.sql(DIALECT)} of EXECUTE")
        out.append((name, value))
    return out


def _execute(session: Session, statement: exp.Execute, results: list[Result]) -> None:
    """sp_executesql, in this database or in the one that its name begins with."""
    parts = [part.name for part in statement.this.parts]
    if isinstance(statement.this.this, exp.Parameter):
        parts = split_name(str(session.variable("@" + parts[-1]).value))
    if parts[-1].lower() != "sp_executesql":
        raise not_evaluated(f"the procedure {'.'.join(parts)}")
    given = [(name, _value(session, node)) for name, node in _arguments(statement)]
    for (_, variable), label in zip(given, ("@statement", "@params"), strict=False):
        if variable.type.name not in UNICODE:  # a literal needs its N
            raise error(214, name=label)
    text, declared = ([str(one.value or "") for _, one in given[:2]] + ["", ""])[:2]
    elsewhere = parts[0] if len(parts) == 3 else ""
    _dynamic(session, text, declared, given[2:], results, elsewhere)


def _dynamic(
    session: Session,
    text: str,
    declared: str,
    arguments: Arguments,
    results: list[Result],
    elsewhere: str = "",
) -> None:
    """A batch inside: own variables; its EXECUTE AS ends with it. `elsewhere`: a database."""
    variables = _parameters(declared, arguments, session.twin.server.collation)
    database, context, stack = session.database, session.context, list(session.impersonated)
    if elsewhere:
        session.database = check_access(session.eyes, elsewhere, session)
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
        if isinstance(statement, exp.Declare):
            variables |= _declared(statement)
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


def _branches(statement: exp.IfBlock) -> list[exp.Expr]:
    return [one for one in (statement.args["true"], statement.args["false"]) if one]


def _if(session: Session, statement: exp.IfBlock, results: list[Result]) -> None:
    holds = compile_condition(statement.this, session).of([()])
    chosen = statement.args["true" if holds else "false"]
    _run(session, [chosen] if chosen else [], results)


@dataclass(frozen=True)
class Kind:
    """A statement that the collectors write: how it runs, which of its nodes are bound before."""

    run: Callable[[Session, Any, list[Result]], None]
    binds: Callable[[Any], Sequence[exp.Expr]] = lambda _: ()
    compiled: Callable[[Any, Session], object] = compile_value


_EXECUTE = Kind(_execute, lambda node: [value for _, value in _arguments(node)])
STATEMENTS: dict[type[exp.Expr], Kind] = {
    exp.Select: Kind(_query, lambda node: [node], compile_query),
    exp.Declare: Kind(_declare, _defaults),
    exp.Set: Kind(_set_option),
    exp.IfBlock: Kind(_if, lambda node: [node.this], compile_condition),
    exp.Execute: _EXECUTE,
    exp.ExecuteSql: _EXECUTE,
    ExecuteAs: Kind(_execute_as, lambda node: [node.expression]),
    Revert: Kind(_revert),
}
