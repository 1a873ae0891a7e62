"""What a selection such as `customer01/web*,customer02` means: the chosen hosts by customer."""

import fnmatch
from collections import defaultdict

from acceptance.errors import LocatedError, UsageError
from acceptance.inventory.models import Host, Inventory, Place
from acceptance.yamlfile import Keys

DEMO = "demo"
DEMO_BY_HAND = "demo-by-hand"
DEMOS = frozenset({DEMO, DEMO_BY_HAND})  # simulated customers, each with its own inventory
RESERVED = DEMOS | {"all"}  # of customers' names: each means something else behind --hosts


def select_hosts(inventory: Inventory, selection: str) -> tuple[str, dict[str, Host]]:
    """The one customer of this process and its chosen hosts.

    Raises UsageError for more than one customer: a report holds one customer's data.
    """
    chosen = select_customers(inventory, selection)
    if len(chosen) > 1:
        raise UsageError(
            "--hosts={selection} names {count} customers ({names}).",
            "Run pytest once for each: a report holds one customer's data.",
            selection=selection,
            count=len(chosen),
            names=", ".join(chosen),
        )
    return next(iter(chosen.items()))


def select_customers(inventory: Inventory, selection: str) -> dict[str, dict[str, Host]]:
    """`customer01`, `customer01/web*`, `a/x,a/y`, `all` -> the chosen hosts by customer.

    Raises UsageError for a name that matches nothing.
    """
    chosen: dict[str, dict[str, Host]] = {}
    for part in filter(None, (text.strip() for text in selection.split(","))):
        customer_pattern, slash, host_pattern = _pattern(part).partition("/")
        if slash and not host_pattern:
            raise UsageError(
                "--hosts={selection}: no host stands after the slash.",
                "{customer} alone means all of its hosts.",
                selection=selection,
                customer=customer_pattern,
            )
        for name in _customers(inventory, customer_pattern, selection):
            hosts = _hosts(inventory, name, host_pattern or "*")
            chosen.setdefault(name, {}).update(hosts)
    if not chosen:
        for error in broken_customers(inventory, selection).values():
            raise error
        raise UsageError(
            "--hosts names nothing.",
            "Known customers: {known}.",
            known=", ".join(inventory.customers),
        )
    return chosen


def each_alone(inventory: Inventory) -> dict[str, Inventory]:
    """Every customer's inventory with that customer alone: no key and no value of another's."""
    lines: defaultdict[str, dict[Keys, int]] = defaultdict(dict)
    names: defaultdict[int, dict[Keys, str]] = defaultdict(dict)  # of each file, by where they are
    sources = {id(place.source): place.source for place in inventory.places.values()}
    for name, place in inventory.places.items():
        names[id(place.source)][place.keys] = name
    for file, source in sources.items():
        for keys, line in source.lines.items():
            owner = names[file].get(keys[:2]) or names[file].get(())
            if owner is not None:
                lines[owner][keys] = line
    return {
        name: Inventory(inventory.path, {name: customer}, {name: _alone(place, lines[name])})
        for name, customer in inventory.customers.items()
        for place in [inventory.places[name]]
    }


def _alone(place: Place, lines: dict[Keys, int]) -> Place:
    return Place(place.source._replace(data=None, lines=lines, faults=()), place.keys)


def broken_customers(inventory: Inventory, selection: str) -> dict[str, LocatedError]:
    """Those of a selection that could not be read, and why."""
    parts = [_pattern(text.strip()).partition("/")[0] for text in selection.split(",")]
    return {
        name: error
        for name, error in inventory.broken.items()
        if any(fnmatch.fnmatchcase(name, part) for part in parts)
    }


def _pattern(part: str) -> str:
    return "*" if part == "all" else part


def _customers(inventory: Inventory, pattern: str, selection: str) -> list[str]:
    found = fnmatch.filter(inventory.customers, pattern)
    if found or fnmatch.filter(inventory.broken, pattern):
        return found
    if pattern in DEMOS:
        raise UsageError(
            "--hosts={selection}: the demo has an inventory of its own and is checked alone.",
            "Call it without other customers and without --inventory: --hosts={name}.",
            selection=selection,
            name=pattern,
        )
    raise UsageError(
        "--hosts={selection}: {file} has no customer '{name}'; known: {known}.",
        "Could not be read: {broken}." if inventory.broken else "",
        broken="; ".join(map(str, inventory.broken.values())),
        selection=selection,
        file=str(inventory.path),
        name=pattern,
        known=", ".join(sorted({*inventory.customers, DEMO})),
    )


def _hosts(inventory: Inventory, customer: str, pattern: str) -> dict[str, Host]:
    known = inventory.customers[customer].hosts
    found = fnmatch.filter(known, pattern)
    if not found:
        raise UsageError(
            "{file}:{line}: customer {customer} has no host '{name}'; known: {known}.",
            file=str(inventory.path_of(customer)),
            line=inventory.line_of("customers", customer, "hosts"),
            customer=customer,
            name=pattern,
            known=", ".join(known),
        )
    return {host: known[host] for host in found}
