"""`hosts.yaml` -> `Inventory`. Every error names file and line, and what is allowed there.

A mistake in what describes one customer costs that customer: it is among the inventory's `broken`.
"""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from acceptance.errors import WORDS, InventoryError, LocatedError
from acceptance.inventory.checks import check_agreements, check_databases, check_through, with_paths
from acceptance.inventory.models import Customer, Inventory, InventoryFile, Place
from acceptance.inventory.supported import line_to_write
from acceptance.inventory.types import FORMS, FileName
from acceptance.yamlfile import YamlFile, read_yaml, shown
from acceptance.yamlmodel import Loc, first_error, keys_at

INCLUDE_TWICE = "include: it belongs into hosts.yaml alone."
TWICE = "customers: {name} is described in {other_file}, line {at}, too."
CASE_ONLY = "customers: {other} and {name} differ in case only; on Windows they would be one file."
NAMED = dict[FileName, Customer]
CUSTOMERS: TypeAdapter[dict[str, Customer]] = TypeAdapter(NAMED)


def load_inventory(path: Path, reserved: Collection[str] = ()) -> Inventory:
    """Read an inventory; `reserved`: names that no customer may have.

    Raises InventoryError where no customer could be read.
    """
    customers: dict[str, Customer] = {}
    places: dict[str, Place] = {}
    broken: dict[str, LocatedError] = {}
    names: dict[str, str] = {}
    for written, found in _written(path):
        name = str(written)
        if isinstance(found, LocatedError):
            broken.setdefault(name, found)
            continue
        first = names.setdefault(name.casefold(), name)
        if name in places or first != name:
            broken[name] = broken[first] = _twice(name, first, found, places[first])
            customers.pop(first, None)
            continue
        places[name] = found
        try:
            customers[name] = _customer(written, found, reserved)
        except InventoryError as error:
            broken[name] = error
    if not customers:
        raise next(iter(broken.values()))
    return Inventory(path, customers, places, broken)


def _written(path: Path) -> Iterator[tuple[Any, Place | LocatedError]]:
    """Each customer, and where it is described or why it cannot be read:
    of hosts.yaml and its files.
    """
    source = read_yaml(path, InventoryError, whole=False)
    top = _top(source)
    yield from _of_file(source)
    patterns = (top.include,) if isinstance(top.include, str) else top.include
    for index, pattern in enumerate(patterns):
        files = _matching(path, pattern)
        if not files:
            line = source.line_of("include", index)
            raise InventoryError(path, line, "include: {it} matches no file.", it=pattern)
        for file in files:
            yield from _included(file)
    if not patterns and not source.data.get("customers"):
        line = source.line_of("customers")
        raise InventoryError(path, line, "customers: {what}.", what=WORDS["too_short"])


def _matching(path: Path, pattern: str) -> list[Path]:
    """The files that a pattern names, relative to the inventory, which may match it itself."""
    try:
        return sorted(file for file in path.parent.glob(pattern) if not file.samefile(path))
    except (NotImplementedError, ValueError, OSError):  # an absolute pattern, or none
        return []


def _top(source: YamlFile) -> InventoryFile:
    """The top of hosts.yaml alone; its customers are read one by one."""
    data = source.data
    if isinstance(data, dict) and isinstance(data.get("customers"), dict):
        data = data | {"customers": {}}
    elif source.faults:
        raise source.faults[0]
    try:
        top = InventoryFile.model_validate(data)
    except ValidationError as error:
        raise first_error(
            error,
            source,
            InventoryError,
            forms=FORMS,
            allowed=lambda loc: keys_at(InventoryFile, loc),
        ) from None
    if not {"customers", "include"} & source.data.keys():
        raise InventoryError(
            source.path, 1, "{parent}: '{key}' is missing.", parent="the file", key="customers"
        )
    for fault in source.faults:
        if not any(_holds(source, name, fault) for name in source.data.get("customers", {})):
            raise fault
    return top


def _of_file(source: YamlFile) -> Iterator[tuple[Any, Place | LocatedError]]:
    for name in source.data.get("customers", {}):
        faults = [fault for fault in source.faults if _holds(source, name, fault)]
        if faults:
            yield name, faults[0]
        else:
            yield name, Place(source, ("customers", str(name)))


