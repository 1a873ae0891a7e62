"""Ask one SQL Server once: backend -> the part `sql` of its host's evidence. Knows no requirement.

One batch per section and server, or per section and database.
What a later batch would only fail on is not sent: a database that is offline or hidden is asked
nothing, and an Exact section is read only where section product recognised an Exact database.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol, get_origin

from pydantic import ValidationError

from acceptance.backends.sql.backend import ResultSet
from acceptance.collecting.sql_batches import (
    EXACT_SECTIONS,
    Batch,
    Targets,
    collector,
    digest,
    of_database,
    with_needed,
)
from acceptance.errors import HostError, StatementError, misfit
from acceptance.evidence.engines import other_product
from acceptance.evidence.envelope import Failure, Read, SectionError, Unread
from acceptance.evidence.exact import ProductSection
from acceptance.evidence.reached import Reached
from acceptance.evidence.sql import (
    DATABASE_SECTIONS,
    SERVER_SECTIONS,
    DatabaseSections,
    ServerSections,
    SqlEvidence,
    section_model,
)
from acceptance.evidence.sqlserver import DatabasesSection, RightsSection, ServerSection

DENIED = frozenset(
    {229, 230, 262, 297, 300, 371, 916, 15151, 15247, 15406, 15517}
)  # sys.messages: permissions


class Backend(Protocol):
    """What collecting needs of acceptance/backends/sql/backend.py."""

    @property
    def read_at(self) -> datetime | None:
        """When its answers were read; None: now."""

    def connect(self) -> None: ...
    def run(self, text: str, parameters: Sequence[str]) -> list[ResultSet]: ...
    def reached(self) -> Reached: ...
    def texts(self) -> Sequence[str]:
        """What it runs on a server beside the collectors."""

    def leave(self) -> None:
        """From another thread than the one that waits: end what is under way. Never raises."""

    def close(self) -> None: ...


def collect_sql(
    backend: Backend, *, sections: Sequence[str], targets: Targets, now: Callable[[], datetime]
) -> SqlEvidence:
    """Run the sections' collectors; the backend is closed.

    A server that cannot be connected to is the evidence's `failure`. What happens later costs the
    sections that were not read by then, and none that were.
    """
    started, wanted = now(), with_needed(sections)
    asking = _Asking(backend, targets)
    failure, server, databases = None, ServerSections(), dict[str, DatabaseSections]()
    try:
        backend.connect()
        server = asking.server([name for name in wanted if name in SERVER_SECTIONS])
        in_database = [name for name in wanted if name in DATABASE_SECTIONS]
        if in_database:
            databases = {
                name: asking.database(name, in_database, server) for name in targets.databases
            }
    except HostError as error:
        failure = Failure.of(error)
    finally:
        backend.close()
    return SqlEvidence(
        collected_at=started,
        seconds=(now() - started).total_seconds(),
        collector_sha256=digest(wanted, backend.texts()),
        reached=backend.reached(),
        sections=server,
        databases=databases,
        failure=failure,
    )


def _unread(
    status: Literal["absent", "denied", "error"], message: str, number: int | None = None
) -> Unread:
    return Unread(status=status, error=SectionError(number=number, message=message))


class _Asking:
    """The run of one server's collectors, in order."""

    def __init__(self, backend: Backend, targets: Targets) -> None:
        self.backend = backend
        self.targets = targets
        self.ended: Unread | None = None  # why nothing more is asked, if so

    def server(self, wanted: Sequence[str]) -> ServerSections:
        return ServerSections.model_validate(
            {name: self._section(name, "master") for name in wanted}
        )

    def database(
        self, name: str, wanted: Sequence[str], server: ServerSections
    ) -> DatabaseSections:
        wanted = of_database(name, wanted, self.targets)
        real, obstacle = _open(name, server.databases)
        read: dict[str, Any] = {}
        for section in wanted:
            hindrance = obstacle or _hindrance(section, real, server, read.get("product"))
            read[section] = hindrance or self._section(section, name)
        return DatabaseSections.model_validate(read)

    def _section(self, name: str, database: str) -> dict[str, Any] | Unread:
        """One section, run and validated alone: what goes wrong with it costs no other section."""
        if name == "options" and not self.targets.option:
            return _unread("error", "the inventory gives no licence.connectivity_client_option")
        if self.ended is not None:
            return self.ended
        try:
            batch = Batch(name, database, tuple(self.targets.values()))
            sets = self.backend.run(collector("in_database"), batch.parameters)
        except StatementError as error:
            status: Literal["denied", "error"] = "denied" if error.number in DENIED else "error"
            return _unread(status, error.bare, error.number)
        except HostError as error:
            self.ended = _unread("error", f"the server was lost: {error.message} {error.remedy}")
            return self.ended
        try:
            value = section_model(name).model_validate(_as_fields(name, sets))
        except (ValidationError, ValueError) as error:
            return _unread("error", f"the answer is not as agreed: {_first_line(error)}")
        if isinstance(value, ServerSection) and (product := other_product(value.engine_edition)):
            self.ended = _unread("error", f"{product} answered: it is asked nothing more")
        return {"status": "ok", "value": value}


