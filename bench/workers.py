"""What workers are worth: `python -m bench.workers [customers]` (24 where none are said).

The same customers, whose servers take 0.3 s for every answer, asked from here one after another,
and by one, two and four workers of a Dask cluster, each of which asks two customers at a time.
All on one machine: the waiting is what is spread.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.customers import PASSWORD, SECRET, cost, inventory, serving
from bench.start import PYTEST
from tests.dask_cluster import started

LATENCY = 0.3
AT_A_TIME = 2
HEAD = (
    "| asked by | seconds | customers/s | as fast as one worker | CPU of the caller, per customer |"
)


@contextmanager
def cluster(workers: int, scratch: Path) -> Iterator[str]:
    """Its address, once all its workers are there."""
    from distributed import Client

    with started(scratch, {SECRET: PASSWORD}) as made:
        for number in range(workers):
            made.worker(str(number), threads=AT_A_TIME)
        time.sleep(1)
        with Client(f"{made.protocol}://127.0.0.1:{made.port}") as client:
            client.wait_for_workers(workers)
        yield made.address


def measured(customers: int, folder: Path, *more: str) -> tuple[float, float]:
    """Seconds, and seconds of CPU of the caller and its judges."""
    reports = folder / f"out{len(list(folder.glob('out*')))}"
    found = cost([*PYTEST, "--hosts=all", "-m=iis", f"--report-dir={reports}", *more], folder)
    assert len(list(reports.glob("*/results.json"))) == customers
    return found.seconds, found.cpu


def measure(customers: int, workers: tuple[int, ...], folder: Path) -> Iterator[str]:
    """A row for each."""
    with serving(LATENCY) as listening:
        inventory(folder, customers, listening)
        rows = {"this process (64 at a time)": measured(customers, folder)}
        for number in workers:
            with cluster(number, folder) as address:
                told = f"{number} worker{'s' if number > 1 else ''}"
                rows[told] = measured(customers, folder, f"--fleet={address}")
    one = rows["1 worker"][0]
    for told, (seconds, cpu) in rows.items():
        yield (
            f"| {told} | {seconds:.1f} | {customers / seconds:.1f} | {one / seconds:.1f} "
            f"| {cpu / customers:.2f} s |"
        )


def main() -> None:
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    with tempfile.TemporaryDirectory() as scratch:
        print(f"{customers} customers\n\n{HEAD}\n|{' --- |' * 5}")
        for row in measure(customers, (1, 2, 4), Path(scratch) / "run"):
            print(row, flush=True)


if __name__ == "__main__":
    main()
