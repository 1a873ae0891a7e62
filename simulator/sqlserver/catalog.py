"""What the catalog views of views.yaml show, as the asking context sees it: what it has no
right to see is not there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from acceptance.simulator.sqlserver import rights, security
from acceptance.simulator.sqlserver.conversions import convert
from acceptance.simulator.sqlserver.errors import error
from acceptance.simulator.sqlserver.rights import Target
from acceptance.simulator.sqlserver.sqltypes import SqlType, parse_type
from acceptance.simulator.sqlserver.state import (
    DATABASE_ROLES,
    SERVER_ROLES,
    Role,
    Twin,
    User,
    collation_of,
    table_key,
)
from acceptance.simulator.twinfiles import read_yaml

FIRST_LOGIN_ID, FIRST_USER_ID = 256, 5
LOGIN_KINDS = {
    "sql": ("S", "SQL_LOGIN", "SQL LOGIN"),
    "windows_user": ("U", "WINDOWS_LOGIN", "WINDOWS LOGIN"),
    "windows_group": ("G", "WINDOWS_GROUP", "WINDOWS GROUP"),
}
USER_KINDS = {"sql": ("S", "SQL_USER"), "windows_user": ("U", "WINDOWS_USER"),
              "windows_group": ("G", "WINDOWS_GROUP")}  # fmt: skip
AUTHENTICATION = {"NONE": 0, "INSTANCE": 1, "WINDOWS": 3}
SERVER_ROLE_IDS = {name: number for number, name in enumerate(("public", *SERVER_ROLES), start=2)}
_ROLE_NUMBERS = (16384, 16385, 16386, 16387, 16389, 16390, 16391, 16392, 16393)
DATABASE_ROLE_IDS = {"public": 0} | dict(zip(DATABASE_ROLES, _ROLE_NUMBERS, strict=True))
SYSTEM_USERS = {"dbo": 1, "guest": 2, "INFORMATION_SCHEMA": 3, "sys": 4}
SCHEMA_IDS = {"dbo": 1, "guest": 2, "INFORMATION_SCHEMA": 3, "sys": 4}
STATES = (
    "ONLINE",
    "RESTORING",
    "RECOVERING",
    "RECOVERY_PENDING",
    "SUSPECT",
    "EMERGENCY",
    "OFFLINE",
)
USER_ACCESS = ("MULTI_USER", "SINGLE_USER", "RESTRICTED_USER")
PERMISSION_CODES = {"CONNECT SQL": "COSQ", "CONTROL SERVER": "CL", "VIEW ANY DEFINITION": "VWAD",
                    "VIEW ANY DATABASE": "VWDB", "VIEW SERVER STATE": "VWSS", "CONNECT": "CO",
                    "SELECT": "SL", "INSERT": "IN", "UPDATE": "UP", "DELETE": "DL",
                    "EXECUTE": "EX", "CONTROL": "CL", "VIEW DEFINITION": "VW"}  # fmt: skip
VERBS = (("G", "GRANT"), ("D", "DENY"))


class Asker(Protocol):
    """The session that asks: whose eyes, and where."""

    twin: Twin
    context: str
    database: str


Row = tuple[Any, ...]


@dataclass(frozen=True)
class View:
    """An entry of views.yaml; `server`: its texts have the server's collation."""

    columns: dict[str, SqlType]
    server: bool
    needs: str


def columns_of(declaration: str) -> dict[str, SqlType]:
    """`name sysname, state tinyint` as columns."""
    pairs = (item.split(maxsplit=1) for item in declaration.split(","))
    return {name: parse_type(kind) for name, kind in pairs}


def _load_views() -> dict[str, View]:
    written = read_yaml(Path(__file__).with_name("views.yaml"))
    return {
        name: View(columns_of(entry["columns"]), entry["scope"] == "server", entry.get("needs", ""))
        for name, entry in written.items()
    }


VIEWS = _load_views()


def rows(view: str, asker: Asker, database: str) -> list[tuple[Any, ...]]:
    """A view's rows, column by column. Raises SqlError 300 without the right that it needs."""
    entry = VIEWS[view]
    if entry.needs and not security.holds_server(asker.twin, asker.context, entry.needs):
        raise error(300, permission=entry.needs)
    given = asker.twin.views.get(view, [])
    found = [tuple(row[name] for name in entry.columns) for row in given]
    if view in ROWS:
        found = list(ROWS[view](asker, database))
    kinds = list(entry.columns.values())
    pairs = (zip(row, kinds, strict=True) for row in found)
    return [tuple(convert(value, kind) for value, kind in row) for row in pairs]


