"""The part `sql` of a host's evidence:
which sections were read on its SQL Server, and what each said.

The sections' own shapes: sqlserver.py and exact.py.
"""

from acceptance.evidence import exact, sqlserver
from acceptance.evidence.envelope import Failure, Read, Strict, Unread, class_name
from acceptance.evidence.exact import (
    LicenceSection,
    OptionsSection,
    PersonSection,
    ProductSection,
    ReleaseSection,
    RolesSection,
)
from acceptance.evidence.reached import Reached
from acceptance.evidence.shapes import EachCostsItself, Moment, Seconds
from acceptance.evidence.sqlserver import (
    AccessSection,
    BacoSection,
    DatabasesSection,
    LoginsSection,
    PrincipalsSection,
    RightsSection,
    ServerSection,
)


class ServerSections(EachCostsItself):
    """Read once per server; None: not asked for in this run."""

    server: Read[ServerSection] | Unread | None = None
    databases: Read[DatabasesSection] | Unread | None = None
    logins: Read[LoginsSection] | Unread | None = None
    rights: Read[RightsSection] | Unread | None = None
    baco: Read[BacoSection] | Unread | None = None


class DatabaseSections(EachCostsItself):
    """Read once per database of the inventory; None: not asked for in this run."""

    access: Read[AccessSection] | Unread | None = None
    principals: Read[PrincipalsSection] | Unread | None = None
    product: Read[ProductSection] | Unread | None = None
    person: Read[PersonSection] | Unread | None = None
    roles: Read[RolesSection] | Unread | None = None
    release: Read[ReleaseSection] | Unread | None = None
    licence: Read[LicenceSection] | Unread | None = None
    options: Read[OptionsSection] | Unread | None = None


SERVER_SECTIONS = tuple(ServerSections.model_fields)
DATABASE_SECTIONS = tuple(DatabaseSections.model_fields)
SQL_SECTIONS = (*SERVER_SECTIONS, *DATABASE_SECTIONS)


class SqlEvidence(Strict):
    """What one SQL Server said: the part `sql` of `evidence/<host>.json`.

    `databases` by the inventory's names.
    """

    collected_at: Moment
    seconds: Seconds
    collector_sha256: str
    reached: Reached
    sections: ServerSections
    databases: dict[str, DatabaseSections]
    failure: Failure | None


def section_model(section: str) -> type[Strict]:
    """The class of a section's value: `person` -> PersonSection."""
    name = class_name(section)
    model: type[Strict] = getattr(sqlserver if hasattr(sqlserver, name) else exact, name)
    return model
