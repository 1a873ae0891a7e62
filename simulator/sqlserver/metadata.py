"""T-SQL's functions about the server, its logins, databases, objects and rights; None is NULL."""

from collections.abc import Sequence
from typing import Any, Protocol

from acceptance.simulator.sqlserver import catalog, security
from acceptance.simulator.sqlserver.errors import SqlError
from acceptance.simulator.sqlserver.security import Target
from acceptance.simulator.sqlserver.state import (
    WINDOWS_NAMES,
    collation_of,
    column_types,
    find_login,
    lookup,
    table_key,
)


class Caller(catalog.Asker, Protocol):
    """The session as functions see it."""

    database: str
    caught: SqlError | None
    rowcount: int
    last_error: int


def server_property(caller: Caller, name: str) -> Any:
    server = caller.twin.server
    values = {
        "productversion": server.version,
        "productmajorversion": server.version.split(".")[0],
        "productlevel": server.level,
        "productupdatelevel": server.update,
        "edition": server.edition,
        "engineedition": server.engine_edition,
        "collation": server.collation,
        "isintegratedsecurityonly": int(not server.mixed_mode),
        "instancename": server.instance,
        "machinename": server.name,
        "computernamephysicalnetbios": server.name,
        "servername": server_name(caller),
        "isclustered": int(server.clustered),
        "ishadrenabled": 0,
        "issingleuser": 0,
    }
    return values.get(name.lower())  # SERVERPROPERTY of an unknown name is NULL


def server_name(caller: Caller) -> str:
    server = caller.twin.server
    return f"{server.name}\\{server.instance}" if server.instance else server.name


def suser_sid(caller: Caller, name: str | None = None) -> bytes | None:
    """Of a login, or of a Windows account that the domain knows."""
    twin, name = caller.twin, caller.context if name is None else name
    found = find_login(twin, name)
    if found:
        return security.login_sid(*found)
    accounts = twin.windows.users | twin.windows.groups
    account = lookup(accounts, name, WINDOWS_NAMES)
    return security.make_sid(account[0], windows=True) if account and account[1].readable else None


def suser_sname(caller: Caller, sid: bytes | None = None) -> str | None:
    if sid is None:
        return caller.context
    for name, login in caller.twin.logins.items():
        if security.login_sid(name, login) == sid:
            return name
    accounts = {**caller.twin.windows.users, **caller.twin.windows.groups}
    matches = (
        name
        for name, a in accounts.items()
        if a.readable and security.make_sid(name, windows=True) == sid
    )
    return next(matches, None)


def suser_name(caller: Caller, number: int | None = None) -> str | None:
    if number is None:
        return caller.context
    return next(
        (name for name in caller.twin.logins if catalog.login_id(caller.twin, name) == number), None
    )


def suser_id(caller: Caller, name: str | None = None) -> int | None:
    found = find_login(caller.twin, caller.context if name is None else name)
    return catalog.login_id(caller.twin, found[0]) if found else None


def user_name(caller: Caller, number: int | None = None) -> str | None:
    if number is None:
        return security.user_name(caller.twin, caller.context, caller.database)
    entry = caller.twin.databases[caller.database]
    names = [
        *catalog.SYSTEM_USERS,
        *catalog.DATABASE_ROLE_IDS,
        *entry.users,
        *entry.roles,
        *entry.application_roles,
    ]
    return next(
        (n for n in names if catalog.user_id(caller.twin, caller.database, n) == number), None
    )


def database_principal_id(caller: Caller, name: str | None = None) -> int | None:
    twin, database = caller.twin, caller.database
    entry = twin.databases[database]
    name = security.user_name(twin, caller.context, database) if name is None else name
    names = [
        *catalog.SYSTEM_USERS,
        *catalog.DATABASE_ROLE_IDS,
        *entry.users,
        *entry.roles,
        *entry.application_roles,
    ]
    found = lookup(dict.fromkeys(names), name or "", collation_of(twin, database))
    return catalog.user_id(twin, database, found[0]) if found else None


def db_name(caller: Caller, number: int | None = None) -> str | None:
    names = list(caller.twin.databases)
    if number is None:
        return caller.database
    visible = 1 <= number <= len(names) and security.sees_database(
        caller.twin, caller.context, names[number - 1]
    )
    return names[number - 1] if visible else None


