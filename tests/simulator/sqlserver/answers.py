"""What the tests of the simulated SQL Server share: its logins, and short forms of a session's
results.
"""

from collections.abc import Callable, Sequence
from typing import Any

from acceptance.simulator.sqlserver.errors import SqlError
from acceptance.simulator.sqlserver.session import Result, ResultSet

PASSWORD = "s3;cr}et ä"
LOGINS = {"acceptance": PASSWORD, "acceptance-reader": PASSWORD, "BACO": PASSWORD}
Connect = Callable[..., Any]  # conftest.connect
Ask = Callable[..., list[Result]]  # conftest.ask


def rows(results: Sequence[Result]) -> list[tuple[Any, ...]]:
    """The rows of the one result set. Fails where there is an error or another number of sets."""
    assert [type(result) for result in results] == [ResultSet], results
    only = results[0]
    assert isinstance(only, ResultSet)
    return list(only.rows)


def value(results: Sequence[Result]) -> Any:
    """The one value of the one row."""
    ((only,),) = rows(results)
    return only


def numbers(results: Sequence[Result]) -> list[int]:
    """The error numbers, in order."""
    return [result.number for result in results if isinstance(result, SqlError)]


def inside(database: str, text: str = "SELECT DB_NAME() AS n") -> str:
    """A batch that runs another in a database, as the collectors do (in_database)."""
    quoted = [one.replace("'", "''") for one in (database.replace("]", "]]"), text)]
    return (
        f"DECLARE @run nvarchar(300) = N'[{quoted[0]}].sys.sp_executesql';"
        f"EXECUTE @run N'{quoted[1]}'"
    )
