"""T-SQL's scalar functions: a table of name, number of arguments, type of the result, and what it does.

What a function gets are SQLite's values; None is NULL. The session is the first argument of each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from acceptance.simulator.sqlserver import catalog, metadata
from acceptance.simulator.sqlserver.collations import fold
from acceptance.simulator.sqlserver.conversions import iso
from acceptance.simulator.sqlserver.errors import SqlError, error
from acceptance.simulator.sqlserver.metadata import Caller, split_name
from acceptance.simulator.sqlserver.sqltypes import (
    DATETIME,
    INT,
    NVARCHAR_MAX,
    SYSNAME,
    VARIANT,
    SqlType,
    parse_type,
)
from acceptance.simulator.sqlserver.state import Twin, collation_of

SMALLINT, SID = SqlType("smallint"), SqlType("varbinary", 85)
DATETIME2 = parse_type("datetime2(7)")


@dataclass(frozen=True)
class Function:
    """`result` is a type, or the number of the argument whose type the result has."""

    least: int
    most: int
    result: SqlType | int
    call: Callable[..., Any]
    since: int = 0  # the first major version that has it


def quotename(_: Caller, name: str, quote: str = "[") -> str | None:
    pairs = {"[": "[]", "]": "[]", "'": "''", '"': '""', "(": "()", ")": "()"}
    if len(name) > 128 or quote not in pairs:
        return None
    start, end = pairs[quote][0], pairs[quote][1]
    return start + name.replace(end, end * 2) + end


def substring(_: Caller, text: Any, start: int, length: int) -> Any:
    end = start - 1 + length
    return text[max(start - 1, 0) : max(end, 0)]


def charindex(caller: Caller, wanted: str, text: str, start: int = 1) -> int:
    collation = collation_of(caller.twin, caller.database)
    return _plain(text, collation).find(_plain(wanted, collation), max(start - 1, 0)) + 1


def _plain(text: str, collation: str) -> str:
    return fold(text + "|", collation)[:-1]  # `|` keeps trailing spaces


def replace_text(_: Caller, text: str, old: str, new: str) -> str:
    return text.replace(old, new) if old else text


def concat(_: Caller, *parts: Any) -> str:
    return "".join("" if part is None else str(part) for part in parts)


def isnull(_: Caller, value: Any, other: Any) -> Any:
    return other if value is None else value


def coalesce(_: Caller, *values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def nullif(caller: Caller, value: Any, other: Any) -> Any:
    if isinstance(value, str) and isinstance(other, str):
        collation = collation_of(caller.twin, caller.database)
        return None if fold(value, collation) == fold(other, collation) else value
    return None if value == other else value


def now(_: Caller) -> str:
    return iso(datetime.now(UTC).replace(tzinfo=None))


def parsename(_: Caller, name: str, part: int) -> str | None:
    parts = split_name(name)
    return parts[-part] if 1 <= part <= len(parts) <= 4 else None


def caught(item: str) -> Callable[[Caller], Any]:
    """ERROR_NUMBER() and its like: the error that the CATCH block handles, NULL outside of one."""
    return lambda caller: getattr(caller.caught, item) if caller.caught else None


def strict(call: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NULL is NULL."""

    def guarded(caller: Caller, *values: Any) -> Any:
        return None if any(value is None for value in values) else call(caller, *values)

    return guarded