def _as_fields(name: str, sets: Sequence[ResultSet]) -> dict[str, Any]:
    """One row of the plain fields, then one result set per list.

    Raises ValueError for any other number.
    """
    lists = [
        key
        for key, field in section_model(name).model_fields.items()
        if get_origin(field.annotation) is list
    ]
    if len(sets) != 1 + len(lists) or len(sets[0].rows) != 1:
        raise ValueError(
            f"{len(sets)} result sets instead of {1 + len(lists)}, or not one row in the first"
        )
    return sets[0].records()[0] | {
        key: one.records() for key, one in zip(lists, sets[1:], strict=True)
    }


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return ": ".join(misfit(error))
    return str(error)


def _open(
    name: str, databases: Read[DatabasesSection] | Unread | None
) -> tuple[str, Unread | None]:
    """The database's name as the server spells it, and why it cannot be asked, if so."""
    if not isinstance(databases, Read):
        return name, databases or _unread("error", "section databases was not read")
    same, nearly = databases.value.named(name), databases.value.misspelt(name)
    if nearly:
        return name, _unread(
            "error",
            f"the server has no database {name}, which tells case apart, but {', '.join(nearly)}",
        )
    if not same and not databases.value.sees_all:
        return name, _unread(
            "denied", f"no database {name} is visible; without VIEW ANY DATABASE it may be hidden"
        )
    if not same:
        return name, _unread("absent", f"the server has no database {name}")
    if len(same) > 1:
        return name, _unread(
            "error", f"the server has more than one database {name}, which differ in case"
        )
    [found] = same
    if found.state != "ONLINE":
        return found.name, _unread("error", f"the database {found.name} is {found.state}")
    if found.accessible != 1:
        return found.name, _unread(
            "denied", f"the asking login cannot open the database {found.name}"
        )
    return found.name, None


def _hindrance(section: str, database: str, server: ServerSections, product: Any) -> Unread | None:
    """Why a section cannot answer in a database that is open to us, if so."""
    if section == "access":
        return _without_access(database, server.rights)
    if section not in EXACT_SECTIONS:
        return None
    if isinstance(product, Unread):
        return product
    value: ProductSection = product["value"]
    if value.exact:
        return None
    if value.sees_all != 1:
        return _unread(
            "denied", "dbo.humres is not visible; without VIEW DEFINITION it may be hidden"
        )
    return _unread("absent", "no Exact database: no dbo.humres with res_id and usr_id")


def _without_access(database: str, rights: Read[RightsSection] | Unread | None) -> Unread | None:
    if not isinstance(rights, Read):
        return rights or _unread("error", "section rights was not read")
    row = next((one for one in rights.value.databases if one.name == database), None)
    if row is not None and row.accessible == 0 and rights.value.is_sysadmin:
        # HAS_DBACCESS is about the database's state then, not about rights.
        return _unread("error", f"not even a sysadmin can open the database {database} at present")
    if row is not None and row.accessible == 0:
        return _unread("absent", f"the service account cannot open the database {database}")
    return None
