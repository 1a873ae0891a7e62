"""What a collector asks of Windows alone: a few leaves, each shadowed by the twin by name;
all else is the collector's own.
"""

import base64
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from acceptance.simulator.certificates import Authority
from cryptography import x509

ROOT = Path(__file__).parents[2]
BY_HAND = ROOT / "acceptance" / "collecting" / "by_hand"
# bench/collector_coverage.py hands over collectors that count.
COLLECTORS = Path(
    os.environ.get("COLLECTORS_FROM", ROOT / "acceptance" / "collecting" / "powershell")
)
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
    "Get-ChainAnswer",
    "Get-PolicyError",
    "Get-SystemProxy",
    "Invoke-HostLookup",
    "Invoke-TcpConnect",
    "Get-CurrentAccount",  # of the script by hand
}


def test_the_twin_shadows_the_leaves_and_nothing_else() -> None:
    """An alias goes before a function: each is one function of a collector;
    every other line of it runs as on a server.
    """
    module = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "simulator" / "windows").glob("*.ps1")
    )
    aliases = set(re.findall(r"^\$\{alias:([\w-]+)\} = ", module, re.MULTILINE))
    assert aliases == LEAVES
    functions = [
        name
        for path in (*COLLECTORS.glob("*.ps1"), *BY_HAND.glob("*.ps1"))
        for name in re.findall(
            r"^function ([\w-]+)", path.read_text(encoding="ascii"), re.MULTILINE
        )
    ]
    assert len(functions) == len(set(functions)), (
        "functions of one script must not replace another's"
    )
    assert set(functions) >= LEAVES


def test_native_functions_are_the_six_that_read() -> None:
    """What is defined in memory could be any function of Windows: these and no other."""
    text = (COLLECTORS / "accounts.ps1").read_text(encoding="ascii")
    assert set(re.findall(r"^ {8}(\w+) += @\('\w+\.dll'", text, re.MULTILINE)) == NATIVE
    assert set(re.findall(r"\$Native::(\w+)", text)) == NATIVE
    for path in COLLECTORS.glob("*.ps1"):
        assert path.stem == "accounts" or "DefinePInvokeMethod" not in path.read_text(
            encoding="ascii"
        )


