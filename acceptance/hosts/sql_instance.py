"""`SqlInstance`: one SQL Server's evidence, with typed properties over it; what was not read raises, it is never "absent".

>>> sql.server.version
'15.0.4385.2'
>>> [login.name for login in sql.baco_logins()]
['BACO']
"""

from typing import cast

from acceptance.errors import UnreadError
from acceptance.evidence.exact import (
    RELEASE_TABLES,
    LicenceSection,
    OptionsSection,
    PersonSection,
    ProductSection,
    ReleaseSection,
    RolesSection,
)
from acceptance.evidence.sql import DatabaseSections, SqlEvidence, SqlRead, SqlUnread
from acceptance.evidence.sqlserver import (
    AccessSection,
    BacoLogin,
    BacoSection,
    DatabasesSection,
    Login,
    LoginsSection,
    Principal,
    PrincipalsSection,
    RightsSection,
    ServerSection,
)
from acceptance.hosts.sql_rights import MISSING, Reach, reading, writing

LOGINS = (
    "SQL_LOGIN",
    "WINDOWS_LOGIN",
    "WINDOWS_GROUP",
    "EXTERNAL_LOGIN",
    "EXTERNAL_GROUP",
)  # a server role is none
NO_SUCH_PRINCIPAL = 15406  # sys.messages: "... because the principal does not exist, ... or you do not have permission"


