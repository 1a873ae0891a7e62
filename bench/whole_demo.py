"""What the whole demo costs: HTTP requests, SQL logins and batches of one `pytest --hosts=demo`,
and its wall time.

PATH=…/pwsh:$PATH python bench/whole_demo.py
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.winrm.server import WsManServer

started: list[WsManServer | SqlServer] = []


def main() -> None:
    for server in (WsManServer, SqlServer):
        _remember(server)
    with tempfile.TemporaryDirectory() as folder:
        status = pytest.main(["--hosts=demo", "-q", f"--report-dir={Path(folder) / 'counted'}"])
        start = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "pytest",
            "--hosts=demo",
            "-qq",
            f"--report-dir={Path(folder) / 'timed'}",
        ]
        again = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
        seconds = time.perf_counter() - start
    if (status, again) != (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.TESTS_FAILED):
        sys.exit(f"the demo ended with {status} and {again}, so nothing was measured")
    for server in started:
        if isinstance(server, WsManServer):
            print(f"Windows server: {len(server.requests)} HTTP requests")
        else:
            print(f"SQL Server: {len(server.logins)} login, {len(server.batches)} batches")
    print(f"wall time of the process: {seconds:.1f} s")


def _remember(server: type[WsManServer] | type[SqlServer]) -> None:
    enter = server.__enter__

    def entered(self: WsManServer | SqlServer) -> WsManServer | SqlServer:
        started.append(self)
        return enter(self)  # type: ignore[arg-type]

    server.__enter__ = entered  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    main()
