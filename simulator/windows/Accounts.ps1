# Part of Windows.psm1: accounts, groups, user rights, access lists. The collectors' leaves (what only Windows can
# answer) are shadowed by aliases: an alias goes before a function, so that a collector runs unchanged and everything
# around its leaves is its own.

class AccessList {
    [object[]] $Entries
    [object[]] GetAccessRules([bool] $explicit, [bool] $inherited, [type] $kind) {
        return @($this.Entries | ForEach-Object -Process {
                [pscustomobject]@{
                    IdentityReference = [pscustomobject]@{ Value = $_.sid }
                    AccessControlType = if ($_.allow) { 'Allow' } else { 'Deny' }
                    FileSystemRights  = $_.rights
                }
            })
    }
}

function Get-Acl {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $LiteralPath)
    Assert-TwinAnswer -Command 'Get-Acl'
    Assert-TwinPath -Path $LiteralPath
    [AccessList]@{ Entries = @($State.acls[$LiteralPath]) }
}

function Test-TwinDomain {
    [bool]($State.cim['Win32_ComputerSystem'][0].PartOfDomain) -and [bool]$State.accounts.domain_controller
}

# SIDs of the domain need a domain controller; well-known ones and the server's own do not.
function Test-TwinTranslation {
    param([string] $Sid)
    (-not $Sid.StartsWith("$($State.accounts.domain_sid)-")) -or (Test-TwinDomain)
}

# Linux cannot make an IdentityNotMappedException; this one has the same status.
function Get-NotMapped {
    [Management.Automation.ItemNotFoundException]::new('Some or all identity references could not be translated.')
}

function Get-TwinAccountSid {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Name)
    Assert-TwinAnswer -Command 'Get-AccountSid'
    $found = @($State.accounts.principals.Keys | Where-Object -FilterScript {
            $State.accounts.principals[$_] -eq $Name
        })
    if (($found.Count -eq 0) -or -not (Test-TwinTranslation -Sid $found[0])) {
        throw (Get-NotMapped)
    }
    $found[0]
}

function Get-TwinAccountName {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Sid)
    Assert-TwinAnswer -Command 'Get-AccountName'
    $name = $State.accounts.principals[$Sid]
    if (($null -eq $name) -or -not (Test-TwinTranslation -Sid $Sid)) {
        throw (Get-NotMapped)
    }
    $name
}

# S4U: no token without a domain controller, nor for an account that is disabled, locked or expired.
function Get-TwinS4uToken {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $LogonName)
    Assert-TwinAnswer -Command 'Get-S4uToken'
    $sid = $State.accounts.logon_names[$LogonName]
    $record = if ($null -ne $sid) { $State.accounts.directory[$sid] } else { $null }
    $refused = ($null -eq $record) -or -not (Test-TwinDomain)
    if (-not $refused) {
        $now = [DateTime]::UtcNow.ToFileTimeUtc()
        $disabled = ($record.useraccountcontrol -band 2) -ne 0
        $locked = ($record['msds-user-account-control-computed'] -band 16) -ne 0
        $refused = $disabled -or $locked -or
        (($record.accountexpires -gt 0) -and ($record.accountexpires -lt $now))
    }
    if ($refused) { throw [Security.SecurityException]::new('The user name or password is incorrect.') }
    $groups = [Collections.Generic.List[string]]@('S-1-1-0', 'S-1-5-11', 'S-1-5-2', 'S-1-5-32-545')
    $open = [Collections.Generic.Queue[string]]@($sid)
    while ($open.Count -gt 0) {
        foreach ($group in @($State.accounts.member_of[$open.Dequeue()] | Where-Object -FilterScript { $_ })) {
            if (-not $groups.Contains($group)) { $groups.Add($group); $open.Enqueue($group) }
        }
    }
    foreach ($local in @(if ($null -ne $State.accounts.local_groups) { $State.accounts.local_groups.Keys })) {
        $inside = @($State.accounts.local_groups[$local] | Where-Object -FilterScript {
                ($_ -eq $sid) -or $groups.Contains($_)
            })
        if ($inside.Count -gt 0) { $groups.Add($local) }
    }
    [ordered]@{ user = $sid; groups = @($groups) }
}

function Get-TwinDirectoryAttribute {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Sid, [Parameter(Mandatory)] [string[]] $Name)
    Assert-TwinAnswer -Command 'Get-DirectoryAttribute'
    # Without delegation a session has no credentials for another machine: ERROR_DS_OPERATIONS_ERROR (0x80072020).
    if (-not ($State.accounts.delegation -and (Test-TwinDomain))) {
        throw [Runtime.InteropServices.COMException]::new('An operations error occurred.', -2147016672)
    }
    $record = $State.accounts.directory[$Sid]
    if ($null -eq $record) { throw [InvalidOperationException]::new('There is no such object on the server.') }
    $found = @{}
    foreach ($one in $Name) { if ($record.Contains($one)) { $found[$one.ToLowerInvariant()] = @($record[$one]) } }
    if ($found.Contains('logonhours')) {
        $found['logonhours'] = , [Convert]::FromHexString($record['logonhours']) # one value, and that is bytes
    }
    $found
}

function Get-TwinGroupMemberSid {
    [CmdletBinding()] param([object] $Native, [Parameter(Mandatory)] [string] $Group)
    Assert-TwinAnswer -Command 'Get-GroupMemberSid'
    foreach ($sid in @(if ($null -ne $State.accounts.local_groups) { $State.accounts.local_groups.Keys })) {
        if ($State.accounts.principals[$sid].Split('\')[-1] -eq $Group) { return @($State.accounts.local_groups[$sid]) }
    }
    throw [InvalidOperationException]::new('The group name could not be found.')
}

function Get-TwinUserRightSid {
    [CmdletBinding()] param([object] $Native, [Parameter(Mandatory)] [string] $Right)
    Assert-TwinAnswer -Command 'Get-UserRightSid'
    @($State.accounts.rights[$Right])
}

function Test-ComputerSecureChannel {
    [CmdletBinding()] param()
    Assert-TwinAnswer -Command 'Test-ComputerSecureChannel'
    Test-TwinDomain
}

# Who sits at the server, for the script by hand.
function Get-TwinCurrentAccount {
    [CmdletBinding()] param()
    Assert-TwinAnswer -Command 'Get-CurrentAccount'
    $State.accounts.reader
}

${alias:Get-CurrentAccount} = 'Get-TwinCurrentAccount'
${alias:Get-AccountSid} = 'Get-TwinAccountSid'
${alias:Get-AccountName} = 'Get-TwinAccountName'
${alias:Get-S4uToken} = 'Get-TwinS4uToken'
${alias:Get-DirectoryAttribute} = 'Get-TwinDirectoryAttribute'
${alias:Get-GroupMemberSid} = 'Get-TwinGroupMemberSid'
${alias:Get-UserRightSid} = 'Get-TwinUserRightSid'
