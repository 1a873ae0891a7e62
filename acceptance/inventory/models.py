"""The inventory's models: customers, their servers, agreements."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from acceptance.errors import LocatedError
from acceptance.inventory.connection import Connection
from acceptance.inventory.sql import SqlConnection
from acceptance.inventory.types import (
    Account,
    Address,
    Administration,
    Amount,
    Count,
    Day,
    Days,
    FileName,
    HostName,
    Model,
    OneFileEach,
    Proxy,
    Text,
    ToTell,
    YesNo,
    Zone,
    letters,
)
from acceptance.yamlfile import Keys, YamlFile

Role = Literal["web", "database"]


class Host(Model):
    """One server of a customer: reached over WinRM or by hand (`connection`),
    as a SQL Server (`sql`), or both.

    Neither: nobody has said yet how it is reached.
    """

    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    connection: Connection | None = None
    sql: SqlConnection | None = Field(None, description="for the role database")

    @property
    def address(self) -> str:
        """Where people find this server; "" where nobody has said."""
        if self.connection is not None:
            return self.connection.address
        return self.sql.server if self.sql else ""

    @model_validator(mode="after")
    def _sql_fits_the_role(self) -> Self:
        if self.sql is not None and "database" not in self.roles:
            raise ValueError("sql belongs to a host with the role database")
        return self


class Databases(Model):
    """Names as SQL Server has them; always in quotes: YAML reads an unquoted 020 as a number."""

    exact: tuple[Text, ...] = ()
    synergy: Text | None = Field(
        None, description="which of `exact` is Synergy's, where there are several"
    )
    clickker: Text | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All that somebody has named."""
        return (*self.exact, *filter(None, [self.clickker]))

    @model_validator(mode="after")
    def _each_is_what_it_is_called(self) -> Self:
        if self.synergy is not None and self.synergy not in self.exact:
            raise ValueError(
                f"synergy: {self.synergy!r} is none of exact ({', '.join(self.exact)})"
            )
        if self.clickker is not None and self.clickker in self.exact:
            raise ValueError(
                f"clickker: {self.clickker!r} is one of exact: Clickker's database is its own"
            )
        return self


class Licence(Model):
    """What Exact publishes nowhere and an operator may know."""

    connectivity_client_option: Annotated[int, Field(ge=0, le=1022, strict=True)] | None = Field(
        None,
        description="number N of the column opt_N of dbo.ExactOptions; "
        "unset = awaiting confirmation",
    )


class Size(Model):
    """How large a server has to be."""

    cores: Count | None = None
    memory_gb: Amount | None = None
    free_disk_gb: Amount | None = None


class Thresholds(Size):
    """Exact's own system requirements as agreed with the customer.

    Unset = awaiting confirmation.
    """

    database: Size = Field(
        Size(), description="the database server's; the others are the web server's"
    )


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


class Waiver(Agreement):
    """An agreed, dated exception; ends at the end of its last day in the customer's time zone."""

    reason: Text
    requested_by: Text
    approved_by: Text
    approver_role: Text
    agreed_on: Day
    until: Day
    databases: Annotated[tuple[Text, ...], Field(min_length=1)] | None = Field(
        None,
        description="unset: all databases; "
        "else it covers a finding that concerns no other database",
    )

    @model_validator(mode="after")
    def _governed(self) -> Self:
        if letters(self.requested_by) == letters(self.approved_by):
            raise ValueError("who asks for a waiver cannot approve it")
        if self.until < self.agreed_on:
            raise ValueError("until lies before agreed_on")
        return self


class Promise(Agreement):
    """Who mends an open finding, and by when; the finding stays what it is."""

    who: Text
    by: Day
    note: Text | None = None


