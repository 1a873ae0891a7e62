"""`acceptance check`: every mistake of an inventory, customer by customer; connects nowhere."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from acceptance.catalogue.judges import rules
from acceptance.catalogue.requirements import Catalogue
from acceptance.errors import InventoryError, LocatedError
from acceptance.inventory.file import load_inventory
from acceptance.inventory.models import Customer, Inventory
from acceptance.inventory.select import RESERVED

FUTURE = "the attestation of {requirement} on {day} lies in the future and settles nothing yet."
OLD = (
    "the attestation of {requirement} on {day} is older than {days} days and settles nothing:"
    " have it confirmed again."
)
PROVED = (
    "the attestation of {requirement} settles nothing: what a machine finds decides it."
    " An agreed exception is a waiver."
)
AWAITING = ("cannot_decide", "threshold")  # of fixtures/record.py


class Checked(NamedTuple):
    """What is wrong (a run would refuse it), and what a run takes but somebody should know."""

    wrong: list[LocatedError]
    lines: list[str]


def check_inventory(path: Path, catalogue: Catalogue, tests: Path, today: date) -> Checked:
    """Read the inventory against the catalogue and the calendar.

    Raises LocatedError for no inventory.
    """
    if not path.is_file():
        raise InventoryError(path, 1, "no such file.", "Make one: acceptance init")
    inventory = load_inventory(path, RESERVED)
    wrong = [*inventory.broken.values()]
    notes: list[LocatedError] = []
    open_rules = rules_that_may_await(tests)
    for name, customer in inventory.customers.items():
        try:
            catalogue.check(replace(inventory, customers={name: customer}))
        except LocatedError as error:
            wrong.append(error)
        notes += _out_of_time(inventory, name, customer, today)
        notes += _of_what_is_proved(inventory, name, catalogue, open_rules)
    number = len(inventory.customers)
    lines = [str(one) for one in (*wrong, *notes)]
    if not wrong:
        customers = "customer" if number == 1 else "customers"
        lines.append(f"{path}: {number} {customers}, nothing wrong.")
    return Checked(wrong, lines)


def _out_of_time(
    inventory: Inventory, name: str, customer: Customer, today: date
) -> Iterator[LocatedError]:
    """Those that settle nothing: of tomorrow, or too old."""
    oldest = today - timedelta(days=customer.attestation_days)
    for index, attestation in enumerate(customer.attestations):
        if oldest <= attestation.on <= today:
            continue
        yield InventoryError(
            inventory.path_of(name),
            inventory.line_of("customers", name, "attestations", index, "on"),
            FUTURE if attestation.on > today else OLD,
            requirement=attestation.requirement,
            day=attestation.on.isoformat(),
            days=customer.attestation_days,
        )


def _of_what_is_proved(
    inventory: Inventory, name: str, catalogue: Catalogue, open_rules: set[str]
) -> Iterator[LocatedError]:
    for index, attestation in enumerate(inventory.customers[name].attestations):
        entry = catalogue.entries.get(attestation.requirement)
        if entry is not None and entry.requirement.rule not in open_rules:
            yield InventoryError(
                inventory.path_of(name),
                inventory.line_of("customers", name, "attestations", index, "requirement"),
                PROVED,
                requirement=attestation.requirement,
            )


def rules_that_may_await(tests: Path) -> set[str]:
    """The rules whose tests can leave it to a person; every other one is proved by a machine."""
    found = set()
    for rule in rules(tests):
        module = ast.parse(rule.file.read_text(encoding="utf-8"))
        functions = {one.name: one for one in module.body if isinstance(one, ast.FunctionDef)}
        if _may_await(rule.function, functions):
            found.add(rule.name)
    return found


def _may_await(name: str, functions: Mapping[str, ast.FunctionDef]) -> bool:
    """Whether a test, or a function of its module that it calls,
    has a way to await confirmation.
    """
    nodes = list(ast.walk(functions[name]))
    called = {one.id for one in nodes if isinstance(one, ast.Name)} & functions.keys() - {name}
    awaits = any(isinstance(one, ast.Attribute) and one.attr in AWAITING for one in nodes)
    return awaits or any(_may_await(other, functions) for other in called)
