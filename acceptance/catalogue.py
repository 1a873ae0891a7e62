"""The catalogue: `requirements/*.yaml` -> typed models, checked against the list of the document's clauses.

A file's name is its marker. Every rule has a class of its own, whose fields are the rule's parameters: an
expectation that everything would satisfy (an empty name, no threshold) does not load.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, StringConstraints, TypeAdapter, ValidationError

from acceptance.errors import CatalogueError, InventoryError
from acceptance.inventory import Inventory
from acceptance.yamlfile import YamlFile, first_error, read_yaml

MARKERS = ("os", "iis", "sql", "network", "synergy", "licence")

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Version = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)*$")]


class Base(BaseModel):
    """What every requirement has. `roles` and `phases`: where and when it holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z]+-\d\d$")]
    title: Text
    clause: Text
    roles: Annotated[tuple[Literal["web", "database"], ...], Field(min_length=1)]
    phases: Annotated[tuple[Literal["prepare", "installed"], ...], Field(min_length=1)] = ("prepare", "installed")
    waivable: bool = True
    remedy: Text

    @property
    def marker(self) -> str:
        """The marker of the catalogue file that holds this requirement."""
        return PREFIXES[self.id.split("-")[0]]


PREFIXES = {"OS": "os", "IIS": "iis", "SQL": "sql", "NET": "network", "SYN": "synergy", "LIC": "licence"}


class Component(Base):
    """A server feature, by Get-WindowsFeature's language-neutral name."""

    rule: Literal["iis.component"]
    feature: Text


class ServiceRuns(Base):
    """A Windows service, by its name (never its display name)."""

    rule: Literal["iis.service"]
    service: Text


class SynergySite(Base):
    rule: Literal["iis.synergy_site"]


class SynergyPoolStarted(Base):
    rule: Literal["iis.synergy_pool_started"]


class SynergyPoolRuntime(Base):
    """`runtime`: managedRuntimeVersion of applicationHost.config."""

    rule: Literal["iis.synergy_pool_runtime"]
    runtime: Text


class WindowsServer(Base):
    rule: Literal["os.windows_server"]
    minimum_build: PositiveInt


class Dotnet(Base):
    """`minimum_release`: the registry's Release number; `minimum_version`: the same for people."""

    rule: Literal["os.dotnet"]
    minimum_release: PositiveInt
    minimum_version: Version


class Powershell(Base):
    rule: Literal["os.powershell"]
    minimum_version: Version
    language_mode: Text


class Cores(Base):
    rule: Literal["os.cores"]


class Memory(Base):
    rule: Literal["os.memory"]
    tolerance_percent: Annotated[float, Field(ge=0, le=10)]


class FreeDisk(Base):
    rule: Literal["os.free_disk"]


Requirement = (
    Component
    | ServiceRuns
    | SynergySite
    | SynergyPoolStarted
    | SynergyPoolRuntime
    | WindowsServer
    | Dotnet
    | Powershell
    | Cores
    | Memory
    | FreeDisk
)


class Clause(BaseModel):
    """One clause of the document, and the marker that its requirements stand under."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clause: Text
    marker: Literal["os", "iis", "sql", "network", "synergy", "licence"]


class Document(BaseModel):
    """`document.yaml`: the vendor's document as a list of clauses."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)]


REQUIREMENT: TypeAdapter[Requirement] = TypeAdapter(Annotated[Requirement, Field(discriminator="rule")])


@dataclass(frozen=True)
class Entry:
    """A requirement and where it is defined."""

    requirement: Requirement
    file: Path
    line: int


@dataclass(frozen=True)
class Catalogue:
    """All requirements, by id, and the document that they come from."""

    document: Document
    entries: dict[str, Entry] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Requirement]:
        return (entry.requirement for entry in self.entries.values())

    def by_rule(self, rule: str) -> list[Requirement]:
        return [requirement for requirement in self if requirement.rule == rule]

    def by_clause(self, clause: str) -> list[Requirement]:
        return [requirement for requirement in self if requirement.clause == clause]

    def clauses_to_come(self) -> list[Clause]:
        """Clauses of the document that no requirement covers yet."""
        return [clause for clause in self.document.clauses if not self.by_clause(clause.clause)]

    def check(self, inventory: Inventory) -> None:
        """Raise InventoryError for a waiver or attestation that names an unknown or unwaivable requirement."""
        for name, customer in inventory.customers.items():
            for kind, agreements in (("waivers", customer.waivers), ("attestations", customer.attestations)):
                for index, agreement in enumerate(agreements):
                    self._check_agreement(inventory, ("customers", name, kind, index), agreement.requirement)

    def _check_agreement(self, inventory: Inventory, where: tuple[str | int, ...], requirement_id: str) -> None:
        entry = self.entries.get(requirement_id)
        line = inventory.line_of(*where, "requirement")
        if entry is None:
            known = f"known: {', '.join(self.entries)}"
            raise InventoryError(inventory.path, line, f"no requirement {requirement_id!r} in the catalogue; {known}.")
        if "waivers" in where and not entry.requirement.waivable:
            raise InventoryError(inventory.path, line, f"{requirement_id} cannot be waived: the catalogue says so.")


def load_catalogue(folder: Path) -> Catalogue:
    """Read `document.yaml` and every `<marker>.yaml` of `folder`. Raises CatalogueError with file and line."""
    source = read_yaml(folder / "document.yaml", CatalogueError)
    try:
        catalogue = Catalogue(Document.model_validate(source.data))
    except ValidationError as error:
        raise first_error(error, source, CatalogueError) from None
    for path in sorted(folder.glob("*.yaml")):
        if path.name != "document.yaml":
            _load_marker(path, catalogue)
    return catalogue


def _load_marker(path: Path, catalogue: Catalogue) -> None:
    if path.stem not in MARKERS:
        raise CatalogueError(
            path, 1, f"{path.stem!r} is no marker; a catalogue file is named after one of {', '.join(MARKERS)}."
        )
    source = read_yaml(path, CatalogueError)
    if not isinstance(source.data, list) or not source.data:
        raise CatalogueError(path, 1, "a catalogue file is a list of requirements, and not empty.")
    clauses = {clause.clause for clause in catalogue.document.clauses}
    for index, data in enumerate(source.data):
        requirement = _requirement(data, index, source)
        line = source.line_of(index)
        if requirement.id in catalogue.entries:
            raise CatalogueError(path, line, f"{requirement.id} is defined twice.")
        if PREFIXES.get(requirement.id.split("-")[0]) != path.stem:
            raise CatalogueError(path, line, f"{requirement.id} does not belong into {path.name}.")
        if requirement.clause not in clauses:
            raise CatalogueError(
                path, source.line_of(index, "clause"), f"{requirement.clause!r} is no clause of document.yaml."
            )
        catalogue.entries[requirement.id] = Entry(requirement, path, line)


def _requirement(data: Any, index: int, source: YamlFile) -> Requirement:
    try:
        return REQUIREMENT.validate_python(data)
    except ValidationError as error:
        raise first_error(error, source, CatalogueError, prefix=(index,)) from None
