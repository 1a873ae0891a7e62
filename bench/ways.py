"""What each way in costs: connections, requests and bytes for all that a server can be asked.

    PATH=…/pwsh:$PATH python -m bench.ways

A relay on loopback in front of each simulated server counts what goes over the wire, log-in and TLS
included; all answers come from the same twin. SSH needs OpenSSH's server.
"""

import getpass
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from io import BytesIO
from pathlib import Path
from socket import SHUT_WR, create_connection, create_server, socket
from typing import Any

from acceptance.simulator.internet import Endpoints
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import load_twin as load_sql_twin
from acceptance.simulator.windows.by_hand import Person
from acceptance.simulator.windows.runner import PowerShellRunner, ReplayRunner
from acceptance.simulator.windows.twin import load_twin
from acceptance.simulator.winrm.server import WsManServer
from rich.console import Console
from rich.table import Table

from acceptance.backends.base import StreamingBackend
from acceptance.backends.process import ProcessBackend
from acceptance.backends.sql.backend import SqlBackend
from acceptance.backends.winrm.backend import WinRMBackend
from acceptance.collecting.by_hand.script import NAME, Question, question_file, script_by_hand
from acceptance.collecting.by_hand.sql import questions_through
from acceptance.collecting.collect import collect
from acceptance.collecting.collect_sql import Backend, collect_sql
from acceptance.collecting.parameters import sql_targets
from acceptance.collecting.script import SECTIONS
from acceptance.collecting.through import behind
from acceptance.evidence.sql import SQL_SECTIONS
from acceptance.inventory.connection import Connection
from acceptance.inventory.file import load_inventory
from acceptance.inventory.models import Customer, Host

ACCOUNT, LOGIN, PASSWORD = r"DEMO\acceptance", "acceptance", "bench"
TWIN, SQL_TWIN = "demo-web01-delegated", "sql-demo-db01"


@dataclass
class Relay:
    """Hands on what two sides say to each other, and counts it."""

    to: int
    port: int = 0
    connections: int = 0
    sent: list[int] = field(default_factory=list)  # a list: threads append, nobody adds up
    received: list[int] = field(default_factory=list)


