"""What hardly ever happens on a server, asked of the collectors' own functions one by one."""

import pytest

from tests.collecting.test_leaves import powershell

pytestmark = [pytest.mark.pwsh, pytest.mark.slow]

IIS = """
function Test-Path {
    param([string] $LiteralPath)
    if ($LiteralPath -like 'C:*') { throw (New-Object -TypeName IO.IOException) }
    $false
}
(Get-SynergyFolder -Path '\\\\share\\synergy').error
(Get-SynergyFolder -Path 'C:\\synergy').error
"entries $(@(Get-AddressEntry).Count)"
(Get-BindingCertificate -Asked @{ information = '*:443:a'; flags = 2 }).source
"none: $($null -eq (Get-BindingCertificate -Asked @{ information = '*:443:a'; flags = 1 }))"
$key = [pscustomobject]@{}
$key | Add-Member -MemberType ScriptMethod -Name GetValue -Value { $null }
(Get-EntryCertificate -Source 'ip' -Key $key).source
$document = [xml]'<site><binding protocol="https" bindingInformation="x" /><empty /></site>'
(Get-IisBinding -Node $document.SelectSingleNode('//binding')).certificate.source
"path: $($null -eq (Get-VirtualDirectoryPath -Node $document.SelectSingleNode('//empty')))"
"folders: $(@(Select-ApplicationFolder -Path '').Count)"
"""


def test_iis_tells_what_it_cannot_reach_from_what_is_not_there() -> None:
    """A share, a refusal, the central store, a binding of nonsense: each is told apart."""
    assert powershell("iis", IIS).splitlines() == [
        "NetworkPathOutOfReach",
        "System.IO.IOException",
        "entries 0",
        "central",
        "none: True",
        "central",
        "unread",
        "path: True",
        "folders: 0",
    ]


ACCOUNTS = """
function Get-CimInstance { @{ Name = 'WEB01'; Domain = 'WORKGROUP'; DomainRole = 2 } }
$section = Get-AccountsSection -Parameters @{ service_account = '.\\svc-clickker' }
"$($section.service_account) $($section.account.status) $($section.tokens.Count)"
"value: $($null -eq (Get-FirstValue -Value @()))"
"""


def test_an_account_of_the_server_itself_has_its_name() -> None:
    """`.\\name` is of this computer; what this PowerShell cannot ask costs its own part only."""
    said, value = powershell("accounts", ACCOUNTS).splitlines()
    assert said == r"WEB01\svc-clickker error 0"
    assert value == "value: True"


OUTBOUND = """
class Stream {
    [object] ReadAsync([byte[]] $buffer, [int] $from, [int] $count) { return 'reading on' }
}
$attempt = @{
    step = 'http'; task = @{ Result = 4 }; text = ''
    buffer = [Text.Encoding]::ASCII.GetBytes('HTTP')
    stream = [Stream]@{}; total = [Diagnostics.Stopwatch]::StartNew(); port = 443
    clock = [Diagnostics.Stopwatch]::StartNew()
}
$next = Get-AnswerAttempt -Attempt $attempt
"$($next.task), so far: $($next.text)"
$attempt.task = @{ Result = 0 }
(Get-AnswerAttempt -Attempt $attempt).failure.type
$route = Get-Route -Target @{ tls = $true; host = 'a'; port = 443 } -Own @() -Proxy ''
"route: $($null -eq $route)"
function Invoke-TcpConnect { 'connecting' }
$attempt.task = @{ Result = [Net.IPAddress[]]@([Net.IPAddress]'::1') }
(Get-ConnectAttempt -Attempt $attempt).addresses
function Get-NextAttempt { throw (New-Object -TypeName IO.IOException) }
(Get-Step -Attempt $attempt).failure.type
"""


def test_an_attempt_goes_on_or_says_how_it_ended() -> None:
    """Half an answer is read on, no answer is no HTTP, IPv6 alone will do, an error ends it."""
    assert powershell("outbound", OUTBOUND).splitlines() == [
        "reading on, so far: HTTP",
        "NotHttp",
        "route: True",
        "::1",
        "System.IO.IOException",
    ]


def test_without_its_key_dotnet_is_not_there() -> None:
    said = powershell("dotnet", "$null -eq (Get-DotnetSection -Parameters 'x').release")
    assert said.strip() == "True"