def _holds(source: YamlFile, name: Any, fault: LocatedError) -> bool:
    """Whether a fault's line lies between this customer's name and the next one's."""
    starts = sorted(source.line_of("customers", one) for one in source.data["customers"])
    start = source.line_of("customers", name)
    end = min((line for line in starts if line > start), default=fault.line + 1)
    return start <= fault.line < end


def _included(path: Path) -> Iterator[tuple[Any, Place | LocatedError]]:
    """A file of customers, or of one customer's own keys, whose name is then the file's."""
    try:
        source = read_yaml(path, InventoryError, whole=False)
        if isinstance(source.data, dict) and "customers" in source.data:
            top = _top(source)
            if top.include:
                line = source.line_of("include")
                yield path.stem, InventoryError(path, line, INCLUDE_TWICE)
            yield from _of_file(source)
        elif source.faults:
            yield path.stem, source.faults[0]
        else:
            yield path.stem, Place(source, ())
    except InventoryError as error:
        yield path.stem, error


def _twice(name: str, other: str, place: Place, first: Place) -> InventoryError:
    line = place.source.line_of(*place.keys)
    return InventoryError(
        place.source.path,
        line,
        TWICE if name == other else CASE_ONLY,
        "Keep one of them.",
        name=name,
        other=other,
        other_file=str(first.source.path),
        at=first.source.line_of(*first.keys),
    )


def _customer(name: Any, place: Place, reserved: Collection[str]) -> Customer:
    source = place.source
    if str(name).casefold() in reserved:
        raise InventoryError(
            source.path,
            source.line_of(*place.keys),
            "customers.{name}: the name has a meaning of its own behind --hosts.",
            "Give the customer another one.",
            name=str(name),
        )
    data = source.data if not place.keys else source.data["customers"][name]
    try:
        [customer] = CUSTOMERS.validate_python({name: _merged(data, place)}).values()
    except ValidationError as error:
        _note_default_lines(place)
        prefix = place.keys[:-1]
        raise first_error(
            error, source, InventoryError, prefix, forms=FORMS, allowed=_allowed, moved=_moved
        ) from None
    check_agreements(customer, place)
    check_databases(customer, place)
    check_through(customer, place)
    return with_paths(customer, place)


def _allowed(loc: Loc) -> list[str]:
    # A customer's `connection` is merged into its hosts before they are validated.
    return keys_at(NAMED, loc) + (["connection"] if len(loc) == 1 else [])


def _moved(loc: Loc, value: Any) -> str:
    if loc[1:] != ("thresholds", "sql_versions"):
        return ""
    return line_to_write("SQL Server", value if isinstance(value, list) else [value])


def _merged(customer: Any, place: Place) -> Any:
    """A customer's `connection:` holds for all its hosts; a host's own keys win."""
    if not isinstance(customer, dict) or "connection" not in customer:
        return customer
    customer = dict(customer)
    defaults = customer.pop("connection")
    if not isinstance(defaults, dict):
        where = (*place.keys, "connection")
        raise InventoryError(
            place.source.path,
            place.source.line_of(*where),
            "{where}: {what}.",
            where=".".join(map(shown, where)),
            what=WORDS["model_type"],
        )
    if isinstance(customer.get("hosts"), dict):
        customer["hosts"] = {
            name: host | {"connection": defaults | host["connection"]}
            if isinstance(host, dict) and isinstance(host.get("connection"), dict)
            else host
            for name, host in customer["hosts"].items()
        }
    return customer


def _note_default_lines(place: Place) -> None:
    # An error in a default is told where the default stands, not at the host that takes it.
    lines, depth = place.source.lines, len(place.keys)
    own = [keys for keys in lines if keys[:depth] == place.keys]
    hosts = [keys for keys in own if len(keys) == depth + 2 and keys[depth] == "hosts"]
    for default in [keys for keys in own if keys[depth : depth + 1] == ("connection",)]:
        for host in hosts:
            lines.setdefault((*host, *default[depth:]), lines[default])


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
