"""Runs a batch for one session, as SQL Server does: all of it is bound first, then statement after
statement runs.

Tables are looked up late ("deferred name resolution"): a query over a table that is not there is
bound when its turn comes. A column of a table that is there is bound at once, so an IF around the
query does not help.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from acceptance.simulator.sqlserver.dialect import ExecuteAs, Revert, declared_type, parse, written
from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.functions import split_name
from acceptance.simulator.sqlserver.queries import compile_query
from acceptance.simulator.sqlserver.rights import check_access
from acceptance.simulator.sqlserver.security import Eyes, check_impersonation
from acceptance.simulator.sqlserver.session import Result, ResultSet, Session, Variable
from acceptance.simulator.sqlserver.sqltypes import UNICODE, convert
from acceptance.simulator.sqlserver.state import lookup
from acceptance.simulator.sqlserver.terms import Names
from sqlglot import exp

# sqlglot reads more than T-SQL: trees of a shape that no valid statement has.
MISSHAPEN = (AttributeError, IndexError, KeyError, TypeError, ValueError)
CONSTANTS = (exp.Literal, exp.National, exp.Null, exp.Parameter)
Arguments = Sequence[tuple[str, Variable]]


def run(session: Session, text: str) -> list[Result]:
    """A SQL batch. Errors are among the results; nothing is raised."""
    return _collected(_batch(session, text, {}))


def execute_sql(session: Session, text: str, declared: str, arguments: Arguments) -> list[Result]:
    """sp_executesql and its relatives: a batch with parameters."""
    return _collected(_dynamic(session, text, declared, arguments))


def _collected(results: Iterator[Result]) -> list[Result]:
    out: list[Result] = []
    try:
        for result in results:
            out.append(result)
    except SqlError as failure:
        out.append(failure)
    except MISSHAPEN as failure:
        out.append(not_evaluated(f"this statement: {failure!r}"))
    return out


def _batch(session: Session, text: str, variables: dict[str, Variable]) -> Iterator[Result]:
    """Bind all of it, then run it. Raises SqlError for what ends the batch."""
    statements = parse(text)
    session.scopes.append(variables)
    try:
        for statement in statements:
            _bind(session, statement)
        for statement in statements:
            yield from _run(session, statement)
    finally:
        session.scopes.pop()


def _bind(session: Session, statement: exp.Expr) -> None:
    """In the order of the text, as DECLARE counts. Raises what the whole batch is refused with."""
    if type(statement) not in STATEMENTS:
        raise not_evaluated(f"the statement {written(statement)}")
    bind, _ = STATEMENTS[type(statement)]
    try:
        bind(session, statement)
    except SqlError as failure:
        if failure.refuses_batch:
            raise
    if isinstance(statement, exp.IfBlock):
        for branch in filter(None, (statement.args["true"], statement.args["false"])):
            _bind(session, branch)


def _run(session: Session, statement: exp.Expr) -> Iterator[Result]:
    """An error that only ends its statement is a result, and the next one runs."""
    _, run_statement = STATEMENTS[type(statement)]
    try:
        yield from run_statement(session, statement) or ()
    except SqlError as failure:
        if failure.scope != "STATEMENT":
            raise
        yield failure


def _query(session: Session, statement: exp.Select) -> Iterator[Result]:
    compiled = compile_query(statement, Names(session))
    yield ResultSet(compiled.columns, tuple(compiled.run(())))


def _value(session: Session, node: exp.Expr) -> Variable:
    typed = Names(session).value(node)
    return Variable(typed.type, typed.of([()]))


def _declared(statement: exp.Expr) -> dict[str, Variable]:
    """The variables by name, still NULL."""
    out = {}
    for item in statement.expressions:
        (name,) = item.this
        out[f"@{name.name}"] = Variable(declared_type(item.args["kind"]), None)
    return out


def _bind_declare(session: Session, statement: exp.Declare) -> None:
    try:
        for item in statement.expressions:
            Names(session).value(item.args["default"] or exp.Null())
    finally:
        session.scopes[-1].update(_declared(statement))


def _declare(session: Session, statement: exp.Declare) -> None:
    """It was declared when the batch was bound."""
    for item in statement.expressions:
        variable = session.variable(f"@{item.this[0].name}")
        value = _value(session, item.args["default"] or exp.Null()).value
        variable.value = convert(value, variable.type)


def _set_option(session: Session, statement: exp.Set) -> None:
    """NOCOUNT, which changes no answer here, and LOCK_TIMEOUT (in_database)."""
    (item,) = statement.expressions
    option = item.this.this.name.upper()
    if option == "LOCK_TIMEOUT":
        session.lock_timeout = int(item.this.expression.name)
    elif option != "NOCOUNT":
        raise not_evaluated(written(statement))


def _execute_as(session: Session, statement: ExecuteAs) -> None:
    if statement.name.upper() != "LOGIN":
        raise not_evaluated(f"EXECUTE AS {statement.name}")
    name = str(_value(session, statement.expression).value or "")
    context = check_impersonation(session.eyes, name)
    # The new context must be able to be here.
    check_access(Eyes(session.twin, context), session.database, session)
    session.impersonated.append(session.context)
    session.context = context


def _revert(session: Session, _: Revert) -> None:
    if session.impersonated:
        session.context = session.impersonated.pop()


def _arguments(session: Session, statement: exp.Execute) -> list[tuple[str, Variable]]:
    """Name and value: EXECUTE takes constants and variables, no expressions."""
    out: list[tuple[str, Variable]] = []
    for item in statement.expressions:
        named = isinstance(item, exp.EQ)
        name, node = (f"@{item.this.name}", item.expression) if named else ("", item)
        if not isinstance(node, CONSTANTS):
            raise not_evaluated(f"the argument {written(item)} of EXECUTE")
        out.append((name, _value(session, node)))
    return out


def _execute(session: Session, statement: exp.Execute) -> Iterator[Result]:
    """sp_executesql, in this database or in the one that its name begins with."""
    parts = [part.name for part in statement.this.parts]
    if isinstance(statement.this.this, exp.Parameter):
        parts = split_name(str(session.variable("@" + parts[-1]).value))
    if parts[-1].lower() != "sp_executesql":
        raise not_evaluated(f"the procedure {'.'.join(parts)}")
    given = _arguments(session, statement)
    texts = ["", ""]
    for place, (_, variable) in enumerate(given[:2]):
        if variable.type.name not in UNICODE:  # a literal needs its N
            raise error(214, name=("@statement", "@params")[place])
        texts[place] = str(variable.value or "")
    elsewhere = parts[0] if len(parts) == 3 else ""
    yield from _dynamic(session, texts[0], texts[1], given[2:], elsewhere)


def _dynamic(
    session: Session, text: str, declared: str, arguments: Arguments, elsewhere: str = ""
) -> Iterator[Result]:
    """A batch inside: own variables; its EXECUTE AS ends with it. `elsewhere`: a database."""
    variables = _parameters(declared, arguments, session.twin.server.collation)
    database, context, stack = session.database, session.context, list(session.impersonated)
    if elsewhere:
        session.database = check_access(session.eyes, elsewhere, session)
    try:
        yield from _batch(session, text, variables)
    except SqlError as failure:
        # What only ends the inner batch is an ordinary error to the outer one.
        if failure.scope == "COMPILE":
            failure.scope = "STATEMENT"
        raise
    finally:
        session.context, session.impersonated, session.database = context, stack, database


def _parameters(declared: str, arguments: Arguments, collation: str) -> dict[str, Variable]:
    """sp_executesql's parameters in their declared types. Raises SqlError 8144, 8145, 8178."""
    variables: dict[str, Variable] = {}
    for statement in parse(f"DECLARE {declared}" if declared.strip() else ""):
        variables |= _declared(statement)
    if len(arguments) > len(variables):
        raise error(8144, name="sp_executesql")
    missing = dict(variables)
    for name, (label, argument) in zip(variables, arguments, strict=False):
        found = lookup(variables, label or name, collation)
        if found is None:
            raise error(8145, name=label)
        found[1].value = convert(argument.value, found[1].type)
        missing.pop(found[0], None)
    for name in missing:
        raise error(8178, name=declared, parameter=name)
    return variables


def _if(session: Session, statement: exp.IfBlock) -> Iterator[Result]:
    holds = Names(session).condition(statement.this).of([()])
    chosen = statement.args["true" if holds else "false"]
    if chosen:
        yield from _run(session, chosen)


Bind = Callable[[Session, Any], object]
Run = Callable[[Session, Any], Iterator[Result] | None]
# What the collectors write: how it is bound, and how it runs.
STATEMENTS: dict[type[exp.Expr], tuple[Bind, Run]] = {
    exp.Select: (lambda session, node: compile_query(node, Names(session)), _query),
    exp.Declare: (_bind_declare, _declare),
    exp.Set: (lambda *_: None, _set_option),
    exp.IfBlock: (lambda session, node: Names(session).condition(node.this), _if),
    exp.Execute: (_arguments, _execute),
    exp.ExecuteSql: (_arguments, _execute),
    ExecuteAs: (lambda session, node: Names(session).value(node.expression), _execute_as),
    Revert: (lambda *_: None, _revert),
}
