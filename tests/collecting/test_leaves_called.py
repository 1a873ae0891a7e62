"""Each leaf that only Windows can run is called once, under a stand-in of its type or function.

So its own lines, the order of its arguments and what it makes of the answer are proved; what
Windows answers is not.
"""

import pytest

from tests.collecting.test_leaves import BY_HAND, COLLECTORS, powershell

pytestmark = pytest.mark.slow

# New-Object, which makes the types that Linux has not or cannot use; what it is asked for is noted.
STAND_IN = """
$real = Get-Command -Name New-Object -CommandType Cmdlet
$made = New-Object -TypeName Collections.Generic.List[string]
$kinds = @{}
function New-Object {
    [CmdletBinding()] param([string] $TypeName, [object[]] $ArgumentList)
    if (-not $kinds.ContainsKey($TypeName)) {
        return & $real -TypeName $TypeName -ArgumentList $ArgumentList
    }
    $given = @($ArgumentList | ForEach-Object -Process { $_ -join ' ' })
    $made.Add("$TypeName($($given -join ', '))")
    & $kinds[$TypeName] $ArgumentList
}
class Translated {
    [string] $Name
    [object] Translate([type] $kind) {
        return [pscustomobject]@{ Value = "$($this.Name) as $($kind.Name)" }
    }
}
"""

TRANSLATED = """
$kinds['Security.Principal.NTAccount'] = { [Translated]@{ Name = $args[0][0] } }
$kinds['Security.Principal.SecurityIdentifier'] = { [Translated]@{ Name = $args[0][0] } }
Get-AccountSid -Name 'DEMO\\svc-clickker'
Get-AccountName -Sid 'S-1-5-18'
"""


@pytest.mark.pwsh
def test_names_and_sids_are_translated_by_windows_itself() -> None:
    assert powershell("accounts", STAND_IN + TRANSLATED).splitlines() == [
        r"DEMO\svc-clickker as SecurityIdentifier",
        "S-1-5-18 as NTAccount",
    ]


CURRENT = """
class Current {
    static [object] GetCurrent() {
        return [pscustomobject]@{ Name = 'DEMO\\jansen'; User = @{ Value = 'S-1-5-21-7' } }
    }
}
class Principal {
    [object] $Of
    [bool] IsInRole([object] $role) { return "$role" -eq 'Administrator' }
}
$accelerators = [psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')
$accelerators::Add('Security.Principal.WindowsIdentity', [Current])
$kinds['Security.Principal.WindowsPrincipal'] = { [Principal]@{ Of = $args[0][0] } }
. ([scriptblock]::Create($own))  # read only now: a type's name is looked up as it is compiled
$account = Get-CurrentAccount
"$($account.account) $($account.sid) $($account.elevated)"
"""


@pytest.mark.pwsh
def test_who_runs_the_script_by_hand_is_windows_to_say() -> None:
    """Elevated by the role's number: groups have names in the server's language."""
    folder = next(one for one in (COLLECTORS, BY_HAND) if (one / "tail.ps1").is_file())
    text = (folder / "tail.ps1").read_text(encoding="ascii")
    own = text[text.index("function Get-CurrentAccount") : text.index("function Get-Reader")]
    said = powershell("os", f"{STAND_IN}$own = @'\n{own}\n'@\n{CURRENT}").splitlines()
    assert said == ["DEMO\\jansen S-1-5-21-7 True"]


TOKEN = """
class Identity {
    [object] $User = @{ Value = 'S-1-5-21-1' }
    [object[]] $Groups
    [void] Dispose() { $global:disposed = $true }
}
$kinds['Security.Principal.WindowsIdentity'] = {
    $groups = @('S-1-1-0', 'S-1-5-32-544' | ForEach-Object -Process { @{ Value = $_ } })
    [Identity]@{ Groups = $groups }
}
$token = Get-S4uToken -LogonName 'svc-clickker@demo.example.test'
"$($token.user) $($token.groups -join ' ')"
"$made $disposed"
"""


@pytest.mark.pwsh
def test_a_token_is_read_and_given_back() -> None:
    """S4U: by the name alone; the handle is closed, whatever was read."""
    assert powershell("accounts", STAND_IN + TOKEN).splitlines() == [
        "S-1-5-21-1 S-1-1-0 S-1-5-32-544",
        "Security.Principal.WindowsIdentity(svc-clickker@demo.example.test) True",
    ]


