r"""A twin's SQL Server as data: server, Windows directory, logins, databases. Everything may be
changed while it runs.

>>> twin = load_twin("sql-compliant")
>>> twin.logins["BACO"].disabled = True
>>> del twin.databases["Synergy"].tables["humres"].columns["usr_id"]
"""

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeVar
from weakref import WeakSet

from acceptance.simulator.sqlserver.collations import fold
from acceptance.simulator.sqlserver.sqltypes import parse_type
from acceptance.simulator.twinfiles import read_twin
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

ServerRole = Literal[
    "sysadmin", "securityadmin", "serveradmin", "setupadmin", "processadmin", "diskadmin",
    "dbcreator", "bulkadmin",
]  # fmt: skip
DATABASE_ROLES = (
    "db_owner", "db_accessadmin", "db_securityadmin", "db_ddladmin", "db_backupoperator",
    "db_datareader", "db_datawriter", "db_denydatareader", "db_denydatawriter",
)  # fmt: skip
WINDOWS_NAMES = "Latin1_General_CI_AS"  # how names of domain accounts compare on every server
SYSTEM_DATABASES = ("master", "tempdb", "model", "msdb")

# opt_0..opt_508: columns whose names only differ in a number
_RANGE = re.compile(r"(\w*?)(\d+)\.\.\1(\d+)\Z")
Named = TypeVar("Named")
Kind = Literal["sql", "windows_user", "windows_group"]
State = Literal[
    "ONLINE", "RESTORING", "RECOVERING", "RECOVERY_PENDING", "SUSPECT", "EMERGENCY", "OFFLINE"
]


class Strict(BaseModel):
    """Unknown keys are errors: a misspelt fault would otherwise change nothing."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Server(Strict):
    """SERVERPROPERTY's values; `instance` is None for the default instance."""

    name: str
    version: str = "15.0.4385.2"
    level: str = "RTM"
    edition: str = "Standard Edition (64-bit)"
    engine_edition: int = 2
    collation: str = "Latin1_General_CI_AS"
    instance: str | None = None
    mixed_mode: bool = True
    properties: dict[str, Any] = Field(default_factory=dict)  # more of SERVERPROPERTY
    view_any_database: bool = True  # granted to public, as after set-up

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


class WindowsAccount(Strict):
    """A user or group of the directory: the groups it is in, and whether SQL Server can read it
    from the domain."""

    groups: list[str] = Field(default_factory=list)
    readable: bool = True


class Windows(Strict):
    """The domain as SQL Server sees it. Keys are DOMAIN\\name."""

    users: dict[str, WindowsAccount] = Field(default_factory=dict)
    groups: dict[str, WindowsAccount] = Field(default_factory=dict)

    def find_user(self, name: str) -> tuple[str, WindowsAccount] | None:
        return lookup(self.users, name, WINDOWS_NAMES)

    def find_group(self, name: str) -> tuple[str, WindowsAccount] | None:
        return lookup(self.groups, name, WINDOWS_NAMES)


class Grants(Strict):
    """What logins, users and roles were granted and denied: `SELECT`, `SELECT ON SCHEMA::dbo`,
    `SELECT ON dbo.humres`, and `SELECT ON dbo.humres(usr_id)` for one column."""

    grant: list[str] = Field(default_factory=list)
    deny: list[str] = Field(default_factory=list)


class Login(Grants):
    """A server login. `impersonate` lists logins on which it has IMPERSONATE."""

    kind: Kind = "sql"
    roles: list[ServerRole] = Field(default_factory=list)
    impersonate: list[str] = Field(default_factory=list)
    disabled: bool = False
    connect: bool = True  # CONNECT SQL, as granted when a login is created
    locked: bool = False
    expired: bool = False
    must_change: bool = False
    policy_checked: bool = True
    expiration_checked: bool = False
    default_database: str = "master"
    sid: str | None = None  # hexadecimal; default: made from the name


class Role(Grants):
    """A database role that is not fixed."""

    roles: list[str] = Field(default_factory=list)


class User(Role):
    """A database user. Without the login of its sid on the server it is orphaned; `login: null` has
    none at all.
    """

    kind: Kind = "sql"
    login: str | None = ""  # "": the login of the same name
    sid: str | None = None
    connect: bool = True