class Customer(Model):
    """One customer: servers, service account, phase, databases, agreements."""

    title: Text
    phase: ToTell[Literal["prepare", "installed"]] = Field(
        None, description="before or after the installation; unset = awaiting an answer"
    )
    environment: ToTell[Literal["production", "staging"]] = Field(
        None, description="what these servers are; a staging report is never accepted"
    )
    time_zone: Zone = "UTC"
    service_account: ToTell[Account] = Field(
        None, description="DOMAIN\\user; unset or unknown = awaiting an answer"
    )
    databases: Databases = Databases()
    administrations: tuple[Administration, ...] = Field(
        (), description="the divisions of Synergy that the integration works in; unset = awaiting"
    )
    globe: ToTell[YesNo] = Field(
        None, description="Exact Globe+ is used beside Synergy; unset = awaiting an answer"
    )
    writes_back: ToTell[YesNo] = Field(
        None, description="the integration writes data back to Exact; unset = awaiting an answer"
    )
    external_access: ToTell[
        Literal["none", "ssl", "vpn"]
        | Annotated[tuple[Literal["ssl", "vpn"], ...], Field(min_length=1)]
    ] = Field(
        None,
        description="do external developers connect, and how? unset = awaiting an answer",
    )
    external_host: ToTell[Address] = Field(
        None, description="the name that external developers connect to"
    )
    tls_ends: ToTell[Literal["iis", "proxy"]] = Field(
        None,
        description="where https of external developers ends: in IIS, "
        "or in a reverse proxy before it",
    )
    synergy_site: ToTell[Text] = Field(
        None,
        description="the IIS application in use, where several carry Synergy: "
        "Default Web Site/Synergy",
    )
    clickker_pool: Text | None = Field(
        None, description="Clickker's application pool; default: Clickker"
    )
    proxy: Proxy | None = Field(
        None, description="host:port of the proxy that the servers reach the internet through"
    )
    look_from_here: YesNo = Field(
        True,
        description="also ask the addresses, the external name and Remote Desktop's port "
        "from the machine that the suite runs on",
    )
    thresholds: Thresholds = Thresholds()
    licence: Licence = Licence()
    required_hints: tuple[Text, ...] = Field(
        (), description="hints of the catalogue that count for this customer, such as OS-14"
    )
    attestation_days: Days = 180
    hosts: Annotated[dict[FileName, Host], Field(min_length=1), OneFileEach]
    attestations: tuple[Attestation, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    promises: tuple[Promise, ...] = ()

    def agreements(self) -> Iterator[tuple[str, int, Agreement]]:
        """Each with its key here and its place in that list."""
        for kind in ("attestations", "waivers", "promises"):
            for index, agreement in enumerate(getattr(self, kind)):
                yield kind, index, agreement

    @property
    def ways_in(self) -> frozenset[str] | None:
        """How external developers connect; empty: they do not; None: nobody has said."""
        if self.external_access is None or self.external_access == "none":
            return None if self.external_access is None else frozenset()
        said = self.external_access
        return frozenset((said,) if isinstance(said, str) else said)


Customer.model_rebuild()  # once; what holds it takes it as it is


class InventoryFile(Model):
    """The whole of hosts.yaml: customers here, in files of their own, or both."""

    customers: Annotated[dict[FileName, Customer], OneFileEach] = {}
    include: Text | tuple[Text, ...] = Field(
        (), description="customers' own files, as patterns beside this file: customers/*.yaml"
    )


class Place(NamedTuple):
    """Where a customer is described: the file, and the keys that lead there from its top."""

    source: YamlFile
    keys: Keys


@dataclass(frozen=True)
class Inventory:
    """A read inventory, and where each of its keys stands.

    `broken`: why a customer could not be read.
    """

    path: Path
    customers: dict[str, Customer]
    places: Mapping[str, Place] = field(default_factory=dict)
    broken: Mapping[str, LocatedError] = field(default_factory=dict)

    def line_of(self, *keys: str | int) -> int:
        """The line of a key, for the errors of others.

        `line_of("customers", "customer01", "hosts")`.
        """
        place = self.places[str(keys[1])]
        return place.source.line_of(*place.keys, *keys[2:])

    def path_of(self, customer: str) -> Path:
        """The file that describes a customer."""
        return self.places[customer].source.path

    def answers_of(self, customer: str) -> Path:
        """The folder that `acceptance import` lays a customer's answers into:
        of the page, and of servers read by hand.
        """
        return self.path_of(customer).parent / "answers" / customer