@pytest.mark.pwsh
def test_the_native_functions_can_be_defined() -> None:
    """In PowerShell's own .NET, with the signatures that Windows documents;
    calling them needs Windows.
    """
    text = (COLLECTORS / "accounts.ps1").read_text(encoding="ascii")
    show = (
        "(Get-NativeType).GetMethods() | ForEach-Object -Process { if ($_.IsStatic) { "
        "[string]$_ } }"
    )
    command = [
        shutil.which("pwsh") or "pwsh",
        "-NoProfile",
        "-NonInteractive",
        "-Command",
        f"{text}\n{show}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert set(re.findall(r"(\w+)\(", done.stdout)) == NATIVE
    assert "Int32 LsaOpenPolicy(IntPtr, IntPtr, Int32, IntPtr ByRef)" in done.stdout
    assert (
        "Int32 NetLocalGroupGetMembers(IntPtr, System.String, Int32, IntPtr ByRef, Int32"
        in done.stdout
    )


def powershell(collector: str, script: str) -> str:
    """What a script prints beside a collector's functions, in a PowerShell without a twin."""
    prelude = (
        (COLLECTORS / "prelude.ps1")
        .read_text(encoding="ascii")
        .replace("param([Parameter(Mandatory)] [object] $Parameters)", "")
    )
    text = f"{prelude}\n{(COLLECTORS / f'{collector}.ps1').read_text(encoding='ascii')}\n{script}"
    command = [shutil.which("pwsh") or "pwsh", "-NoProfile", "-NonInteractive", "-Command", text]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


FAKE_LSA = """
class Fake {
    static [string] $Seen
    static [int] $Answer
    static [int] $Closed
    static [int] LsaOpenPolicy(
        [IntPtr] $system, [IntPtr] $attributes, [int] $access, [ref] $policy
    ) {
        $zeros = [byte[]]::new(48)
        [Runtime.InteropServices.Marshal]::Copy($attributes, $zeros, 0, 48)
        $set = @($zeros | Where-Object -FilterScript { $_ -ne 0 })
        [Fake]::Seen = "access $access; attributes $($set.Count)"
        $policy.Value = [IntPtr]7
        return 0
    }
    static [int] LsaEnumerateAccountsWithUserRight(
        [IntPtr] $policy, [IntPtr] $name, [ref] $buffer, [ref] $count
    ) {
        $length = [Runtime.InteropServices.Marshal]::ReadInt16($name, 0)
        $most = [Runtime.InteropServices.Marshal]::ReadInt16($name, 2)
        $letters = [Runtime.InteropServices.Marshal]::ReadIntPtr($name, [IntPtr]::Size)
        $text = [Runtime.InteropServices.Marshal]::PtrToStringUni($letters, $length / 2)
        [Fake]::Seen += "; policy $policy; length $length of $most; $text"
        return [Fake]::Answer
    }
    static [int] LsaFreeMemory([IntPtr] $buffer) { return 0 }
    static [int] LsaClose([IntPtr] $policy) { [Fake]::Closed += 1; return 0 }
}
foreach ($answer in 0, 0x8000001A, 0xC0000022, 0xC0000060) {
    [Fake]::Answer = $answer
    $result = Invoke-Section -Parameters ([Fake]) -Section {
        param([object] $Parameters)
        @{ sids = @(Get-UserRightSid -Native $Parameters -Right 'SeBatchLogonRight') }
    }
    $read = $result.status -eq 'ok'
    $told = if ($read) { @($result.value.sids).Count } else { $result.error.message }
    "$($result.status): $told"
}
[Fake]::Seen
[Fake]::Closed
"""


@pytest.mark.pwsh
def test_the_structures_for_lsa_are_laid_out_as_documented() -> None:
    """LSA_OBJECT_ATTRIBUTES is zeros, LSA_UNICODE_STRING counts bytes;
    nobody, no rights and a wrong name are told apart.
    """
    nobody, none, denied, wrong, seen, closed = powershell("accounts", FAKE_LSA).splitlines()
    assert (nobody, none) == ("ok: 0", "ok: 0")
    assert denied == "denied: SeBatchLogonRight"
    assert wrong == "error: SeBatchLogonRight: NTSTATUS 0xC0000060"
    assert seen == "access 2049; attributes 0; policy 7; length 34 of 36; SeBatchLogonRight"
    assert closed == "4"


FAKE_GROUP = """
class Fake {
    static [int] $Code
    static [int] NetLocalGroupGetMembers(
        [IntPtr] $server, [string] $group, [int] $level, [ref] $buffer, [int] $most,
        [ref] $read, [ref] $total, [ref] $resume
    ) {
        if (($group -ne 'Administratoren') -or ($level -ne 0) -or ($most -ne -1)) { return 87 }
        return [Fake]::Code
    }
    static [int] NetApiBufferFree([IntPtr] $buffer) { return 0 }
}
foreach ($code in 0, 5) {
    [Fake]::Code = $code
    $result = Invoke-Section -Parameters ([Fake]) -Section {
        param([object] $Parameters)
        @{ sids = @(Get-GroupMemberSid -Native $Parameters -Group 'Administratoren') }
    }
    $read = $result.status -eq 'ok'
    $told = if ($read) { @($result.value.sids).Count } else { $result.error.type }
    "$($result.status): $told"
}
"""


@pytest.mark.pwsh
def test_an_empty_group_is_no_error_and_a_refusal_is_one() -> None:
    assert powershell("accounts", FAKE_GROUP).split("\n")[:2] == [
        "ok: 0",
        "denied: System.ComponentModel.Win32Exception",
    ]


@pytest.mark.pwsh
def test_leaves_that_exist_here_too_really_run() -> None:
    """Names, connections, proxies and listeners by .NET, without the twin between."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        said = powershell(
            "outbound",
            f"""
            $addresses = (Invoke-HostLookup -Name 'localhost').GetAwaiter().GetResult()
            [bool]@($addresses).Count
            $client = [Net.Sockets.TcpClient]::new([Net.Sockets.AddressFamily]::InterNetwork)
            $loopback = [Net.IPAddress]::Loopback
            (Invoke-TcpConnect -Client $client -Address $loopback -Port {port}).Wait(5000)
            Get-ProxyAddress -Target @{{ host = 'www.clickker.nl'; port = 443; tls = $true }}
            Get-PolicyError -Verdict @(4) -Certificate 'x'
            """,
        )
        assert said.split() == ["True", "True", "4"]
        assert str(port) in powershell("remote", "Get-ListeningPort").split()


@pytest.mark.pwsh
def test_a_certificates_chain_is_judged_by_dotnet(tmp_path: Path) -> None:
    """Nobody here trusts the simulator's authority: the flags are names, not sentences."""
    made = Authority("Nobody's CA").issue(tmp_path, ["a.example.test"])
    load = f"[Security.Cryptography.X509Certificates.X509Certificate2]::new('{made.chain}')"
    flags = powershell("iis", f"(Get-ChainAnswer -Certificate ({load})).status").split()
    assert flags
    assert all(re.fullmatch(r"[A-Z]\w+", flag) for flag in flags)
    assert {"PartialChain", "UntrustedRoot"} & set(flags)
    last = powershell("iis", f"(Get-ChainAnswer -Certificate ({load})).root")
    assert (
        x509.load_der_x509_certificate(base64.b64decode(last)).issuer.rfc4514_string()
        == "CN=Nobody's CA"
    )