class SqlInstance:
    """The evidence of one SQL Server. Connects nowhere.

    `exact` and `clickker`: the databases that the inventory says are here.
    """

    def __init__(
        self,
        host: str,
        evidence: SqlEvidence | None,
        exact: tuple[str, ...] = (),
        clickker: str | None = None,
    ) -> None:
        self.host = host
        self.evidence = evidence
        self.exact = exact
        self.clickker = clickker

    def __repr__(self) -> str:
        return f"<sql server {self.host}>"

    def require(self) -> None:
        """Raise UnreadError, with the cause, unless the server was asked and answered."""
        self._read_part()

    def _read_part(self) -> SqlEvidence:
        if self.evidence is None:
            raise UnreadError(
                f"{self.host}: its SQL Server was not asked in this run.",
                "Give the host a sql entry in the inventory, and select it with --hosts.",
            )
        if self.evidence.failure is not None:
            raise UnreadError(self.evidence.failure.message, self.evidence.failure.remedy)
        return self.evidence

    def _value(self, section: str, found: object, place: str = "") -> object:
        if isinstance(found, SqlRead):
            return found.value
        where = f"{self.host}{place}: section {section}"
        if not isinstance(found, SqlUnread):
            raise UnreadError(
                f"{where} is not in the evidence.",
                "Collect again with the tests that need it selected.",
            )
        number = f"{found.error.number}: " if found.error.number is not None else ""
        rights = (
            "Let the asking login be sysadmin for the time of the check. "
            if found.status == "denied"
            else ""
        )
        raise UnreadError(
            f"{where} could not be read ({found.status}): {number}{found.error.message.rstrip('.')}.",
            f"{rights}The error stands in evidence/{self.host}.json.",
        )

    def _server_section(self, section: str) -> object:
        return self._value(section, getattr(self._read_part().sections, section))

    def _database_section(self, section: str, database: str) -> object:
        sections = self._read_part().databases.get(database)
        if sections is None:
            raise UnreadError(f"{self.host}: the database {database} was not asked in this run.")
        return self._value(section, getattr(sections, section), f", database {database}")

    def has_database(self, database: str) -> bool:
        """From section `databases`; raises UnreadError where it may be hidden."""
        section = cast(DatabasesSection, self._server_section("databases"))
        if any(one.name.casefold() == database.casefold() for one in section.databases):
            return True
        if not section.sees_all:
            raise UnreadError(
                f"{self.host}: no database {database} is visible to the asking login, but it may be hidden.",
                "Grant VIEW ANY DATABASE to the asking login.",
            )
        return False

    def database(self, database: str) -> DatabaseSections | None:
        """What was read in one database, by the inventory's name; None: not asked."""
        return self._read_part().databases.get(database)

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
        """From section `server`."""
        return cast(ServerSection, self._server_section("server"))

    @property
    def logins(self) -> LoginsSection:
        """From section `logins`."""
        return cast(LoginsSection, self._server_section("logins"))

    def own_login(self) -> Login | None:
        """From section `logins`: the service account's own login; None: it may still come in by a group.

        Raises UnreadError where it may be hidden.
        """
        section = self.logins
        if section.logins:
            return section.logins[0]
        if not section.sees_all:
            raise UnreadError(
                f"{self.host}: no login of the service account is visible, but the asking login lacks VIEW ANY DEFINITION.",
                "Let the asking login be sysadmin, or grant it VIEW ANY DEFINITION.",
            )
        return None

    def rights(self) -> RightsSection | None:
        """From section `rights`: what the service account may do; None: SQL Server knows no such account.

        Only a sysadmin's impersonation that fails with 15406 says that; anyone else may merely lack the right.
        """
        found = self._read_part().sections.rights
        unknown = isinstance(found, SqlUnread) and found.error.number == NO_SUCH_PRINCIPAL
        if unknown and self.logins.is_sysadmin and self.own_login() is None:
            return None
        rights = cast(RightsSection, self._value("rights", found))
        if rights.is_sysadmin is None or rights.connect_sql is None:
            raise UnreadError(
                f"{self.host}: SQL Server could not say whether the service account is sysadmin, or may connect."
            )
        return rights

    def access(self, database: str) -> AccessSection | None:
        """From section `access`; None: the service account cannot open the database, or has no login at all."""
        rights = self.rights()
        if rights is None or not rights.tokens:
            return None
        sections = self._read_part().databases.get(database)
        found = sections.access if sections else None
        if (
            isinstance(found, SqlUnread)
            and found.status == "absent"
            and self.has_database(database)
        ):
            return None
        return cast(AccessSection, self._database_section("access", database))

    def exact_databases(self) -> tuple[str, ...]:
        """From the inventory; raises UnreadError where it names none here: nothing read would prove nothing."""
        if not self.exact:
            raise UnreadError(
                f"{self.host}: the inventory names no Exact database here.",
                "Name them under databases.exact, in quotes.",
            )
        return self.exact

    def clickker_database(self) -> str:
        """From the inventory; raises UnreadError where it names none here."""
        if self.clickker is None:
            raise UnreadError(
                f"{self.host}: the inventory names no Clickker database here.",
                "Name it as databases.clickker.",
            )
        return self.clickker

    def can_read(self, database: str) -> Reach:
        """What the service account may read in a database."""
        return reading(self.access(database)) if self.has_database(database) else MISSING

    def can_write(self, database: str) -> Reach:
        """What the service account may read and write in a database."""
        if not self.has_database(database):
            return MISSING
        section = cast(DatabasesSection, self._server_section("databases"))
        obstacles = [
            one.obstacle for one in section.databases if one.name.casefold() == database.casefold()
        ]
        return writing(self.access(database), next(filter(None, obstacles), ""))

    def baco_logins(self) -> list[BacoLogin]:
        """From section `baco`: empty only where none can be hidden, else UnreadError."""
        section = cast(BacoSection, self._server_section("baco"))
        logins = [login for login in section.logins if login.type in LOGINS]
        if not logins and not section.sees_all:
            raise UnreadError(
                f"{self.host}: no login BACO is visible, but the asking login lacks VIEW ANY DEFINITION: it may be hidden.",
                "Let the asking login be sysadmin, or grant it VIEW ANY DEFINITION.",
            )
        if not section.sees_all and any(login.partly_hidden for login in logins):
            raise UnreadError(
                f"{self.host}: whether BACO may connect, or is locked, is hidden from the asking login.",
                "Let the asking login be sysadmin, or grant it VIEW ANY DEFINITION.",
            )
        return logins

    def baco_principals(self, database: str) -> list[Principal]:
        """From section `principals`: raises UnreadError where some, or their logins, may be hidden."""
        section = cast(PrincipalsSection, self._database_section("principals", database))
        if section.sees_all != 1 or not section.sees_logins:
            raise UnreadError(
                f"{self.host}, database {database}: users or logins may be hidden from the asking login.",
                "Let the asking login be sysadmin for the time of the check.",
            )
        return section.principals

    def product(self, database: str) -> ProductSection:
        """From section `product`."""
        return cast(ProductSection, self._database_section("product", database))

    def person(self, database: str) -> PersonSection:
        """From section `person`."""
        return cast(PersonSection, self._database_section("person", database))

    def roles(self, database: str) -> RolesSection:
        """From section `roles`."""
        return cast(RolesSection, self._database_section("roles", database))

    def release(self, database: str) -> ReleaseSection:
        """From section `release`; raises UnreadError where a table that may hold it may be hidden."""
        section = cast(ReleaseSection, self._database_section("release", database))
        product = self.product(database)
        missing = RELEASE_TABLES - {one.name for one in product.tables}
        if missing and product.sees_all != 1:
            raise UnreadError(
                f"{self.host}, database {database}: {', '.join(sorted(missing))} may be hidden from the asking login.",
                "Let the asking login be sysadmin for the time of the check.",
            )
        return section

    def licence(self, database: str) -> LicenceSection:
        """From section `licence`."""
        return cast(LicenceSection, self._database_section("licence", database))

    def options(self, database: str, number: int) -> OptionsSection:
        """From section `options`; raises UnreadError where another option was asked for, as in older evidence."""
        section = cast(OptionsSection, self._database_section("options", database))
        if section.number != number:
            raise UnreadError(
                f"{self.host}, database {database}: the option {section.number} was read, not {number}.",
                "Collect again.",
            )
        return section
