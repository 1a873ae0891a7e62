r"""Who may do what: server roles, Windows groups, database users and roles, grants and denies; a deny wins.

A security context is a login's name, or a Windows account that has no login of its own. Everything is worked out
from the twin at each question, so that a test may change the twin while a session is open.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from acceptance.simulator.sqlserver.errors import error
from acceptance.simulator.sqlserver.state import (
    DATABASE_ROLES,
    WINDOWS_NAMES,
    Database,
    Login,
    Role,
    Twin,
    User,
    find_login,
    lookup,
    same_account,
)

# Permission: the wider permissions of the same level that include it. CONTROL (SERVER) includes all.
SERVER_PERMISSIONS: dict[str, tuple[str, ...]] = {
    "CONTROL SERVER": (),
    "CONNECT SQL": (),
    "CONNECT ANY DATABASE": (),
    "SELECT ALL USER SECURABLES": (),
    "VIEW ANY DEFINITION": (),
    "VIEW ANY DATABASE": ("VIEW ANY DEFINITION", "ALTER ANY DATABASE"),
    "VIEW SERVER STATE": ("ALTER SERVER STATE",),
    "IMPERSONATE ANY LOGIN": (),
    "ALTER ANY LOGIN": (),
}
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
ROLE_GRANTS: dict[str, tuple[str, ...]] = {  # what fixed roles may, beyond sysadmin's everything
    "securityadmin": ("ALTER ANY LOGIN",),
    "serveradmin": ("ALTER SERVER STATE",),
    "dbcreator": ("ALTER ANY DATABASE",),
    "db_owner": ("CONTROL",),
    "db_datareader": ("SELECT",),
    "db_datawriter": ("INSERT", "UPDATE", "DELETE"),
    "db_accessadmin": ("ALTER ANY USER",),
    "db_securityadmin": ("VIEW DEFINITION",),
}
ROLE_DENIES: dict[str, tuple[str, ...]] = {
    "db_denydatareader": ("SELECT",),
    "db_denydatawriter": ("INSERT", "UPDATE", "DELETE"),
}
# A server permission that gives a permission in every database.
FROM_SERVER = {"SELECT": "SELECT ALL USER SECURABLES", "VIEW DEFINITION": "VIEW ANY DEFINITION"}
LOGON_DENIED = 0x5  # Windows error codes in message 15404: access denied, no such account
NO_SUCH_ACCOUNT = 0x534


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


def make_sid(name: str, *, windows: bool) -> bytes:
    """A sid that stays the same for a name: 28 bytes of a domain account, 16 of a SQL login."""
    if name == "sa":
        return b"\x01"
    digest = hashlib.sha256(name.casefold().encode()).digest()[:16]
    if not windows:
        return digest
    return bytes.fromhex("010500000000000515000000") + digest  # S-1-5-21-…


def login_sid(name: str, login: Login) -> bytes:
    return (
        bytes.fromhex(login.sid.removeprefix("0x"))
        if login.sid
        else make_sid(name, windows=login.kind != "sql")
    )


def owner_sid(twin: Twin, owner: str) -> bytes:
    login = twin.logins.get(owner)
    return login_sid(owner, login) if login else make_sid(owner, windows="\\" in owner)


def user_sid(name: str, user: User) -> bytes:
    if user.sid:
        return bytes.fromhex(user.sid.removeprefix("0x"))
    # A user without login has a sid of its own, S-1-9-3-…
    own = bytes.fromhex("010500000000000903000000") + make_sid(name, windows=False)
    return own if user.login is None else make_sid(user.login or name, windows=user.kind != "sql")


def check_login(
    twin: Twin, name: str, password: str, passwords: Mapping[str, str], *, integrated: bool = False
) -> str:
    """The login's name as the server spells it. Raises SqlError 18456 and its relatives."""
    if integrated:
        raise error(18452)
    found = find_login(twin, name)
    if found is None or found[1].kind != "sql" or not twin.server.mixed_mode:
        raise error(18456, name=name)
    spelt, login = found
    if spelt not in passwords or passwords[spelt] != password:
        raise error(18456, name=name)
    reasons = (
        (login.disabled, 18470),
        (login.locked, 18486),
        (login.must_change, 18488),
        (login.expired, 18487),
    )
    for reason, number in reasons:
        if reason:
            raise error(number, name=name)
    if not holds_server(twin, spelt, "CONNECT SQL"):
        raise error(18456, name=name)
    return spelt


