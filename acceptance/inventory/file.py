"""`hosts.yaml` -> `Inventory`. Every error names file and line, and what is allowed there."""

import difflib
import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from acceptance.errors import InventoryError
from acceptance.inventory.models import (
    Agreement,
    Attestation,
    Connection,
    Customer,
    Databases,
    Host,
    Inventory,
    InventoryFile,
    Licence,
    Promise,
    Thresholds,
    Waiver,
)
from acceptance.inventory.sql import SqlConnection
from acceptance.inventory.types import FORMS, Model
from acceptance.yamlfile import MESSAGES, YamlFile, first_error, read_yaml, shown


def load_inventory(path: Path) -> Inventory:
    """Read an inventory. Raises InventoryError for the first error in the file."""
    source = read_yaml(path, InventoryError)
    data = _with_connection_defaults(source)
    _note_default_lines(source)
    try:
        file = InventoryFile.model_validate(data)
    except ValidationError as error:
        raise _with_allowed_keys(error, source) from None
    for name, customer in file.customers.items():
        _check_agreements(customer, name, source)
    customers = {
        name: _with_paths(customer, path.parent, path, source, name)
        for name, customer in file.customers.items()
    }
    return Inventory(path, customers, source)


def _with_connection_defaults(source: YamlFile) -> Any:
    """A customer's `connection:` holds for all its hosts; a host's own keys win."""
    data = source.data
    if not isinstance(data, dict) or not isinstance(data.get("customers"), dict):
        return data
    customers = {}
    for name, customer in data["customers"].items():
        if isinstance(customer, dict) and "connection" in customer:
            if not isinstance(customer["connection"], dict):
                line = source.line_of("customers", name, "connection")
                where = f"customers.{shown(name)}.connection"
                raise InventoryError(source.path, line, f"{where}: {MESSAGES['model_type']}.")
            customer = _merged(customer)
        customers[name] = customer
    return data | {"customers": customers}


def _merged(customer: dict[Any, Any]) -> dict[Any, Any]:
    customer = dict(customer)
    defaults = customer.pop("connection")
    if isinstance(customer.get("hosts"), dict):
        customer["hosts"] = {
            name: host | {"connection": defaults | host["connection"]}
            if isinstance(host, dict) and isinstance(host.get("connection"), dict)
            else host
            for name, host in customer["hosts"].items()
        }
    return customer


def _note_default_lines(source: YamlFile) -> None:
    # An error in a default is told where the default stands, not at the host that takes it.
    places = [keys for keys in source.lines if keys[:1] == ("customers",) and len(keys) >= 4]
    for default in (keys for keys in places if keys[2] == "connection"):
        for host in (
            keys for keys in places if len(keys) == 4 and keys[:3] == (*default[:2], "hosts")
        ):
            source.lines.setdefault((*host, *default[2:]), source.lines[default])


def _with_allowed_keys(error: ValidationError, source: YamlFile) -> InventoryError:
    found = first_error(error, source, InventoryError, forms=FORMS)
    assert isinstance(found, InventoryError)
    match = re.search(r"unknown key '([^']*)' in (.*)\.$", found.message)
    if match is None:
        return found
    model = _model_at(match[2].split("."))
    allowed = list(model.model_fields) + (["connection"] if model is Customer else [])
    close = difflib.get_close_matches(match[1], allowed, n=1)
    guess = f" Did you mean {close[0]!r}?" if close else ""
    return InventoryError(
        found.file, found.line, match[0], f"Allowed: {', '.join(allowed)}.{guess}"
    )


def _model_at(keys: list[str]) -> type[Model]:
    """The model that describes the mapping at `keys`."""
    by_name: dict[str, type[Model]] = {
        "connection": Connection,
        "sql": SqlConnection,
        "licence": Licence,
        "databases": Databases,
        "thresholds": Thresholds,
        "attestations": Attestation,
        "waivers": Waiver,
        "promises": Promise,
    }
    if keys[0] != "customers" or len(keys) < 2:
        return InventoryFile
    for key in reversed(keys[2:]):
        if key in by_name:
            return by_name[key]
    return Host if "hosts" in keys[2:] else Customer


def _check_agreements(customer: Customer, name: str, source: YamlFile) -> None:
    """Waivers and attestations name hosts of their customer."""
    kinds: dict[str, tuple[Agreement, ...]] = {
        "attestations": customer.attestations,
        "waivers": customer.waivers,
        "promises": customer.promises,
    }
    for kind, agreements in kinds.items():
        for index, agreement in enumerate(agreements):
            for host in agreement.hosts or ():
                if host not in customer.hosts:
                    line = source.line_of("customers", name, kind, index, "hosts")
                    known = f"known: {', '.join(customer.hosts)}"
                    where = f"customers.{name}.{kind}.{index}"
                    raise InventoryError(source.path, line, f"{where}: no host {host!r}; {known}.")
    databases = list(filter(None, [*customer.databases.exact, customer.databases.clickker]))
    for index, waiver in enumerate(customer.waivers):
        for database in waiver.databases or ():
            if database not in databases:
                line = source.line_of("customers", name, "waivers", index, "databases")
                where = f"customers.{name}.waivers.{index}"
                message = f"{where}: no database {database!r}; known: {', '.join(databases)}."
                raise InventoryError(source.path, line, message)


def _with_paths(
    customer: Customer, folder: Path, path: Path, source: YamlFile, name: str
) -> Customer:
    """Files are relative to the inventory, and must exist; an attestation's document may be a file, which is then hashed."""
    hosts = {}
    for host_name, host in customer.hosts.items():
        changed: dict[str, Any] = {}
        for part, keys in (
            ("connection", ("ca_file", "certificate", "certificate_key")),
            ("sql", ("ca_file",)),
        ):
            connection = getattr(host, part)
            files = {
                key: file for key in keys if (file := getattr(connection, key, None)) is not None
            }
            for key, file in files.items():
                if not (folder / file).is_file():
                    line = source.line_of("customers", name, "hosts", host_name, part, key)
                    where = f"customers.{name}.hosts.{host_name}.{part}.{key}"
                    raise InventoryError(path, line, f"{where}: no such file {file}.")
            if files:
                changed[part] = connection.model_copy(
                    update={key: folder / file for key, file in files.items()}
                )
        hosts[host_name] = host.model_copy(update=changed)
    attestations = tuple(with_digest(attestation, folder) for attestation in customer.attestations)
    return customer.model_copy(update={"hosts": hosts, "attestations": attestations})


def with_digest(attestation: Attestation, folder: Path) -> Attestation:
    """The attestation, its document named with its SHA-256 where it is a file beside the inventory."""
    file = folder / attestation.document
    try:
        content = file.read_bytes()
    except (OSError, ValueError):  # a description, such as "mail of 2026-11-20"
        return attestation
    return attestation.model_copy(
        update={"document": f"{attestation.document} (SHA-256 {sha256(content).hexdigest()})"}
    )


def inventory_schema() -> dict[str, Any]:
    """JSON Schema of hosts.yaml, for editors."""
    schema = InventoryFile.model_json_schema()
    connection = schema["$defs"]["Connection"]
    # Beside the models: a customer's connection holds defaults, so that a host's may be incomplete.
    defaults = {key: value for key, value in connection.items() if key != "required"}
    schema["$defs"]["Connection"] = defaults
    schema["$defs"]["Customer"]["properties"]["connection"] = {"$ref": "#/$defs/Connection"}
    return schema


if __name__ == "__main__":
    print(json.dumps(inventory_schema(), indent=2))