def login_id(twin: Twin, name: str) -> int:
    return 1 if name == "sa" else FIRST_LOGIN_ID + list(twin.logins).index(name)


def user_id(twin: Twin, database: str, name: str) -> int:
    fixed = SYSTEM_USERS | DATABASE_ROLE_IDS
    if name in fixed:
        return fixed[name]
    entry = twin.databases[database]
    return FIRST_USER_ID + [*entry.users, *entry.roles, *entry.application_roles].index(name)


def schemas(twin: Twin, database: str) -> dict[str, int]:
    names = [table_key(key)[0] for key in twin.databases[database].tables]
    own = [name for name in dict.fromkeys(names) if name not in SCHEMA_IDS]
    return SCHEMA_IDS | {name: number for number, name in enumerate(own, start=5)}


def object_id(twin: Twin, database: str, key: str) -> int:
    return 245575913 + 16 * list(twin.databases[database].tables).index(key)


def _visible_tables(asker: Asker, database: str) -> Iterator[tuple[str, str, str]]:
    """Key, schema and name of the tables that the context holds any permission on."""
    for key in asker.twin.databases[database].tables:
        schema, name = table_key(key)
        if rights.sees_object(asker.twin, asker.context, database, Target(schema, name)):
            yield key, schema, name


def _databases(asker: Asker, _: str) -> Iterator[Row]:
    twin = asker.twin
    for number, (name, entry) in enumerate(twin.databases.items(), start=1):
        if security.sees_database(twin, asker.context, name):
            online = entry.state in ("ONLINE", "EMERGENCY")
            collation = collation_of(twin, name) if online else None
            yield (name, number, entry.compatibility_level, collation,
                   USER_ACCESS.index(entry.user_access), entry.user_access,
                   int(entry.read_only), STATES.index(entry.state), entry.state,
                   entry.replica_id, entry.group_database_id)  # fmt: skip


def _server_principals(asker: Asker, _: str) -> Iterator[Row]:
    for name, login in asker.twin.logins.items():
        if security.sees_login(asker.twin, asker.context, name):
            number, sid = login_id(asker.twin, name), security.login_sid(name, login)
            kind = LOGIN_KINDS[login.kind][:2]
            yield (name, number, sid, *kind, int(login.disabled), login.default_database)
    for role, number in SERVER_ROLE_IDS.items():
        yield (role, number, bytes([number]), "R", "SERVER_ROLE", 0, None)


def _server_permissions(asker: Asker, _: str) -> Iterator[Row]:
    twin = asker.twin
    for name, login in twin.logins.items():
        if not security.sees_login(twin, asker.context, name):
            continue
        number = login_id(twin, name)
        granted = [*(["CONNECT SQL"] if login.connect else []), *login.grant]
        for verb, permissions in zip(VERBS, (granted, login.deny), strict=True):
            for permission in permissions:
                yield _permission((100, "SERVER", 0, 0), number, permission, verb)
        for target in login.impersonate:
            if target in twin.logins:
                securable = (101, "SERVER_PRINCIPAL", login_id(twin, target), 0)
                yield _permission(securable, number, "IMPERSONATE", VERBS[0])
    if twin.server.view_any_database:
        yield _permission((100, "SERVER", 0, 0), 2, "VIEW ANY DATABASE", VERBS[0])


def _permission(
    securable: tuple[int, str, int, int], grantee: int, permission: str, verb: tuple[str, str]
) -> Row:
    return (*securable, grantee, 1, PERMISSION_CODES.get(permission, ""), permission, *verb)


def _server_role_members(asker: Asker, _: str) -> Iterator[Row]:
    for name, login in asker.twin.logins.items():
        if security.sees_login(asker.twin, asker.context, name):
            for role in login.roles:
                yield (SERVER_ROLE_IDS[role], login_id(asker.twin, name))


