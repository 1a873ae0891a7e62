"""Who may do what in a database: users by their sids, roles, grants and denies; a deny wins."""

from collections.abc import Iterator
from typing import NamedTuple

from acceptance.simulator.sqlserver.errors import error
from acceptance.simulator.sqlserver.security import Eyes, make_sid, nested, sid_of
from acceptance.simulator.sqlserver.sqltypes import SqlType, parse_type
from acceptance.simulator.sqlserver.state import Database, Role, User, lookup, table_key

# By securable class of HAS_PERMS_BY_NAME: what the collectors ask for.
ON_DATA = ("SELECT", "INSERT", "UPDATE", "DELETE")
KNOWN_PERMISSIONS = {
    "SERVER": ("CONTROL SERVER", "CONNECT SQL", "VIEW ANY DEFINITION", "VIEW ANY DATABASE"),
    "DATABASE": (*ON_DATA, "VIEW DEFINITION"),
    "OBJECT": ON_DATA,
}
# What the fixed database roles may, and may not.
ROLE_RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "grant": {
        "db_owner": ("CONTROL",),
        "db_datareader": ("SELECT",),
        "db_datawriter": ("INSERT", "UPDATE", "DELETE"),
        "db_accessadmin": ("ALTER ANY USER",),
        "db_securityadmin": ("VIEW DEFINITION",),
    },
    "deny": {
        "db_denydatareader": ("SELECT",),
        "db_denydatawriter": ("INSERT", "UPDATE", "DELETE"),
    },
}
UNRESTRICTED = ("sysadmin", "dbcreator", "db_owner")  # come into a RESTRICTED_USER database
# A server permission that gives a permission in every database.
FROM_SERVER = {"SELECT": "SELECT ALL USER SECURABLES", "VIEW DEFINITION": "VIEW ANY DEFINITION"}


class Inside(NamedTuple):
    """A security context in a database."""

    eyes: Eyes
    name: str

    @property
    def database(self) -> Database:
        return self.eyes.twin.databases[self.name]

    @property
    def collation(self) -> str:
        return self.database.collation or self.eyes.twin.server.collation

    @property
    def is_dbo(self) -> bool:
        owns = self.eyes.twin.same_account(self.database.owner, self.eyes.name)
        return owns or self.eyes.is_sysadmin

    def users(self) -> dict[str, User]:
        """The users whose sid is that of the context or of one of its groups; none for dbo."""
        if self.is_dbo:
            return {}
        accounts = [self.eyes.name, *self.eyes.groups()]
        sids = {make_sid(name, windows=True) for name in accounts if "\\" in name}
        sids |= {sid_of(name, login) for name, login in self.eyes.logins().items()}
        found = {}
        for name, user in self.database.users.items():
            if user.login is not None and sid_of(name, user) in sids:
                found[name] = user
        return found

    def user_name(self) -> str | None:
        """USER_NAME(), or None where the context has no access."""
        if self.is_dbo:
            return "dbo"
        users = self.users()
        if users:
            entries = users.values()
            allowed = all(user.connect and "CONNECT" not in user.deny for user in entries)
            return next(iter(users)) if allowed else None
        if self.eyes.holds("CONTROL SERVER"):
            return "dbo"
        return "guest" if self.database.guest or self.eyes.holds("CONNECT ANY DATABASE") else None

    def roles(self) -> list[str]:
        """The database roles that the context is in, nested ones too; without public."""
        if self.is_dbo:
            return ["db_owner"]
        direct = [role for user in self.users().values() for role in user.roles]
        known = self.database.roles
        return nested(direct, lambda role: known.get(role, Role()).roles)

    def holds(self, permission: str, schema: str = "", name: str = "", column: str = "") -> bool:
        """Whether it holds a permission on the database, or on a table of it; a deny wins."""
        user = self.user_name()
        if user is None or user == "dbo":
            return user is not None
        covering = _covering(permission, schema, name, column)
        if not covering.isdisjoint(self._statements("deny")):
            return False
        if permission in FROM_SERVER and self.eyes.holds(FROM_SERVER[permission]):
            return True
        return not covering.isdisjoint(self._statements("grant"))

    def _statements(self, verb: str) -> Iterator[str]:
        """`SELECT`, `SELECT ON SCHEMA::dbo`, … of the context's users and roles."""
        for user in self.users().values():
            yield from getattr(user, verb)
        for role in self.roles():
            own = self.database.roles.get(role)
            yield from getattr(own, verb) if own else ROLE_RIGHTS[verb].get(role, ())

    def sees(self, schema: str, name: str) -> bool:
        """The catalog shows an object to who holds any permission on it."""
        return any(self.holds(one, schema, name) for one in KNOWN_PERMISSIONS["DATABASE"])

    def column_types(self, key: str) -> dict[str, SqlType]:
        """A table's columns, their types with their collations."""
        table = self.database.tables[key]
        return {
            name: parse_type(declared).collated(table.collations.get(name, self.collation))
            for name, declared in table.columns.items()
        }

    def names_columns(self) -> bool:
        """Whether anybody has a grant or a deny on single columns here."""
        members = (*self.database.users.values(), *self.database.roles.values())
        return any("(" in text for member in members for text in member.grant + member.deny)

    def find_table(self, schema: str, name: str) -> str | None:
        """The key of a table, compared as the database's collation says."""
        keys = {".".join(table_key(key)): key for key in self.database.tables}
        found = lookup(keys, f"{schema or 'dbo'}.{name}", self.collation)
        return found[1] if found else None


def check_access(eyes: Eyes, name: str, session: object = None) -> str:
    """The database's name as it is spelt. Raises SqlError 911, 916, 923, 924 or 942.

    A database in SINGLE_USER takes one session at a time, whoever comes first.
    """
    found = eyes.twin.find_database(name)
    if found is None:
        raise error(911, name=name)
    spelt, database = found
    if database.state not in ("ONLINE", "EMERGENCY"):
        raise error(942, name=spelt)
    others = [one for one in eyes.twin.sessions if one is not session and one.database == spelt]
    if database.user_access == "SINGLE_USER" and others:
        raise error(924, name=spelt)
    inside = Inside(eyes, spelt)
    if inside.user_name() is None:
        raise error(916, login=eyes.name, name=spelt)
    roles = {*eyes.roles(), *inside.roles()}
    if database.user_access == "RESTRICTED_USER" and roles.isdisjoint(UNRESTRICTED):
        raise error(923, name=spelt)
    return spelt


def _covering(permission: str, schema: str, name: str, column: str) -> set[str]:
    """The grants, or denies, that reach it: `SELECT`, `SELECT ON SCHEMA::dbo`, …"""
    places = [""]
    if name:
        table = f" ON {schema}.{name}"
        places += [f" ON SCHEMA::{schema}", table, f"{table}({column})"]
    return {wider + place for wider in (permission, "CONTROL") for place in places}
