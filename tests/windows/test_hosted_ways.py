"""The hosted machine's twin, read by each way of the workflow: what that expects of it is found."""

import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.windows.by_hand import Person
from acceptance.simulator.windows.runner import PowerShellRunner
from acceptance.simulator.winrm.server import WsManServer

from acceptance.backends.base import StreamingBackend
from acceptance.backends.process import ProcessBackend
from acceptance.backends.sql.backend import SqlBackend
from acceptance.backends.winrm.backend import WinRMBackend
from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import Catalogue, load_catalogue
from acceptance.cli.asked_by_hand import question_of, selected
from acceptance.collecting.by_hand.joined import answer_of, wanted_of
from acceptance.collecting.by_hand.script import NAME, question_file, script_by_hand
from acceptance.collecting.collect import collect
from acceptance.collecting.collect_sql import Backend, collect_sql
from acceptance.collecting.parameters import parameters_of, sql_targets
from acceptance.collecting.script import SECTIONS
from acceptance.collecting.sqlclient import SqlclientBackend
from acceptance.collecting.through import behind
from acceptance.evidence.file import Evidence
from acceptance.evidence.sql import SQL_SECTIONS
from acceptance.inventory.connection import Connection
from acceptance.inventory.file import load_inventory
from acceptance.inventory.models import Customer
from tests.backends.sshd import put_program, started
from tests.sql_twins import list_releases, needs_driver
from tests.twins import seen_from_here
from tests.windows import hosted
from tests.windows.test_hosted import judged

pytestmark = [pytest.mark.slow, pytest.mark.pwsh]
ROOT = Path(__file__).parents[2]
PASSWORD = "hosted"
# The machine's powershell.exe, as a program of this machine.
PROGRAM = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
sys.path.insert(0, {root!r})
from acceptance.simulator.windows.runner import PowerShellRunner
from tests.windows.hosted import windows_twin
network = SimpleNamespace(**json.loads({network!r}))
network.ca_file = Path(network.ca_file)
runner = PowerShellRunner(windows_twin(), network, trusts=[Path({trusted!r})])
ran = runner.run("powershell.exe " + " ".join(sys.argv[1:]), sys.stdin.buffer, None)
sys.stdout.buffer.write(ran.stdout)
sys.stderr.buffer.write(ran.stderr)
sys.exit(ran.exit_code)
"""


@dataclass(frozen=True)
class Machine:
    """The twin with its network and its SQL Server, and a folder of the test's."""

    folder: Path
    stack: ExitStack
    endpoints: Endpoints
    sql: SqlServer
    customer: Customer
    catalogue: Catalogue

    @property
    def parameters(self) -> dict[str, Any]:
        asked = parameters_of(self.customer, "web01", self.catalogue)
        return asked | {"timeout_seconds": 30}

    @property
    def runner(self) -> PowerShellRunner:
        return PowerShellRunner(hosted.windows_twin(), self.endpoints, trusts=[self.sql.ca_file])

    def program(self, place: Path) -> None:
        network = {
            "routes": self.endpoints.routes,
            "roots": self.endpoints.roots,
            "ca_file": str(self.endpoints.ca_file),
        }
        trusted = str(self.sql.ca_file)
        text = PROGRAM.format(root=str(ROOT), network=json.dumps(network), trusted=trusted)
        put_program(place / "powershell.exe", text)


def by_winrm(machine: Machine, inventory: Connection) -> StreamingBackend:
    """On a port of its own; https or http as the inventory says."""
    tls = inventory.scheme == "https"
    users = {inventory.username or "": PASSWORD}
    server = machine.stack.enter_context(WsManServer(machine.runner, users=users, tls=tls))
    where = {"port": server.port, "ca_file": server.ca_file if tls else None}
    return WinRMBackend("web01", inventory.model_copy(update=where), PASSWORD)


def by_ssh(machine: Machine, inventory: Connection) -> StreamingBackend:
    """Its own account is the one that runs the tests, its key the test's."""
    (machine.folder / "sshd").mkdir()
    sshd = machine.stack.enter_context(started(machine.folder / "sshd"))
    machine.program(sshd.folder / "bin")
    assert inventory.identity_file is not None
    assert set(inventory.options) == {"UserKnownHostsFile"}
    return ProcessBackend("web01", Connection(**sshd.entry()), None)


