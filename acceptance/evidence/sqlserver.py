"""What SQL Server says of itself, its logins and its databases; one class per `sql/<section>.sql`.

Every section's batch answers with one row of the plain fields, then one result set per list, in the order of the fields.
Yes and no are 1 and 0 as SQL Server says them; None is its NULL, which the class explains.
"""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Unknown keys are errors, and nothing changes once it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class ServerSection(Strict):
    """`{"version": "15.0.4385.2", "edition": "Standard Edition (64-bit)", "windows_only": 0, ...}`. Source: SERVERPROPERTY."""

    version: str
    level: str
    edition: str
    engine_edition: int
    collation: str
    windows_only: int
    machine_name: str
    instance_name: str | None
    asked_as: str


class Database(Strict):
    """One row of sys.databases. `accessible` 0: the asking login cannot open it; None: it is gone.

    `is_read_only` 1: by its own setting, or as a secondary of an availability group.
    """

    name: str
    state: str
    collation: str | None
    compatibility_level: int
    is_read_only: int
    user_access: str
    accessible: int | None

    @property
    def obstacle(self) -> str:
        """Why nobody can count on writing to it, whatever the rights; "" for none."""
        if self.is_read_only:
            return "the database is read-only"
        return "the database takes a single user" if self.user_access == "SINGLE_USER" else ""


class DatabasesSection(Strict):
    """`sees_all` 0: databases may be hidden from the login that asked, so a missing one is not absent."""

    sees_all: int
    databases: list[Database]


class Login(Strict):
    """A server login. `connect_sql`: GRANT, DENY, or None where nothing was said of this login itself."""

    name: str
    type: str
    is_disabled: int
    connect_sql: str | None


class LoginsSection(Strict):
    """The service account's own login, none where it comes in by a group. `account_known` 0: its name has no SID here."""

    sees_all: int
    is_sysadmin: int
    account_known: int
    logins: list[Login]


class LoginToken(Strict):
    """A login that counts for the service account: its own or a group's. `usage`: GRANT OR DENY, DENY ONLY."""

    name: str
    type: str
    usage: str
    brings_sysadmin: int


class AccessibleDatabase(Strict):
    """HAS_DBACCESS of the service account; None: it is gone."""

    name: str
    accessible: int | None


class RightsSection(Strict):
    """Asked as the service account. `tokens` empty: the account exists, but no login lets it in."""

    asked_as: str
    is_sysadmin: int | None
    control_server: int | None
    connect_sql: int | None
    tokens: list[LoginToken]
    databases: list[AccessibleDatabase]


class BacoLogin(Strict):
    """A server login called BACO. `is_locked`, `is_expired`, `is_must_change`: None where it is no SQL login."""

    name: str
    type: str
    is_disabled: int
    default_database: str | None
    is_locked: int | None
    is_expired: int | None
    is_must_change: int | None
    connect_sql: str | None

    @property
    def partly_hidden(self) -> bool:
        """Whether something is not told that may only be hidden from who lacks VIEW ANY DEFINITION."""
        of_password = (
            (self.is_locked, self.is_expired, self.is_must_change)
            if self.type == "SQL_LOGIN"
            else ()
        )
        return None in (self.connect_sql, *of_password)

    def obstacles(self, server: ServerSection) -> list[str]:
        """Why nobody can log in with it; empty: it can be used."""
        found = {
            "disabled": bool(self.is_disabled),
            "CONNECT SQL is denied": self.connect_sql == "DENY",
            "CONNECT SQL is not granted": self.connect_sql is None,
            "locked": bool(self.is_locked),
            "password expired": bool(self.is_expired),
            "password must be changed": bool(self.is_must_change),
            "the server takes Windows logins only": self.type == "SQL_LOGIN"
            and bool(server.windows_only),
        }
        return [obstacle for obstacle, holds in found.items() if holds]


class BacoSection(Strict):
    """`sees_all` 0: logins may be hidden from the login that asked."""

    sees_all: int
    logins: list[BacoLogin]


class AccessSection(Strict):
    """The service account in one database. `tables`: how many we see ourselves; `tables_select`: how many of them it may read."""

    sees_all: int | None
    user_name: str | None
    can_select: int | None
    can_insert: int | None
    can_update: int | None
    can_delete: int | None
    is_owner: int | None
    is_datareader: int | None
    is_datawriter: int | None
    tables: int
    tables_select: int
    tables_insert: int
    tables_update: int
    tables_delete: int


class Principal(Strict):
    """A database user or role; `login` None: none of that SID is on the server (or none that we may see)."""

    name: str
    type: str
    authentication: str | None
    login: str | None

    @property
    def is_user(self) -> bool:
        """No role: `SQL_USER`, `WINDOWS_USER`, `WINDOWS_GROUP`, ... of sys.database_principals."""
        return self.type.endswith(("_USER", "_GROUP"))

    @property
    def belongs(self) -> bool:
        """A user of BACO's login."""
        return self.is_user and (self.login or "").upper() == "BACO"

    @property
    def cut_off(self) -> bool:
        """A user that authenticates by a login of the server (INSTANCE), but not by BACO's: orphaned, or another's."""
        return self.is_user and self.authentication == "INSTANCE" and not self.belongs

    def __str__(self) -> str:
        if not self.is_user:
            return f"{self.type.lower().replace('_', ' ')} {self.name}"
        if self.login is None and self.authentication != "INSTANCE":
            return f"user {self.name}, of no login (authentication {self.authentication})"
        return f"user {self.name}, {f'of login {self.login}' if self.login else 'ORPHANED: no login has its SID'}"


class PrincipalsSection(Strict):
    """`sees_all`, `sees_logins` 0: users or logins may be hidden from the login that asked."""

    sees_all: int | None
    sees_logins: int
    principals: list[Principal]
