r"""Who may do what on the server: logins, server roles, Windows groups, impersonation.

A security context is a login's name, or a Windows account that has no login of its own. Everything
is worked out
from the twin at each question, so that a test may change the twin while a session is open.
"""

import hashlib
from collections.abc import Mapping

from acceptance.simulator.sqlserver.errors import error
from acceptance.simulator.sqlserver.state import (
    WINDOWS_NAMES,
    Login,
    Twin,
    find_login,
    lookup,
    same_account,
)

# Permission: the wider permissions of the same level that include it. CONTROL (SERVER) includes
# all.
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
LOGON_DENIED = 0x5  # Windows error codes in message 15404: access denied, no such account
NO_SUCH_ACCOUNT = 0x534


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
    """EXECUTE AS LOGIN: the login's name as the server spells it. Raises SqlError 15404 or
    15406."""
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


def sees_login(twin: Twin, context: str, name: str) -> bool:
    """Metadata visibility: one's own login and sa, and all with VIEW ANY DEFINITION, ALTER ANY
    LOGIN or IMPERSONATE."""
    wide = holds_server(twin, context, "VIEW ANY DEFINITION") or holds_server(
        twin, context, "ALTER ANY LOGIN"
    )
    own = {login for login, _ in own_logins(twin, context)}
    return wide or name == "sa" or name in own or may_impersonate(twin, context, name)


def sees_database(twin: Twin, context: str, name: str) -> bool:
    """sys.databases shows all with VIEW ANY DATABASE, else master, tempdb and one's own."""
    own = twin.databases[name].owner == context
    return name in ("master", "tempdb") or own or holds_server(twin, context, "VIEW ANY DATABASE")
