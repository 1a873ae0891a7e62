"""The types of variables, and the parameters of sp_executesql."""

from collections.abc import Sequence

from acceptance.simulator.sqlserver.batches import parse_batch
from acceptance.simulator.sqlserver.conversions import convert, from_sqlite, to_sqlite
from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.sqltypes import SqlType, parse_type
from acceptance.simulator.sqlserver.state import lookup
from acceptance.simulator.sqlserver.statements import Declare
from acceptance.simulator.sqlserver.terms import Variable


def declared_type(text: str) -> SqlType:
    """The type of a variable. Raises SqlError where it is not evaluated."""
    try:
        return parse_type(text)
    except ValueError:
        raise not_evaluated(f"a variable of type {text}") from None


def bound(
    declared: str, arguments: Sequence[tuple[str, Variable]], collation: str
) -> dict[str, Variable]:
    """The parameters of sp_executesql by name, in their declared types. Raises SqlError 8144, 8145, 8178."""
    declarations = parse_batch(f"DECLARE {declared}") if declared.strip() else ()
    variables: dict[str, Variable] = {}
    names: list[str] = []
    for statement in declarations:
        for name, kind, _ in statement.variables if isinstance(statement, Declare) else ():
            variables[name] = Variable(declared_type(kind), None)
            names.append(name)
    if len(arguments) > len(names):
        raise error(8144, name="sp_executesql")
    given = set()
    for number, (label, argument) in enumerate(arguments):
        found = lookup(variables, label or names[number], collation)
        if found is None:
            raise SqlError(8145, f"{label} is not a parameter for procedure .")
        name, target = found[0], found[1].type
        value = convert(to_sqlite(argument.value), argument.type.name, target)
        variables[name] = Variable(target, from_sqlite(value, target))
        given.add(name)
    missing = [name for name in names if name not in given]
    if missing:
        raise error(8178, name=declared, parameter=missing[0])
    return variables
