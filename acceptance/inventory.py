"""`hosts.yaml` -> typed models. Every error names file and line, and what is allowed there."""

import difflib
import json
import re
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PositiveFloat, ValidationError, model_validator

from acceptance.errors import InventoryError
from acceptance.inventory_sql import SqlConnection
from acceptance.inventory_types import (
    FORMS,
    Account,
    Count,
    Day,
    FileName,
    HostName,
    Model,
    OneFileEach,
    Proxy,
    SecretReference,
    Text,
    Zone,
)
from acceptance.yamlfile import MESSAGES, YamlFile, first_error, read_yaml, shown

Role = Literal["web", "database"]


class Connection(Model):
    """How a host is reached. Timeouts in seconds."""

    backend: Literal["winrm"] = "winrm"
    address: Text = Field(description="DNS name; Kerberos and TLS need the full one")
    scheme: Literal["https", "http"] = "https"
    port: Annotated[int, Field(ge=1, le=65535, strict=True)] | None = Field(
        None, description="default 5986 for https, 5985 for http"
    )
    auth: Literal["ntlm", "kerberos", "credssp", "certificate", "basic"] = "ntlm"
    username: Text | None = Field(None, description="DOMAIN\\user, user@domain, or .\\user for a local account")
    password: SecretReference | None = Field(None, description="env:NAME, keyring:service/user or prompt:")
    certificate: Path | None = Field(None, description="PEM file, for auth certificate")
    certificate_key: Path | None = Field(None, description="PEM file, for auth certificate")
    verify_tls: bool = True
    ca_file: Path | None = Field(None, description="PEM file of the CA that issued the server's certificate")
    kerberos_hostname: Text | None = None
    connect_seconds: PositiveFloat = 10
    operation_seconds: Count = 20
    deadline_seconds: PositiveFloat = 300

    @property
    def effective_port(self) -> int:
        return self.port or (5986 if self.scheme == "https" else 5985)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.auth in ("basic", "certificate") and self.scheme != "https":
            raise ValueError(f"auth {self.auth} is allowed over https only: over http it would go in clear")
        if self.auth in ("ntlm", "credssp", "basic") and not (self.username and self.password):
            raise ValueError(f"auth {self.auth} needs username and password")
        if self.auth == "certificate" and not (self.certificate and self.certificate_key):
            raise ValueError("auth certificate needs certificate and certificate_key")
        if self.ca_file and (self.scheme != "https" or not self.verify_tls):
            raise ValueError("ca_file has no effect without https and verify_tls: true; remove one of them")
        return self


class Host(Model):
    """One server of a customer: reached over WinRM (`connection`), as a SQL Server (`sql`), or both."""

    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    connection: Connection | None = None
    sql: SqlConnection | None = Field(None, description="for the role database")

    @property
    def address(self) -> str:
        """Where people find this server."""
        if self.connection is not None:
            return self.connection.address
        assert self.sql is not None
        return self.sql.server

    @model_validator(mode="after")
    def _is_reachable(self) -> Self:
        if self.connection is None and self.sql is None:
            raise ValueError("a host needs connection (WinRM) or sql")
        if self.sql is not None and "database" not in self.roles:
            raise ValueError("sql belongs to a host with the role database")
        return self


class Databases(Model):
    """Names as SQL Server has them; always in quotes, since YAML reads an unquoted 020 as a number."""

    exact: tuple[Text, ...] = ()
    synergy: Text | None = Field(None, description="which of `exact` is Synergy's, where there are several")
    clickker: Text | None = None

    @model_validator(mode="after")
    def _synergy_is_an_exact_database(self) -> Self:
        if self.synergy is not None and self.synergy not in self.exact:
            raise ValueError(f"synergy: {self.synergy!r} is none of exact ({', '.join(self.exact)})")
        return self


class Licence(Model):
    """What Exact publishes nowhere and an operator may know."""

    connectivity_client_option: Annotated[int, Field(ge=0, le=1022)] | None = Field(
        None, description="number N of the column opt_N of dbo.ExactOptions; unset = awaiting confirmation"
    )


class Thresholds(Model):
    """Exact's own system requirements as agreed with the customer; unset = awaiting confirmation."""

    cores: Count | None = None
    memory_gb: PositiveFloat | None = None
    free_disk_gb: PositiveFloat | None = None
    sql_versions: tuple[Text, ...] = Field((), description='major versions of SQL Server, such as "15.0" for 2019')


