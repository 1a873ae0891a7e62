"""Where Windows PowerShell 5.1 on a server differs from what one would expect, the stand-ins do as
it does: docs/fidelity.md lists each with its source.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.runner import RECORDINGS, beside_windows
from acceptance.simulator.windows.twin import Twin, load_twin

from acceptance.collecting.script import source
from acceptance.evidence.envelope import Read, Unread
from tests.collecting.test_leaves import powershell
from tests.twins import ask_quickly

MODULE = Path(__file__).parents[2] / "simulator" / "windows" / "Windows.psm1"
DEPTH = re.compile(r"AddParameter\('Depth',(\d+)\)")


def asked(twin: Twin, section: str) -> Any:
    return getattr(ask_quickly(twin, [section]).sections, section)


@pytest.mark.pwsh
def test_no_rule_of_the_group_is_an_error_of_that_part() -> None:
    """Unread, never "no rule": and the rest of the section is read."""
    twin = load_twin("server2019")
    twin.firewall["rules"] = {}
    remote = asked(twin, "remote")
    assert isinstance(remote, Read)
    assert isinstance(remote.value.firewall, Unread)
    said = remote.value.firewall.error
    assert said.id == "CmdletizationQuery_NotFound_RuleGroup,Get-NetFirewallRule"


@pytest.mark.pwsh
def test_cim_that_refuses_is_denied_and_an_unknown_class_is_an_error() -> None:
    """CimException's HResult says nothing: its NativeErrorCode decides."""
    twin = load_twin("server2019")
    twin.errors["Get-CimInstance Win32_OperatingSystem"] = {
        "type": "CimException",
        "message": "Access is denied.",
    }
    assert asked(twin, "os").status == "denied"
    twin = load_twin("server2019")
    del twin.cim["Win32_OperatingSystem"]
    assert asked(twin, "os").status == "error"


WIN32 = """
foreach ($code in 5, 1376) {
    $part = Invoke-Section -Parameters 1 -Section {
        throw (New-Object -TypeName ComponentModel.Win32Exception -ArgumentList $code)
    }
    "$($part.status) {0:X8}" -f $part.error.hresult
}
"""


@pytest.mark.pwsh
def test_a_win32_exception_has_the_same_hresult_whatever_it_says() -> None:
    assert powershell("os", WIN32).splitlines() == ["denied 80004005", "error 80004005"]


GONE = r"""
$ErrorActionPreference = 'Continue'
Join-Path -Path 'C:\Windows' -ChildPath 'Temp'
$quietly = @{ ErrorVariable = 'said'; ErrorAction = 'SilentlyContinue' }
$found = Join-Path -Path 'Q:\gone' -ChildPath 'Temp' @quietly
"$($null -eq $found) $($said[0].Exception.GetType().Name)"
@(Get-NetFirewallRule -Group 'no such*').Count
"""


@pytest.mark.pwsh
def test_join_path_looks_for_the_drive_and_a_pattern_may_match_nothing() -> None:
    twin = load_twin("server2019")
    pwsh = [shutil.which("pwsh") or "pwsh", "-NoProfile", "-NonInteractive", "-Command"]
    with Endpoints(twin.network) as endpoints, beside_windows(twin, endpoints) as windows:
        done = subprocess.run(
            [*pwsh, f"Import-Module -Name '{MODULE}'\n{GONE}"],
            env=windows,
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.splitlines() == [r"C:\Windows\Temp", "True DriveNotFoundException", "0"]


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


def test_no_section_is_as_deep_as_convert_to_json_is_told() -> None:
    """What lies deeper, 5.1 writes as text without a word."""
    found = DEPTH.search(source("bootstrap"))
    assert found is not None
    deepest = max(
        depth(section)
        for path in RECORDINGS.glob("*.json")
        for section in json.loads(path.read_bytes()).values()
    )
    assert 4 < deepest < int(found[1])
