"""The part `sql` of a host's evidence: which sections were read on its SQL Server, and what each said.

The sections' own shapes: sqlserver.py and exact.py.
"""

from datetime import datetime
from typing import Generic, Literal, TypeVar

from acceptance.evidence import exact, sqlserver
from acceptance.evidence.exact import (
    LicenceSection,
    OptionsSection,
    PersonSection,
    ProductSection,
    ReleaseSection,
    RolesSection,
)
from acceptance.evidence.reached import Reached
from acceptance.evidence.sqlserver import (
    AccessSection,
    BacoSection,
    DatabasesSection,
    LoginsSection,
    PrincipalsSection,
    RightsSection,
    ServerSection,
    Strict,
)


class SqlError(Strict):
    """Why a section has no value. `number`: SQL Server's own, None where the suite itself says so."""

    number: int | None
    message: str


class SqlUnread(Strict):
    """A section without a value. absent: the thing itself is not there; denied: no rights to see it."""

    status: Literal["absent", "denied", "error"]
    error: SqlError


Value = TypeVar("Value")


class SqlRead(Strict, Generic[Value]):
    """A section that was read."""

    status: Literal["ok"]
    value: Value


class ServerSections(Strict):
    """Read once per server; None: not asked for in this run."""

    server: SqlRead[ServerSection] | SqlUnread | None = None
    databases: SqlRead[DatabasesSection] | SqlUnread | None = None
    logins: SqlRead[LoginsSection] | SqlUnread | None = None
    rights: SqlRead[RightsSection] | SqlUnread | None = None
    baco: SqlRead[BacoSection] | SqlUnread | None = None


class DatabaseSections(Strict):
    """Read once per database of the inventory; None: not asked for in this run."""

    access: SqlRead[AccessSection] | SqlUnread | None = None
    principals: SqlRead[PrincipalsSection] | SqlUnread | None = None
    product: SqlRead[ProductSection] | SqlUnread | None = None
    person: SqlRead[PersonSection] | SqlUnread | None = None
    roles: SqlRead[RolesSection] | SqlUnread | None = None
    release: SqlRead[ReleaseSection] | SqlUnread | None = None
    licence: SqlRead[LicenceSection] | SqlUnread | None = None
    options: SqlRead[OptionsSection] | SqlUnread | None = None


SERVER_SECTIONS = tuple(ServerSections.model_fields)
DATABASE_SECTIONS = tuple(DatabaseSections.model_fields)
SQL_SECTIONS = (*SERVER_SECTIONS, *DATABASE_SECTIONS)


class SqlFailure(Strict):
    """Why the whole server could not be asked: the error's class name, its sentence and its remedy."""

    kind: str
    message: str
    remedy: str


class SqlEvidence(Strict):
    """What one SQL Server said: the part `sql` of `evidence/<host>.json`. `databases` by the inventory's names."""

    collected_at: datetime
    seconds: float
    collector_sha256: str
    reached: Reached
    sections: ServerSections
    databases: dict[str, DatabaseSections]
    failure: SqlFailure | None


def section_model(section: str) -> type[Strict]:
    """The class of a section's value: `person` -> PersonSection."""
    name = f"{section.capitalize()}Section"
    model: type[Strict] = getattr(sqlserver if hasattr(sqlserver, name) else exact, name)
    return model