FUNCTIONS: dict[str, Function] = {
    "SERVERPROPERTY": Function(1, 1, VARIANT, strict(metadata.server_property)),
    "SUSER_SID": Function(
        0, 2, SID, lambda caller, *a: metadata.suser_sid(caller, *a[:1]) if a != (None,) else None
    ),
    "SUSER_SNAME": Function(
        0, 1, SYSNAME, lambda caller, *a: metadata.suser_sname(caller, *a) if a != (None,) else None
    ),
    "SUSER_NAME": Function(
        0, 1, SYSNAME, lambda caller, *a: metadata.suser_name(caller, *a) if a != (None,) else None
    ),
    "SUSER_ID": Function(0, 1, INT, strict(metadata.suser_id)),
    "ORIGINAL_LOGIN": Function(0, 0, SYSNAME, lambda caller: caller.original),
    "SYSTEM_USER": Function(0, 0, SYSNAME, metadata.suser_sname),
    "CURRENT_USER": Function(0, 0, SYSNAME, metadata.user_name),
    "SESSION_USER": Function(0, 0, SYSNAME, metadata.user_name),
    "USER_NAME": Function(0, 1, SYSNAME, strict(metadata.user_name)),
    "USER_ID": Function(0, 1, INT, strict(metadata.database_principal_id)),
    "DATABASE_PRINCIPAL_ID": Function(0, 1, INT, strict(metadata.database_principal_id)),
    "DB_NAME": Function(0, 1, SYSNAME, strict(metadata.db_name)),
    "DB_ID": Function(0, 1, INT, strict(metadata.db_id)),
    "HAS_DBACCESS": Function(1, 1, INT, strict(metadata.has_dbaccess)),
    "HAS_PERMS_BY_NAME": Function(3, 5, INT, metadata.has_perms_by_name),
    "IS_SRVROLEMEMBER": Function(1, 2, INT, strict(metadata.is_srvrolemember)),
    "IS_ROLEMEMBER": Function(1, 2, INT, strict(metadata.is_rolemember)),
    "IS_MEMBER": Function(1, 1, INT, strict(metadata.is_rolemember)),
    "LOGINPROPERTY": Function(2, 2, VARIANT, strict(metadata.login_property)),
    "DATABASEPROPERTYEX": Function(2, 2, VARIANT, strict(metadata.database_property)),
    "OBJECT_ID": Function(1, 2, INT, strict(metadata.object_id)),
    "OBJECT_NAME": Function(1, 1, SYSNAME, strict(metadata.object_name)),
    "SCHEMA_NAME": Function(0, 1, SYSNAME, strict(metadata.schema_name)),
    "SCHEMA_ID": Function(0, 1, INT, strict(metadata.schema_id)),
    "TYPE_NAME": Function(1, 1, SYSNAME, strict(metadata.type_name)),
    "COL_LENGTH": Function(2, 2, SMALLINT, strict(metadata.col_length)),
    "CONNECTIONPROPERTY": Function(1, 1, VARIANT, strict(metadata.connection_property)),
    "QUOTENAME": Function(1, 2, SqlType("nvarchar", 258), strict(quotename)),
    "PARSENAME": Function(2, 2, SYSNAME, strict(parsename)),
    "ISNULL": Function(2, 2, 0, isnull),
    "COALESCE": Function(1, 99, 0, coalesce),
    "NULLIF": Function(2, 2, 0, nullif),
    "LTRIM": Function(1, 1, 0, strict(lambda _, text: str(text).lstrip(" "))),
    "RTRIM": Function(1, 1, 0, strict(lambda _, text: str(text).rstrip(" "))),
    "TRIM": Function(1, 1, 0, strict(lambda _, text: str(text).strip(" ")), since=14),
    "UPPER": Function(1, 1, 0, strict(lambda _, text: str(text).upper())),
    "LOWER": Function(1, 1, 0, strict(lambda _, text: str(text).lower())),
    "LEN": Function(
        1,
        1,
        INT,
        strict(lambda _, text: len(text if isinstance(text, bytes) else str(text).rstrip(" "))),
    ),
    "LEFT": Function(2, 2, 0, strict(lambda _, text, count: text[:count])),
    "RIGHT": Function(2, 2, 0, strict(lambda _, text, count: text[max(len(text) - count, 0) :])),
    "SUBSTRING": Function(3, 3, 0, strict(substring)),
    "CHARINDEX": Function(2, 3, INT, strict(charindex)),
    "REPLACE": Function(3, 3, 0, strict(replace_text)),
    "STUFF": Function(
        4, 4, 0, strict(lambda _, text, at, cut, new: text[: at - 1] + new + text[at - 1 + cut :])
    ),
    "REPLICATE": Function(2, 2, 0, strict(lambda _, text, count: text * count)),
    "REVERSE": Function(1, 1, 0, strict(lambda _, text: text[::-1])),
    "CONCAT": Function(2, 99, NVARCHAR_MAX, concat),
    "CHAR": Function(
        1, 1, SqlType("varchar", 1), strict(lambda _, code: bytes([code]).decode("cp1252"))
    ),
    "NCHAR": Function(1, 1, SqlType("nvarchar", 1), strict(lambda _, code: chr(code))),
    "UNICODE": Function(1, 1, INT, strict(lambda _, text: ord(text[0]) if text else None)),
    "ABS": Function(1, 1, 0, strict(lambda _, number: abs(number))),
    "GETDATE": Function(0, 0, DATETIME, now),
    "GETUTCDATE": Function(0, 0, DATETIME, now),
    "CURRENT_TIMESTAMP": Function(0, 0, DATETIME, now),
    "SYSDATETIME": Function(0, 0, DATETIME2, now),
    "SYSUTCDATETIME": Function(0, 0, DATETIME2, now),
    "ERROR_NUMBER": Function(0, 0, INT, caught("number")),
    "ERROR_MESSAGE": Function(0, 0, NVARCHAR_MAX, caught("message")),
    "ERROR_SEVERITY": Function(0, 0, INT, caught("severity")),
    "ERROR_STATE": Function(0, 0, INT, caught("state")),
    "ERROR_LINE": Function(0, 0, INT, caught("line")),
    "@@SPID": Function(0, 0, SMALLINT, lambda _: catalog.SESSION_ID),
    "@@VERSION": Function(0, 0, SqlType("nvarchar", 300), metadata.version_text),
    "@@SERVERNAME": Function(0, 0, SYSNAME, metadata.server_name),
    "@@SERVICENAME": Function(
        0, 0, SYSNAME, lambda caller: caller.twin.server.instance or "MSSQLSERVER"
    ),
    "@@TRANCOUNT": Function(0, 0, INT, lambda _: 0),
    "@@ROWCOUNT": Function(0, 0, INT, lambda caller: caller.rowcount),
    "@@ERROR": Function(0, 0, INT, lambda caller: caller.last_error),
}


def find_function(twin: Twin, name: str, count: int) -> Function:
    """Raises SqlError 195 for a function that this version has not, 174 for a wrong number of arguments."""
    found = FUNCTIONS.get(name.upper())
    if found is None or found.since > twin.server.major:
        raise error(195, name=name)
    if not found.least <= count <= found.most:
        raise SqlError(
            174, f"The {name.lower()} function requires {found.least} argument(s).", severity=15
        )
    return found
