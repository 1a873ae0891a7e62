"""What the catalog views show, each row as the asking context sees it: what it has no right to see is not there."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from acceptance.simulator.sqlserver import security
from acceptance.simulator.sqlserver.errors import error
from acceptance.simulator.sqlserver.security import Target
from acceptance.simulator.sqlserver.state import (
    DATABASE_ROLES,
    SERVER_ROLES,
    Role,
    Twin,
    User,
    collation_of,
    column_types,
    table_key,
)

CREATED = "2024-01-15T09:30:00"
FIRST_LOGIN_ID, FIRST_USER_ID = 256, 5
SESSION_ID = 51
LOGIN_KINDS = {
    "sql": ("S", "SQL_LOGIN", "SQL LOGIN"),
    "windows_user": ("U", "WINDOWS_LOGIN", "WINDOWS LOGIN"),
    "windows_group": ("G", "WINDOWS_GROUP", "WINDOWS GROUP"),
}
USER_KINDS = {
    "sql": ("S", "SQL_USER", "SQL USER"),
    "windows_user": ("U", "WINDOWS_USER", "WINDOWS LOGIN"),
    "windows_group": ("G", "WINDOWS_GROUP", "WINDOWS GROUP"),
}
SERVER_ROLE_IDS = {"public": 2} | {
    name: number for number, name in enumerate(SERVER_ROLES, start=3)
}
_ROLE_NUMBERS = (16384, 16385, 16386, 16387, 16389, 16390, 16391, 16392, 16393)
DATABASE_ROLE_IDS = {"public": 0} | dict(zip(DATABASE_ROLES, _ROLE_NUMBERS, strict=True))
SYSTEM_USERS = {"dbo": 1, "guest": 2, "INFORMATION_SCHEMA": 3, "sys": 4}
STATES = {
    "ONLINE": 0,
    "RESTORING": 1,
    "RECOVERING": 2,
    "RECOVERY_PENDING": 3,
    "SUSPECT": 4,
    "EMERGENCY": 5,
    "OFFLINE": 6,
}
RECOVERY = {"FULL": 1, "BULK_LOGGED": 2, "SIMPLE": 3}
USER_ACCESS = {"MULTI_USER": 0, "SINGLE_USER": 1, "RESTRICTED_USER": 2}
SCHEMA_IDS = {"dbo": 1, "guest": 2, "INFORMATION_SCHEMA": 3, "sys": 4}
PERMISSION_CODES = {"CONNECT SQL": "COSQ", "CONTROL SERVER": "CL", "VIEW ANY DEFINITION": "VWAD", "IMPERSONATE": "IM",
                    "VIEW ANY DATABASE": "VWDB", "VIEW SERVER STATE": "VWSS", "CONNECT": "CO", "SELECT": "SL",
                    "INSERT": "IN", "UPDATE": "UP", "DELETE": "DL", "EXECUTE": "EX", "CONTROL": "CL",
                    "VIEW DEFINITION": "VW"}  # fmt: skip
TYPE_IDS = {"uniqueidentifier": 36, "date": 40, "time": 41, "datetime2": 42, "datetimeoffset": 43, "tinyint": 48,
            "smallint": 52, "int": 56, "smalldatetime": 58, "real": 59, "datetime": 61, "float": 62, "sql_variant": 98,
            "bit": 104, "decimal": 106, "numeric": 108, "bigint": 127, "varbinary": 165, "varchar": 167, "binary": 173,
            "char": 175, "nvarchar": 231, "nchar": 239}  # fmt: skip


class Asker(Protocol):
    """The session that asks: whose eyes, and over what connection."""

    twin: Twin
    context: str
    original: str
    encrypted: bool


Row = Sequence[Any]


def database_id(twin: Twin, name: str) -> int:
    return list(twin.databases).index(name) + 1


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


def visible_tables(asker: Asker, database: str) -> Iterator[tuple[str, str, str]]:
    """Key, schema and name of the tables that the context holds any permission on."""
    for key in asker.twin.databases[database].tables:
        schema, name = table_key(key)
        if security.sees_object(asker.twin, asker.context, database, Target(schema, name)):
            yield key, schema, name


def databases_rows(asker: Asker, _: str) -> Iterator[Row]:
    twin = asker.twin
    for name, entry in twin.databases.items():
        if not security.sees_database(twin, asker.context, name):
            continue
        online = entry.state in ("ONLINE", "EMERGENCY")
        yield (
            name,
            database_id(twin, name),
            None,
            _owner_sid(twin, entry.owner),
            CREATED,
            entry.compatibility_level,
            collation_of(twin, name) if online else None,
            USER_ACCESS[entry.user_access],
            entry.user_access,
            int(entry.read_only),
            STATES[entry.state],
            entry.state,
            RECOVERY[entry.recovery_model],
            entry.recovery_model,
            0,
            "NONE",
        )


def _owner_sid(twin: Twin, owner: str) -> bytes:
    login = twin.logins.get(owner)
    return (
        security.login_sid(owner, login)
        if login
        else security.make_sid(owner, windows="\\" in owner)
    )


def server_principals_rows(asker: Asker, _: str) -> Iterator[Row]:
    for name, login in asker.twin.logins.items():
        if not security.sees_login(asker.twin, asker.context, name):
            continue
        code, description, _usage = LOGIN_KINDS[login.kind]
        sid = security.login_sid(name, login)
        number = login_id(asker.twin, name)
        yield (name, number, sid, code, description, int(login.disabled), CREATED, CREATED,
               login.default_database, "us_english", None, None, 0)  # fmt: skip
    for role, number in SERVER_ROLE_IDS.items():
        fixed = int(role != "public")
        yield (
            role,
            number,
            bytes([number]),
            "R",
            "SERVER_ROLE",
            0,
            CREATED,
            CREATED,
            None,
            None,
            None,
            1,
            fixed,
        )


def sql_logins_rows(asker: Asker, database: str) -> Iterator[Row]:
    for row in server_principals_rows(asker, database):
        if row[3] == "S":
            login = asker.twin.logins[row[0]]
            yield (*row[:11], int(login.policy_checked), int(login.expiration_checked))


def server_role_members_rows(asker: Asker, _: str) -> Iterator[Row]:
    for name, login in asker.twin.logins.items():
        if security.sees_login(asker.twin, asker.context, name):
            yield from ((SERVER_ROLE_IDS[role], login_id(asker.twin, name)) for role in login.roles)


def server_permissions_rows(asker: Asker, _: str) -> Iterator[Row]:
    twin = asker.twin
    for name, login in twin.logins.items():
        if not security.sees_login(twin, asker.context, name):
            continue
        number = login_id(twin, name)
        granted = [*(["CONNECT SQL"] if login.connect else []), *login.grant]
        for state, description, permissions in (("G", "GRANT", granted), ("D", "DENY", login.deny)):
            for permission in permissions:
                code = PERMISSION_CODES.get(permission, "    ")
                yield (100, "SERVER", 0, 0, number, 1, code, permission, state, description)
        for target in login.impersonate:
            if target in twin.logins:
                yield (
                    101,
                    "SERVER_PRINCIPAL",
                    login_id(twin, target),
                    0,
                    number,
                    1,
                    "IM",
                    "IMPERSONATE",
                    "G",
                    "GRANT",
                )
    if twin.server.view_any_database:
        yield (100, "SERVER", 0, 0, 2, 1, "VWDB", "VIEW ANY DATABASE", "G", "GRANT")


def login_token_rows(asker: Asker, _: str) -> Iterator[Row]:
    twin, context = asker.twin, asker.context
    logins = dict(security.own_logins(twin, context))
    usage = "GRANT OR DENY"
    if "\\" in context and context not in logins:
        yield (0, security.make_sid(context, windows=True), context, "WINDOWS LOGIN", usage)
    for name, login in logins.items():
        yield (
            login_id(twin, name),
            security.login_sid(name, login),
            name,
            LOGIN_KINDS[login.kind][2],
            usage,
        )
    for role in ("public", *security.server_roles(twin, context)):
        yield (SERVER_ROLE_IDS[role], bytes([SERVER_ROLE_IDS[role]]), role, "SERVER ROLE", usage)
    for group in security.windows_groups(twin, context):
        if group not in logins:
            yield (0, security.make_sid(group, windows=True), group, "WINDOWS GROUP", usage)


def user_token_rows(asker: Asker, database: str) -> Iterator[Row]:
    twin, context, usage = asker.twin, asker.context, "GRANT OR DENY"
    own = security.user_name(twin, context, database)
    mapped = dict(security.mapped_users(twin, context, database))
    if own is not None and own not in mapped:
        yield (SYSTEM_USERS[own], b"\x01", own, "SQL USER", usage)
    for name, user in mapped.items():
        yield (
            user_id(twin, database, name),
            security.user_sid(name, user),
            name,
            USER_KINDS[user.kind][2],
            usage,
        )
    for role in ("public", *security.database_roles(twin, context, database)):
        yield (user_id(twin, database, role), None, role, "ROLE", usage)


def connections_rows(asker: Asker, _: str) -> Iterator[Row]:
    if not security.holds_server(asker.twin, asker.context, "VIEW SERVER STATE"):
        raise error(300, permission="VIEW SERVER STATE")
    encrypted = "TRUE" if asker.encrypted else "FALSE"
    yield (
        SESSION_ID,
        SESSION_ID,
        CREATED,
        "TCP",
        "TSQL",
        encrypted,
        "SQL",
        "127.0.0.1",
        "127.0.0.1",
        1433,
    )


def sessions_rows(asker: Asker, _: str) -> Iterator[Row]:
    yield (SESSION_ID, CREATED, asker.context, asker.original, "running", 1)


def database_principals_rows(asker: Asker, database: str) -> Iterator[Row]:
    twin, context = asker.twin, asker.context
    entry = twin.databases[database]
    wide = any(
        security.holds_database(twin, context, database, item)
        for item in ("VIEW DEFINITION", "ALTER ANY USER")
    )
    own = {name for name, _ in security.mapped_users(twin, context, database)}
    for name, number in SYSTEM_USERS.items():
        sid = _owner_sid(twin, entry.owner) if name == "dbo" else None
        instance = name == "dbo"
        yield _principal(
            name, number, "S", "SQL_USER", sid, int(instance), "INSTANCE" if instance else "NONE"
        )
    for name, user in entry.users.items():
        if wide or name in own:
            code, description, _usage = USER_KINDS[user.kind]
            kind, scheme = (0, "NONE") if user.login is None else (1, "INSTANCE")
            kind, scheme = (3, "WINDOWS") if user.kind != "sql" else (kind, scheme)
            sid = security.user_sid(name, user)
            yield _principal(
                name, user_id(twin, database, name), code, description, sid, kind, scheme
            )
    for name in (*DATABASE_ROLE_IDS, *(entry.roles if wide else ())):
        number = (
            DATABASE_ROLE_IDS[name] if name in DATABASE_ROLE_IDS else user_id(twin, database, name)
        )
        yield _principal(
            name, number, "R", "DATABASE_ROLE", None, 0, "NONE", fixed=name in DATABASE_ROLES
        )
    for name in entry.application_roles if wide else ():
        yield _principal(
            name, user_id(twin, database, name), "A", "APPLICATION_ROLE", None, 0, "NONE"
        )


def _principal(
    name: str,
    number: int,
    code: str,
    description: str,
    sid: bytes | None,
    kind: int,
    scheme: str,
    *,
    fixed: bool = False,
) -> Row:
    schema = None if code in "RG" else "dbo"
    return (
        name,
        number,
        code,
        description,
        schema,
        CREATED,
        CREATED,
        None,
        sid,
        int(fixed),
        kind,
        scheme,
    )


def database_role_members_rows(asker: Asker, database: str) -> Iterator[Row]:
    twin = asker.twin
    entry = twin.databases[database]
    seen = {row[0] for row in database_principals_rows(asker, database)}
    members: list[tuple[str, User | Role]] = [*entry.users.items(), *entry.roles.items()]
    for name, member in members:
        if name in seen:
            yield from (
                (user_id(twin, database, role), user_id(twin, database, name))
                for role in member.roles
            )
    yield (DATABASE_ROLE_IDS["db_owner"], SYSTEM_USERS["dbo"])


def database_permissions_rows(asker: Asker, database: str) -> Iterator[Row]:
    twin = asker.twin
    entry = twin.databases[database]
    seen = {row[0] for row in database_principals_rows(asker, database)}
    members: list[tuple[str, User | Role]] = [*entry.users.items(), *entry.roles.items()]
    for name, user in members:
        if name not in seen:
            continue
        connects = ["CONNECT"] if isinstance(user, User) and user.connect else []
        for state, description, texts in (
            ("G", "GRANT", connects + user.grant),
            ("D", "DENY", user.deny),
        ):
            for text in texts:
                permission, _, where = text.partition(" ON ")
                kind = _securable(twin, database, where)
                code = PERMISSION_CODES.get(permission, "    ")
                number = user_id(twin, database, name)
                yield (*kind, 0, number, 1, code, permission, state, description)


def _securable(twin: Twin, database: str, where: str) -> tuple[int, str, int]:
    if not where:
        return 0, "DATABASE", 0
    if where.startswith("SCHEMA::"):
        return 3, "SCHEMA", schemas(twin, database).get(where.removeprefix("SCHEMA::"), 0)
    keys = [key for key in twin.databases[database].tables if ".".join(table_key(key)) == where]
    return 1, "OBJECT_OR_COLUMN", object_id(twin, database, keys[0]) if keys else 0


def schemas_rows(asker: Asker, database: str) -> Iterator[Row]:
    yield from ((name, number, 1) for name, number in schemas(asker.twin, database).items())


def tables_rows(asker: Asker, database: str) -> Iterator[Row]:
    numbers = schemas(asker.twin, database)
    for key, schema, name in visible_tables(asker, database):
        number = object_id(asker.twin, database, key)
        yield (name, number, None, numbers[schema], 0, "U ", "USER_TABLE", CREATED, CREATED, 0)


def columns_rows(asker: Asker, database: str) -> Iterator[Row]:
    for key, _, _ in visible_tables(asker, database):
        types = column_types(asker.twin, database, asker.twin.databases[database].tables[key])
        for number, (name, kind) in enumerate(types.items(), start=1):
            owner, code = object_id(asker.twin, database, key), TYPE_IDS[kind.name]
            yield (
                owner,
                name,
                number,
                code,
                code,
                kind.max_length,
                0,
                kind.scale,
                kind.collation or None,
                1,
                0,
                0,
            )


def types_rows(_: Asker, __: str) -> Iterator[Row]:
    yield from ((name, number, 4, number) for name, number in TYPE_IDS.items())
    yield ("sysname", 231, 4, 256)


def no_rows(_: Asker, __: str) -> Iterator[Row]:
    yield from ()


def information_tables_rows(asker: Asker, database: str) -> Iterator[Row]:
    for _, schema, name in visible_tables(asker, database):
        yield (database, schema, name, "BASE TABLE")


def information_columns_rows(asker: Asker, database: str) -> Iterator[Row]:
    for key, schema, table in visible_tables(asker, database):
        types = column_types(asker.twin, database, asker.twin.databases[database].tables[key])
        for number, (name, kind) in enumerate(types.items(), start=1):
            length = kind.length if kind.is_text or kind.is_binary else None
            yield (
                database,
                schema,
                table,
                name,
                number,
                "YES",
                kind.name,
                length,
                kind.collation or None,
            )
