"""What stands in an Exact database; one class per `sql/<section>.sql`, shaped as sqlserver.py says.

Where the meaning of a column is an inference, the class says so.
"""

from collections.abc import Collection
from datetime import datetime

from pydantic import NaiveDatetime

from acceptance.evidence.envelope import Strict
from acceptance.text import Sentence, Value, said


class TableName(Strict):
    """A table or view of schema dbo."""

    name: str


class ProductSection(Strict):
    """Which of Exact's tables are there. dbo.humres with `person_id` and `user_id` is Exact's:
    other vendors have a humres too.

    What hints at Synergy, and what at Globe, is an inference.
    """

    sees_all: int | None
    person_id: int | None
    user_id: int | None
    tables: list[TableName]

    @property
    def exact(self) -> bool:
        return self.person_id is not None and self.user_id is not None

    def hints(self, names: frozenset[str]) -> list[str]:
        """Which of `names` are among the tables."""
        return sorted(table.name for table in self.tables if table.name in names)


SYNERGY_TABLES = frozenset(
    {"OnlineSessions", "BacoLoginLog", "BacoAppLog", "BacoProcessLog", "BackgroundJobSettings"}
)
RELEASE_TABLES = frozenset({"bedryf", "BacoSettings", "LicenseWSCallLog"})
GLOBE_TABLES = frozenset({"gbkmut", "grtbk", "dagbk"})


class Person(Strict):
    """A row of dbo.humres; dates in the server's local time. `licence_type`: UserLicenseType.

    `back_office_blocked`: a column that some releases have, as text.
    """

    person_id: int
    user_id: str
    blocked: int | None
    licence_type: int
    in_service: NaiveDatetime | None
    out_of_service: NaiveDatetime | None
    status: str | None
    type: str | None
    back_office_blocked: str | None = None

    def in_words(self) -> Sentence:
        """Who it is, and every raw value that may say whether he is active."""
        return said(
            "person {id}, user ID '{user}', joined {joined}, left {left} "
            "(status {status}, type {type}, blocked {blocked}, back office blocked {back_office})",
            id=self.person_id,
            user=self.user_id,
            joined=_day(self.in_service),
            left=_day(self.out_of_service),
            status=str(self.status),
            type=str(self.type),
            blocked=str(self.blocked),
            back_office=str(self.back_office_blocked),
        )


def _day(day: datetime | None) -> Value:
    return f"{day:%Y-%m-%d}" if day else said("no date")


class PersonSection(Strict):
    """`local_now`: the server's own clock when the row was read;
    what is in service is decided by it.
    """

    local_now: NaiveDatetime
    persons: list[Person]
    has_back_office_blocked: bool | None = None

    def inactive(self, person: Person) -> list[Sentence]:
        """What leaves the person out in one of the public ways of asking for the active ones.

        Those ask for status A, or for any but I; some for a type of E, C, S or T;
        some for people who are not blocked, in the back office or at all.
        No document of Exact's says which of them counts.
        """
        status, kind = (person.status or "").strip(), (person.type or "").strip()
        found = []
        if status.upper() != "A":
            found.append(said("status {status}", status=status or said("not set")))
        if kind.upper() not in ("E", "C", "S", "T"):
            found.append(said("type {type}", type=kind or said("not set")))
        if person.blocked != 0:
            found.append(said("blocked {blocked}", blocked=str(person.blocked)))
        if self.has_back_office_blocked is None:
            found.append(said("whether the back office blocks him was not read"))
        elif self.has_back_office_blocked and person.back_office_blocked != "0":
            found.append(said("back office blocked {value}", value=str(person.back_office_blocked)))
        return found


def is_called(description: str | None, names: Collection[str]) -> bool:
    """Whether a description is one of the names, without case and spaces around."""
    return (description or "").strip().casefold() in {name.casefold() for name in names}


class RoleMembership(Strict):
    """One row of dbo.HRRoles with its description, None where dbo.HRRoleDefs has none."""

    person_id: int
    role_id: int
    description: str | None
    level: int | None
    division: int | None

    def is_called(self, descriptions: Collection[str]) -> bool:
        """By name, without case and spaces around."""
        return is_called(self.description, descriptions)

    def in_words(self) -> Sentence:
        """The role with its raw values."""
        where = (
            said("no division")
            if self.division is None
            else said("division {division}", division=self.division)
        )
        return said(
            "{description} (id {id}, level {level}, {where})",
            description=self.description or said("no description"),
            id=self.role_id,
            level=str(self.level),
            where=where,
        )


class RoleDefinition(Strict):
    """A row of dbo.HRRoleDefs."""

    role_id: int
    description: str | None


class RolesSection(Strict):
    """`roles`: the service account's, by its bare name;
    `defined`: every role of the database, `definitions` in number.
    """

    definitions: int
    roles: list[RoleMembership]
    defined: list[RoleDefinition]


class DivisionVersion(Strict):
    """The version columns of a row of dbo.bedryf."""

    division: str | None
    version_major: int | None
    version_minor: int | None
    revision: int | None
    build: int | None
    batch_level: int | None


class Setting(Strict):
    """A row of dbo.BacoSettings whose name speaks of a version or release."""

    setting_group: str
    setting_name: str
    string_value: str | None
    long_value: int | None


class LoggedRelease(Strict):
    """What dbo.LicenseWSCallLog says of past licence calls."""

    release: str | None
    service_pack: str | None


class ReleaseSection(Strict):
    """Places that may hold the release; that any of them does is an inference."""

    name: str
    divisions: list[DivisionVersion]
    settings: list[Setting]
    logged: list[LoggedRelease]


class ExactLicence(Strict):
    """The plain columns of a row of dbo.ExactLicense."""

    number: str | None
    name: str | None
    customer_id: str | None
    activated: NaiveDatetime | None


class LicenceSection(Strict):
    """`licences`: one row per licence; the binary columns are never read."""

    name: str
    licences: list[ExactLicence]


class LicenceOption(Strict):
    """The asked option in a row of dbo.ExactOptions."""

    division: int | None
    quantity: int | None


class OptionsSection(Strict):
    """`number`: which option was asked for;
    `options`: its value per division, 0 or 1, or a quantity.
    """

    number: int
    options: list[LicenceOption]
