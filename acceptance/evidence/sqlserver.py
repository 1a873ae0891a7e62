"""What SQL Server says of itself, its logins and its databases; one class per `sql/<section>.sql`.

Every section's batch answers with one row of the plain fields, then one result set per list,
in the order of the fields. Yes and no are 1 and 0 as SQL Server says them;
None is its NULL, which the class explains.
"""

from typing import Annotated, Literal

from acceptance.evidence.envelope import Strict
from acceptance.evidence.shapes import Count, Flag, once_exactly
from acceptance.text import Sentence, said


class Replica(Strict):
    """A server of an availability group,
    by the name that it gives itself (SERVERPROPERTY('ServerName')).
    """

    name: str


class ServerSection(Strict):
    """`{"version": "15.0.4385.2", "edition": "Standard Edition (64-bit)", "windows_only": 0, ...}`.
    Source: SERVERPROPERTY.

    `answered_on`: the machine that answered,
    one of several behind a cluster's or a listener's name. `hadr` 1: it may have availability
    groups, whose `replicas` are named, itself among them. None: not read.
    """

    version: str
    level: str
    edition: str
    engine_edition: int
    collation: str
    windows_only: Flag
    machine_name: str | None
    instance_name: str | None
    asked_as: str
    server_name: str | None = None
    answered_on: str | None = None
    hadr: Flag | None = None
    sees_replicas: Flag | None = None
    replicas: list[Replica] = []


READ_ONLY = "the database is read-only"
CLOSED_TO_MANY = {
    "SINGLE_USER": "the database takes a single user",
    "RESTRICTED_USER": "the database takes db_owner, dbcreator and sysadmin only",
}


class Database(Strict):
    """One row of sys.databases. `accessible` 0: the asking login cannot open it; None: it is gone.

    `is_read_only` 1: by its own setting, or as a secondary of an availability group.
    `exact_tables` 1: one of Exact's tables was seen there;
    None: nobody could look, or they may be hidden.
    """

    name: str
    state: str
    collation: str | None
    compatibility_level: int
    is_read_only: Flag
    user_access: Literal["MULTI_USER", "SINGLE_USER", "RESTRICTED_USER"]
    accessible: Flag | None
    exact_tables: Flag | None = None

    @property
    def obstacle(self) -> str:
        """Why nobody can count on writing to it, whatever the rights; "" for none."""
        return READ_ONLY if self.is_read_only else self.closed

    @property
    def closed(self) -> str:
        """Why not everybody with rights in it can open it; "" for none."""
        return CLOSED_TO_MANY.get(self.user_access, "")


class DatabasesSection(Strict):
    """`sees_all` 0: databases may be hidden from the login that asked,
    so a missing one is not absent.

    `case_sensitive`: how this server compares the names of databases and logins; None: not read.
    """

    sees_all: Flag
    case_sensitive: Flag | None = None
    databases: Annotated[list[Database], once_exactly("name")]

    def named(self, name: str) -> list[Database]:
        """The databases of that name as this server compares names;
        several only where it did not say how it does.
        """
        exactly = [one for one in self.databases if one.name == name]
        return exactly if exactly or self.case_sensitive else self._in_any_case(name)

    def misspelt(self, name: str) -> list[str]:
        """Where no database has that name: those whose names differ from it in case only."""
        return [] if self.named(name) else [one.name for one in self._in_any_case(name)]

    def _in_any_case(self, name: str) -> list[Database]:
        return [one for one in self.databases if one.name.casefold() == name.casefold()]


class Login(Strict):
    """A server login. `connect_sql`: GRANT, DENY,
    or None where nothing was said of this login itself.

    `sid`: as SQL Server stores it, hexadecimal:
    Windows lets its account in by that, not by the name. None: not read.
    """

    name: str
    sid: str | None = None
    type: str
    is_disabled: Flag
    connect_sql: Literal["GRANT", "DENY", "GRANT_WITH_GRANT_OPTION", "REVOKE"] | None


class LoginsSection(Strict):
    """A login stands there once for each grantor who granted or denied it CONNECT SQL.

    The service account's own login, by SID or by name; none where it comes in by a group.

    `account_known` 0: its name has no SID here.
    """

    sees_all: Flag
    is_sysadmin: Flag
    account_known: Flag
    logins: Annotated[list[Login], once_exactly("name", "connect_sql")]


class LoginToken(Strict):
    """A login that counts for the service account: its own or a group's.

    `usage`: GRANT OR DENY, DENY ONLY.
    """

    name: str
    type: str
    usage: Literal["GRANT OR DENY", "DENY ONLY", "AUTHENTICATOR"]
    brings_sysadmin: Flag


class AccessibleDatabase(Strict):
    """HAS_DBACCESS of the service account; None: it is gone."""

    name: str
    accessible: Flag | None


class RightsSection(Strict):
    """Asked as the service account. `tokens` empty: the account exists, but no login lets it in."""

    asked_as: str
    is_sysadmin: Flag | None
    control_server: Flag | None
    connect_sql: Flag | None
    tokens: list[LoginToken]
    databases: Annotated[list[AccessibleDatabase], once_exactly("name")]

    @property
    def letting_in(self) -> list[LoginToken]:
        """The logins that can give it something;
        a token for DENY ONLY takes rights away and gives none.
        """
        return [token for token in self.tokens if token.usage != "DENY ONLY"]


