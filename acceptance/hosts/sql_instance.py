"""`SqlInstance`: one SQL Server's evidence, with typed properties over it; what was not read raises, it is never "absent".

>>> sql.server.version
'15.0.4385.2'
>>> [login.name for login in sql.baco_logins()]
['BACO']
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from acceptance.errors import UnreadError
from acceptance.evidence.envelope import Unread
from acceptance.evidence.exact import (
    RELEASE_TABLES,
    LicenceSection,
    OptionsSection,
    PersonSection,
    ProductSection,
    ReleaseSection,
    RolesSection,
)
from acceptance.evidence.sql import DatabaseSections, ServerSections, SqlEvidence
from acceptance.evidence.sqlserver import (
    AccessSection,
    BacoLogin,
    DatabasesSection,
    Login,
    LoginsSection,
    Principal,
    RightsSection,
    ServerSection,
)
from acceptance.hosts import sql_checks
from acceptance.hosts.reading import read
from acceptance.hosts.sql_rights import MISSING, Reach, reading, writing
from acceptance.text import NOTHING, Sentence

LOGINS = (
    "SQL_LOGIN",
    "WINDOWS_LOGIN",
    "WINDOWS_GROUP",
    "EXTERNAL_LOGIN",
    "EXTERNAL_GROUP",
)  # a server role is none
# sys.messages: "... because the principal does not exist, ... or you do not have permission"
NO_SUCH_PRINCIPAL = 15406


@dataclass(frozen=True)
class Expected:
    """What one SQL Server should be, by the inventory and the customer's other servers.

    `exact` and `clickker`: the databases here. `account`: DOMAIN\\user; `instance` None: whichever answers.
    `sids`: the account's SID, by the Windows server that told it.
    """

    exact: tuple[str, ...] = ()
    clickker: str | None = None
    account: str | None = None
    instance: str | None = None
    sids: Mapping[str, str] = field(default_factory=dict)


NOTHING_EXPECTED = Expected()


class SqlInstance:
    """The evidence of one SQL Server. Connects nowhere."""

    def __init__(
        self, host: str, evidence: SqlEvidence | None, expected: Expected = NOTHING_EXPECTED
    ) -> None:
        self.host = host
        self.evidence = evidence
        self.expected = expected

    def __repr__(self) -> str:
        return f"<sql server {self.host}>"

    def require(self) -> None:
        """Raise UnreadError, with the cause, unless the server was asked and answered."""
        self._read_part()

    def _read_part(self) -> SqlEvidence:
        if self.evidence is None:
            raise UnreadError(
                "{host}: its SQL Server was not asked in this run.",
                "Give the host a sql entry in the inventory, and select it with --hosts.",
                host=self.host,
            )
        if self.evidence.failure is not None:
            raise UnreadError(self.evidence.failure.message, self.evidence.failure.remedy)
        return self.evidence

    @property
    def _server(self) -> ServerSections:
        return self._read_part().sections

    def _database(self, database: str) -> DatabaseSections:
        sections = self._read_part().databases.get(database)
        if sections is None:
            raise UnreadError(
                "{host}: the database {database} was not asked in this run.",
                host=self.host,
                database=database,
            )
        return sections

    @property
    def databases(self) -> DatabasesSection:
        """From section `databases`."""
        return read(self._server.databases, "databases", self.host)

    def has_database(self, database: str) -> bool:
        """From section `databases`; raises UnreadError where it may be hidden."""
        section = self.databases
        if section.named(database):
            return True
        nearly = section.misspelt(database)
        if nearly:
            raise UnreadError(
                "{host}: this server tells case apart: it has no database {database}, but {nearly}.",
                "Spell the name in the inventory as the server does.",
                host=self.host,
                database=database,
                nearly=", ".join(nearly),
            )
        if not section.sees_all:
            raise UnreadError(
                "{host}: no database {database} is visible to the asking login, but it may be hidden.",
                "Grant VIEW ANY DATABASE to the asking login.",
                host=self.host,
                database=database,
            )
        return False

    def database(self, database: str) -> DatabaseSections | None:
        """What was read in one database, by the inventory's name; None: not asked."""
        return self._read_part().databases.get(database)

    @property
    def failure_text(self) -> str:
        """Why it could not be asked; "" where it could."""
        failure = self.evidence.failure if self.evidence else None
        return failure.message if failure else ""

    @property
    def refused(self) -> bool:
        """The machine is there, but nothing listens where the inventory says."""
        return (
            self.evidence is not None
            and self.evidence.failure is not None
            and self.evidence.failure.kind == "RefusedError"
        )

    @property
    def server(self) -> ServerSection:
        """From section `server`. Raises UnreadError where another instance answered than the inventory's."""
        section = read(self._server.server, "server", self.host)
        sql_checks.require_instance(self.host, section, self.expected.instance)
        return section

    def replicas_elsewhere(self, asked: Collection[str]) -> list[str]:
        """From section `server`: replicas that are not among `asked`; logins are each replica's own."""
        return sql_checks.replicas_elsewhere(self.host, self.server, asked)

    def unnamed_databases(self) -> list[str]:
        """From section `databases`: those that may be Exact's and that the inventory does not name here.

        Raises UnreadError where there is none to see, and some may be hidden.
        """
        named = [*self.expected.exact, *filter(None, [self.expected.clickker])]
        found = sql_checks.unnamed(self.databases, named)
        if not found and not self.databases.sees_all:
            raise UnreadError(
                "{host}: databases may be hidden from the asking login, "
                "and one of Exact's that the inventory does not name may be among them.",
                "Grant VIEW ANY DATABASE to the asking login.",
                host=self.host,
            )
        return found

    @property
    def logins(self) -> LoginsSection:
        """From section `logins`."""
        return read(self._server.logins, "logins", self.host)

    def own_login(self) -> Login | None:
        """From section `logins`: the service account's own login; None: it may still come in by a group.

        Raises UnreadError where it may be hidden, or is another account's: the same name with another SID.
        """
        section = self.logins
        self._require_own_sid(section)
        if section.logins:  # several grantors may have spoken of it: a denial is what counts
            return min(section.logins, key=lambda login: login.connect_sql != "DENY")
        if not section.sees_all:
            raise UnreadError(
                "{host}: no login of the service account is visible, but the asking login lacks VIEW ANY DEFINITION.",
                "Let the asking login be sysadmin, or grant it VIEW ANY DEFINITION.",
                host=self.host,
            )
        return None

    def _require_own_sid(self, section: LoginsSection) -> None:
        for login in section.logins:
            sql_checks.require_own_sid(self.host, login, self.expected.sids)

    def sid_unproven(self) -> Sentence:
        """Why the own login's SID could not be compared with the account's; empty: it was, or there is no such login."""
        login = self.own_login()
        return sql_checks.sid_unproven(login, self.expected.sids) if login else NOTHING

    def rights(self) -> RightsSection | None:
        """From section `rights`: what the service account may do; None: SQL Server knows no such account.

        Only a sysadmin's impersonation that fails with 15406 says that; anyone else may merely lack the right.
        """
        found = self._read_part().sections.rights
        unknown = isinstance(found, Unread) and found.error.number == NO_SUCH_PRINCIPAL
        if unknown and self.logins.is_sysadmin and self.own_login() is None:
            return None
        rights = read(found, "rights", self.host)
        sql_checks.require_account(self.host, rights, self.expected.account)
        # What was asked by the name of another account's login says nothing of this account.
        self._require_own_sid(self.logins)
        if rights.is_sysadmin is None or rights.connect_sql is None:
            raise UnreadError(
                "{host}: SQL Server could not say whether the service account is sysadmin, or may connect.",
                host=self.host,
            )
        return rights

    def access(self, database: str) -> AccessSection | None:
        """From section `access`; None: the service account cannot open the database, or has no login at all."""
        rights = self.rights()
        if rights is None or not rights.letting_in:
            return None
        for one in self.databases.named(database):
            sql_checks.require_open(self.host, one, rights)
        sections = self._read_part().databases.get(database)
        found = sections.access if sections else None
        if isinstance(found, Unread) and found.status == "absent" and self.has_database(database):
            return None
        return read(self._database(database).access, "access", self.host, _place(database))

    def exact_databases(self) -> tuple[str, ...]:
        """From the inventory; raises UnreadError where it names none here: nothing read would prove nothing."""
        if not self.expected.exact:
            raise UnreadError(
                "{host}: the inventory names no Exact database here.",
                "Name them under databases.exact, in quotes.",
                host=self.host,
            )
        return self.expected.exact

    def clickker_database(self) -> str:
        """From the inventory; raises UnreadError where it names none here."""
        if self.expected.clickker is None:
            raise UnreadError(
                "{host}: the inventory names no Clickker database here.",
                "Name it as databases.clickker.",
                host=self.host,
            )
        return self.expected.clickker

    def can_read(self, database: str) -> Reach:
        """What the service account may read in a database."""
        if not self.has_database(database):
            return MISSING
        return reading(self.access(database), self._closed(database), self._is_sysadmin)

    def can_write(self, database: str) -> Reach:
        """What the service account may read and write in a database."""
        if not self.has_database(database):
            return MISSING
        obstacles = [one.obstacle for one in self.databases.named(database)]
        obstacle = next(filter(None, obstacles), "")
        return writing(self.access(database), obstacle, self._is_sysadmin)

    def _closed(self, database: str) -> str:
        return next(filter(None, (one.closed for one in self.databases.named(database))), "")

    @property
    def _is_sysadmin(self) -> bool:
        rights = self.rights()
        return bool(rights and rights.is_sysadmin)

    def baco_logins(self) -> list[BacoLogin]:
        """From section `baco`: empty only where none can be hidden, else UnreadError."""
        section = read(self._server.baco, "baco", self.host)
        logins = [login for login in section.logins if login.type in LOGINS]
        if not logins and not section.sees_all:
            raise UnreadError(
                "{host}: no login BACO is visible, but the asking login lacks VIEW ANY DEFINITION: it may be hidden.",
                "Let the asking login be sysadmin, or grant it VIEW ANY DEFINITION.",
                host=self.host,
            )
        if not section.sees_all and any(login.partly_hidden for login in logins):
            raise UnreadError(
                "{host}: whether BACO may connect, or is locked, is hidden from the asking login.",
                "Let the asking login be sysadmin, or grant it VIEW ANY DEFINITION.",
                host=self.host,
            )
        return logins

    def baco_principals(self, database: str) -> list[Principal]:
        """From section `principals`: raises UnreadError where some, or their logins, may be hidden."""
        section = read(
            self._database(database).principals, "principals", self.host, _place(database)
        )
        if section.sees_all != 1 or not section.sees_logins:
            raise UnreadError(
                "{host}, database {database}: users or logins may be hidden from the asking login.",
                "Let the asking login be sysadmin for the time of the check.",
                host=self.host,
                database=database,
            )
        return section.principals

    def product(self, database: str) -> ProductSection:
        """From section `product`."""
        return read(self._database(database).product, "product", self.host, _place(database))

    def person(self, database: str) -> PersonSection:
        """From section `person`."""
        return read(self._database(database).person, "person", self.host, _place(database))

    def roles(self, database: str) -> RolesSection:
        """From section `roles`."""
        return read(self._database(database).roles, "roles", self.host, _place(database))

    def release(self, database: str) -> ReleaseSection:
        """From section `release`; raises UnreadError where a table that may hold it may be hidden."""
        section = read(self._database(database).release, "release", self.host, _place(database))
        product = self.product(database)
        missing = RELEASE_TABLES - {one.name for one in product.tables}
        if missing and product.sees_all != 1:
            raise UnreadError(
                "{host}, database {database}: {tables} may be hidden from the asking login.",
                "Let the asking login be sysadmin for the time of the check.",
                host=self.host,
                database=database,
                tables=", ".join(sorted(missing)),
            )
        return section

    def licence(self, database: str) -> LicenceSection:
        """From section `licence`."""
        return read(self._database(database).licence, "licence", self.host, _place(database))

    def options(self, database: str, number: int) -> OptionsSection:
        """From section `options`; raises UnreadError where another option was asked for, as in older evidence."""
        section = read(self._database(database).options, "options", self.host, _place(database))
        if section.number != number:
            raise UnreadError(
                "{host}, database {database}: the option {read} was read, not {number}.",
                "Collect again.",
                host=self.host,
                database=database,
                read=section.number,
                number=number,
            )
        return section


def _place(database: str) -> str:
    return f", database {database}"
