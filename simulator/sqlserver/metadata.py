"""T-SQL's functions about the server, its logins, databases, objects and rights; None is NULL."""

from collections.abc import Mapping, Sequence
from typing import Any

from acceptance.simulator.sqlserver import catalog, rights, security
from acceptance.simulator.sqlserver.catalog import Asker
from acceptance.simulator.sqlserver.errors import SqlError, not_evaluated
from acceptance.simulator.sqlserver.rights import Target
from acceptance.simulator.sqlserver.state import (
    WINDOWS_NAMES,
    collation_of,
    column_types,
    find_login,
    lookup,
    table_key,
)


def server_property(asker: Asker, name: str) -> Any:
    """The twin's `server.properties` go first; a name that stands nowhere is not evaluated."""
    server = asker.twin.server
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
        "computernamephysicalnetbios": server.name,  # server
        "ishadrenabled": 0,  # server
    }
    values |= {key.lower(): value for key, value in server.properties.items()}
    return _known(values, name, "SERVERPROPERTY")


def _known(values: Mapping[str, Any], name: str, function: str) -> Any:
    if name.lower() not in values:
        raise not_evaluated(f"{function}(… '{name}')")
    return values[name.lower()]


def suser_sid(asker: Asker, name: str) -> bytes | None:
    """Of a login, or of a Windows account that the domain knows."""
    found = find_login(asker.twin, name)
    if found:
        return security.login_sid(*found)
    accounts = asker.twin.windows.users | asker.twin.windows.groups
    account = lookup(accounts, name, WINDOWS_NAMES)
    return security.make_sid(account[0], windows=True) if account and account[1].readable else None


def user_name(asker: Asker) -> str | None:
    return rights.user_name(asker.twin, asker.context, asker.database)


def has_dbaccess(asker: Asker, name: str) -> int | None:
    """NULL for a database that is not there; 0 where USE would fail."""
    if lookup(asker.twin.databases, name, asker.twin.server.collation) is None:
        return None
    try:
        rights.check_access(asker.twin, asker.context, name, asker)
    except SqlError:
        return 0
    return 1


def has_perms_by_name(
    asker: Asker,
    securable: str | None,
    kind: str | None,
    permission: str | None,
    column: str | None = None,
    sub_kind: str | None = None,
) -> int | None:
    """1, 0, or NULL for a securable that is not known. Other permissions are not evaluated."""
    permission, kind = (permission or "").upper(), (kind or "SERVER").upper()
    if permission not in rights.KNOWN_PERMISSIONS.get(kind, ()):
        raise not_evaluated(f"HAS_PERMS_BY_NAME(…, '{kind}', '{permission}')")
    if kind == "SERVER":
        return int(security.holds_server(asker.twin, asker.context, permission))
    if kind == "DATABASE":
        name = split_name(securable or "")[-1]
        found = lookup(asker.twin.databases, name, asker.twin.server.collation)
        if found is None or found[1].state != "ONLINE":
            return None
        return int(rights.holds_database(asker.twin, asker.context, found[0], permission))
    table = find_table(asker, split_name(securable or ""), hidden=True)
    if table is None or (column is None) != (sub_kind is None):
        return None
    database, key = table
    schema, name = table_key(key)
    target = Target(schema, name, column or "")
    return int(rights.holds_database(asker.twin, asker.context, database, permission, target))


def find_table(
    asker: Asker, parts: Sequence[str], *, hidden: bool = False
) -> tuple[str, str] | None:
    """Database and key of the table that `[[db.]schema.]name` means, if the context may see it."""
    twin, database = asker.twin, asker.database
    if len(parts) == 3:
        other = lookup(twin.databases, parts[0], twin.server.collation)
        if other is None:
            return None
        database = rights.check_access(twin, asker.context, other[0], asker)
    schema = parts[-2] if len(parts) > 1 and parts[-2] else "dbo"
    keys = {".".join(table_key(key)): key for key in twin.databases[database].tables}
    found = lookup(keys, f"{schema}.{parts[-1]}", collation_of(twin, database))
    if found is None or len(parts) > 3:
        return None
    target = Target(*table_key(found[1]))
    seen = hidden or rights.sees_object(twin, asker.context, database, target)
    return (database, found[1]) if seen else None


def split_name(text: str) -> list[str]:
    """`[db].[dbo].[a.b]` in its parts, unquoted."""
    parts: list[str] = []
    current, quoted, position = "", False, 0
    while position < len(text):
        char = text[position]
        if quoted and text[position : position + 2] == "]]":
            current, position = current + "]", position + 1
        elif char == ("]" if quoted else "["):
            quoted = not quoted
        elif char == "." and not quoted:
            parts, current = [*parts, current], ""
        else:
            current += char
        position += 1
    return [*parts, current]


def is_srvrolemember(asker: Asker, role: str) -> int | None:
    found = lookup(catalog.SERVER_ROLE_IDS, role, asker.twin.server.collation)
    if found is None:
        return None
    return int(found[0] in ("public", *security.server_roles(asker.twin, asker.context)))


def is_rolemember(asker: Asker, role: str) -> int | None:
    twin, database = asker.twin, asker.database
    known = dict.fromkeys([*catalog.DATABASE_ROLE_IDS, *twin.databases[database].roles])
    found = lookup(known, role, collation_of(twin, database))
    if found is None:
        return None
    return int(found[0] in ("public", *rights.database_roles(twin, asker.context, database)))


def login_property(asker: Asker, name: str, item: str) -> Any:
    """NULL for what is no visible login, and where the policy that counts is off."""
    found = find_login(asker.twin, name)
    if found is None or not security.sees_login(asker.twin, asker.context, found[0]):
        return None
    login = found[1]
    values = {
        "islocked": int(login.locked) if login.policy_checked else None,
        "isexpired": int(login.expired) if login.expiration_checked else None,
        "ismustchange": int(login.must_change) if login.expiration_checked else None,
    }
    return _known(values, item, "LOGINPROPERTY") if login.kind == "sql" else None


def database_property(asker: Asker, name: str, item: str) -> Any:
    found = lookup(asker.twin.databases, name, asker.twin.server.collation)
    if found is None:
        return None
    read_only = found[1].read_only or found[1].secondary
    values = {"updateability": "READ_ONLY" if read_only else "READ_WRITE"}
    return _known(values, item, "DATABASEPROPERTYEX")


def object_id(asker: Asker, name: str) -> int | None:
    found = find_table(asker, split_name(name))
    return catalog.object_id(asker.twin, *found) if found else None


def col_length(asker: Asker, table: str, column: str) -> int | None:
    found = find_table(asker, split_name(table))
    if found is None:
        return None
    database, key = found
    types = column_types(asker.twin, database, asker.twin.databases[database].tables[key])
    named = lookup(types, column, collation_of(asker.twin, database))
    return named[1].max_length if named else None