class Agreement(Model):
    """What waivers and attestations have in common; `hosts` unset: all hosts of the customer."""

    requirement: Text
    hosts: Annotated[tuple[HostName, ...], Field(min_length=1)] | None = None


class Attestation(Agreement):
    """A named person's confirmation of what no machine can prove."""

    name: Text
    role: Text
    on: Day
    document: Text


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


class Waiver(Agreement):
    """An agreed, dated exception; ends at the end of its last day in the customer's time zone."""

    reason: Text
    requested_by: Text
    approved_by: Text
    approver_role: Text
    agreed_on: Day
    until: Day
    databases: Annotated[tuple[Text, ...], Field(min_length=1)] | None = Field(
        None, description="unset: all databases; else it covers a finding that concerns no other database"
    )

    @model_validator(mode="after")
    def _governed(self) -> Self:
        if self.requested_by.casefold() == self.approved_by.casefold():
            raise ValueError("who asks for a waiver cannot approve it")
        if self.until < self.agreed_on:
            raise ValueError("until lies before agreed_on")
        return self


class Promise(Agreement):
    """Who mends an open finding, and by when; the finding stays what it is."""

    who: Text
    by: date
    note: Text | None = None


class Customer(Model):
    """One customer: servers, service account, phase, databases, agreements."""

    title: Text
    phase: Literal["prepare", "installed"] = "prepare"
    time_zone: Zone = "UTC"
    service_account: Account = Field(description="DOMAIN\\user")
    databases: Databases = Databases()
    globe: bool = Field(False, description="Exact Globe+ is used beside Synergy")
    writes_back: bool = Field(False, description="the integration writes data back to Exact")
    external_access: Literal["none", "ssl", "vpn"] = Field(
        "none", description="do external developers connect, and how?"
    )
    external_host: HostName | None = Field(None, description="the name that external developers connect to")
    proxy: Proxy | None = Field(None, description="host:port of the proxy that the servers reach the internet through")
    look_from_here: Annotated[bool, Field(strict=True)] = Field(
        True, description="also ask the addresses, and Remote Desktop's port, from the machine that the suite runs on"
    )
    thresholds: Thresholds = Thresholds()
    licence: Licence = Licence()
    attestation_days: Count = 180
    hosts: Annotated[dict[FileName, Host], Field(min_length=1), OneFileEach]
    attestations: tuple[Attestation, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    promises: tuple[Promise, ...] = ()


class InventoryFile(Model):
    """The whole of hosts.yaml."""

    customers: Annotated[dict[FileName, Customer], Field(min_length=1), OneFileEach]


@dataclass(frozen=True)
class Inventory:
    """A read inventory, and where each of its keys stands."""

    path: Path
    customers: dict[str, Customer]
    source: YamlFile

    def line_of(self, *keys: str | int) -> int:
        """The line of a key, for the errors of others: `line_of("customers", "customer01", "hosts")`."""
        return self.source.line_of(*keys)


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
        name: _with_paths(customer, path.parent, path, source, name) for name, customer in file.customers.items()
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
        for host in (keys for keys in places if len(keys) == 4 and keys[:3] == (*default[:2], "hosts")):
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
    return InventoryError(found.file, found.line, match[0], f"Allowed: {', '.join(allowed)}.{guess}")


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


def _with_paths(customer: Customer, folder: Path, path: Path, source: YamlFile, name: str) -> Customer:
    """Files are relative to the inventory, and must exist; an attestation's document may be a file, which is then hashed."""
    hosts = {}
    for host_name, host in customer.hosts.items():
        changed: dict[str, Any] = {}
        for part, keys in (("connection", ("ca_file", "certificate", "certificate_key")), ("sql", ("ca_file",))):
            connection = getattr(host, part)
            files = {key: file for key in keys if (file := getattr(connection, key, None)) is not None}
            for key, file in files.items():
                if not (folder / file).is_file():
                    line = source.line_of("customers", name, "hosts", host_name, part, key)
                    where = f"customers.{name}.hosts.{host_name}.{part}.{key}"
                    raise InventoryError(path, line, f"{where}: no such file {file}.")
            if files:
                changed[part] = connection.model_copy(update={key: folder / file for key, file in files.items()})
        hosts[host_name] = host.model_copy(update=changed)
    attestations = tuple(with_digest(attestation, folder) for attestation in customer.attestations)
    return customer.model_copy(update={"hosts": hosts, "attestations": attestations})


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
