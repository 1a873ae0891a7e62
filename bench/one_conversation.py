"""What one host's os and iis facts cost: our one conversation against one command at a time,
on the same simulated server.

    PATH=…/pwsh:$PATH python bench/one_conversation.py

The other side is testinfra's own winrm backend, which opens a shell for every command.
Both sides get their answers from a real PowerShell; HTTP requests, authentication included, are
counted by the server. `latency` is added to every answer.
"""

import base64
import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import testinfra.backend.winrm
from acceptance.simulator.windows.runner import PowerShellRunner
from acceptance.simulator.windows.twin import load_twin
from acceptance.simulator.winrm.server import WsManServer
from rich.console import Console
from rich.table import Table

from acceptance.backends.winrm.backend import WinRMBackend
from acceptance.catalogue.requirements import load_catalogue
from acceptance.catalogue.rules.iis import Component
from acceptance.collecting.collect import collect
from acceptance.inventory.connection import Connection

ACCOUNT, PASSWORD = r"DEMO\acceptance", "bench"
REQUIREMENTS = Path(__file__).parents[1] / "tests_infra" / "requirements"
LATENCIES = (0.0, 0.04)  # seconds per answer: a local network, a VPN
SECTIONS = ("dotnet", "features", "iis", "os", "powershell")
SYNERGY = r"C:\Program Files\Exact Synergy Enterprise"
APPCMD = r"& 'C:\Windows\System32\inetsrv\appcmd.exe'"
CONFIG = (
    r"([xml](Get-Content -LiteralPath "
    r"'C:\Windows\System32\inetsrv\config\applicationHost.config' -Raw))"
)
DISTINCT = (
    "(Get-CimInstance -ClassName Win32_OperatingSystem).BuildNumber",
    "(Get-CimInstance -ClassName Win32_OperatingSystem).ProductType",
    r"(Get-Item -LiteralPath 'HKLM:\SOFTWARE\Microsoft\NET Framework "
    r"Setup\NDP\v4\Full').GetValue('Release')",
    "[string]$PSVersionTable.PSVersion",
    "[string]$ExecutionContext.SessionState.LanguageMode",
    "(Get-CimInstance -ClassName Win32_Processor | Measure-Object -Property NumberOfCores "
    "-Sum).Sum",
    "(Get-CimInstance -ClassName Win32_ComputerSystem).TotalPhysicalMemory",
    "(Get-CimInstance -ClassName Win32_LogicalDisk -Filter 'DriveType=3').FreeSpace",
    "(Get-CimInstance -ClassName Win32_Service -Filter \"Name='W3SVC'\").State",
    "(Get-CimInstance -ClassName Win32_Service -Filter \"Name='W3SVC'\").StartMode",
    f"{CONFIG}.SelectNodes('//application') | ForEach-Object -Process {{ $_.applicationPool }}",
    rf"Test-Path -LiteralPath '{SYNERGY}\bin\Exact.Core.dll'",
    rf"Test-Path -LiteralPath '{SYNERGY}\docs\Portal.aspx'",
    f"{APPCMD} list apppool /xml",
    f"{CONFIG}.SelectNodes('//applicationPools/add') | ForEach-Object -Process "
    f"{{ $_.managedRuntimeVersion }}",
)


def main() -> None:
    if shutil.which("pwsh") is None:
        sys.exit("this benchmark needs PowerShell 7 on PATH (pwsh)")
    commands = [
        *DISTINCT,
        *(f"(Get-WindowsFeature -Name '{name}').InstallState" for name in features()),
    ]
    table = Table(
        "latency", "way", "HTTP requests", "seconds", title=f"One host, {len(commands)} facts"
    )
    for latency in LATENCIES:
        ours = measured(latency, one_conversation)
        theirs = measured(latency, lambda server: one_command_each(server, commands))
        table.add_row(
            f"{latency * 1000:.0f} ms", "one conversation", str(ours[0]), f"{ours[1]:.1f}"
        )
        table.add_row("", "testinfra, one command each", str(theirs[0]), f"{theirs[1]:.1f}")
        table.add_row(
            "",
            "ratio",
            f"{theirs[0] / ours[0]:.0f} x",
            f"{theirs[1] / ours[1]:.0f} x",
            end_section=True,
        )
    console = Console()
    console.print(table)
    console.print(
        "The honest rival is Chef InSpec: one shell per host and about three requests per "
        "distinct command, so about "
        f"{3 * len(commands)} requests for these facts (not run here: facts-anchors F)."
    )


def features() -> list[str]:
    asked = (one.parameters for one in load_catalogue(REQUIREMENTS).by_rule("iis.component"))
    return [one.feature for one in asked if isinstance(one, Component)]


def measured(latency: float, work: Callable[[WsManServer], None]) -> tuple[int, float]:
    """(HTTP requests, seconds)."""
    runner = PowerShellRunner(load_twin("server2019"), at_once=True)
    with WsManServer(runner, users={ACCOUNT: PASSWORD}, tls=True, latency=latency) as server:
        start = time.perf_counter()
        work(server)
        return len(server.requests), time.perf_counter() - start


def one_conversation(server: WsManServer) -> None:
    connection = Connection(
        address="localhost",
        port=server.port,
        username=ACCOUNT,
        password="env:UNUSED",
        ca_file=server.ca_file,
    )
    evidence = collect(
        WinRMBackend("web01", connection, PASSWORD),
        customer="bench",
        host="web01",
        sections=SECTIONS,
        simulated=True,
        now=lambda: datetime.now(UTC),
    )
    if evidence.failure or any(
        getattr(evidence.sections, name).status != "ok" for name in SECTIONS
    ):
        sys.exit(f"the run failed, so nothing was measured: {evidence.failure}")


def one_command_each(server: WsManServer, commands: list[str]) -> None:
    spec = f"{quote(ACCOUNT)}:{PASSWORD}@localhost:{server.port}"
    backend = testinfra.backend.winrm.WinRMBackend(spec, no_verify_ssl=True)
    for command in commands:
        encoded = base64.b64encode(command.encode("utf-16-le")).decode("ascii")
        result = backend.run(f"powershell.exe -NoProfile -NonInteractive -EncodedCommand {encoded}")
        if result.rc != 0 or not result.stdout.strip():
            sys.exit(f"the command failed, so nothing was measured: {command}: {result.stderr}")


if __name__ == "__main__":
    main()
