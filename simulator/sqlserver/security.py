r"""Who may do what on the server: logins, server roles, Windows groups, impersonation.

A security context is a login's name, or a Windows account that has no login of its own. Everything
is worked out from the twin at each question, so that a test may change the twin while a session is
open.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from acceptance.simulator.sqlserver.errors import error
from acceptance.simulator.sqlserver.state import Login, Twin, User, WindowsAccount

# Beside CONTROL SERVER, which includes all: the wider permissions that include one.
WIDER: dict[str, set[str]] = {"VIEW ANY DATABASE": {"VIEW ANY DEFINITION", "ALTER ANY DATABASE"}}
ROLE_GRANTS: dict[str, tuple[str, ...]] = {  # what fixed roles may, beyond sysadmin's everything
    "securityadmin": ("ALTER ANY LOGIN",),
    "dbcreator": ("ALTER ANY DATABASE",),
}
LOGON_DENIED, NO_SUCH_ACCOUNT = 0x5, 0x534  # Windows error codes in message 15404


def make_sid(name: str, *, windows: bool) -> bytes:
    """A sid that stays the same for a name: 28 bytes of a domain account, 16 of a SQL login."""
    if name == "sa":
        return b"\x01"
    digest = hashlib.sha256(name.casefold().encode()).digest()[:16]
    domain = bytes.fromhex("010500000000000515000000")  # S-1-5-21-…
    return domain + digest if windows else digest


def sid_of(name: str, entry: Login | User) -> bytes:
    """Of a login, or of a user: a user without login has one of its own, S-1-9-3-…"""
    if entry.sid:
        return bytes.fromhex(entry.sid.removeprefix("0x"))
    login = entry.login if isinstance(entry, User) else name
    if login is None:
        return bytes.fromhex("010500000000000903000000") + make_sid(name, windows=False)
    return make_sid(login or name, windows=entry.kind != "sql")


def nested(names: Iterable[str], above: Callable[[str], Iterable[str]]) -> list[str]:
    """These groups or roles and those that they are in, each once."""
    found: list[str] = []
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting += above(name)
    return found


class Eyes(NamedTuple):
    """A security context on the server."""

    twin: Twin
    name: str

    def groups(self) -> list[str]:
        """The Windows groups of an account, nested ones too."""
        windows, nobody = self.twin.windows, ("", WindowsAccount())
        _, user = windows.find_user(self.name) or nobody
        return nested(user.groups, lambda name: (windows.find_group(name) or nobody)[1].groups)

    def logins(self) -> dict[str, Login]:
        """The logins that count: the context's own, and those of its Windows groups."""
        found = map(self.twin.find_login, (self.name, *self.groups()))
        return dict(filter(None, found))

    def roles(self) -> list[str]:
        """The fixed server roles that it is in, also through groups; without public."""
        return list(dict.fromkeys(role for login in self.logins().values() for role in login.roles))

    @property
    def is_sysadmin(self) -> bool:
        return "sysadmin" in self.roles()

    def holds(self, *permissions: str) -> bool:
        """Whether it holds one of these. Denies do not reach members of sysadmin."""
        return self.is_sysadmin or any(map(self._holds, permissions))

    def _holds(self, permission: str) -> bool:
        logins = self.logins().values()
        denied = {item for login in logins for item in login.deny}
        granted: set[str] = set()
        for login in logins:
            granted.update(login.grant, ["CONNECT SQL"] * login.connect)
        for role in self.roles():
            granted.update(ROLE_GRANTS.get(role, ()))
        if self.twin.server.view_any_database:
            granted.add("VIEW ANY DATABASE")
        own = {permission, "CONTROL SERVER"}
        return bool((own | WIDER.get(permission, set())) & granted) and not denied & own

    def may_become(self, login: str) -> bool:
        """Whether it may impersonate a login."""
        if self.holds("CONTROL SERVER", "IMPERSONATE ANY LOGIN"):
            return True
        given = [name for own in self.logins().values() for name in own.impersonate]
        return any(self.twin.same_account(name, login) for name in (self.name, *given))

    def sees_login(self, name: str) -> bool:
        """Metadata visibility: one's own login and sa, and all with a right on logins."""
        if name == "sa" or name in self.logins():
            return True
        return self.holds("VIEW ANY DEFINITION", "ALTER ANY LOGIN") or self.may_become(name)

    def sees_database(self, name: str) -> bool:
        """sys.databases shows all with VIEW ANY DATABASE, else master, tempdb and one's own."""
        own = self.twin.databases[name].owner == self.name
        return name in ("master", "tempdb") or own or self.holds("VIEW ANY DATABASE")


def check_login(
    twin: Twin, name: str, password: str, passwords: Mapping[str, str], *, integrated: bool = False
) -> str:
    """The login's name as the server spells it. Raises SqlError 18456 and its relatives."""
    if integrated:
        raise error(18452)
    spelt, login = twin.find_login(name) or ("", Login(kind="windows_user"))
    known = login.kind == "sql" and twin.server.mixed_mode
    if not known or passwords.get(spelt) != password:
        raise error(18456, name=name)
    reasons = {
        18470: login.disabled,
        18486: login.locked,
        18488: login.must_change,
        18487: login.expired,
        18456: not Eyes(twin, spelt).holds("CONNECT SQL"),
    }
    for number, holds in reasons.items():
        if holds:
            raise error(number, name=name)
    return spelt


def check_impersonation(eyes: Eyes, name: str) -> str:
    """EXECUTE AS LOGIN: the login's name as it is spelt. Raises SqlError 15404 or 15406."""
    account = eyes.twin.windows.find_user(name)
    if account is not None and not account[1].readable:
        raise error(15404, name=name, code=hex(LOGON_DENIED))
    found = eyes.twin.find_login(name)
    if found is None and "\\" in name and eyes.is_sysadmin:
        if account is None:
            raise error(15404, name=name, code=hex(NO_SUCH_ACCOUNT))
        return account[0]
    if found is None or found[1].kind == "windows_group" or not eyes.may_become(found[0]):
        raise error(15406, name=name)
    return found[0]
