"""The functions that the collectors call, each with the section that calls it; None is NULL.

The first argument of each is the session. A function that is not here, and an argument that no
collector gives, is not evaluated.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from acceptance.simulator.sqlserver import catalog, rights
from acceptance.simulator.sqlserver.errors import SqlError, not_evaluated
from acceptance.simulator.sqlserver.rights import Inside
from acceptance.simulator.sqlserver.security import login_sid, make_sid
from acceptance.simulator.sqlserver.session import Session
from acceptance.simulator.sqlserver.sqltypes import DATETIME, INT, SYSNAME, VARIANT, SqlType
from acceptance.simulator.sqlserver.state import lookup, table_key

SID, SMALLINT = SqlType("varbinary", 85), SqlType("smallint")
_PART = re.compile(r"(?:^|\.)(?:\[((?:[^\]]|\]\])*)\]|([^.\[]*))")


def split_name(text: str) -> list[str]:
    """`[db].[dbo].[a.b]` in its parts, unquoted."""
    return [quoted.replace("]]", "]") or plain for quoted, plain in _PART.findall(text)]


def _known(values: Mapping[str, Any], name: str, function: str) -> Any:
    if name.lower() not in values:
        raise not_evaluated(f"{function}(… '{name}')")
    return values[name.lower()]


def _server_property(session: Session, name: str) -> Any:
    """The twin's `server.properties` go first; a name that stands nowhere is not evaluated."""
    server = session.twin.server
    values = {
        "productversion": server.version,
        "productlevel": server.level,
        "edition": server.edition,
        "engineedition": server.engine_edition,
        "collation": server.collation,
        "isintegratedsecurityonly": int(not server.mixed_mode),
        "instancename": server.instance,
        "machinename": server.name,
        "servername": f"{server.name}\\{server.instance}" if server.instance else server.name,
        "computernamephysicalnetbios": server.name,
        "ishadrenabled": 0,
    }
    values |= {key.lower(): value for key, value in server.properties.items()}
    return _known(values, name, "SERVERPROPERTY")


def _login_property(session: Session, name: str, item: str) -> Any:
    """NULL for what is no visible login, and where the policy that counts is off."""
    found = session.twin.find_login(name)
    if found is None or not session.eyes.sees_login(found[0]):
        return None
    login = found[1]
    values = {
        "islocked": int(login.locked) if login.policy_checked else None,
        "isexpired": int(login.expired) if login.expiration_checked else None,
        "ismustchange": int(login.must_change) if login.expiration_checked else None,
    }
    return _known(values, item, "LOGINPROPERTY") if login.kind == "sql" else None


def _database_property(session: Session, name: str, item: str) -> Any:
    found = session.twin.find_database(name)
    if found is None:
        return None
    read_only = found[1].read_only or found[1].secondary
    values = {"updateability": "READ_ONLY" if read_only else "READ_WRITE"}
    return _known(values, item, "DATABASEPROPERTYEX")


def _suser_sid(session: Session, name: str) -> bytes | None:
    """Of a login, or of a Windows account that the domain knows."""
    found = session.twin.find_login(name)
    if found:
        return login_sid(*found)
    windows = session.twin.windows
    account = windows.find_user(name) or windows.find_group(name)
    return make_sid(account[0], windows=True) if account and account[1].readable else None


def _has_dbaccess(session: Session, name: str) -> int | None:
    """NULL for a database that is not there; 0 where nothing could run in it."""
    if session.twin.find_database(name) is None:
        return None
    try:
        rights.check_access(session.eyes, name, session)
    except SqlError:
        return 0
    return 1


def _has_perms_by_name(
    session: Session, securable: str | None, kind: str | None, permission: str
) -> int | None:
    """1, 0, or NULL for a securable that is not known. Other permissions are not evaluated."""
    kind = (kind or "SERVER").upper()
    if permission not in rights.KNOWN_PERMISSIONS.get(kind, ()):
        raise not_evaluated(f"HAS_PERMS_BY_NAME(…, '{kind}', '{permission}')")
    if kind == "SERVER":
        return int(session.eyes.holds(permission))
    parts = split_name(securable or "")
    if kind == "DATABASE":
        found = session.twin.find_database(parts[-1])
        if found is None or found[1].state != "ONLINE":
            return None
        return int(Inside(session.eyes, found[0]).holds(permission))
    table = _find_table(session, securable or "")
    return int(table[0].holds(permission, *table_key(table[1]))) if table else None