def locally(machine: Machine, inventory: Connection) -> StreamingBackend:
    machine.program(machine.folder)
    return ProcessBackend("web01", inventory, None)


BACKENDS: dict[str, Callable[[Machine, Connection], StreamingBackend]] = {
    "winrm": by_winrm,
    "ssh": by_ssh,
    "local": locally,
}


def asked(machine: Machine, connection: Connection) -> Evidence:
    """What its Windows says by the way that the inventory names."""
    here = seen_from_here(machine.endpoints)
    if connection.backend == "script":
        found = by_hand(machine, connection)
        return found.model_copy(update={"from_here": here})
    found = collect(
        BACKENDS[connection.backend](machine, connection),
        customer="hosted", host="web01", sections=SECTIONS, simulated=False, now=_now,
        parameters=machine.parameters, from_here=here,
    )  # fmt: skip
    assert found.failure is None
    # As of the machine's own ports, which the inventory names.
    assert found.reached is not None
    return found.model_copy(update={"reached": replace(found.reached, address=connection.place)})


def by_hand(machine: Machine, connection: Connection) -> Evidence:
    customer, catalogue = machine.customer, machine.catalogue
    question = question_of(
        "hosted", customer, "web01", catalogue, selected(catalogue, ""), own_tests(), _now()
    )
    (machine.folder / NAME).write_bytes(script_by_hand())
    (machine.folder / "hosted-web01.ask.json").write_bytes(question_file(question))
    Person(hosted.windows_twin(), machine.endpoints).run(machine.folder)
    # The computer's name there is WEB01, and the address does not say it.
    wanted = replace(wanted_of("hosted", customer, "web01", catalogue), computer="WEB01")
    sections = [one for one in SECTIONS if one in question.sections]
    return answer_of(machine.folder, wanted, sections=sections, place=connection.place, now=_now())


def sql_of(machine: Machine, way: str) -> Backend:
    sql = machine.customer.hosts["web01"].sql
    assert sql is not None
    if way != "through":
        needs_driver()
        here = sql.model_copy(update={"port": machine.sql.port, "ca_file": machine.sql.ca_file})
        return SqlBackend("web01", here, PASSWORD)
    there = sql.model_copy(update={"port": machine.sql.port})
    connection = machine.customer.hosts["web01"].connection
    assert connection is not None
    return behind(
        "web01", there, PASSWORD, by_winrm(machine, connection), sections=SQL_SECTIONS,
        targets=sql_targets(machine.customer, machine.customer.hosts["web01"]), remembered=None,
    )  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("way", sorted(hosted.read("expected")))
def test_each_way_finds_what_the_workflow_expects(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    for name in ("hosted-ca.pem", "hosted-key"):
        (tmp_path / name).touch()
    (tmp_path / "hosts.yaml").write_text(hosted.inventory(way), encoding="utf-8")
    list_releases(tmp_path)
    customer = load_inventory(tmp_path / "hosts.yaml").customers["hosted"]
    catalogue = load_catalogue(ROOT / "tests_infra" / "requirements")
    host = customer.hosts["web01"]
    assert host.connection is not None
    with ExitStack() as stack:
        endpoints = stack.enter_context(Endpoints(hosted.windows_twin().network))
        sql = stack.enter_context(SqlServer(hosted.sql_twin(), logins={"acceptance": PASSWORD}))
        machine = Machine(tmp_path, stack, endpoints, sql, customer, catalogue)
        evidence = asked(machine, host.connection)
        backend = sql_of(machine, way)
        answer = collect_sql(
            backend, sections=SQL_SECTIONS, targets=sql_targets(customer, host), now=_now
        )
    assert answer.failure is None
    assert isinstance(backend, SqlclientBackend) == (way == "through")
    reached = replace(answer.reached, address="localhost:1433")
    answer = answer.model_copy(update={"reached": reached})
    results = judged(tmp_path, evidence.model_copy(update={"sql": answer}))
    assert hosted.differences(results, hosted.expected(way)) == []
    told = {one["reached"]["backend"] for one in results["hosts"]}
    assert told == {host.connection.backend, "sqlclient" if way == "through" else "odbc"}
