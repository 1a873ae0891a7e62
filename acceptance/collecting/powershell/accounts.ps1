# Section accounts: the service account, the groups in its token (nested and local ones too), the direct members of the
# local Administrators, and who holds the rights to log on as a batch job and as a service. Needs local administrator
# for those rights. Source: LSA (name to SID, S4U, user rights), NetLocalGroupGetMembers, the directory. Each part may
# fail alone: no domain controller answers, the directory is out of reach (second hop). Never lists by name: names are
# translated. Server 2016 and later.
function Get-AccountsSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    $computer = Get-CimInstance -ClassName Win32_ComputerSystem
    $name = [string]$Parameters.service_account
    if ($name -like '.\*') { $name = "$($computer.Name)$($name.Substring(1))" }
    $role = $computer.DomainRole # no cast: what was not read would become 0, a workgroup
    $native = Get-NativeType
    $account = Invoke-Section -Parameters $name -Section {
        param([object] $Parameters)
        Get-AccountIdentity -Name $Parameters
    }
    $channel = $null
    if (@(1, 3) -contains $role) {
        $channel = Invoke-Section -Parameters $name -Section {
            param([object] $Parameters)
            [bool](Test-ComputerSecureChannel)
        }
    }
    $tokens = @()
    $directory = $null
    if ($account.status -eq 'ok') {
        $tokens = @(Get-LogonName -Name $name -Domain $computer.Domain | ForEach-Object -Process {
                $answer = Invoke-Section -Parameters $_ -Section {
                    param([object] $Parameters)
                    Get-S4uToken -LogonName $Parameters
                }
                [ordered]@{ logon_name = $_; answer = $answer }
            })
        $directory = Invoke-Section -Parameters $account.value.sid -Section {
            param([object] $Parameters)
            Get-DirectoryAccount -Sid $Parameters
        }
    }
    $logonRights = @('SeBatchLogonRight', 'SeDenyBatchLogonRight', 'SeServiceLogonRight', 'SeDenyServiceLogonRight')
    [ordered]@{
        service_account = $name
        computer_name   = [string]$computer.Name
        domain          = [string]$computer.Domain
        domain_role     = $role
        secure_channel  = $channel
        account         = $account
        tokens          = $tokens
        directory       = $directory
        administrators  = Invoke-Section -Parameters $native -Section {
            param([object] $Parameters)
            Get-LocalAdministrator -Native $Parameters
        }
        rights          = @($logonRights | ForEach-Object -Process {
                $asked = @{ native = $native; right = $_ }
                $answer = Invoke-Section -Parameters $asked -Section {
                    param([object] $Parameters)
                    Get-RightHolder -Asked $Parameters
                }
                [ordered]@{ right = $_; answer = $answer }
            })
    }
}

# The SID, and the name as Windows spells it.
function Get-AccountIdentity {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Name)
    $sid = Get-AccountSid -Name $Name
    [ordered]@{ sid = $sid; name = Get-AccountName -Sid $sid }
}