def _find_table(session: Session, name: str) -> tuple[Inside, str] | None:
    """Where the table is that `[[db.]schema.]name` means, and its key."""
    *before, last = split_name(name)
    database = session.database
    if len(before) > 1:
        other = session.twin.find_database(before[-2])
        if other is None or len(before) > 2:
            return None
        database = rights.check_access(session.eyes, other[0], session)
    inside = Inside(session.eyes, database)
    key = inside.find_table(before[-1] if before else "", last)
    return (inside, key) if key else None


def _seen_table(session: Session, name: str) -> tuple[Inside, str] | None:
    found = _find_table(session, name)
    return found if found and found[0].sees(*table_key(found[1])) else None


def _object_id(session: Session, name: str) -> int | None:
    found = _seen_table(session, name)
    return 245575913 + 16 * list(found[0].database.tables).index(found[1]) if found else None


def _col_length(session: Session, table: str, column: str) -> int | None:
    found = _seen_table(session, table)
    if found is None:
        return None
    inside, key = found
    named = lookup(inside.column_types(key), column, inside.collation)
    return named[1].max_length if named else None


def _is_srvrolemember(session: Session, role: str) -> int | None:
    found = lookup(catalog.SERVER_ROLE_IDS, role, session.twin.server.collation)
    return int(found[0] in ("public", *session.eyes.roles())) if found else None


def _is_rolemember(session: Session, role: str) -> int | None:
    inside = session.inside
    known = dict.fromkeys([*catalog.DATABASE_ROLE_NAMES, *inside.database.roles])
    found = lookup(known, role, inside.collation)
    return int(found[0] in ("public", *inside.roles())) if found else None


def _quotename(_: Session, name: str) -> str | None:
    return f"[{name.replace(']', ']]')}]" if len(name) <= 128 else None


def _now(_: Session) -> datetime:
    moment = datetime.now(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@dataclass(frozen=True)
class Function:
    """How many arguments it takes. Where one that `strict` reaches is NULL, so is the value.

    `result` is None where it has the first argument's type and collation.
    """

    arguments: int
    result: SqlType | None
    call: Callable[..., Any]
    strict: bool = True


# COALESCE (access) is part of the language: its type is all its arguments' (expressions.py).
FUNCTIONS: dict[str, Function] = {
    "SERVERPROPERTY": Function(1, VARIANT, _server_property),  # server
    "SUSER_SID": Function(1, SID, _suser_sid),  # logins
    "SUSER_SNAME": Function(0, SYSNAME, lambda session: session.context),  # server, rights
    "USER_NAME": Function(0, SYSNAME, lambda session: session.inside.user_name()),  # access
    "DB_NAME": Function(0, SYSNAME, lambda session: session.database),  # access, principals
    "HAS_DBACCESS": Function(1, INT, _has_dbaccess),  # databases, rights
    "HAS_PERMS_BY_NAME": Function(3, INT, _has_perms_by_name, strict=False),  # access, baco, logins
    "IS_SRVROLEMEMBER": Function(1, INT, _is_srvrolemember),  # logins, rights
    "IS_ROLEMEMBER": Function(1, INT, _is_rolemember),  # access
    "LOGINPROPERTY": Function(2, VARIANT, _login_property),  # baco
    "DATABASEPROPERTYEX": Function(2, VARIANT, _database_property),  # databases
    "OBJECT_ID": Function(1, INT, _object_id),  # databases, release
    "COL_LENGTH": Function(2, SMALLINT, _col_length),  # product
    "QUOTENAME": Function(1, SqlType("nvarchar", 258), _quotename),  # access, in_database
    "LTRIM": Function(1, None, lambda _, text: text.lstrip(" ")),  # person, roles
    "RTRIM": Function(1, None, lambda _, text: text.rstrip(" ")),  # person, roles
    "GETDATE": Function(0, DATETIME, _now),  # person
}