def db_id(caller: Caller, name: str | None = None) -> int | None:
    found = lookup(
        caller.twin.databases,
        caller.database if name is None else name,
        caller.twin.server.collation,
    )
    return catalog.database_id(caller.twin, found[0]) if found else None


def has_dbaccess(caller: Caller, name: str) -> int | None:
    """NULL for a database that is not there; 0 without access and while it is not online."""
    if lookup(caller.twin.databases, name, caller.twin.server.collation) is None:
        return None
    try:
        security.check_access(caller.twin, caller.context, name)
    except SqlError:
        return 0
    return 1


def has_perms_by_name(
    caller: Caller,
    securable: str | None,
    kind: str | None,
    permission: str | None,
    *_sub: str | None,
) -> int | None:
    """1, 0, or NULL for a class, securable or permission that is not known or not visible."""
    permission = (permission or "").upper()
    kind = kind.upper() if kind else "SERVER"
    known = security.known_permissions(kind)
    if permission != "ANY" and permission not in known:
        return None
    wanted = known if permission == "ANY" else (permission,)
    answers = [_has_permission(caller, securable, kind, item) for item in wanted]
    return None if None in answers else int(any(answers))


def _has_permission(
    caller: Caller, securable: str | None, kind: str, permission: str
) -> bool | None:
    twin, context = caller.twin, caller.context
    if kind == "SERVER":
        return security.holds_server(twin, context, permission)
    if kind == "LOGIN":
        found = find_login(twin, securable or "")
        if found is None or not security.sees_login(twin, context, found[0]):
            return None
        return security.may_impersonate(twin, context, found[0])
    if kind == "DATABASE":
        database = lookup(twin.databases, unquoted(securable or ""), twin.server.collation)
        if database is None or database[1].state != "ONLINE":
            return None
        return security.holds_database(twin, context, database[0], permission)
    parts = split_name(securable or "")
    database_name, target = (
        (caller.database, Target(parts[-1]))
        if kind == "SCHEMA"
        else _find_object(caller, parts) or ("", None)
    )
    if target is None:
        return None
    return security.holds_database(twin, context, database_name, permission, target)


def _find_object(caller: Caller, parts: Sequence[str]) -> tuple[str, Target] | None:
    """The database and the table that `[db.][schema.]name` means, also where its metadata are hidden."""
    found = find_table(caller, parts, hidden=True)
    return None if found is None else (found[0], Target(*table_key(found[1])))


def find_table(
    caller: Caller, parts: Sequence[str], *, hidden: bool = False
) -> tuple[str, str] | None:
    """Database and key of the table that `[db.][schema.]name` means, if the context may see it."""
    twin, database = caller.twin, caller.database
    if len(parts) == 3 and parts[0]:
        named = lookup(twin.databases, parts[0], twin.server.collation)
        if named is None or named[1].state != "ONLINE":
            return None
        database = named[0]
    schema = parts[-2] if len(parts) > 1 and parts[-2] else "dbo"
    keys = {".".join(table_key(key)): key for key in twin.databases[database].tables}
    found = lookup(keys, f"{schema}.{parts[-1]}", collation_of(twin, database))
    if found is None:
        return None
    seen = hidden or security.sees_object(
        twin, caller.context, database, Target(*table_key(found[1]))
    )
    return (database, found[1]) if seen else None


def split_name(text: str) -> list[str]:
    """`[db].[dbo].[a.b]` in its parts, unquoted."""
    parts: list[str] = []
    current, quoted = "", False
    position = 0
    while position < len(text):
        char = text[position]
        if quoted and char == "]" and text[position : position + 2] == "]]":
            current, position = current + "]", position + 1
        elif char == ("]" if quoted else "["):
            quoted = not quoted
        elif char == "." and not quoted:
            parts, current = [*parts, current], ""
        else:
            current += char
        position += 1
    return [*parts, current]


def unquoted(name: str) -> str:
    return split_name(name)[-1] if name.startswith("[") else name


