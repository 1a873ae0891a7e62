"""The functions that the collectors call, each with the section that calls it; None is NULL.

The first argument of each is the session, of a TEXT_FUNCTION its text's collation. A function that
is not here is not evaluated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from acceptance.simulator.sqlserver import metadata
from acceptance.simulator.sqlserver.catalog import Asker
from acceptance.simulator.sqlserver.sqltypes import DATETIME, INT, SYSNAME, VARIANT, SqlType

SID, SMALLINT = SqlType("varbinary", 85), SqlType("smallint")


@dataclass(frozen=True)
class Function:
    """`result` is None where it has the first argument's type; `strict`: of NULL it is NULL."""

    least: int
    most: int
    result: SqlType | None
    call: Callable[..., Any]
    strict: bool = True


def _quotename(_: Asker, name: str) -> str | None:
    return f"[{name.replace(']', ']]')}]" if len(name) <= 128 else None


def _now(_: Asker) -> datetime:
    moment = datetime.now(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


# COALESCE (access) is part of the language: its type is all its arguments' (expressions.py).
FUNCTIONS: dict[str, Function] = {
    "SERVERPROPERTY": Function(1, 1, VARIANT, metadata.server_property),  # server
    "SUSER_SID": Function(1, 1, SID, metadata.suser_sid),  # logins
    "SUSER_SNAME": Function(0, 0, SYSNAME, lambda asker: asker.context),  # server, rights
    "USER_NAME": Function(0, 0, SYSNAME, metadata.user_name),  # access
    "DB_NAME": Function(0, 0, SYSNAME, lambda asker: asker.database),  # access, principals
    "HAS_DBACCESS": Function(1, 1, INT, metadata.has_dbaccess),  # databases, rights
    "HAS_PERMS_BY_NAME": Function(
        3, 5, INT, metadata.has_perms_by_name, strict=False
    ),  # access, baco, logins
    "IS_SRVROLEMEMBER": Function(1, 1, INT, metadata.is_srvrolemember),  # logins, rights
    "IS_ROLEMEMBER": Function(1, 1, INT, metadata.is_rolemember),  # access
    "LOGINPROPERTY": Function(2, 2, VARIANT, metadata.login_property),  # baco
    "DATABASEPROPERTYEX": Function(2, 2, VARIANT, metadata.database_property),  # databases
    "OBJECT_ID": Function(1, 1, INT, metadata.object_id),  # databases, release
    "COL_LENGTH": Function(2, 2, SMALLINT, metadata.col_length),  # product
    "QUOTENAME": Function(1, 1, SqlType("nvarchar", 258), _quotename),  # access, in_database
    "LTRIM": Function(1, 1, None, lambda _, text: str(text).lstrip(" ")),  # person, roles
    "RTRIM": Function(1, 1, None, lambda _, text: str(text).rstrip(" ")),  # person, roles
    "GETDATE": Function(0, 0, DATETIME, _now),  # person
}
TEXT_FUNCTIONS = ("LTRIM", "RTRIM")