def windows_groups(twin: Twin, account: str) -> list[str]:
    """The Windows groups of an account, nested ones too, as the directory spells them."""
    user = lookup(twin.windows.users, account, WINDOWS_NAMES)
    found: list[str] = []
    waiting = list(user[1].groups) if user else []
    while waiting:
        name = waiting.pop(0)
        if any(same_account(twin, name, known) for known in found):
            continue
        found.append(name)
        group = lookup(twin.windows.groups, name, WINDOWS_NAMES)
        waiting += group[1].groups if group else []
    return found


def own_logins(twin: Twin, context: str) -> list[tuple[str, Login]]:
    """The logins that count for a context: its own, and those of its Windows groups."""
    names = [context, *windows_groups(twin, context)]
    return [found for name in names if (found := find_login(twin, name)) is not None]


def server_roles(twin: Twin, context: str) -> list[str]:
    """The fixed server roles that the context is in, also through groups; without public."""
    return list(
        dict.fromkeys(role for _, login in own_logins(twin, context) for role in login.roles)
    )


def is_sysadmin(twin: Twin, context: str) -> bool:
    return "sysadmin" in server_roles(twin, context)


def holds_server(twin: Twin, context: str, permission: str) -> bool:
    """Whether the context holds a server permission. Denies do not reach members of sysadmin."""
    if is_sysadmin(twin, context):
        return True
    logins = [login for _, login in own_logins(twin, context)]
    wider = {permission, "CONTROL SERVER", *SERVER_PERMISSIONS.get(permission, ())}
    granted = {item for login in logins for item in login.grant}
    granted |= {item for role in server_roles(twin, context) for item in ROLE_GRANTS.get(role, ())}
    granted |= {"CONNECT SQL"} if any(login.connect for login in logins) else set()
    granted |= {"VIEW ANY DATABASE"} if twin.server.view_any_database else set()
    denied = {item for login in logins for item in login.deny}
    return bool(wider & granted) and not denied & {permission, "CONTROL SERVER"}


def check_impersonation(twin: Twin, context: str, name: str) -> str:
    """EXECUTE AS LOGIN: the login's name as the server spells it. Raises SqlError 15404 or 15406."""
    account = lookup(twin.windows.users, name, WINDOWS_NAMES)
    if account is not None and not account[1].readable:
        raise error(15404, name=name, code=hex(LOGON_DENIED))
    found = find_login(twin, name)
    if found is None and "\\" in name:
        if not is_sysadmin(twin, context):
            raise error(15406, name=name)
        if account is None:
            raise error(15404, name=name, code=hex(NO_SUCH_ACCOUNT))
        return account[0]
    if (
        found is None
        or found[1].kind == "windows_group"
        or not may_impersonate(twin, context, found[0])
    ):
        raise error(15406, name=name)
    return found[0]


def may_impersonate(twin: Twin, context: str, login: str) -> bool:
    if same_account(twin, context, login):
        return True
    if holds_server(twin, context, "CONTROL SERVER") or holds_server(
        twin, context, "IMPERSONATE ANY LOGIN"
    ):
        return True
    return any(
        same_account(twin, name, login)
        for _, own in own_logins(twin, context)
        for name in own.impersonate
    )


def mapped_users(twin: Twin, context: str, database: str) -> list[tuple[str, User]]:
    """The database's users whose sid is that of the context or of one of its groups; none for who is dbo there."""
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
    """Whether the context holds a permission on the database, or on a schema or object of it; a deny wins."""
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
    """Whether `SELECT [ON SCHEMA::s | ON s.o]` gives (or takes) one of the permissions on the target."""
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


def sees_login(twin: Twin, context: str, name: str) -> bool:
    """Metadata visibility: one's own login and sa, and all with VIEW ANY DEFINITION, ALTER ANY LOGIN or IMPERSONATE."""
    wide = holds_server(twin, context, "VIEW ANY DEFINITION") or holds_server(
        twin, context, "ALTER ANY LOGIN"
    )
    own = {login for login, _ in own_logins(twin, context)}
    return wide or name == "sa" or name in own or may_impersonate(twin, context, name)


def sees_database(twin: Twin, context: str, name: str) -> bool:
    """sys.databases shows all with VIEW ANY DATABASE, else master, tempdb and one's own."""
    own = twin.databases[name].owner == context
    return name in ("master", "tempdb") or own or holds_server(twin, context, "VIEW ANY DATABASE")


def sees_object(twin: Twin, context: str, database: str, target: Target) -> bool:
    """The catalog shows an object to who holds any permission on it."""
    return any(holds_database(twin, context, database, item, target) for item in OBJECT_PERMISSIONS)