def is_srvrolemember(caller: Caller, role: str, login: str | None = None) -> int | None:
    """With a login's name: NULL unless that login is there and visible; its Windows groups do not count then."""
    twin = caller.twin
    found = lookup(catalog.SERVER_ROLE_IDS, role, twin.server.collation)
    if found is None:
        return None
    if login is None:
        return int(found[0] == "public" or found[0] in security.server_roles(twin, caller.context))
    named = find_login(twin, login)
    if named is None or not security.sees_login(twin, caller.context, named[0]):
        return None
    return int(found[0] == "public" or found[0] in named[1].roles)


def is_rolemember(caller: Caller, role: str, user: str | None = None) -> int | None:
    twin, database = caller.twin, caller.database
    entry, collation = twin.databases[database], collation_of(twin, database)
    known = dict.fromkeys([*catalog.DATABASE_ROLE_IDS, *entry.roles])
    found = lookup(known, role, collation)
    if found is None:
        return None
    if user is None:
        return int(
            found[0] == "public"
            or found[0] in security.database_roles(twin, caller.context, database)
        )
    named = lookup(entry.users, user, collation)
    return int(found[0] in named[1].roles) if named else None


def login_property(caller: Caller, name: str, item: str) -> Any:
    """NULL for what is no visible login, and where the policy that counts is off."""
    twin = caller.twin
    found = find_login(twin, name)
    if (
        found is None
        or not security.sees_login(twin, caller.context, found[0])
        or found[1].kind != "sql"
    ):
        return None
    login = found[1]
    values = {
        "islocked": int(login.locked) if login.policy_checked else None,
        "isexpired": int(login.expired) if login.expiration_checked else None,
        "ismustchange": int(login.must_change) if login.expiration_checked else None,
        "daysuntilexpiration": 30 if login.expiration_checked else None,
        "badpasswordcount": 0 if login.policy_checked else None,
        "defaultdatabase": login.default_database,
    }
    return values.get(item.lower())


def database_property(caller: Caller, name: str, item: str) -> Any:
    found = lookup(caller.twin.databases, name, caller.twin.server.collation)
    if found is None:
        return None
    spelt, entry = found
    online = entry.state == "ONLINE"
    values = {
        "status": entry.state,
        "collation": collation_of(caller.twin, spelt) if online else None,
        "updateability": "READ_ONLY" if entry.read_only or entry.secondary else "READ_WRITE",
        "useraccess": entry.user_access,
        "recovery": entry.recovery_model,
    }
    return values.get(item.lower())


def object_id(caller: Caller, name: str, kind: str | None = None) -> int | None:
    found = find_table(caller, split_name(name))
    if found is None or (kind is not None and kind.strip().upper() != "U"):
        return None
    return catalog.object_id(caller.twin, *found)


def object_name(caller: Caller, number: int) -> str | None:
    tables = catalog.visible_tables(caller, caller.database)
    matches = (
        name
        for key, _, name in tables
        if catalog.object_id(caller.twin, caller.database, key) == number
    )
    return next(matches, None)


def schema_name(caller: Caller, number: int | None = None) -> str | None:
    if number is None:
        return "dbo"
    numbers = catalog.schemas(caller.twin, caller.database)
    return next((name for name, value in numbers.items() if value == number), None)


def schema_id(caller: Caller, name: str | None = None) -> int | None:
    numbers = catalog.schemas(caller.twin, caller.database)
    found = lookup(numbers, name or "dbo", collation_of(caller.twin, caller.database))
    return found[1] if found else None


def type_name(_: Caller, number: int) -> str | None:
    return next((name for name, value in catalog.TYPE_IDS.items() if value == number), None)


def col_length(caller: Caller, table: str, column: str) -> int | None:
    found = find_table(caller, split_name(table))
    if found is None:
        return None
    database, key = found
    types = column_types(caller.twin, database, caller.twin.databases[database].tables[key])
    named = lookup(types, column, collation_of(caller.twin, database))
    return named[1].max_length if named else None


def connection_property(caller: Caller, name: str) -> Any:
    values = {
        "net_transport": "TCP",
        "protocol_type": "TSQL",
        "auth_scheme": "SQL",
        "client_net_address": "127.0.0.1",
    }
    del caller
    return values.get(name.lower())


def version_text(caller: Caller) -> str:
    server = caller.twin.server
    return f"Microsoft SQL Server {server.version} {server.edition}"