# How an account logs on by name: user@domain, with the server's own DNS domain first, then with the name that the
# inventory gives. Which of them is meant is told by the SID in the token.
function Get-LogonName {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Name, [Parameter(Mandatory)] [string] $Domain)
    $user = $Name.Substring($Name.IndexOf('\') + 1)
    "$user@$Domain"
    "$user@$($Name.Substring(0, $Name.IndexOf('\')))"
}

# Members by SID: an orphaned one, or one of a domain that does not answer, has no name.
function Get-LocalAdministrator {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Native)
    $name = Get-AccountName -Sid 'S-1-5-32-544'
    $group = $name.Substring($name.LastIndexOf('\') + 1)
    $members = @(Get-GroupMemberSid -Native $Native -Group $group | ForEach-Object -Process {
            $translated = Invoke-Section -Parameters $_ -Section {
                param([object] $Parameters)
                Get-AccountName -Sid $Parameters
            }
            $known = $null
            if ($translated.status -eq 'ok') { $known = $translated.value }
            [ordered]@{ sid = $_; name = $known }
        })
    [ordered]@{ name = $name; members = $members }
}

function Get-RightHolder {
    [CmdletBinding()] param([Parameter(Mandatory)] [hashtable] $Asked)
    [ordered]@{ sids = @(Get-UserRightSid -Native $Asked.native -Right $Asked.right) }
}

# Dates are FILETIME numbers, as the directory has them; $null: the directory does not say.
function Get-DirectoryAccount {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Sid)
    $names = @(
        'userAccountControl', 'msDS-User-Account-Control-Computed', 'accountExpires', 'pwdLastSet',
        'msDS-UserPasswordExpiryTimeComputed', 'userWorkstations', 'logonHours'
    )
    $read = Get-DirectoryAttribute -Sid $Sid -Name $names
    $hours = $null
    foreach ($one in $read['logonhours']) { $hours = [Convert]::ToBase64String($one) }
    [ordered]@{
        user_account_control = Get-FirstValue -Value $read['useraccountcontrol']
        computed             = Get-FirstValue -Value $read['msds-user-account-control-computed']
        account_expires      = Get-FirstValue -Value $read['accountexpires']
        password_last_set    = Get-FirstValue -Value $read['pwdlastset']
        password_expires     = Get-FirstValue -Value $read['msds-userpasswordexpirytimecomputed']
        limits               = [ordered]@{
            computers = Get-FirstValue -Value $read['userworkstations']
            hours     = $hours
        }
    }
}

function Get-FirstValue {
    [CmdletBinding()] param([AllowNull()] [object] $Value)
    foreach ($one in @($Value)) { return $one }
    $null
}

# --- Leaves: each asks Windows one thing and does nothing else, since these calls exist on Windows only. --------------

function Get-AccountSid {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Name)
    $account = New-Object -TypeName Security.Principal.NTAccount -ArgumentList $Name
    $account.Translate([Security.Principal.SecurityIdentifier]).Value
}

function Get-AccountName {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Sid)
    $identifier = New-Object -TypeName Security.Principal.SecurityIdentifier -ArgumentList $Sid
    $identifier.Translate([Security.Principal.NTAccount]).Value
}

# Kerberos S4U: the token that the account would get, without its password and without a second hop.
function Get-S4uToken {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $LogonName)
    $identity = New-Object -TypeName Security.Principal.WindowsIdentity -ArgumentList $LogonName
    try {
        $groups = @($identity.Groups | ForEach-Object -Process { [string]$_.Value })
        [ordered]@{ user = $identity.User.Value; groups = $groups }
    } finally {
        $identity.Dispose()
    }
}

# With the credentials of this session: over WinRM it has none for the directory (second hop), on a domain controller it
# needs none.
function Get-DirectoryAttribute {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Sid, [Parameter(Mandatory)] [string[]] $Name)
    $entry = New-Object -TypeName DirectoryServices.DirectoryEntry -ArgumentList "LDAP://<SID=$Sid>"
    $terms = @($entry, '(objectClass=*)', $Name, [DirectoryServices.SearchScope]::Base)
    (New-Object -TypeName DirectoryServices.DirectorySearcher -ArgumentList $terms).FindOne().Properties
}

