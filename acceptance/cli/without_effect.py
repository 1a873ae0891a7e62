"""What an inventory says that has no effect, or none any more, or none yet: a run takes it, and
`acceptance check` tells it. What never can have one is a mistake (`acceptance.catalogue.agreed`).
"""

import ast
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

from acceptance.catalogue.judges import rules
from acceptance.catalogue.requirements import Catalogue
from acceptance.catalogue.rules import Requirement
from acceptance.errors import InventoryError
from acceptance.findings.applies import not_applicable
from acceptance.inventory.connection import Connection
from acceptance.inventory.models import Agreement, Attestation, Customer, Inventory, Waiver

FUTURE = "the attestation of {requirement} on {day} lies in the future and settles nothing yet."
OLD = (
    "the attestation of {requirement} on {day} is older than {days} days and settles nothing:"
    " have it confirmed again."
)
PROVED = (
    "the attestation of {requirement} settles nothing: what a machine finds decides it."
    " An agreed exception is a waiver."
)
ENDED = "the waiver of {requirement} ended with {day} and covers nothing any more."
NOT_YET = "the waiver of {requirement} is agreed only from {day} on and covers nothing yet."
NO_HOST = "{requirement} is asked of no host here: none has the role {roles}."
ELSEWHERE = "what is agreed of {requirement} has no effect here: {why}."
NOT_USED = "{key} has no effect with backend: {backend}."
NOBODY = "connection holds for no host: none has a connection of its own."

AWAITING = ("cannot_decide", "threshold")  # of acceptance/findings/record.py
OF_WINRM = frozenset(
    {"scheme", "auth", "verify_tls", "ca_file", "certificate", "certificate_key"}
    | {"kerberos_hostname", "operation_seconds"}
)
OF_LOG_IN = frozenset({"username", "password", "port"})
# The keys of a connection that its backend never looks at.
IDLE: Mapping[str, frozenset[str]] = {
    "winrm": frozenset(),
    "ssh": OF_WINRM,
    "local": OF_WINRM | OF_LOG_IN,
    "script": OF_WINRM | OF_LOG_IN | {"deadline_seconds"},
}


def without_effect(
    inventory: Inventory, name: str, catalogue: Catalogue, may_await: set[str], today: date
) -> Iterator[InventoryError]:
    """Each with its file and line."""
    customer = inventory.customers[name]

    def note(message: str, *keys: str | int, **values: str) -> InventoryError:
        path, line = inventory.path_of(name), inventory.line_of("customers", name, *keys)
        return InventoryError(path, line, message, **values)

    for kind, index, agreement in customer.agreements():
        entry = catalogue.entries.get(agreement.requirement)
        if entry is None:
            continue  # an error of its own
        for key, text, values in (
            *_of_time(agreement, customer, today),
            *_of_scope(agreement, customer, entry.requirement, may_await),
        ):
            values = {"requirement": agreement.requirement, **values}
            yield note(text, kind, index, key, **values)
    for host, found in customer.hosts.items():
        if found.connection is not None:
            for key in _idle(inventory, name, host, found.connection):
                keys = ("hosts", host, "connection", key)
                yield note(NOT_USED, *keys, key=key, backend=found.connection.backend)
    nobody = not any(host.connection for host in customer.hosts.values())
    if nobody and _written(inventory, name, "connection"):
        yield note(NOBODY, "connection")


Note = tuple[str, str, dict[str, str]]  # the key that it is about, its template, values


def _of_time(agreement: Agreement, customer: Customer, today: date) -> Iterator[Note]:
    if isinstance(agreement, Attestation):
        days = customer.attestation_days
        values = {"day": agreement.on.isoformat(), "days": str(days)}
        if agreement.on > today:
            yield "on", FUTURE, values
        elif agreement.on < today - timedelta(days=days):
            yield "on", OLD, values
    if isinstance(agreement, Waiver):
        if agreement.until < today:
            yield "until", ENDED, {"day": agreement.until.isoformat()}
        elif agreement.agreed_on > today:
            yield "agreed_on", NOT_YET, {"day": agreement.agreed_on.isoformat()}


def _of_scope(
    agreement: Agreement, customer: Customer, requirement: Requirement, may_await: set[str]
) -> Iterator[Note]:
    """A phase comes and goes; what the customer does not have is another matter."""
    if isinstance(agreement, Attestation) and requirement.rule not in may_await:
        yield "requirement", PROVED, {}
    has = {role for host in customer.hosts.values() for role in host.roles}
    if not has & set(requirement.roles):
        yield "requirement", NO_HOST, {"roles": " or ".join(requirement.roles)}
    elif why := not_applicable(requirement, customer, None):
        yield "requirement", ELSEWHERE, {"why": str(why)}


def _idle(inventory: Inventory, name: str, host: str, connection: Connection) -> Iterator[str]:
    """Of the keys that stand at the host itself: a customer's defaults are for all its hosts."""
    for key in Connection.model_fields:
        if key in IDLE[connection.backend] and _written(
            inventory, name, "hosts", host, "connection", key
        ):
            yield key


def _written(inventory: Inventory, name: str, *keys: str) -> bool:
    place = inventory.places[name]
    return (*place.keys, *keys) in place.source.lines


def rules_that_may_await(tests: Path) -> set[str]:
    """The rules whose judges can leave it to a person; every other one is proved by a machine."""
    return {
        name
        for name, nodes in judges(tests)
        if any(isinstance(one, ast.Attribute) and one.attr in AWAITING for one in nodes)
    }


def judges(tests: Path) -> Iterator[tuple[str, list[ast.AST]]]:
    """Each rule, and the text of its judge with the functions of its module that it calls."""
    read: dict[Path, dict[str, ast.FunctionDef]] = {}
    for rule in rules(tests):
        if rule.file not in read:
            module = ast.parse(rule.file.read_text(encoding="utf-8"))
            found = {one.name: one for one in module.body if isinstance(one, ast.FunctionDef)}
            read[rule.file] = found
        yield rule.name, list(_nodes(rule.function, read[rule.file]))


def _nodes(name: str, functions: Mapping[str, ast.FunctionDef]) -> Iterator[ast.AST]:
    nodes = list(ast.walk(functions[name]))
    yield from nodes
    for other in {one.id for one in nodes if isinstance(one, ast.Name)} & functions.keys():
        if other != name:
            yield from _nodes(other, functions)
