"""What the catalog views of views.yaml show, as the asking context sees it: what it has no
right to see is not there."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args

from acceptance.simulator.sqlserver.errors import error
from acceptance.simulator.sqlserver.rights import Inside
from acceptance.simulator.sqlserver.security import Eyes, sid_of
from acceptance.simulator.sqlserver.session import ResultSet
from acceptance.simulator.sqlserver.sqltypes import SqlType, columns_of, convert
from acceptance.simulator.sqlserver.state import (
    DATABASE_ROLES,
    Database,
    Login,
    ServerRole,
    State,
    Twin,
    User,
    table_key,
)
from acceptance.simulator.twinfiles import read_yaml

SERVER_ROLE_IDS = {"public": 2} | {name: 3 + at for at, name in enumerate(get_args(ServerRole))}
DATABASE_ROLE_NAMES = ("public", *DATABASE_ROLES)
SYSTEM_SCHEMAS = {"dbo": 1, "guest": 2, "INFORMATION_SCHEMA": 3, "sys": 4}
STATES = get_args(State)  # in the order of their numbers
USER_KINDS = {"sql": "SQL_USER", "windows_user": "WINDOWS_USER", "windows_group": "WINDOWS_GROUP"}
LOGIN_KINDS = USER_KINDS | {"sql": "SQL_LOGIN", "windows_user": "WINDOWS_LOGIN"}
PERMISSION_CODES = {"CONNECT SQL": "COSQ", "CONTROL SERVER": "CL", "VIEW ANY DEFINITION": "VWAD"}
VERBS = {"G": "GRANT", "D": "DENY"}
Row = Sequence[Any]


class View(NamedTuple):
    """An entry of views.yaml; `server`: its texts have the server's collation."""

    columns: dict[str, SqlType]
    server: bool
    needs: str


VIEWS = {
    name: View(columns_of(entry["columns"]), entry["scope"] == "server", entry.get("needs", ""))
    for name, entry in read_yaml(Path(__file__).with_name("views.yaml")).items()
}


def rows(view: str, inside: Inside) -> list[tuple[Any, ...]]:
    """A view's rows, column by column. Raises SqlError 300 without the right that it needs."""
    entry = VIEWS[view]
    if entry.needs and not inside.eyes.holds(entry.needs):
        raise error(300, permission=entry.needs)
    found: Iterable[Row] = ROWS[view](inside) if view in ROWS else ()
    for row in inside.eyes.twin.views.get(view, []):
        found = [*found, [row[name] for name in entry.columns]]
    kinds = entry.columns.values()
    return [tuple(map(convert, row, kinds)) for row in found]


def schemas(database: Database) -> dict[str, int]:
    found = dict(SYSTEM_SCHEMAS)
    for key in database.tables:
        found.setdefault(table_key(key)[0], len(found) + 1)
    return found


def _databases(inside: Inside) -> Iterator[Row]:
    for name, entry in inside.eyes.twin.databases.items():
        if inside.eyes.sees_database(name):
            online = entry.state in ("ONLINE", "EMERGENCY")
            collation = Inside(inside.eyes, name).collation if online else None
            yield (name, entry.compatibility_level, collation, entry.user_access,
                   int(entry.read_only), STATES.index(entry.state), entry.state)  # fmt: skip


def login_id(twin: Twin, name: str) -> int:
    return 1 if name == "sa" else 256 + list(twin.logins).index(name)


def _visible_logins(eyes: Eyes) -> Iterator[tuple[str, int, Login]]:
    for name, login in eyes.twin.logins.items():
        if eyes.sees_login(name):
            yield name, login_id(eyes.twin, name), login


def _server_principals(inside: Inside) -> Iterator[Row]:
    for name, number, login in _visible_logins(inside.eyes):
        sid, kind = sid_of(name, login), LOGIN_KINDS[login.kind]
        yield (name, number, sid, kind, int(login.disabled), login.default_database)
    for role, number in SERVER_ROLE_IDS.items():
        yield (role, number, bytes([number]), "SERVER_ROLE", 0, None)


def _server_permissions(inside: Inside) -> Iterator[Row]:
    """Class 100 is the server, 101 a login."""
    twin = inside.eyes.twin
    for _, number, login in _visible_logins(inside.eyes):
        granted = ["CONNECT SQL"] * login.connect + login.grant
        for state, permissions in (("G", granted), ("D", login.deny)):
            for permission in permissions:
                yield (100, number, PERMISSION_CODES.get(permission, ""), state, VERBS[state])
        for _ in twin.logins.keys() & login.impersonate:
            yield (101, number, "IM", "G", VERBS["G"])
    if twin.server.view_any_database:
        yield (100, SERVER_ROLE_IDS["public"], "VWDB", "G", VERBS["G"])


