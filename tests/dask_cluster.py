"""A Dask cluster on this machine: real schedulers and workers, each a process of its own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass
class Cluster:
    """A scheduler and its workers, by name. `secrets`: variables that the workers alone have.

    `log`: what all of them say. `tls`: Dask's `ca-file`, `cert` and `key`; none: without TLS.
    """

    log: Path
    port: int
    secrets: Mapping[str, str]
    tls: Mapping[str, str]
    settings: Mapping[str, str]
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """As `--fleet` takes it."""
        return f"dask://127.0.0.1:{self.port}"

    @property
    def protocol(self) -> str:
        return "tls" if self.tls else "tcp"

    def scheduler(self) -> None:
        where = ("--host=127.0.0.1", f"--port={self.port}", f"--protocol={self.protocol}")
        self._start("scheduler", {}, *where)

    def worker(self, name: str, threads: int = 4) -> None:
        options = ("--no-nanny", f"--nthreads={threads}", "--name", name)
        scheduler = f"{self.protocol}://127.0.0.1:{self.port}"
        self._start("worker", self.secrets, scheduler, *options, name=name)

    def _start(
        self, role: str, variables: Mapping[str, str], *arguments: str, name: str = "scheduler"
    ) -> None:
        secured = [f"--tls-{part}={file}" for part, file in self.tls.items()]
        with self.log.open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "dask", role, *arguments, "--no-dashboard", *secured],
                cwd=ROOT,
                env=os.environ | self.settings | variables,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )


@contextmanager
def started(
    folder: Path,
    secrets: Mapping[str, str],
    tls: Mapping[str, str] | None = None,
    **settings: str,
) -> Iterator[Cluster]:
    """One whose scheduler is being started; `settings`: Dask's own, as variables."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    made = Cluster(folder / "dask.log", port, secrets, tls or {}, settings)
    made.scheduler()
    try:
        yield made
    finally:
        for process in made.processes.values():
            process.kill()  # one that is stopped ends by this too
            process.wait()