DIRECTORY = """
enum Depth { Base = 0 }
$accelerators = [psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')
if ($null -eq ('DirectoryServices.SearchScope' -as [type])) {
    $accelerators::Add('DirectoryServices.SearchScope', [Depth])
}
class Searcher {
    [object] FindOne() { return @{ Properties = @{ useraccountcontrol = @(512) } } }
}
$kinds['DirectoryServices.DirectoryEntry'] = { "entry $($args[0][0])" }
$kinds['DirectoryServices.DirectorySearcher'] = { [Searcher]@{} }
$found = Get-DirectoryAccount -Sid 'S-1-5-21-7'
"$($found.user_account_control) [$($found.account_expires)]"
$made
"""


@pytest.mark.pwsh
def test_the_directory_is_asked_for_one_object_by_its_sid() -> None:
    """The object itself, no search below it; what it does not say is null."""
    value, entry, searcher = powershell("accounts", STAND_IN + DIRECTORY).splitlines()
    assert value == "512 []"
    assert entry == "DirectoryServices.DirectoryEntry(LDAP://<SID=S-1-5-21-7>)"
    assert "entry LDAP://<SID=S-1-5-21-7>, (objectClass=*), userAccountControl " in searcher
    assert searcher.endswith(", Base)")


# Two pointers, as Windows lays its answers out; each is taken for a SID.
POINTERS = """
class Memory {
    static [Collections.Generic.List[string]] $Freed = @()
    static [IntPtr] Two() {
        $block = [Runtime.InteropServices.Marshal]::AllocHGlobal(2 * [IntPtr]::Size)
        [Runtime.InteropServices.Marshal]::WriteIntPtr($block, 0, [IntPtr]11)
        [Runtime.InteropServices.Marshal]::WriteIntPtr($block, [IntPtr]::Size, [IntPtr]22)
        return $block
    }
}
class Native {
    static [int] NetLocalGroupGetMembers(
        [IntPtr] $server, [string] $group, [int] $level, [ref] $buffer, [int] $most,
        [ref] $read, [ref] $total, [ref] $resume
    ) {
        $buffer.Value = [Memory]::Two(); $read.Value = 2
        return 0
    }
    static [int] NetApiBufferFree([IntPtr] $buffer) {
        [Memory]::Freed.Add('group'); return 0
    }
    static [int] LsaOpenPolicy([IntPtr] $a, [IntPtr] $b, [int] $access, [ref] $policy) {
        $policy.Value = [IntPtr]7; return 0
    }
    static [int] LsaEnumerateAccountsWithUserRight(
        [IntPtr] $policy, [IntPtr] $name, [ref] $buffer, [ref] $count
    ) {
        $buffer.Value = [Memory]::Two(); $count.Value = 2
        return 0
    }
    static [int] LsaFreeMemory([IntPtr] $buffer) {
        [Memory]::Freed.Add('rights'); return 0
    }
    static [int] LsaClose([IntPtr] $policy) { [Memory]::Freed.Add("policy $policy"); return 0 }
}
$kinds['Security.Principal.SecurityIdentifier'] = { @{ Value = "S-$($args[0][0])" } }
(Get-GroupMemberSid -Native ([Native]) -Group 'Administrators') -join ' '
(Get-UserRightSid -Native ([Native]) -Right 'SeBatchLogonRight') -join ' '
[Memory]::Freed -join ', '
"""


@pytest.mark.pwsh
def test_every_member_and_holder_is_read_and_the_memory_given_back() -> None:
    assert powershell("accounts", STAND_IN + POINTERS).splitlines() == [
        "S-11 S-22",
        "S-11 S-22",
        "group, rights, policy 7",
    ]


STATUSES = """
$denied = New-Object -TypeName Runtime.InteropServices.COMException -ArgumentList 'x', -2147217405
$absent = New-Object -TypeName IO.FileNotFoundException
$wrong = New-Object -TypeName IO.IOException
$security = New-Object -TypeName Security.SecurityException
foreach ($one in $denied, $absent, $wrong, $security) { Get-ErrorStatus -Exception $one }
"""


@pytest.mark.pwsh
def test_an_error_has_its_status_by_type_or_number() -> None:
    """WMI's own refusal, a file that is gone, anything else: never by the message."""
    assert powershell("dotnet", STATUSES).split() == ["denied", "absent", "error", "denied"]