def _server_role_members(inside: Inside) -> Iterator[Row]:
    for _, number, login in _visible_logins(inside.eyes):
        yield from ((SERVER_ROLE_IDS[role], number) for role in login.roles)


def _login_token(inside: Inside) -> Iterator[Row]:
    """The context, its groups and its roles; what is no login has the number 0."""
    eyes, logins = inside.eyes, inside.eyes.logins()
    windows = dict.fromkeys(eyes.groups(), "WINDOWS GROUP")
    if "\\" in eyes.name:
        windows = {eyes.name: "WINDOWS LOGIN"} | windows
    for name, login in logins.items():
        kind = LOGIN_KINDS[login.kind].replace("_", " ")
        yield (login_id(eyes.twin, name), name, kind, "GRANT OR DENY")
    for name, kind in windows.items():
        if name not in logins:
            yield (0, name, kind, "GRANT OR DENY")
    for role in ("public", *eyes.roles()):
        yield (SERVER_ROLE_IDS[role], role, "SERVER ROLE", "GRANT OR DENY")


def _visible_users(inside: Inside) -> dict[str, User]:
    wide = inside.holds("VIEW DEFINITION") or inside.holds("ALTER ANY USER")
    return inside.database.users if wide else inside.users()


def _database_principals(inside: Inside) -> Iterator[Row]:
    entry, logins = inside.database, inside.eyes.twin.logins
    owner = logins.get(entry.owner) or Login(kind="windows_user")  # who needs no login
    yield ("dbo", "SQL_USER", sid_of(entry.owner, owner), "INSTANCE")
    visible = _visible_users(inside)
    for name, user in visible.items():
        scheme = "WINDOWS"
        if user.kind == "sql":
            scheme = "NONE" if user.login is None else "INSTANCE"
        yield (name, USER_KINDS[user.kind], sid_of(name, user), scheme)
    without = {"SQL_USER": [*SYSTEM_SCHEMAS][1:], "DATABASE_ROLE": ["public", *DATABASE_ROLES]}
    if visible is entry.users:
        without["DATABASE_ROLE"] += entry.roles
        without["APPLICATION_ROLE"] = entry.application_roles
    for kind, several in without.items():
        for name in several:
            yield (name, kind, None, "NONE")


def _database_permissions(inside: Inside) -> Iterator[Row]:
    visible, database = _visible_users(inside), inside.database
    for user in visible.values():
        if user.connect:
            yield (0, 0, "G")
    roles = database.roles.values() if visible is database.users else ()
    for member in (*visible.values(), *roles):
        for state, texts in (("G", member.grant), ("D", member.deny)):
            for text in texts:
                yield (*_securable(database, text), state)


def _securable(database: Database, text: str) -> tuple[int, int]:
    """Class and number of the column of `SELECT [ON SCHEMA::dbo | ON dbo.humres(usr_id)]`."""
    where = text.partition(" ON ")[2]
    if not where:
        return 0, 0
    if where.startswith("SCHEMA::"):
        return 3, 0
    name, _, column = where.rstrip(")").partition("(")
    for key, table in database.tables.items():
        if column in table.columns and ".".join(table_key(key)) == name:
            return 1, list(table.columns).index(column) + 1
    return 1, 0


def _tables(inside: Inside, last: object) -> Iterator[Row]:
    """The tables that the context holds any permission on; `last`: sys.objects has a type there."""
    numbers = schemas(inside.database)
    for key in inside.database.tables:
        schema, name = table_key(key)
        if inside.sees(schema, name):
            yield (name, numbers[schema], last)


ROWS: dict[str, Callable[[Inside], Iterable[Row]]] = {
    "sys.databases": _databases,
    "sys.server_principals": _server_principals,
    "sys.server_permissions": _server_permissions,
    "sys.server_role_members": _server_role_members,
    "sys.login_token": _login_token,
    "sys.database_principals": _database_principals,
    "sys.database_permissions": _database_permissions,
    "sys.schemas": lambda inside: schemas(inside.database).items(),
    "sys.tables": lambda inside: _tables(inside, 0),
    "sys.objects": lambda inside: _tables(inside, "U"),
}


def type_info(number: int) -> ResultSet:
    """sp_datatype_info, as ODBC's SQLGetTypeInfo wants it; no row for a type not in the YAML."""
    written = read_yaml(Path(__file__).with_name("datatypes.yaml"))
    found = tuple(tuple(row) for row in written["rows"] if row[1] == number)
    return ResultSet(tuple(columns_of(written["columns"]).items()), found)
