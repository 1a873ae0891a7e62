"""`acceptance check`: every mistake of an inventory, customer by customer; connects nowhere."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from acceptance.catalogue import agreed
from acceptance.catalogue.requirements import Catalogue
from acceptance.cli.without_effect import rules_that_may_await, without_effect
from acceptance.errors import AcceptanceError, InventoryError, LocatedError
from acceptance.findings.answers import with_answers
from acceptance.inventory.file import load_inventory
from acceptance.inventory.select import RESERVED


class Checked(NamedTuple):
    """What is wrong (a run would refuse it), and what a run takes but somebody should know."""

    wrong: list[AcceptanceError]
    lines: list[str]


def check_inventory(path: Path, catalogue: Catalogue, tests: Path, today: date) -> Checked:
    """Read the inventory against the catalogue and the calendar.

    Raises LocatedError for no inventory.
    """
    if not path.is_file():
        raise InventoryError(path, 1, "no such file.", "Make one: acceptance init")
    inventory = load_inventory(path, RESERVED)
    wrong: list[AcceptanceError] = [*inventory.broken.values()]
    notes: list[LocatedError] = []
    may_await = rules_that_may_await(tests)
    for name, customer in inventory.customers.items():
        try:
            agreed.check(catalogue, replace(inventory, customers={name: customer}))
            with_answers(name, customer, inventory.answers_of(name), catalogue)
        except AcceptanceError as error:
            wrong.append(error)
        notes += without_effect(inventory, name, catalogue, may_await, today)
    number = len(inventory.customers)
    lines = [str(one) for one in (*wrong, *notes)]
    if not wrong:
        customers = "customer" if number == 1 else "customers"
        lines.append(f"{path}: {number} {customers}, nothing wrong.")
    return Checked(wrong, lines)
