"""How tests ask a simulated SQL Server: the suite's own way, over Microsoft's driver and TLS."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from acceptance.simulator.listening import Listener

from acceptance.backends.sql.backend import SqlBackend
from acceptance.backends.sql.driver import (
    DriverError,
    choose,
    load_unixodbc,
    packaged_driver,
    system,
)
from acceptance.collecting.collect_sql import collect_sql
from acceptance.collecting.parameters import sql_targets
from acceptance.evidence.access import AccountsSection, Identity, Program
from acceptance.evidence.envelope import Read, SectionError, Unread
from acceptance.evidence.file import Evidence
from acceptance.evidence.sql import SQL_SECTIONS, SqlEvidence
from acceptance.evidence.windows import ExactSection, Sections
from acceptance.inventory.file import load_inventory
from acceptance.inventory.models import Customer
from acceptance.inventory.sql import SQL_PORT
from acceptance.inventory.supported import SUPPORTED

PASSWORD = "p;a{s}s=w'o\"rd äß"  # what a connection string can trip over
CUSTOMER = """customers:
  twins:
    title: One fault each
    service_account: DEMO\\svc-clickker
    databases: {exact: [Synergy, "020"], synergy: Synergy, clickker: Clickker}
    administrations: ["001"]
    globe: true
    external_access: none
    writes_back: true
    licence: {connectivity_client_option: 600}
    hosts:
"""
# The twins' own supported.yaml, which never expires.
SUPPORTED_RELEASES = {"Synergy": (502, 503, 504), "Globe+": (502, 503, 504), "SQL Server": (2019,)}


def list_releases(folder: Path) -> None:
    """Write the twins' supported.yaml, beside their hosts.yaml."""
    end = "state: supported, source: a test, confirmed_by: a test, valid_until: never"
    lines = [
        f"- {{product: {product}, release: {release}, {end}}}"
        for product, releases in SUPPORTED_RELEASES.items()
        for release in releases
    ]
    (folder / SUPPORTED).write_text("\n".join(lines), encoding="utf-8")


def needs_driver() -> None:
    """Skip where this machine has no unixODBC or no driver:
    everything else of the suite works there.
    """
    family = system()
    try:
        load_unixodbc(family)
        choose(None, [], packaged_driver(family), family)
    except DriverError as error:
        pytest.skip(f"{error.args[0]}: {error.args[1]}")


def sql_entry(simulated: Listener, /, **other: Any) -> dict[str, Any]:
    """The inventory's `sql` for a simulated server; `other` wins."""
    entry = {
        "server": "localhost",
        "port": simulated.port,
        "auth": "sql",
        "username": "acceptance",
        "password": "env:UNUSED",
        "ca_file": str(simulated.ca_file),
    } | other
    return {key: value for key, value in entry.items() if value is not None}


def customer_of(folder: Path, hosts: dict[str, Any], text: str = CUSTOMER) -> Customer:
    """Write an inventory with these hosts, and read it."""
    lines = "".join(f"      {name}: {json.dumps(host)}\n" for name, host in hosts.items())
    list_releases(folder)
    path = folder / "hosts.yaml"
    path.write_text(text + lines, encoding="utf-8")
    return load_inventory(path).customers["twins"]


def ask_server(
    folder: Path,
    server: Listener,
    /,
    *,
    sections: Iterable[str] = SQL_SECTIONS,
    secret: str = PASSWORD,
    text: str = CUSTOMER,
    **other: Any,
) -> SqlEvidence:
    """What one simulated server says.

    `other`: keys of the inventory's `sql`; None leaves one out.
    """
    customer = customer_of(
        folder, {"db01": {"roles": ["database"], "sql": sql_entry(server, **other)}}, text
    )
    return ask_sql(customer, "db01", list(sections), secret)


def ask_sql(
    customer: Customer, name: str, sections: Sequence[str], secret: str | None
) -> SqlEvidence:
    """What the SQL Server of a customer's host says."""
    host = customer.hosts[name]
    assert host.sql is not None
    return collect_sql(
        SqlBackend(name, host.sql, secret),
        sections=sections,
        targets=sql_targets(customer, host),
        now=lambda: datetime.now(UTC),
    )


ACCOUNT_SID = "S-1-5-21-1000000001-1000000002-1000000003-1105"


def account_told(sid: str = ACCOUNT_SID) -> Read[AccountsSection]:
    """Section `accounts` of a Windows server that knows the service account's SID,
    and nothing else.
    """
    unread = Unread(status="error", error=SectionError(type="x", message="not asked"))
    return Read(
        status="ok",
        value=AccountsSection(
            service_account=r"DEMO\svc-clickker",
            computer_name="WEB01",
            domain="demo.example.test",
            domain_role=3,
            secure_channel=None,
            account=Read(status="ok", value=Identity(sid=sid, name=r"DEMO\svc-clickker")),
            tokens=[],
            directory=None,
            administrators=unread,
            rights=[],
        ),
    )


def globe_installed(release: int) -> Read[ExactSection]:
    """Section `exact` of a Windows server on which Globe+ of that release is installed."""
    program = Program(name=f"Exact Globe Next {release}", version=None, publisher="Exact")
    return Read(status="ok", value=ExactSection(files=[], programs=[program]))


def as_evidence(
    host: str,
    sql: SqlEvidence | None,
    windows: Evidence | None = None,
    accounts: Read[AccountsSection] | None = None,
    globe: int = 503,
) -> Evidence:
    """A host's evidence file, from what its SQL Server said and what its Windows said.

    `accounts`: of a host whose Windows was not asked for anything else;
    by default it knows the account. `globe`: the release of Globe+ that is installed there.
    As of a real server that was asked at its own port: only so can it be judged as a customer's.
    """
    if sql is not None:
        reached = replace(sql.reached, address=f"localhost:{SQL_PORT}")
        sql = sql.model_copy(update={"reached": reached})
    if windows is not None:
        return windows.model_copy(update={"host": host, "sql": sql})
    return Evidence(
        customer="twins",
        host=host,
        collected_at=datetime.now(UTC),
        seconds=0,
        suite_version="0",
        collector_sha256=None,
        reached=None,
        simulated=False,
        parameters={"service_account": "DEMO\\svc-clickker"},
        sections=Sections(accounts=accounts or account_told(), exact=globe_installed(globe)),
        failure=None,
        sql=sql,
    )
