"""`SqlInstance`: one SQL Server's evidence, with typed properties over it;
what was not read raises, it is never "absent".

>>> sql.server.version
'15.0.4385.2'
>>> [login.name for login in sql.baco_logins()]
['BACO']
"""

from collections.abc import Collection

from acceptance.errors import UnreadError
from acceptance.evidence.envelope import Read, Unread
from acceptance.evidence.exact import (
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
from acceptance.hosts import sql_baco, sql_checks, sql_databases, sql_exact
from acceptance.hosts.reading import read
from acceptance.hosts.sql_checks import Expected
from acceptance.hosts.sql_rights import Reach, missing, reading, writing
from acceptance.text import NOTHING, Sentence

# sys.messages: "... because the principal does not exist, ... or you do not have permission"
NO_SUCH_PRINCIPAL = 15406
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
            raise UnreadError(*self.evidence.failure.told)
        return self.evidence

    @property
    def _server(self) -> ServerSections:
        """The server's sections.

        Raises UnreadError where no SQL Server answered, but another product.
        """
        sections = self._read_part().sections
        if isinstance(sections.server, Read):
            sql_checks.require_sql_server(self.host, sections.server.value)
        return sections

    def _database(self, database: str) -> DatabaseSections:
        """One database's sections.

        Raises UnreadError, the same for all of them, where it could not be entered.
        """
        databases = self._server.databases
        sections = self._read_part().databases.get(database)
        if sections is None:
            raise UnreadError(
                "{host}: the database {database} was not asked in this run.",
                host=self.host,
                database=database,
            )
        if isinstance(databases, Read):
            sql_databases.require_reachable(self.host, databases.value, database, self.expected)
        return sections

    def _exact(self, database: str) -> DatabaseSections:
        """The sections of a database of Exact's. Raises UnreadError where it is none."""
        sections = self._database(database)
        if isinstance(sections.product, Read):
            product, databases = sections.product.value, self._server.databases
            sql_exact.require_exact(self.host, databases, database, product, self.expected)
        return sections

    @property
    def databases(self) -> DatabasesSection:
        """From section `databases`."""
        return read(self._server.databases, "databases", self.host)

    def has_database(self, database: str) -> bool:
        """From section `databases`; raises UnreadError where it may be hidden."""
        return sql_databases.exists(self.host, self.databases, database, self.expected)

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
        """From section `server`: of a SQL Server; anything else raises UnreadError."""
        sql_checks.require_sql_server(self.host, self.answering)
        return self.answering

    @property
    def answering(self) -> ServerSection:
        """From section `server`, whatever product it is;
        another instance than the inventory's raises UnreadError.
        """
        section = read(self._read_part().sections.server, "server", self.host)
        sql_checks.require_instance(self.host, section, self.expected.instance)
        return section

    def replicas_elsewhere(self, asked: Collection[str]) -> list[str]:
        """From section `server`: replicas that are not among `asked`;
        logins are each replica's own.
        """
        return sql_checks.replicas_elsewhere(self.host, self.server, asked)

    def unnamed_databases(self) -> list[str]:
        """From section `databases`: those that may be Exact's and
        that the inventory does not name here.

        Raises UnreadError where there is none to see, and some may be hidden.
        """
        return sql_databases.unnamed(self.host, self.databases, self.expected)

    @property
    def logins(self) -> LoginsSection:
        """From section `logins`."""
        return read(self._server.logins, "logins", self.host)

    def own_login(self) -> Login | None:
        """From section `logins`: the service account's own login;
        None: it may still come in by a group.

        Raises UnreadError where it may be hidden, or is another account's:
        the same name with another SID.
        """
        return sql_checks.own_login(self.host, self.logins, self.expected.sids)

    def sid_unproven(self) -> Sentence:
        """Why the own login's SID could not be compared with the account's; empty:
        it was, or there is no such login.
        """
        login = self.own_login()
        return sql_checks.sid_unproven(login, self.expected.sids) if login else NOTHING

    def rights(self) -> RightsSection | None:
        """From section `rights`: what the service account may do;
        None: SQL Server knows no such account.

        Only a sysadmin's impersonation that fails with 15406 says that;
        anyone else may merely lack the right.
        """
        found = self._server.rights
        unknown = isinstance(found, Unread) and found.error.number == NO_SUCH_PRINCIPAL
        if unknown and self.logins.is_sysadmin and self.own_login() is None:
            return None
        if isinstance(found, Unread):
            sql_checks.require_known_account(self.host, found.error, self.expected)
        rights = read(found, "rights", self.host)
        sql_checks.require_account(self.host, rights, self.expected.account)
        # What was asked by the name of another account's login says nothing of this account.
        for login in self.logins.logins:
            sql_checks.require_own_sid(self.host, login, self.expected.sids)
        return sql_checks.decided(self.host, rights)

    def access(self, database: str) -> AccessSection | None:
        """From section `access`; None: the service account cannot open the database,
        or has no login at all.
        """
        rights = self.rights()
        if rights is None or not rights.letting_in:
            return None
        for one in self.databases.named(database):
            sql_databases.require_open(self.host, one, rights)
        sections = self._read_part().databases.get(database)
        found = sections.access if sections else None
        if isinstance(found, Unread) and found.status == "absent" and self.has_database(database):
            return None
        return read(self._database(database).access, "access", self.host, _place(database))

    def exact_databases(self) -> tuple[str, ...]:
        """From the inventory; raises UnreadError where it names none here, or one that is not
        Exact's: nothing read would prove nothing.
        """
        return sql_databases.exact_names(self.host, self.databases, self.expected)

    def clickker_database(self) -> str:
        """From the inventory; raises UnreadError where it names none here."""
        return sql_databases.clickker_name(self.host, self.expected)

    def can_read(self, database: str) -> Reach:
        """What the service account may read in a database."""
        if not self.has_database(database):
            return missing(sql_databases.there(self.databases))
        return reading(self.access(database), self._closed(database), self._is_sysadmin)

    def can_write(self, database: str) -> Reach:
        """What the service account may read and write in a database."""
        if not self.has_database(database):
            return missing(sql_databases.there(self.databases))
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
        return sql_baco.logins(self.host, read(self._server.baco, "baco", self.host))

    def baco_principals(self, database: str) -> list[Principal]:
        """From section `principals`: raises UnreadError where some, or their logins,
        may be hidden.
        """
        found = self._database(database).principals
        section = read(found, "principals", self.host, _place(database))
        return sql_baco.principals(self.host, database, section)

    def product(self, database: str) -> ProductSection:
        """From section `product`."""
        return read(self._database(database).product, "product", self.host, _place(database))

    def person(self, database: str) -> PersonSection:
        """From section `person`."""
        return read(self._exact(database).person, "person", self.host, _place(database))

    def roles(self, database: str) -> RolesSection:
        """From section `roles`."""
        return read(self._exact(database).roles, "roles", self.host, _place(database))

    def release(self, database: str) -> ReleaseSection:
        """From section `release`; raises UnreadError where a table
        that may hold it may be hidden.
        """
        section = read(self._exact(database).release, "release", self.host, _place(database))
        sql_exact.require_release_tables(self.host, database, self.product(database))
        return section

    def licence(self, database: str) -> LicenceSection:
        """From section `licence`."""
        return read(self._exact(database).licence, "licence", self.host, _place(database))

    def options(self, database: str, number: int) -> OptionsSection:
        """From section `options`; raises UnreadError where another option was asked for,
        as in older evidence.
        """
        section = read(self._exact(database).options, "options", self.host, _place(database))
        sql_exact.require_option(self.host, database, section, number)
        return section


def _place(database: str) -> str:
    return f", database {database}"
