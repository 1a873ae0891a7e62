"""The script by hand asks the SQL Server too: the evidence is ODBC's."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import load_twin as load_sql_twin
from acceptance.simulator.windows.by_hand import Person
from acceptance.simulator.windows.twin import load_twin

from acceptance.backends.logins import LogIns
from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import Catalogue
from acceptance.cli.asked_by_hand import question_of, selected
from acceptance.collecting.by_hand.script import NAME, question_file, script_by_hand
from acceptance.collecting.plan import Needed
from acceptance.collecting.server import Site, server
from acceptance.evidence.file import Evidence
from acceptance.evidence.sql import SQL_SECTIONS, SqlEvidence
from acceptance.inventory.models import Customer
from tests.by_hand.conftest import SHELLS
from tests.collecting.test_through import without_clock
from tests.sql_twins import PASSWORD, ask_server, customer_of, needs_driver, sql_entry

pytestmark = [pytest.mark.slow, pytest.mark.pwsh]
WEB = {"roles": ["web"], "connection": {"backend": "script", "address": "web01.demo.example.test"}}


def nobody(_: str) -> str:
    raise AssertionError("no password is asked for here: it was typed there")


@pytest.fixture
def database() -> Iterator[SqlServer]:
    needs_driver()
    with SqlServer(load_sql_twin("sql-compliant"), logins={"acceptance": PASSWORD}) as started:
        yield started


def of_customer(folder: Path, database: SqlServer, **other: Any) -> Customer:
    sql = sql_entry(database, **({"ca_file": None, "through": "web01"} | other))
    return customer_of(folder, {"web01": WEB, "db01": {"roles": ["database"], "sql": sql}})


def asked_by_hand(
    folder: Path,
    shared: Path,
    shell: str,
    database: SqlServer,
    catalogue: Catalogue,
    typed: str = PASSWORD,
) -> tuple[Customer, str]:
    """The customer, and what the screen showed; the answer lies in the folder."""
    customer = of_customer(folder, database)
    requirements = selected(catalogue, "sql")
    at, tests = datetime.now(UTC), own_tests()
    asked = question_of("acme", customer, "web01", catalogue, requirements, tests, at)
    (folder / NAME).write_bytes(script_by_hand())
    (folder / "acme-web01.ask.json").write_bytes(question_file(asked))
    twin = load_twin("demo-web01-delegated")
    trusts = [database.ca_file]
    with Endpoints(twin.network) as endpoints:
        path = str(shared / shell / "pwsh")
        done = Person(twin, endpoints, trusts, typed).run(folder, shell=path)
    return customer, done.stdout + done.stderr


def judged(folder: Path, customer: Customer, catalogue: Catalogue) -> Evidence:
    site = Site("acme", customer, catalogue, folder, simulated=False)
    needed = Needed(sql=frozenset(SQL_SECTIONS))
    host = customer.hosts["db01"]
    return server(site, "db01", host, needed, log_ins=LogIns(), ask=nobody).ask()


def sql_of(evidence: Evidence) -> SqlEvidence:
    assert evidence.sql is not None
    return evidence.sql


@pytest.mark.parametrize("shell", SHELLS)
def test_the_evidence_is_odbcs(
    tmp_path: Path, shared: Path, database: SqlServer, catalogue: Catalogue, shell: str
) -> None:
    """Section by section, as old as the answer; the password is in no file."""
    by_odbc = ask_server(tmp_path, database)
    customer, shown = asked_by_hand(tmp_path, shared, shell, database, catalogue)
    assert "SQL Server db01: ok" in shown, shown
    assert "as / als acceptance" in shown
    evidence = judged(tmp_path, customer, catalogue)
    sql = sql_of(evidence)
    assert sql.failure is None
    assert sql.sections == by_odbc.sections
    assert without_clock(sql) == without_clock(by_odbc)
    answer = json.loads((tmp_path / "acme-web01.answer.json").read_bytes())
    at = datetime.fromisoformat(answer["answered"]["at"].replace("0Z", "+00:00"))
    assert sql.collected_at == evidence.collected_at
    assert abs(sql.collected_at - at) < timedelta(seconds=1)
    assert PASSWORD not in shown
    for path in tmp_path.glob("acme-web01.*"):
        assert PASSWORD.encode() not in path.read_bytes()


def test_what_else_can_come_of_it(
    tmp_path: Path, shared: Path, database: SqlServer, catalogue: Catalogue
) -> None:
    """No answer yet; a login that is refused; an answer to another question."""
    customer = of_customer(tmp_path, database)
    failure = sql_of(judged(tmp_path, customer, catalogue)).failure
    assert failure is not None
    assert "there is no answer of web01 yet" in failure.message
    asked_by_hand(tmp_path, shared, "pwsh", database, catalogue, typed="wrong")
    failure = sql_of(judged(tmp_path, customer, catalogue)).failure
    assert failure is not None
    assert failure.kind == "LoginError"
    host = customer.hosts["db01"]
    assert host.sql is not None
    other = host.model_copy(update={"sql": host.sql.model_copy(update={"port": 1})})
    changed = replace_host(customer, other)
    failure = sql_of(judged(tmp_path, changed, catalogue)).failure
    assert failure is not None
    assert "another question" in failure.message


def replace_host(customer: Customer, host: Any) -> Customer:
    return customer.model_copy(update={"hosts": {**customer.hosts, "db01": host}})
