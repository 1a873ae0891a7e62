"""What many customers cost:
`python -m bench.customers [hosts…]` (10, 100, 1000 where none are said).

Every customer has a web server and a database server, simulated, and answering at once;
they run in a process of their own, whose CPU is not counted. Of the suite's processes:
CPU, seconds, and the most memory that they had together, shared pages counted once (PSS).
Linux only.
"""

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.start import ENVIRONMENT, PYTEST

ROOT = Path(__file__).parents[1]
ACCOUNT, SECRET, PASSWORD = r"DEMO\acceptance", "BENCH_PASSWORD", "a secret of this benchmark"
AT_MOST = "at most 0.35 s of CPU per customer, at least 5 customers a second, under 1,000 MB"
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
HEAD = "| hosts | customers | seconds | customers/s | hosts/s | CPU per customer | most memory |"


@dataclass(frozen=True)
class Cost:
    """What one command's processes cost: seconds, seconds of CPU, MB."""

    seconds: float
    cpu: float
    memory: float


def serve(latency: float) -> None:
    """One web server, which answers after so many seconds, and one database server,
    under every name; until standard input ends.
    """
    from acceptance.simulator.sqlserver.server import SqlServer
    from acceptance.simulator.sqlserver.state import load_twin as load_sql_twin
    from acceptance.simulator.windows.runner import ReplayRunner
    from acceptance.simulator.windows.twin import load_twin
    from acceptance.simulator.winrm.server import WsManServer

    runner = ReplayRunner(load_twin("demo-web01-delegated"))
    sql = SqlServer(load_sql_twin("sql-demo-db01"), logins={"acceptance": PASSWORD})
    with WsManServer(runner, users={ACCOUNT: PASSWORD}, tls=True, latency=latency) as windows, sql:
        listening = {
            "connection": {"port": windows.port, "ca_file": str(windows.ca_file)},
            "sql": {"port": sql.port, "ca_file": str(sql.ca_file)},
        }
        print(json.dumps(listening), flush=True)
        sys.stdin.read()


@contextmanager
def serving(latency: float) -> Iterator[dict[str, dict[str, Any]]]:
    """The servers, in a process of their own: how they are reached."""
    servers = subprocess.Popen(
        [sys.executable, "-m", "bench.customers", "--serve", str(latency)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert servers.stdout is not None
    try:
        yield json.loads(servers.stdout.readline())
    finally:
        servers.communicate()


def inventory(folder: Path, customers: int, listening: dict[str, dict[str, Any]]) -> Path:
    """`hosts.yaml`, and a file for each customer: the demo under so many names."""
    demo = yaml.safe_load((ROOT / "simulator" / "demo.yaml").read_text(encoding="utf-8"))
    customer = demo["customers"]["demo"] | {"look_from_here": False}
    for host, part in (("web01", "connection"), ("db01", "sql")):
        customer["hosts"][host][part] |= listening[part] | {"password": f"env:{SECRET}"}
    (folder / "customers").mkdir(parents=True)
    for number in range(customers):
        own = customer | {"title": f"Customer {number}"}
        file = folder / "customers" / f"customer{number:04}.yaml"
        file.write_text(json.dumps(own, indent=1), encoding="utf-8")
    (folder / "hosts.yaml").write_text("include: customers/*.yaml\n", encoding="utf-8")
    return folder / "hosts.yaml"


def cost(command: list[str], folder: Path) -> Cost:
    """Of a command and all that it starts: what outlives its parent comes to this process."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    environment = ENVIRONMENT | {SECRET: PASSWORD}
    most, ended = [0.0], threading.Event()
    others = set(children(os.getpid()))
    before, started = os.times(), time.monotonic()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )

    def look() -> None:
        while not ended.wait(0.5):
            most[0] = max(most[0], memory(process.pid))

    threading.Thread(target=look, daemon=True).start()
    said, _ = process.communicate()
    seconds = time.monotonic() - started
    ended.set()
    if process.returncode not in (0, 1):
        sys.exit(said.decode())
    reap(others)
    after = os.times()
    used = after.children_user + after.children_system
    return Cost(seconds, used - before.children_user - before.children_system, most[0])


def reap(others: set[int]) -> None:
    """Wait for what has outlived its parent, but not for what was there before."""
    time.sleep(1)
    for pid in set(children(os.getpid())) - others:
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


def children(pid: int) -> list[int]:
    """Processes that a process has started, or that have come to it."""
    found = []
    with suppress(OSError):  # of one that ends meanwhile
        for file in Path(f"/proc/{pid}/task").glob("*/children"):
            found += [int(one) for one in file.read_text().split()]
    return found


def memory(pid: int) -> float:
    """MB of a process and its descendants; a page that several share counts once in all."""
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        waiting += children(one)
        with suppress(OSError, StopIteration):
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            total += int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return total / 1024


def row(hosts: int, place: Path, listening: dict[str, dict[str, Any]]) -> str:
    customers, folder = hosts // 2, place / f"{hosts}"
    inventory(folder, customers, listening)
    reports = folder / "out"
    found = cost([*PYTEST, f"--report-dir={reports}", "--hosts=all"], folder)
    verdicts = [json.loads(one.read_text())["verdict"] for one in reports.glob("*/results.json")]
    assert verdicts == ["rejected"] * customers, verdicts
    return (
        f"| {hosts} | {customers} | {found.seconds:.1f} | {customers / found.seconds:.1f} "
        f"| {hosts / found.seconds:.1f} | {found.cpu / customers:.2f} s | {found.memory:.0f} MB |"
    )


def main() -> None:
    if sys.argv[1:2] == ["--serve"]:
        return serve(float(sys.argv[2]))
    numbers = [int(one) for one in sys.argv[1:]] or [10, 100, 1000]
    print(f"{AT_MOST}\n\n{HEAD}\n|{' --- |' * 7}")
    with tempfile.TemporaryDirectory() as scratch, serving(0) as listening:
        for number in numbers:
            print(row(number, Path(scratch), listening), flush=True)
    return None


if __name__ == "__main__":
    main()
