"""The catalogue: `requirements/*.yaml` -> typed models,
checked against the list of the document's clauses.

A file's name is its marker; what an entry may say stands in rules/<marker>.py.
"""

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from acceptance.catalogue.rules import PREFIXES, RULES, Requirement
from acceptance.catalogue.rules.base import Text
from acceptance.errors import CatalogueError
from acceptance.inventory.supported import SUPPORTED, Product, line_to_write
from acceptance.yamlfile import YamlFile, read_yaml
from acceptance.yamlmodel import Loc, first_error

# Rules whose releases stood in the catalogue itself (accepted).
LISTED: dict[str, Product] = {
    "synergy.supported_release": "Synergy",
    "synergy.globe_release": "Globe+",
    "sql.version": "SQL Server",
}
MARKERS = ("os", "iis", "sql", "network", "synergy", "licence")


class Clause(BaseModel):
    """One clause of the document, and the marker that its requirements stand under."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    clause: Text
    marker: Literal["os", "iis", "sql", "network", "synergy", "licence"]


class Tied(BaseModel):
    """A sentence or half-sentence of the document:
    the clause that speaks for it, or why nothing tests it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    words: Text
    clause: str = ""
    not_testable: str = ""

    @model_validator(mode="after")
    def _is_tied(self) -> Self:
        if bool(self.clause) == bool(self.not_testable):
            raise ValueError("a sentence has a clause, or not_testable says why it has none")
        return self


class Document(BaseModel):
    """`document.yaml`: the vendor's document as a list of clauses, and each of its sentences."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    title: Text
    version: str = Field("", description="the document's own version or date, where it has one")
    retrieved: date | None = Field(None, description="when its text was taken")
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)]
    sentences: tuple[Tied, ...] = ()

    @property
    def dated(self) -> str:
        """Which text of the document this is."""
        return self.version or (f"retrieved on {self.retrieved}" if self.retrieved else "")


class Entry(NamedTuple):
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

    def counting(self, ids: Collection[str], day: date) -> "Catalogue":
        """As it counts on that day: these hints are required, and what begins later is coming."""

        def on_that_day(entry: Entry) -> Entry:
            one = entry.requirement
            weight = "required" if one.id in ids else one.weight
            if one.since is not None and day < one.since:
                weight = "coming"
            return entry._replace(requirement=one.model_copy(update={"weight": weight}))

        return replace(self, entries={name: on_that_day(one) for name, one in self.entries.items()})

    def by_rule(self, rule: str) -> list[Requirement]:
        return [requirement for requirement in self if requirement.rule == rule]

    def by_clause(self, clause: str) -> list[Requirement]:
        return [requirement for requirement in self if requirement.clause == clause]

    def clauses_to_come(self) -> list[Clause]:
        """Clauses of the document that no requirement covers yet."""
        return [clause for clause in self.document.clauses if not self.by_clause(clause.clause)]

    @property
    def sha256(self) -> str:
        """Digest of document and requirements: tells a changed catalogue from a changed server."""
        texts = [
            self.document.model_dump_json(exclude_defaults=True),
            *(definition_sha256(requirement) for requirement in self),
        ]
        return sha256("\n".join(texts).encode()).hexdigest()


def definition_sha256(requirement: Requirement) -> str:
    """Digest of one requirement as its entry defines it:
    a new optional field of all rules changes none.
    """
    return sha256(requirement.definition().encode()).hexdigest()


def load_catalogue(folder: Path) -> Catalogue:
    """Read `document.yaml` and every `<marker>.yaml` of `folder`; again only where one has changed.

    Raises CatalogueError with file and line.
    """
    contents: tuple[tuple[str, bytes], ...] = ()
    with suppress(OSError):  # told by who reads it
        contents = tuple((one.name, one.read_bytes()) for one in sorted(folder.glob("*.yaml")))
    return _loaded(folder, contents)


@lru_cache(maxsize=2)  # judges of a fleet begin with the one of the process that they come from
def _loaded(folder: Path, _contents: tuple[tuple[str, bytes], ...]) -> Catalogue:
    source = read_yaml(folder / "document.yaml", CatalogueError)
    try:
        catalogue = Catalogue(Document.model_validate(source.data))
    except ValidationError as error:
        raise first_error(error, source, CatalogueError) from None
    _check_sentences(catalogue.document, source)
    for path in sorted(folder.glob("*.yaml")):
        if path.name not in ("document.yaml", SUPPORTED):
            _load_marker(path, catalogue)
    return catalogue


def _check_sentences(document: Document, source: YamlFile) -> None:
    """No sentence names an unknown clause, and no clause stands for no sentence."""
    known = {clause.clause for clause in document.clauses}
    named = {one.clause for one in document.sentences if one.clause}
    for index, one in enumerate(document.sentences):
        if one.clause and one.clause not in known:
            line = source.line_of("sentences", index, "clause")
            text = "{clause} is no clause of this file."
            raise CatalogueError(source.path, line, text, clause=one.clause)
    for index, clause in enumerate(document.clauses if document.sentences else ()):
        if clause.clause not in named:
            line = source.line_of("clauses", index)
            text = "{clause} stands for no sentence of the document."
            raise CatalogueError(source.path, line, text, clause=clause.clause)


def _load_marker(path: Path, catalogue: Catalogue) -> None:
    if path.stem not in MARKERS:
        raise CatalogueError(
            path,
            1,
            f"{path.stem!r} is no marker; a catalogue file is named after one of "
            f"{', '.join(MARKERS)}.",
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
        if requirement.clause and requirement.clause not in clauses:
            raise CatalogueError(
                path,
                source.line_of(index, "clause"),
                f"{requirement.clause!r} is no clause of document.yaml.",
            )
        catalogue.entries[requirement.id] = Entry(requirement, path, line)


def _requirement(data: Any, index: int, source: YamlFile) -> Requirement:
    rule = data.get("rule") if isinstance(data, dict) else None
    if isinstance(rule, str) and rule not in RULES:
        raise CatalogueError(
            source.path,
            source.line_of(index, "rule"),
            "{rule} is no rule.",
            "Known: {known}.",
            rule=rule,
            known=", ".join(RULES),
        )
    try:
        known = isinstance(rule, str)
        return Requirement.of_entry(data) if known else Requirement.model_validate(data)
    except ValidationError as error:
        listed = LISTED.get(str(rule))

        def moved(loc: Loc, value: Any) -> str:
            return line_to_write(listed, value or []) if listed and loc == ("accepted",) else ""

        raise first_error(error, source, CatalogueError, (index,), moved=moved) from None
