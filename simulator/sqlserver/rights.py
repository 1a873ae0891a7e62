"""Who may do what in a database: users by their sids, roles, grants and denies; a deny wins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from acceptance.simulator.sqlserver.errors import error
from acceptance.simulator.sqlserver.security import (
    ROLE_GRANTS,
    SERVER_PERMISSIONS,
    holds_server,
    is_sysadmin,
    login_sid,
    make_sid,
    own_logins,
    server_roles,
    windows_groups,
)
from acceptance.simulator.sqlserver.state import (
    DATABASE_ROLES,
    Database,
    Role,
    Twin,
    User,
    lookup,
    same_account,
)

DATABASE_PERMISSIONS = (
    "CONTROL", "CONNECT", "SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE", "ALTER",
    "VIEW DEFINITION", "ALTER ANY USER",
)  # fmt: skip
OBJECT_PERMISSIONS = (
    "CONTROL", "SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES", "ALTER", "VIEW DEFINITION",
)  # fmt: skip
# By securable class of HAS_PERMS_BY_NAME.
KNOWN_PERMISSIONS: dict[str, Sequence[str]] = {
    "SERVER": tuple(SERVER_PERMISSIONS),
    "DATABASE": DATABASE_PERMISSIONS,
    "OBJECT": OBJECT_PERMISSIONS,
}
ROLE_DENIES: dict[str, tuple[str, ...]] = {
    "db_denydatareader": ("SELECT",),
    "db_denydatawriter": ("INSERT", "UPDATE", "DELETE"),
}
# A server permission that gives a permission in every database.
FROM_SERVER = {"SELECT": "SELECT ALL USER SECURABLES", "VIEW DEFINITION": "VIEW ANY DEFINITION"}


@dataclass(frozen=True)
class Target:
    """An object, or one column of it."""

    schema: str
    name: str
    column: str = ""


def parse_target(where: str) -> Target:
    """`dbo.humres` or `dbo.humres(usr_id)`."""
    place, _, column = where.rstrip(")").partition("(")
    schema, _, name = place.partition(".")
    return Target(schema, name, column)


def user_sid(name: str, user: User) -> bytes:
    if user.sid:
        return bytes.fromhex(user.sid.removeprefix("0x"))
    # A user without login has a sid of its own, S-1-9-3-…
    own = bytes.fromhex("010500000000000903000000") + make_sid(name, windows=False)
    return own if user.login is None else make_sid(user.login or name, windows=user.kind != "sql")


def mapped_users(twin: Twin, context: str, database: str) -> list[tuple[str, User]]:
    """The database's users whose sid is that of the context or of one of its groups; none for
    who is dbo there."""
    if is_dbo(twin, context, database):
        return []
    windows = "\\" in context
    sids = {login_sid(name, login) for name, login in own_logins(twin, context)}
    sids |= {
        make_sid(name, windows=True)
        for name in [context, *windows_groups(twin, context)]
        if windows
    }
    users = twin.databases[database].users
    return [
        (name, user)
        for name, user in users.items()
        if user.login is not None and user_sid(name, user) in sids
    ]


def is_dbo(twin: Twin, context: str, database: str) -> bool:
    owner = twin.databases[database].owner
    return is_sysadmin(twin, context) or same_account(twin, owner, context)


def user_name(twin: Twin, context: str, database: str) -> str | None:
    """USER_NAME() in a database, or None where the context has no access to it."""
    if is_dbo(twin, context, database):
        return "dbo"
    users = mapped_users(twin, context, database)
    if users:
        allowed = all(user.connect for _, user in users) and not any(
            "CONNECT" in user.deny for _, user in users
        )
        return users[0][0] if allowed else None
    entry = twin.databases[database]
    if holds_server(twin, context, "CONTROL SERVER"):
        return "dbo"
    return "guest" if entry.guest or holds_server(twin, context, "CONNECT ANY DATABASE") else None


def check_access(twin: Twin, context: str, name: str, session: object = None) -> str:
    """The database's name as it is spelt. Raises SqlError 911, 916, 923, 924 or 942.

    A database in SINGLE_USER takes one session at a time, whoever comes first.
    """
    found = lookup(twin.databases, name, twin.server.collation)
    if found is None:
        raise error(911, name=name)
    spelt, database = found
    if database.state not in ("ONLINE", "EMERGENCY"):
        raise error(942, name=spelt)
    others = [one for one in twin.sessions if one is not session and one.database == spelt]
    if database.user_access == "SINGLE_USER" and others:
        raise error(924, name=spelt)
    if user_name(twin, context, spelt) is None:
        raise error(916, login=context, name=spelt)
    if database.user_access == "RESTRICTED_USER":
        roles = [*server_roles(twin, context), *database_roles(twin, context, spelt)]
        if not {"sysadmin", "dbcreator", "db_owner"} & set(roles):
            raise error(923, name=spelt)
    return spelt


def database_roles(twin: Twin, context: str, database: str) -> list[str]:
    """The database roles that the context is in, nested ones too; without public."""
    if is_dbo(twin, context, database):
        return ["db_owner"]
    entry = twin.databases[database]
    waiting = [role for _, user in mapped_users(twin, context, database) for role in user.roles]
    found: list[str] = []
    while waiting:
        role = waiting.pop(0)
        if role not in found:
            found.append(role)
            waiting += entry.roles[role].roles if role in entry.roles else []
    return found


def holds_database(
    twin: Twin, context: str, database: str, permission: str, target: Target | None = None
) -> bool:
    """Whether the context holds a permission on the database, or on a schema or object of it; a
    deny wins."""
    user = user_name(twin, context, database)
    if user is None:
        return False
    if user == "dbo":
        return True
    entry = twin.databases[database]
    wider = {permission, "CONTROL"}
    # What only ever is a database permission is asked for on the database.
    denied = list(_statements(entry, twin, context, database, "deny"))
    if any(_covers(text, {permission, "CONTROL"}, target) for text in denied):
        return False
    if permission in FROM_SERVER and holds_server(twin, context, FROM_SERVER[permission]):
        return True
    granted = list(_statements(entry, twin, context, database, "grant"))
    return permission == "CONNECT" or any(_covers(text, wider, target) for text in granted)


def _statements(
    entry: Database, twin: Twin, context: str, database: str, verb: str
) -> Iterator[str]:
    """`SELECT`, `SELECT ON SCHEMA::dbo`, … of the context's users and roles."""
    fixed = ROLE_GRANTS if verb == "grant" else ROLE_DENIES
    for _, user in mapped_users(twin, context, database):
        yield from getattr(user, verb)
    for role in database_roles(twin, context, database):
        yield from (
            fixed.get(role, ()) if role in DATABASE_ROLES else getattr(entry.roles[role], verb)
        )


def names_columns(twin: Twin, database: str) -> bool:
    """Whether anybody has a grant or a deny on single columns there."""
    entry = twin.databases[database]
    members: list[User | Role] = [*entry.users.values(), *entry.roles.values()]
    return any("(" in text for member in members for text in member.grant + member.deny)


def _covers(statement: str, permissions: set[str], target: Target | None) -> bool:
    """Whether `SELECT [ON SCHEMA::s | ON s.o]` gives (or takes) one of the permissions on the
    target."""
    permission, _, where = statement.partition(" ON ")
    if permission not in permissions:
        return False
    if not where:
        return True
    if target is None:
        return False
    if where.startswith("SCHEMA::"):
        return where.removeprefix("SCHEMA::") == target.schema
    named = parse_target(where)
    return named == target or named == replace(target, column="")


def sees_object(twin: Twin, context: str, database: str, target: Target) -> bool:
    """The catalog shows an object to who holds any permission on it."""
    return any(holds_database(twin, context, database, item, target) for item in OBJECT_PERMISSIONS)