# Six functions of Windows that .NET does not offer. Defined in memory: Add-Type would run a compiler that writes files.
function Get-NativeType {
    [CmdletBinding()] param()
    $pointer = [IntPtr]
    $out = [IntPtr].MakeByRefType()
    $number = [int].MakeByRefType()
    $functions = [ordered]@{
        LsaOpenPolicy                     = @('advapi32.dll', $pointer, $pointer, [int], $out)
        LsaEnumerateAccountsWithUserRight = @('advapi32.dll', $pointer, $pointer, $out, $number)
        LsaFreeMemory                     = @('advapi32.dll', $pointer)
        LsaClose                          = @('advapi32.dll', $pointer)
        NetLocalGroupGetMembers           = @('netapi32.dll', $pointer, [string], [int], $out, [int], $number,
            $number, $out)
        NetApiBufferFree                  = @('netapi32.dll', $pointer)
    }
    $access = [Reflection.Emit.AssemblyBuilderAccess]::Run
    $named = New-Object -TypeName Reflection.AssemblyName -ArgumentList 'AcceptanceNative'
    $assembly = [Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly($named, $access)
    $type = $assembly.DefineDynamicModule('AcceptanceNative').DefineType('AcceptanceNative')
    $attributes = [Reflection.MethodAttributes]'Public, Static, PinvokeImpl'
    $standard = [Reflection.CallingConventions]::Standard
    $native = [Runtime.InteropServices.CallingConvention]::Winapi
    $unicode = [Runtime.InteropServices.CharSet]::Unicode
    foreach ($name in $functions.Keys) {
        $signature = $functions[$name]
        $arguments = [type[]]$signature[1..($signature.Count - 1)]
        $method = $type.DefinePInvokeMethod(
            $name, $signature[0], $attributes, $standard, [int], $arguments, $native, $unicode
        )
        $method.SetImplementationFlags([Reflection.MethodImplAttributes]::PreserveSig)
    }
    $type.CreateType()
}

# Level 0: SIDs only, so that an orphaned member is no error (lmaccess, NetLocalGroupGetMembers).
function Get-GroupMemberSid {
    [CmdletBinding()] param([Parameter(Mandatory)] [type] $Native, [Parameter(Mandatory)] [string] $Group)
    $buffer = [IntPtr]::Zero
    $resume = [IntPtr]::Zero
    $read = 0
    $total = 0
    $none = [IntPtr]::Zero
    $all = -1 # MAX_PREFERRED_LENGTH
    $code = $Native::NetLocalGroupGetMembers(
        $none, $Group, 0, [ref]$buffer, $all, [ref]$read, [ref]$total, [ref]$resume
    )
    if ($code -ne 0) { throw (New-Object -TypeName ComponentModel.Win32Exception -ArgumentList $code) }
    try {
        foreach ($index in @(0..$read)) {
            if ($index -eq $read) { break }
            $sid = [Runtime.InteropServices.Marshal]::ReadIntPtr($buffer, $index * [IntPtr]::Size)
            (New-Object -TypeName Security.Principal.SecurityIdentifier -ArgumentList $sid).Value
        }
    } finally {
        $null = $Native::NetApiBufferFree($buffer)
    }
}

# Direct holders by SID; nobody: STATUS_NO_MORE_ENTRIES (ntsecapi, LsaEnumerateAccountsWithUserRight). Access 0x801:
# look up names, view local information.
function Get-UserRightSid {
    [CmdletBinding()] param([Parameter(Mandatory)] [type] $Native, [Parameter(Mandatory)] [string] $Right)
    $policy = [IntPtr]::Zero
    $buffer = [IntPtr]::Zero
    $count = 0
    $attributes = [Runtime.InteropServices.Marshal]::AllocHGlobal(48)
    $text = [Runtime.InteropServices.Marshal]::StringToHGlobalUni($Right)
    $name = [Runtime.InteropServices.Marshal]::AllocHGlobal(2 * [IntPtr]::Size)
    try {
        [Runtime.InteropServices.Marshal]::Copy((New-Object -TypeName byte[] -ArgumentList 48), 0, $attributes, 48)
        [Runtime.InteropServices.Marshal]::WriteInt16($name, 0, [int16](2 * $Right.Length))
        [Runtime.InteropServices.Marshal]::WriteInt16($name, 2, [int16](2 * $Right.Length + 2))
        [Runtime.InteropServices.Marshal]::WriteIntPtr($name, [IntPtr]::Size, $text)
        $code = $Native::LsaOpenPolicy([IntPtr]::Zero, $attributes, 0x801, [ref]$policy)
        if ($code -eq 0) {
            $code = $Native::LsaEnumerateAccountsWithUserRight($policy, $name, [ref]$buffer, [ref]$count)
        }
        if ($code -eq 0x8000001A) { return }
        if ($code -eq 0xC0000022) { throw (New-Object -TypeName UnauthorizedAccessException -ArgumentList $Right) }
        if ($code -ne 0) {
            $said = '{0}: NTSTATUS 0x{1:X8}' -f $Right, $code
            throw (New-Object -TypeName InvalidOperationException -ArgumentList $said)
        }
        foreach ($index in @(0..$count)) {
            if ($index -eq $count) { break }
            $sid = [Runtime.InteropServices.Marshal]::ReadIntPtr($buffer, $index * [IntPtr]::Size)
            (New-Object -TypeName Security.Principal.SecurityIdentifier -ArgumentList $sid).Value
        }
    } finally {
        if ($buffer -ne [IntPtr]::Zero) { $null = $Native::LsaFreeMemory($buffer) }
        if ($policy -ne [IntPtr]::Zero) { $null = $Native::LsaClose($policy) }
        foreach ($block in $name, $text, $attributes) { [Runtime.InteropServices.Marshal]::FreeHGlobal($block) }
    }
}
