"""Which batches a SQL Server is sent: one per section and server, or per section and database;
their texts and values.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import NamedTuple

from acceptance.evidence.sql import DATABASE_SECTIONS, SERVER_SECTIONS

EXACT_SECTIONS = ("person", "roles", "release", "licence", "options")
# What must be read before, so that a section is asked only where it can answer.
NEEDS = {"access": ("rights",)} | dict.fromkeys(EXACT_SECTIONS, ("product",))


class Targets(NamedTuple):
    """What the inventory says: databases by their kind, the service account as DOMAIN\\user,
    the licence option or "".
    """

    exact: tuple[str, ...]
    clickker: str | None
    account: str
    option: str

    @property
    def databases(self) -> tuple[str, ...]:
        names = [*self.exact, *filter(None, [self.clickker])]
        return tuple(dict.fromkeys(names))

    def values(self) -> list[str]:
        return [self.account, self.account.rpartition("\\")[2], self.option]


class Batch(NamedTuple):
    """One collector in one database, by the inventory's name; `values`: Targets.values()."""

    section: str
    database: str
    values: tuple[str, ...]

    @property
    def parameters(self) -> list[str]:
        """What the text of `in_database` is given."""
        return [self.database, collector(self.section), *self.values]


def batches(sections: Sequence[str], targets: Targets) -> list[Batch]:
    """Every batch that may be asked for these sections:
    for who cannot wait for an answer before the next.
    """
    wanted, values = with_needed(sections), tuple(targets.values())
    found = [Batch(name, "master", values) for name in wanted if name in SERVER_SECTIONS]
    for database in targets.databases:
        own = of_database(database, wanted, targets)
        found += [Batch(name, database, values) for name in own if name in DATABASE_SECTIONS]
    return [one for one in found if one.section != "options" or targets.option]


def of_database(name: str, wanted: Sequence[str], targets: Targets) -> list[str]:
    """The sections of this database: of Clickker's only who may do what."""
    return [one for one in wanted if name in targets.exact or one == "access"]


@cache  # each batch is told by its text
def collector(name: str) -> str:
    """The text of `sql/<name>.sql` as it is sent: without its header."""
    text = (
        resources.files("acceptance.collecting")
        .joinpath("sql", f"{name}.sql")
        .read_text(encoding="ascii")
    )
    return "".join(
        line for line in text.splitlines(keepends=True) if not line.startswith("--")
    ).strip()


def with_needed(sections: Iterable[str]) -> tuple[str, ...]:
    """The sections, and those that they rest on, in the order of asking."""
    wanted = {"server", *sections}  # what answers must be known, whatever is judged
    for section in sections:
        wanted.update(NEEDS.get(section, ()))
    if wanted & set(DATABASE_SECTIONS):
        wanted.add("databases")
    return tuple(name for name in (*SERVER_SECTIONS, *DATABASE_SECTIONS) if name in wanted)


def digest(sections: Iterable[str], besides: Iterable[str] = ()) -> str:
    """SHA-256 of everything that was run on the server: part of the evidence."""
    texts = [*map(collector, ["in_database", *sections]), *besides]
    return sha256("\n".join(texts).encode("ascii")).hexdigest()