@contextmanager
def relay(to: int) -> Iterator[Relay]:
    """In front of a port on loopback."""
    listener = create_server(("127.0.0.1", 0))
    one = Relay(to, listener.getsockname()[1])

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            one.connections += 1
            threading.Thread(target=_between, args=(client, one), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with listener:
        yield one


def _between(client: socket, one: Relay) -> None:
    with client, create_connection(("127.0.0.1", one.to)) as server:
        there = threading.Thread(target=_hand_on, args=(client, server, one.sent), daemon=True)
        there.start()
        _hand_on(server, client, one.received)
        there.join()


def _hand_on(source: socket, sink: socket, counted: list[int]) -> None:
    try:
        while data := source.recv(65536):
            counted.append(len(data))
            sink.sendall(data)
        sink.shutdown(SHUT_WR)
    except OSError:
        return  # one of the two has gone


@dataclass(frozen=True)
class Cost:
    """`requests`: HTTP requests, or what takes their place. Bytes as seen from here."""

    way: str
    connections: int
    requests: str
    sent: int
    received: int
    seconds: float


def cost(way: str, relay: Relay, requests: str, start: float) -> Cost:
    seconds = time.perf_counter() - start
    return Cost(way, relay.connections, requests, sum(relay.sent), sum(relay.received), seconds)


def asked(backend: StreamingBackend) -> None:
    """Everything of Windows; ends the benchmark where anything was not read."""
    evidence = collect(
        backend, customer="bench", host="web01", sections=SECTIONS, simulated=True, now=_now
    )
    unread = [one for one in SECTIONS if getattr(evidence.sections, one).status != "ok"]
    if evidence.failure or unread:
        sys.exit(f"the run failed, so nothing was measured: {evidence.failure} {unread}")


def by_winrm(name: str, *, tls: bool = True, auth: str = "ntlm") -> Cost:
    offered = frozenset({"Basic" if auth == "basic" else "Negotiate"})
    runner = ReplayRunner(load_twin(TWIN))
    server = WsManServer(
        runner, users={ACCOUNT: PASSWORD}, tls=tls, authentications=offered, certificate_kind="good"
    )
    with server, relay(server.port) as wire:
        trust = {"ca_file": server.ca_file} if tls else {"scheme": "http"}
        connection = Connection(
            address="localhost", port=wire.port, username=ACCOUNT, password="env:X", auth=auth,
            **trust,
        )  # fmt: skip
        start = time.perf_counter()
        asked(WinRMBackend("web01", connection, PASSWORD))
        return cost(name, wire, f"{len(server.requests)} HTTP", start)


def by_ssh(name: str) -> Cost:
    from tests.backends.sshd import started

    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        sshd = stack.enter_context(started(Path(folder)))
        wire = stack.enter_context(relay(sshd.port))
        entry = sshd.entry(port=wire.port, username=getpass.getuser())
        entry["options"] |= {"HostKeyAlias": f"[127.0.0.1]:{sshd.port}"}
        start = time.perf_counter()
        asked(ProcessBackend("web01", Connection(**entry), None))
        return cost(name, wire, "1 command", start)


def demo() -> Customer:
    path = Path(str(resources.files("acceptance.simulator"))) / "demo-by-hand.yaml"
    return load_inventory(path).customers["demo-by-hand"]


def moved(port: int, **changes: Any) -> tuple[Customer, Host]:
    """The demo's SQL Server at a port."""
    customer = demo()
    host = customer.hosts["db01"]
    assert host.sql is not None
    host = host.model_copy(update={"sql": host.sql.model_copy(update={"port": port} | changes)})
    return customer.model_copy(update={"hosts": {**customer.hosts, "db01": host}}), host


def asked_of_sql(backend: Backend, customer: Customer, host: Host) -> None:
    found = collect_sql(
        backend, sections=SQL_SECTIONS, targets=sql_targets(customer, host), now=_now
    )
    if found.failure:
        sys.exit(f"the run failed, so nothing was measured: {found.failure}")


def by_odbc(name: str) -> Cost:
    server = SqlServer(load_sql_twin(SQL_TWIN), logins={LOGIN: PASSWORD})
    with server, relay(server.port) as wire:
        customer, host = moved(wire.port, through=None, ca_file=server.ca_file)
        assert host.sql is not None
        start = time.perf_counter()
        asked_of_sql(SqlBackend("db01", host.sql, PASSWORD), customer, host)
        return cost(name, wire, f"{len(server.batches)} batches", start)


def through_winrm(name: str) -> Cost:
    """What goes between here and web01; the SQL Server is asked from there."""
    with ExitStack() as stack:
        sql = stack.enter_context(SqlServer(load_sql_twin(SQL_TWIN), logins={LOGIN: PASSWORD}))
        runner = PowerShellRunner(load_twin(TWIN), trusts=[sql.ca_file])
        web = stack.enter_context(WsManServer(runner, users={ACCOUNT: PASSWORD}, tls=True))
        wire = stack.enter_context(relay(web.port))
        customer, host = moved(sql.port)
        assert host.sql is not None
        connection = Connection(
            address="localhost", port=wire.port, username=ACCOUNT, password="env:X",
            ca_file=web.ca_file,
        )  # fmt: skip
        start = time.perf_counter()
        backend = behind(
            "db01", host.sql, PASSWORD, WinRMBackend("web01", connection, PASSWORD),
            sections=SQL_SECTIONS, targets=sql_targets(customer, host), remembered=None,
        )  # fmt: skip
        asked_of_sql(backend, customer, host)
        return cost(name, wire, f"{len(web.requests)} HTTP", start)


def by_hand(name: str) -> Cost:
    """Two files there, as `--zip` packs them, and one back; Windows and SQL Server together."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sql = stack.enter_context(SqlServer(load_sql_twin(SQL_TWIN), logins={LOGIN: PASSWORD}))
        customer, _ = moved(sql.port)
        twin = load_twin(TWIN)
        endpoints = stack.enter_context(Endpoints(twin.network))
        question = Question(
            customer="bench", host="web01", simulated=True, asked_at=_now(), sections=SECTIONS,
            parameters={}, sql=questions_through(customer, "web01"),
        )  # fmt: skip
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
            for file, data in ((NAME, script_by_hand()), ("a.ask.json", question_file(question))):
                (folder / file).write_bytes(data)
                made.writestr(file, data)
        start = time.perf_counter()
        Person(twin, endpoints, [sql.ca_file], PASSWORD).answer(folder)
        seconds = time.perf_counter() - start
        back = (folder / "a.answer.json").stat().st_size
        return Cost(name, 0, "2 files, 1 back", len(packed.getvalue()), back, seconds)


WAYS: dict[str, Callable[[str], Cost]] = {
    "WinRM, https, NTLM": by_winrm,
    "WinRM, https, Basic": lambda name: by_winrm(name, auth="basic"),
    "WinRM, http, NTLM": lambda name: by_winrm(name, tls=False),
    "SSH by key": by_ssh,
    "SQL Server by ODBC": by_odbc,
    "SQL Server through WinRM": through_winrm,
    "by hand, SQL Server too": by_hand,
}


def main() -> None:
    table = Table("way", "connections", "requests", "bytes there", "bytes back", "seconds")
    for name, measure in WAYS.items():
        one = measure(name)
        table.add_row(
            name, str(one.connections), one.requests, f"{one.sent:,}", f"{one.received:,}",
            f"{one.seconds:.1f}",
        )  # fmt: skip
    Console().print(table)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
