"""Which sections each server of a customer is asked for, so that it is asked once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from acceptance.evidence.sql import SQL_SECTIONS
from acceptance.inventory.models import Host


@dataclass(frozen=True)
class Needed:
    """Sections to ask of one host: of its Windows, and of its SQL Server."""

    windows: frozenset[str] = frozenset()
    sql: frozenset[str] = frozenset()

    def __add__(self, other: "Needed") -> "Needed":
        return Needed(self.windows | other.windows, self.sql | other.sql)

    def without(self, sections: frozenset[str]) -> "Needed":
        """All but these."""
        return Needed(self.windows - sections, self.sql - sections)

    def __bool__(self) -> bool:
        return bool(self.windows or self.sql)

    def __str__(self) -> str:
        return ", ".join([*sorted(self.windows), *sorted(self.sql)])

    def of(self, host: Host) -> "Needed":
        """The part that this host can be asked."""
        return Needed(
            windows=self.windows if host.connection is not None else frozenset(),
            sql=self.sql if host.sql is not None else frozenset(),
        )


def needed(sections: Iterable[str]) -> Needed:
    """Sections by where their collectors live."""
    asked = frozenset(sections)
    return Needed(windows=asked - frozenset(SQL_SECTIONS), sql=asked & frozenset(SQL_SECTIONS))


def plan(
    wanted: Iterable[tuple[str, Needed, Needed]],
    hosts: Mapping[str, Host],
    left_out: frozenset[str] = frozenset(),
) -> dict[str, Needed]:
    """By host what is asked of it:
    `{"web01": Needed(windows={"iis"}), "db01": Needed(sql={"baco"})}`.

    `wanted`: for each judge its host, what it reads there, and what it reads on all `hosts`.
    `left_out`: sections that cannot be asked yet.
    A host of which nobody knows how it is reached is asked nothing.
    """
    asked: dict[str, Needed] = defaultdict(Needed)
    for name, here, elsewhere in wanted:
        if name in hosts:
            asked[name] += here.of(hosts[name])
        for other, host in hosts.items() if elsewhere else ():
            asked[other] += elsewhere.of(host)
    kept = {name: one.without(left_out) for name, one in asked.items()}
    return {name: one for name, one in kept.items() if one}
