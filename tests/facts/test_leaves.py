"""What a collector asks of Windows alone: a few leaves, each shadowed by the twin by name; all else is the collector's own."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COLLECTORS = ROOT / "acceptance" / "facts" / "powershell"
NATIVE = {
    "LsaOpenPolicy",
    "LsaEnumerateAccountsWithUserRight",
    "LsaFreeMemory",
    "LsaClose",
    "NetLocalGroupGetMembers",
    "NetApiBufferFree",
}
LEAVES = {
    "Get-AccountSid",
    "Get-AccountName",
    "Get-S4uToken",
    "Get-DirectoryAttribute",
    "Get-GroupMemberSid",
    "Get-UserRightSid",
    "Get-ListeningPort",
    "Get-ChainStatus",
    "Get-PolicyError",
    "Get-SystemProxy",
    "Invoke-HostLookup",
    "Invoke-TcpConnect",
}


def test_the_twin_shadows_the_leaves_and_nothing_else() -> None:
    """An alias goes before a function: each is one function of a collector; every other line of it runs as on a server."""
    module = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "simulator" / "windows").glob("*.ps1"))
    aliases = set(re.findall(r"^\$\{alias:([\w-]+)\} = ", module, re.MULTILINE))
    assert aliases == LEAVES
    functions = [
        name
        for path in COLLECTORS.glob("*.ps1")
        for name in re.findall(r"^function ([\w-]+)", path.read_text(encoding="ascii"), re.MULTILINE)
    ]
    assert len(functions) == len(set(functions)), "functions of one script must not replace another's"
    assert set(functions) >= LEAVES


def test_native_functions_are_the_six_that_read() -> None:
    """What is defined in memory could be any function of Windows: these and no other."""
    text = (COLLECTORS / "accounts.ps1").read_text(encoding="ascii")
    assert set(re.findall(r"^ {8}(\w+) += @\('\w+\.dll'", text, re.MULTILINE)) == NATIVE
    assert set(re.findall(r"\$Native::(\w+)", text)) == NATIVE
    for path in COLLECTORS.glob("*.ps1"):
        assert path.stem == "accounts" or "DefinePInvokeMethod" not in path.read_text(encoding="ascii")


@pytest.mark.pwsh
def test_the_native_functions_can_be_defined() -> None:
    """In PowerShell's own .NET, with the signatures that Windows documents; calling them needs Windows."""
    text = (COLLECTORS / "accounts.ps1").read_text(encoding="ascii")
    show = "(Get-NativeType).GetMethods() | ForEach-Object -Process { if ($_.IsStatic) { [string]$_ } }"
    command = [shutil.which("pwsh") or "pwsh", "-NoProfile", "-NonInteractive", "-Command", f"{text}\n{show}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert set(re.findall(r"(\w+)\(", done.stdout)) == NATIVE
    assert "Int32 LsaOpenPolicy(IntPtr, IntPtr, Int32, IntPtr ByRef)" in done.stdout
    assert "Int32 NetLocalGroupGetMembers(IntPtr, System.String, Int32, IntPtr ByRef, Int32" in done.stdout