class BacoLogin(Strict):
    """A server login called BACO in some case.
    `is_locked`, `is_expired`, `is_must_change`: None where it is no SQL login.

    `by_server` 0: the server, by its own collation, does not take the name for BACO.
    `sysadmin`: whether it is one; `connect_by_role`: how many
    of its server roles grant CONNECT SQL. None: not read.
    """

    name: str
    by_server: Flag | None = None
    type: str
    is_disabled: Flag
    default_database: str | None
    is_locked: Flag | None
    is_expired: Flag | None
    is_must_change: Flag | None
    connect_sql: Literal["GRANT", "DENY", "GRANT_WITH_GRANT_OPTION", "REVOKE"] | None
    sysadmin: Flag | None = None
    connect_by_role: Count | None = None

    @property
    def is_baco(self) -> bool:
        """Whether who logs in as BACO is taken to this login."""
        return self.name == "BACO" or bool(self.by_server)

    @property
    def connect(self) -> str:
        """CONNECT SQL as it counts: "" it may;
        no DENY stops a sysadmin, and a role's grant is as good as its own.
        """
        if self.sysadmin:
            return ""
        if self.connect_sql == "DENY":
            return "CONNECT SQL is denied"
        return "" if self.connect_sql or self.connect_by_role else "CONNECT SQL is not granted"

    @property
    def partly_hidden(self) -> bool:
        """Whether something is not told that may only be hidden from who lacks VIEW ANY
        DEFINITION.
        """
        of_password = (
            (self.is_locked, self.is_expired, self.is_must_change)
            if self.type == "SQL_LOGIN"
            else ()
        )
        return None in (self.connect_sql, *of_password)

    def obstacles(self, server: ServerSection) -> list[Sentence]:
        """Why nobody can log in with it; empty: it can be used."""
        found = {
            "disabled": bool(self.is_disabled),
            self.connect: bool(self.connect),
            "locked": bool(self.is_locked),
            "password expired": bool(self.is_expired),
            "password must be changed": bool(self.is_must_change),
            "the server takes Windows logins only": self.type == "SQL_LOGIN"
            and bool(server.windows_only),
        }
        return [said(obstacle) for obstacle, holds in found.items() if holds]


class BacoSection(Strict):
    """`sees_all` 0: logins may be hidden from the login that asked."""

    sees_all: Flag
    logins: Annotated[list[BacoLogin], once_exactly("name", "connect_sql")]


class AccessSection(Strict):
    """The service account in one database. `tables`: how many we see ourselves;
    `tables_select`: how many of them it may read.

    `denied_columns`: how many columns are denied to anybody,
    which no answer about a whole table tells; None: not read.
    """

    sees_all: Flag | None
    denied_columns: Count | None = None
    user_name: str | None
    can_select: Flag | None
    can_insert: Flag | None
    can_update: Flag | None
    can_delete: Flag | None
    is_owner: Flag | None
    is_datareader: Flag | None
    is_datawriter: Flag | None
    tables: Count
    tables_select: Count
    tables_insert: Count
    tables_update: Count
    tables_delete: Count


class Principal(Strict):
    """A database user or role; `login` None: none of that SID is on the server (or none
    that we may see).

    `by_database`, `login_by_server` 0: the database, or the server,
    does not take the name for BACO; None: not read.
    """

    name: str
    type: str
    authentication: str | None
    login: str | None
    by_database: Flag | None = None
    login_by_server: Flag | None = None

    @property
    def is_user(self) -> bool:
        """No role: `SQL_USER`, `WINDOWS_USER`, `WINDOWS_GROUP`, ... of sys.database_principals."""
        return self.type.endswith(("_USER", "_GROUP"))

    @property
    def belongs(self) -> bool:
        """A user of BACO's login."""
        return self.is_user and (self.login == "BACO" or bool(self.login_by_server))

    @property
    def cut_off(self) -> bool:
        """A user that authenticates by a login of the server (INSTANCE), but not by BACO's:
        orphaned, or another's.
        """
        return self.is_user and self.authentication == "INSTANCE" and not self.belongs

    def in_words(self) -> Sentence:
        """What it is, and whose login it belongs to."""
        if not self.is_user:
            kind = self.type.lower().replace("_", " ")
            return said("{kind} {name}", kind=kind, name=self.name)
        if self.login is not None:
            return said("user {name}, of login {login}", name=self.name, login=self.login)
        if self.authentication != "INSTANCE":
            text = "user {name}, of no login (authentication {authentication})"
            return said(text, name=self.name, authentication=str(self.authentication))
        return said("user {name}, ORPHANED: no login has its SID", name=self.name)


class PrincipalsSection(Strict):
    """`sees_all`, `sees_logins` 0: users or logins may be hidden from the login that asked."""

    sees_all: Flag | None
    sees_logins: Count
    principals: list[Principal]