def _login_token(asker: Asker, _: str) -> Iterator[Row]:
    twin, context = asker.twin, asker.context
    logins = dict(security.own_logins(twin, context))
    found: list[Row] = []
    if "\\" in context and context not in logins:
        found.append((0, security.make_sid(context, windows=True), context, "WINDOWS LOGIN"))
    for name, login in logins.items():
        sid, kind = security.login_sid(name, login), LOGIN_KINDS[login.kind][2]
        found.append((login_id(twin, name), sid, name, kind))
    for role in ("public", *security.server_roles(twin, context)):
        number = SERVER_ROLE_IDS[role]
        found.append((number, bytes([number]), role, "SERVER ROLE"))
    for group in security.windows_groups(twin, context):
        if group not in logins:
            found.append((0, security.make_sid(group, windows=True), group, "WINDOWS GROUP"))
    yield from ((*row, "GRANT OR DENY") for row in found)


def _database_principals(asker: Asker, database: str) -> Iterator[Row]:
    twin, context = asker.twin, asker.context
    entry = twin.databases[database]
    wide = any(
        rights.holds_database(twin, context, database, item)
        for item in ("VIEW DEFINITION", "ALTER ANY USER")
    )
    own = {name for name, _ in rights.mapped_users(twin, context, database)}
    owner = security.owner_sid(twin, entry.owner)
    found: list[Row] = [("dbo", "S", "SQL_USER", owner, "INSTANCE")]
    found += [(name, "S", "SQL_USER", None, "NONE") for name in SYSTEM_USERS if name != "dbo"]
    for name, user in entry.users.items():
        if wide or name in own:
            scheme = "INSTANCE" if user.login is not None else "NONE"
            scheme = "WINDOWS" if user.kind != "sql" else scheme
            found.append((name, *USER_KINDS[user.kind], rights.user_sid(name, user), scheme))
    roles = [*DATABASE_ROLE_IDS, *(entry.roles if wide else ())]
    found += [(name, "R", "DATABASE_ROLE", None, "NONE") for name in roles]
    applications = entry.application_roles if wide else []
    found += [(name, "A", "APPLICATION_ROLE", None, "NONE") for name in applications]
    for name, code, description, sid, scheme in found:
        number, fixed = user_id(twin, database, name), int(name in DATABASE_ROLES)
        yield (name, number, code, description, sid, fixed, AUTHENTICATION[scheme], scheme)


def _database_permissions(asker: Asker, database: str) -> Iterator[Row]:
    twin = asker.twin
    entry = twin.databases[database]
    seen = {row[0] for row in _database_principals(asker, database)}
    members: list[tuple[str, User | Role]] = [*entry.users.items(), *entry.roles.items()]
    for name, member in members:
        if name not in seen:
            continue
        connects = ["CONNECT"] if isinstance(member, User) and member.connect else []
        number = user_id(twin, database, name)
        for verb, texts in zip(VERBS, (connects + member.grant, member.deny), strict=True):
            for text in texts:
                permission, _, where = text.partition(" ON ")
                for securable in _securables(twin, database, where):
                    yield _permission(securable, number, permission, verb)


def _securables(twin: Twin, database: str, where: str) -> list[tuple[int, str, int, int]]:
    """Of `SCHEMA::dbo`, `dbo.humres` and `dbo.humres(usr_id)`, where minor_id is the column's."""
    if not where:
        return [(0, "DATABASE", 0, 0)]
    if where.startswith("SCHEMA::"):
        return [(3, "SCHEMA", schemas(twin, database)[where.removeprefix("SCHEMA::")], 0)]
    target = rights.parse_target(where)
    found = []
    for key, table in twin.databases[database].tables.items():
        if table_key(key) == (target.schema, target.name):
            number = list(table.columns).index(target.column) + 1 if target.column else 0
            found.append((1, "OBJECT_OR_COLUMN", object_id(twin, database, key), number))
    return found


def _schemas(asker: Asker, database: str) -> Iterator[Row]:
    for name, number in schemas(asker.twin, database).items():
        yield (name, number, 1)


def _tables(asker: Asker, database: str) -> Iterator[Row]:
    numbers = schemas(asker.twin, database)
    for key, schema, name in _visible_tables(asker, database):
        number = object_id(asker.twin, database, key)
        yield (name, number, numbers[schema], "U", "USER_TABLE", 0)


ROWS: dict[str, Callable[[Asker, str], Iterator[Row]]] = {
    "sys.databases": _databases,
    "sys.server_principals": _server_principals,
    "sys.server_permissions": _server_permissions,
    "sys.server_role_members": _server_role_members,
    "sys.login_token": _login_token,
    "sys.database_principals": _database_principals,
    "sys.database_permissions": _database_permissions,
    "sys.schemas": _schemas,
    "sys.tables": _tables,
    "sys.objects": _tables,
}