class Table(Strict):
    """Columns with their declared types, and rows; a column that a row leaves out is NULL.

    `held`: what another session does to whoever reads it: locks it out, wins a deadlock, kills it.
    """

    held: Literal["locked", "deadlocked", "killed"] | None = None
    columns: dict[str, str]
    # of columns that have another one than the database
    collations: dict[str, str] = Field(default_factory=dict)
    rows: list[dict[str, Any]] = Field(default_factory=list)

    @field_validator("columns", mode="before")
    @classmethod
    def _expand_ranges(cls, written: dict[str, str]) -> dict[str, str]:
        out = {}
        for name, declared in written.items():
            parse_type(declared)
            found = _RANGE.match(str(name))
            if found is None:
                out[str(name)] = declared
                continue
            for number in range(int(found[2]), int(found[3]) + 1):
                out[f"{found[1]}{number}"] = declared
        return out

    @model_validator(mode="after")
    def _rows_have_columns(self) -> "Table":
        unknown = set(self.collations).union(*self.rows) - set(self.columns)
        if unknown:
            raise ValueError(f"rows or collations name columns that the table has not: {unknown}")
        return self


class Database(Strict):
    """A database. Table keys are `name` (schema dbo) or `schema.name`."""

    state: State = "ONLINE"
    collation: str | None = None  # default: the server's
    compatibility_level: int = 150
    read_only: bool = False
    # A readable secondary of an availability group: is_read_only stays 0.
    secondary: bool = False
    user_access: Literal["MULTI_USER", "SINGLE_USER", "RESTRICTED_USER"] = "MULTI_USER"
    owner: str = "sa"
    guest: bool = False  # whether guest may connect
    users: dict[str, User] = Field(default_factory=dict)
    roles: dict[str, Role] = Field(default_factory=dict)
    application_roles: list[str] = Field(default_factory=list)
    tables: dict[str, Table] = Field(default_factory=dict)


class Twin(Strict):
    """All of it. The four system databases and the login sa are there without being named.

    `views`: rows of those views.yaml's views that no other part of the twin fills, by column.
    """

    server: Server
    windows: Windows = Field(default_factory=Windows)
    logins: dict[str, Login] = Field(default_factory=dict)
    databases: dict[str, Database] = Field(default_factory=dict)
    views: dict[str, list[dict[str, Any]]] = Field(default_factory=dict)
    _sessions: WeakSet[Any] = PrivateAttr(default_factory=WeakSet)

    @property
    def sessions(self) -> WeakSet[Any]:
        """Who is logged in: each has a `database` that it is in."""
        return self._sessions

    def find_database(self, name: str) -> tuple[str, Database] | None:
        return lookup(self.databases, name, self.server.collation)

    def find_login(self, name: str) -> tuple[str, Login] | None:
        """A login by name, compared as same_account does."""
        return lookup(self.logins, name, self._collation_of(name))

    def same_account(self, one: str, other: str) -> bool:
        """Windows names are compared without case, since their sid decides; SQL logins as the
        server's collation says."""
        collation = self._collation_of(one)
        return fold(one, collation) == fold(other, collation)

    def _collation_of(self, account: str) -> str:
        return WINDOWS_NAMES if "\\" in account else self.server.collation

    @model_validator(mode="after")
    def _built_in(self) -> "Twin":
        self.logins = {"sa": Login(roles=["sysadmin"])} | self.logins
        system = {name: Database(guest=name != "model") for name in SYSTEM_DATABASES}
        self.databases = system | self.databases
        return self


def load_twin(name: str) -> Twin:
    """The twin of simulator/twins/<name>.yaml, fresh; it may `extends` another.

    Raises pydantic's ValidationError, which names the key.
    """
    return Twin.model_validate(read_twin(name))


def lookup(items: Mapping[str, Named], name: str, collation: str) -> tuple[str, Named] | None:
    """The item of this name, compared as the collation says, with its name as it is spelt in
    the twin."""
    if name in items:
        return name, items[name]
    wanted = fold(name, collation)
    return next(
        ((key, value) for key, value in items.items() if fold(key, collation) == wanted), None
    )


def table_key(key: str) -> tuple[str, str]:
    """Schema and name of a key of Database.tables."""
    schema, _, name = key.rpartition(".")
    return schema or "dbo", name
