"""`acceptance check --connect`: can each server be asked as the inventory says, and how else?"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from acceptance.catalogue.rules import Requirement
from acceptance.collecting.connecting import Passwords, Way, ways_of
from acceptance.inventory.file import load_inventory
from acceptance.inventory.select import RESERVED, select_hosts
from acceptance.secrets import ask_at_terminal
from acceptance.text import one_line


def connect(
    inventory: Path, selection: str, catalogue: Iterable[Requirement]
) -> Iterator[tuple[str, bool]]:
    """Lines as they come, and whether each is one of a failure.

    Raises UsageError for an unknown name.
    """
    read = load_inventory(inventory, RESERVED)
    name, hosts = select_hosts(read, selection)
    passwords = Passwords(ask_at_terminal)
    ways = []
    for way in ways_of(read.customers[name], hosts, passwords, [*catalogue]):
        ways.append(way)
        yield from _lines(way)
    for reference, error in passwords.missing.items():
        yield one_line(f"{reference}: {error.message} {error.remedy}"), True
    count = sum(way.open for way in ways)
    yield f"{count} of {len(ways)} ways in are open.", count < len(ways)


def _lines(way: Way) -> Iterator[tuple[str, bool]]:
    yield one_line(way.name), False
    for step in way.steps:
        yield f"  {step.what:<10} {one_line(f'{step.found} {step.mend}')}".rstrip(), step.failed
    for other in way.others:
        yield f"    {one_line(str(other), 300)}", False
