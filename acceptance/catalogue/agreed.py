"""What a customer's agreements say, held against the catalogue:
one that can never have an effect is a mistake of the inventory, told with its line.
"""

from collections.abc import Iterator

from acceptance.catalogue.requirements import Catalogue
from acceptance.catalogue.rules import RULES, Requirement
from acceptance.errors import InventoryError
from acceptance.inventory.models import Agreement, Customer, Inventory, Waiver

Where = tuple[str | int, ...]


def check(catalogue: Catalogue, inventory: Inventory) -> None:
    """Raise InventoryError for a waiver, attestation or promise of what is not in the catalogue or
    cannot be waived, for one that says where it holds and holds nowhere there, and for a required
    hint that is none.
    """
    for name, customer in inventory.customers.items():
        for index, hint in enumerate(customer.required_hints):
            _check_hint(catalogue, inventory, ("customers", name, "required_hints", index), hint)
        for where, agreement in _agreements(name, customer):
            _check_name(catalogue, inventory, where, agreement.requirement)
            requirement = catalogue.entries[agreement.requirement].requirement
            _check_hosts(inventory, customer, where, agreement, requirement)
            if isinstance(agreement, Waiver):
                _check_databases(inventory, customer, where, agreement, requirement)


def _agreements(name: str, customer: Customer) -> Iterator[tuple[Where, Agreement]]:
    for kind in ("waivers", "attestations", "promises"):
        for index, agreement in enumerate(getattr(customer, kind)):
            yield ("customers", name, kind, index), agreement


def _wrong(
    inventory: Inventory, where: Where, message: str, remedy: str = "", /, **values: str
) -> InventoryError:
    path = inventory.path_of(str(where[1]))
    return InventoryError(path, inventory.line_of(*where), message, remedy, **values)


def _check_hint(catalogue: Catalogue, inventory: Inventory, where: Where, hint: str) -> None:
    known = [one.id for one in catalogue if one.weight == "hint"]
    if hint not in known:
        text = "{hint} is no hint of the catalogue."
        raise _wrong(inventory, where, text, "Known: {known}.", hint=hint, known=", ".join(known))


def _check_name(catalogue: Catalogue, inventory: Inventory, where: Where, name: str) -> None:
    entry = catalogue.entries.get(name)
    if entry is not None and (entry.requirement.waivable or "waivers" not in where):
        return
    where = (*where, "requirement")
    successor = next((one.id for one in catalogue if one.replaces == name), "")
    if entry is not None:
        raise _wrong(inventory, where, "{id} cannot be waived: the catalogue says so.", id=name)
    if successor:
        text = "{old} was replaced by {new}."
        remedy = "Have it confirmed anew, for {new}."
        raise _wrong(inventory, where, text, remedy, old=name, new=successor)
    text = "no requirement '{id}' in the catalogue; known: {known}."
    raise _wrong(inventory, where, text, id=name, known=", ".join(catalogue.entries))


def _check_hosts(
    inventory: Inventory,
    customer: Customer,
    where: Where,
    agreement: Agreement,
    requirement: Requirement,
) -> None:
    """A requirement is asked of hosts with its roles alone."""
    for index, name in enumerate(agreement.hosts or ()):
        if not set(requirement.roles) & set(customer.hosts[name].roles):
            raise _wrong(
                inventory,
                (*where, "hosts", index),
                "{id} is not asked of {host}, which has not the role {roles}: "
                "what is agreed of it there has no effect.",
                "Name other hosts, or leave {key} out.",
                id=requirement.id,
                host=name,
                roles=" or ".join(requirement.roles),
                key="hosts",
            )


def _check_databases(
    inventory: Inventory,
    customer: Customer,
    where: Where,
    waiver: Waiver,
    requirement: Requirement,
) -> None:
    """A waiver of single databases covers only what is said of each of them."""
    kinds = RULES[requirement.rule].databases
    of = {
        "exact": customer.databases.exact,
        "clickker": tuple(filter(None, [customer.databases.clickker])),
    }
    here = _databases_of(customer, waiver)
    for index, name in enumerate(waiver.databases or ()):
        values = {"id": requirement.id, "name": name, "key": "databases"}
        place = (*where, "databases", index)
        remedy = "Leave {key} out."
        if not kinds:
            text = "{id} is not asked database by database: this waiver would cover nothing."
            raise _wrong(inventory, place, text, remedy, **values)
        if not any(name in of[kind] for kind in kinds):
            text = "{id} is not asked of the database {name}, only of {key}.{kinds}."
            remedy = "Name others, or leave {key} out."
            raise _wrong(inventory, place, text, remedy, kinds=" and ".join(kinds), **values)
        if here is not None and name not in here:
            text = "the database {name} is on none of the hosts that this waiver is for."
            remedy = "Name other hosts, or other databases."
            raise _wrong(inventory, place, text, remedy, **values)


def _databases_of(customer: Customer, waiver: Waiver) -> set[str] | None:
    """Those that the inventory places on the waiver's hosts; None: it does not say."""
    found: set[str] = set()
    for name in waiver.hosts or customer.hosts:
        host = customer.hosts[name]
        if "database" not in host.roles:
            continue
        if host.sql is None or host.sql.databases is None:
            return None
        found |= set(host.sql.databases)
    return found or None
