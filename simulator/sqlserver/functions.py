"""The functions that the collectors call, each with the section that calls it; None is NULL.

The first argument of each is the session. A function that is not here, and an argument that no
collector gives, is not evaluated.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from acceptance.simulator.sqlserver import catalog, rights
from acceptance.simulator.sqlserver.errors import SqlError, not_evaluated
from acceptance.simulator.sqlserver.rights import Inside
from acceptance.simulator.sqlserver.security import make_sid, sid_of
from acceptance.simulator.sqlserver.session import Session
from acceptance.simulator.sqlserver.sqltypes import DATETIME, INT, SYSNAME, VARIANT, SqlType
from acceptance.simulator.sqlserver.state import lookup, table_key

Found = TypeVar("Found")
_PART = re.compile(r"(?:^|\.)(?:\[((?:[^\]]|\]\])*)\]|([^.\[]*))")


class NullError(Exception):
    """What is asked for is not there, or not for the asker: the function's value is NULL."""


def _sure(found: Found | None) -> Found:
    if found is None:
        raise NullError
    return found


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
    """NULL for what is no visible SQL login, and where the policy that counts is off."""
    spelt, login = _sure(session.twin.find_login(name))
    if login.kind != "sql" or not session.eyes.sees_login(spelt):
        raise NullError
    policies = {
        "islocked": (login.locked, login.policy_checked),
        "isexpired": (login.expired, login.expiration_checked),
        "ismustchange": (login.must_change, login.expiration_checked),
    }
    state, checked = _known(policies, item, "LOGINPROPERTY")
    return int(state) if checked else None


def _database_property(session: Session, name: str, item: str) -> Any:
    _, database = _sure(session.twin.find_database(name))
    words = ("READ_WRITE", "READ_ONLY")
    values = {"updateability": words[database.read_only or database.secondary]}
    return _known(values, item, "DATABASEPROPERTYEX")


def _suser_sid(session: Session, name: str) -> bytes:
    """Of a login, or of a Windows account that the domain knows."""
    login, windows = session.twin.find_login(name), session.twin.windows
    if login:
        return sid_of(*login)
    spelt, account = _sure(windows.find_user(name) or windows.find_group(name))
    if not account.readable:
        raise NullError
    return make_sid(spelt, windows=True)


def _has_dbaccess(session: Session, name: str) -> int:
    """NULL for a database that is not there; 0 where nothing could run in it."""
    _sure(session.twin.find_database(name))
    try:
        rights.check_access(session.eyes, name, session)
    except SqlError:
        return 0
    return 1


def _has_perms_by_name(
    session: Session, securable: str | None, kind: str | None, permission: str
) -> int:
    """1, 0, or NULL for a securable that is not known. Other permissions are not evaluated."""
    kind = (kind or "SERVER").upper()
    if permission not in rights.KNOWN_PERMISSIONS.get(kind, ()):
        raise not_evaluated(f"HAS_PERMS_BY_NAME(…, '{kind}', '{permission}')")
    if kind == "SERVER":
        return int(session.eyes.holds(permission))
    if kind == "OBJECT":
        inside, key = _find_table(session, securable or "")
        return int(inside.holds(permission, *table_key(key)))
    name, database = _sure(session.twin.find_database(split_name(securable or "")[-1]))
    if database.state != "ONLINE":
        raise NullError
    return int(Inside(session.eyes, name).holds(permission))


def _find_table(session: Session, name: str) -> tuple[Inside, str]:
    """Where the table is that `[[db.]schema.]name` means, and its key."""
    *before, last = split_name(name)
    inside = session.inside
    if len(before) > 1:
        database, _ = _sure(session.twin.find_database(".".join(before[:-1])))
        inside = Inside(session.eyes, rights.check_access(session.eyes, database, session))
    schema = "".join(before[-1:])
    return inside, _sure(inside.find_table(schema, last))


def _seen_table(session: Session, name: str) -> tuple[Inside, str]:
    inside, key = _find_table(session, name)
    if not inside.sees(*table_key(key)):
        raise NullError
    return inside, key


def _object_id(session: Session, name: str) -> int:
    inside, key = _seen_table(session, name)
    return 245575913 + 16 * list(inside.database.tables).index(key)


def _col_length(session: Session, table: str, column: str) -> int:
    inside, key = _seen_table(session, table)
    _, kind = _sure(lookup(inside.column_types(key), column, inside.collation))
    return kind.max_length


def _is_srvrolemember(session: Session, role: str) -> int:
    known = catalog.SERVER_ROLE_IDS
    spelt, _ = _sure(lookup(known, role, session.twin.server.collation))
    return int(spelt in ("public", *session.eyes.roles()))


def _is_rolemember(session: Session, role: str) -> int:
    inside = session.inside
    known = dict.fromkeys([*catalog.DATABASE_ROLE_NAMES, *inside.database.roles])
    spelt, _ = _sure(lookup(known, role, inside.collation))
    return int(spelt in ("public", *inside.roles()))


def _quotename(_: Session, name: str) -> str:
    if len(name) > 128:
        raise NullError
    return f"[{name.replace(']', ']]')}]"


def _now(_: Session) -> datetime:
    moment = datetime.now(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Function(NamedTuple):
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
    "SUSER_SID": Function(1, SqlType("varbinary", 85), _suser_sid),  # logins
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
    "COL_LENGTH": Function(2, SqlType("smallint"), _col_length),  # product
    "QUOTENAME": Function(1, SqlType("nvarchar", 258), _quotename),  # access, in_database
    "LTRIM": Function(1, None, lambda _, text: text.lstrip(" ")),  # person, roles
    "RTRIM": Function(1, None, lambda _, text: text.rstrip(" ")),  # person, roles
    "GETDATE": Function(0, DATETIME, _now),  # person
}
