# Stands in for the commands of Windows in a PowerShell 7 process: functions that answer from a twin's state, given as
# JSON in the file that TWIN_STATE names. A function shadows the command of the same name. What the twin does not know
# is an error, as on a server: never an empty answer. Names, columns and exception types are Windows PowerShell 5.1's.
# Compiled once at import; runs on Linux, macOS and Windows.

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

class RegistryKey {
    [string] $Name
    [Collections.IDictionary] $Values
    [string[]] $SubKeys
    [object] GetValue([string] $name) { return $this.Values[$name] }
    [object] GetValue([string] $name, [object] $default) {
        if ($this.Values.Contains($name)) { return $this.Values[$name] }
        return $default
    }
    [string[]] GetValueNames() { return [string[]]@($this.Values.Keys) }
    [string[]] GetSubKeyNames() { return $this.SubKeys }
}

# As Microsoft.Management.Infrastructure has it: its HResult is that of any exception, NativeErrorCode says
# what happened (PowerShell/MMI, CimException.cs).
enum CimNativeError { AccessDenied = 2; InvalidClass = 5 }
class CimException : Exception {
    [CimNativeError] $NativeErrorCode
    CimException([string] $message, [CimNativeError] $code) : base($message) {
        $this.NativeErrorCode = $code
    }
}

# JSON objects as ordered tables: names without case, as Windows has them.
function ConvertTo-State {
    param([AllowNull()] [object] $Value)
    if ($Value -is [Management.Automation.PSCustomObject]) {
        $table = [ordered]@{}
        foreach ($property in $Value.PSObject.Properties) {
            $table[$property.Name] = ConvertTo-State -Value $property.Value
        }
        return $table
    }
    if ($Value -is [array]) { return , @($Value | ForEach-Object -Process { ConvertTo-State -Value $_ }) }
    if (($Value -is [string]) -and $Value.StartsWith('hex:')) {
        $pairs = $Value.Substring(4).Split(',') | Where-Object -FilterScript { $_ }
        return , [byte[]]@($pairs | ForEach-Object -Process { [Convert]::ToByte($_, 16) })
    }
    return $Value
}

$State = ConvertTo-State -Value (ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($env:TWIN_STATE)))

# A command that the twin says fails: {"Get-WindowsFeature": {"type": "System.UnauthorizedAccessException", "message":
# "..."}}.
function Assert-TwinAnswer {
    param([string] $Command)
    if ($State.delays.Contains($Command)) { Start-Sleep -Seconds $State.delays[$Command] }
    if (-not $State.errors.Contains($Command)) { return }
    $fault = $State.errors[$Command]
    throw (New-Object -TypeName $fault.type -ArgumentList $fault.message)
}

function Get-WindowsFeature {
    [CmdletBinding()] param([string[]] $Name)
    Assert-TwinAnswer -Command 'Get-WindowsFeature'
    foreach ($feature in $State.features.Keys) {
        if (($null -ne $Name) -and ($Name -notcontains $feature)) { continue }
        $known = $State.display_names.Contains($feature)
        $shown = if ($known) { $State.display_names[$feature] } else { $feature }
        [pscustomobject]@{
            Name         = $feature
            DisplayName  = $shown
            InstallState = $State.features[$feature]
            Installed    = $State.features[$feature] -eq 'Installed'
        }
    }
}

# Filters as the collectors write them: Name='W3SVC' OR Name='WAS', DriveType=3.
function Test-CimFilter {
    param([Collections.IDictionary] $Instance, [string] $Filter)
    foreach ($alternative in ($Filter -split '\s+OR\s+')) {
        $met = $true
        foreach ($term in ($alternative -split '\s+AND\s+')) {
            if ($term -notmatch "^\s*(\w+)\s*=\s*(?:'(?<text>[^']*)'|(?<number>\d+)|(?<truth>TRUE|FALSE))\s*$") {
                throw (New-Object -TypeName System.ArgumentException -ArgumentList "Invalid query: $Filter")
            }
            $wanted = if ($Matches.ContainsKey('text')) { $Matches['text'] }
            elseif ($Matches.ContainsKey('number')) { [long]$Matches['number'] } else { $Matches['truth'] -eq 'TRUE' }
            if ($Instance[$Matches[1]] -ne $wanted) { $met = $false }
        }
        if ($met) { return $true }
    }
    $false
}

function Get-CimInstance {
    [CmdletBinding()] param(
        [Parameter(Mandatory)] [string] $ClassName, [string] $Filter, [string] $Namespace = 'root/cimv2',
        [string[]] $Property
    )
    $asked = "Get-CimInstance $ClassName"
    if ($State.errors.Contains($asked) -and ($State.errors[$asked].type -eq 'CimException')) {
        throw [CimException]::new($State.errors[$asked].message, [CimNativeError]'AccessDenied')
    }
    Assert-TwinAnswer -Command $asked
    if (-not $State.cim.Contains($ClassName)) {
        throw [CimException]::new('Invalid class', [CimNativeError]'InvalidClass')
    }
    foreach ($instance in @($State.cim[$ClassName])) {
        if ($Filter -and -not (Test-CimFilter -Instance $instance -Filter $Filter)) { continue }
        [pscustomobject]$instance
    }
}

function Get-ExecutionPolicy {
    [CmdletBinding()] param([switch] $List)
    foreach ($scope in 'MachinePolicy', 'UserPolicy', 'Process', 'CurrentUser', 'LocalMachine') {
        $policy = if ($scope -eq 'Process') { 'Bypass' } else { $State.powershell.execution_policies[$scope] }
        [pscustomobject]@{ Scope = $scope; ExecutionPolicy = $policy }
    }
}

# It looks for the drive, and one that is gone is an error that ends nothing (about_Join-Path; CombinePathCommand).
function Join-Path {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Path, [Parameter(Mandatory)] [string] $ChildPath)
    $drive = $Path.Split(':')[0]
    $drives = @('HKLM', 'Cert')
    foreach ($disk in @($State.cim['Win32_LogicalDisk'])) { $drives += $disk.DeviceID.TrimEnd(':') }
    if ($Path.Contains(':') -and ($drives -notcontains $drive)) {
        $gone = [Management.Automation.DriveNotFoundException]::new("A drive with the name '$drive' does not exist.")
        Write-Error -Exception $gone -Category ObjectNotFound -ErrorId 'DriveNotFound' -TargetObject $drive
        return
    }
    $Path.TrimEnd('\') + '\' + $ChildPath.TrimStart('\')
}

function Get-RegistrySubKey {
    param([string] $Path)
    Get-TwinChildName -Table $State.registry -Path $Path
}

# What lies directly below a path, of a table whose keys are whole paths.
function Get-TwinChildName {
    param([Collections.IDictionary] $Table, [string] $Path)
    $prefix = "$Path\"
    $below = @($Table.Keys | Where-Object -FilterScript { $_.StartsWith($prefix, 'OrdinalIgnoreCase') })
    $names = @($below | ForEach-Object -Process { $_.Substring($prefix.Length).Split('\')[0] } | Sort-Object -Unique)
    , [string[]]$names
}

function Test-TwinPath {
    param([string] $Path)
    Assert-TwinAnswer -Command $Path
    $Path = $Path.TrimEnd('\')
    switch -Regex ($Path) {
        '^HKLM:\\' { return $State.registry.Contains($Path) -or ((Get-RegistrySubKey -Path $Path).Count -gt 0) }
        '^Cert:\\LocalMachine\\' { return $null -ne (Get-TwinCertificate -Path $Path) }
        default {
            if ($State.files.Contains($Path)) { return $true }
            return (Get-TwinChildName -Table $State.files -Path $Path).Count -gt 0
        }
    }
}

function Get-TwinCertificate {
    param([string] $Path)
    $parts = $Path.Split('\')
    if (($parts.Count -ne 4) -or -not $State.certificates.Contains($parts[3])) { return $null }
    $certificate = $State.certificates[$parts[3]]
    if ($certificate.store -ne $parts[2]) { return $null }
    [pscustomobject]@{
        Thumbprint    = $parts[3]
        Subject       = $certificate.subject
        Issuer        = $certificate.issuer
        NotBefore     = [datetime]::Parse($certificate.not_before, [Globalization.CultureInfo]::InvariantCulture)
        NotAfter      = [datetime]::Parse($certificate.not_after, [Globalization.CultureInfo]::InvariantCulture)
        DnsNameList   = @($certificate.dns_names | ForEach-Object -Process { [pscustomobject]@{ Unicode = $_ } })
        HasPrivateKey = $certificate.has_private_key
        RawData       = [Convert]::FromBase64String($certificate.raw)
    }
}

function Test-Path {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $LiteralPath)
    # No Windows path begins so: the question and the answer of the script by hand lie in the real machine's folder.
    if ($LiteralPath.StartsWith('/')) { return [IO.File]::Exists($LiteralPath) }
    Test-TwinPath -Path $LiteralPath
}

function Assert-TwinPath {
    param([string] $Path)
    if (Test-TwinPath -Path $Path) { return }
    $missing = "Cannot find path '$Path' because it does not exist."
    throw (New-Object -TypeName Management.Automation.ItemNotFoundException -ArgumentList $missing)
}

function Get-Item {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $LiteralPath)
    Assert-TwinPath -Path $LiteralPath
    $path = $LiteralPath.TrimEnd('\')
    if ($path -like 'HKLM:\*') { return New-RegistryKey -Path $path }
    if ($path -like 'Cert:\*') { return Get-TwinCertificate -Path $path }
    New-TwinFile -Path $path
}

function New-RegistryKey {
    param([string] $Path)
    $values = if ($State.registry.Contains($Path)) { $State.registry[$Path] } else { [ordered]@{} }
    $name = $Path -replace '^HKLM:', 'HKEY_LOCAL_MACHINE'
    [RegistryKey]@{ Name = $name; Values = $values; SubKeys = Get-RegistrySubKey -Path $Path } |
        Add-Member -NotePropertyName PSChildName -NotePropertyValue $Path.Split('\')[-1] -PassThru
}

# A file's value in the twin: its text, or {"file_version": ..., "product_version": ...} for a program.
function New-TwinFile {
    param([string] $Path)
    $content = $State.files[$Path]
    $version = [pscustomobject]@{ FileVersion = $null; ProductVersion = $null }
    if ($content -is [Collections.IDictionary]) {
        $version.FileVersion = $content['file_version']
        $version.ProductVersion = $content['product_version']
    }
    $folder = -not $State.files.Contains($Path)
    $length = [Text.Encoding]::UTF8.GetByteCount([string]$content)
    [pscustomobject]@{
        FullName = $Path; Name = $Path.Split('\')[-1]; PSIsContainer = $folder; VersionInfo = $version; Length = $length
    }
}

function Get-FileHash {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $LiteralPath, [string] $Algorithm = 'SHA256')
    Assert-TwinPath -Path $LiteralPath
    $bytes = [Text.Encoding]::UTF8.GetBytes([string]$State.files[$LiteralPath])
    $hash = [BitConverter]::ToString([Security.Cryptography.HashAlgorithm]::Create($Algorithm).ComputeHash($bytes))
    [pscustomobject]@{ Algorithm = $Algorithm; Hash = $hash.Replace('-', ''); Path = $LiteralPath }
}

# A simple match, quiet: true, or nothing at all.
function Select-String {
    [CmdletBinding()] param(
        [Parameter(Mandatory)] [string] $LiteralPath, [Parameter(Mandatory)] [string] $Pattern,
        [switch] $SimpleMatch, [switch] $CaseSensitive, [switch] $Quiet
    )
    Assert-TwinPath -Path $LiteralPath
    if (-not ($SimpleMatch -and $CaseSensitive -and $Quiet)) {
        throw 'Select-String: the twin knows simple matches only'
    }
    foreach ($line in ([string]$State.files[$LiteralPath] -split '\r?\n')) {
        if ($line.Contains($Pattern)) { return $true }
    }
}

function Get-ChildItem {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $LiteralPath, [string] $Filter = '*')
    if ($LiteralPath.StartsWith('/')) { return [IO.DirectoryInfo]::new($LiteralPath).GetFiles() }
    Assert-TwinPath -Path $LiteralPath
    $path = $LiteralPath.TrimEnd('\')
    if ($path -like 'HKLM:\*') {
        foreach ($name in (Get-RegistrySubKey -Path $path)) {
            if ($name -like $Filter) { New-RegistryKey -Path "$path\$name" }
        }
        return
    }
    foreach ($name in (Get-TwinChildName -Table $State.files -Path $path)) {
        if ($name -like $Filter) { New-TwinFile -Path "$path\$name" }
    }
}

function Get-Content {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $LiteralPath, [switch] $Raw, [string] $Encoding = 'Default')
    if ($LiteralPath.StartsWith('/')) { return [IO.File]::ReadAllText($LiteralPath) }
    Assert-TwinPath -Path $LiteralPath
    $text = [string]$State.files[$LiteralPath]
    # Files are UTF-8 without a mark, and Windows PowerShell reads them in the code page of the system unless told.
    if ($Encoding -eq 'Default') { $text = [Text.Encoding]::Latin1.GetString([Text.Encoding]::UTF8.GetBytes($text)) }
    if ($Raw) { return $text }
    $text -split '\r?\n'
}

# appcmd.exe list site /xml and list apppool /xml: state attributes are English constants.
function Write-AppCmdList {
    param([string] $Verb, [string] $Kind, [string] $Format)
    if (($Verb -ne 'list') -or ($Format -ne '/xml') -or -not $State.appcmd.Contains($Kind)) {
        throw "appcmd: the twin does not know: $Verb $Kind $Format"
    }
    $element = @{ site = 'SITE'; apppool = 'APPPOOL' }[$Kind]
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<appcmd>'
    foreach ($name in $State.appcmd[$Kind].Keys) {
        $told = $element, [Security.SecurityElement]::Escape($name), $State.appcmd[$Kind][$name]
        '    <{0} {0}.NAME="{1}" state="{2}" />' -f $told
    }
    '</appcmd>'
}

$appcmd = { Write-AppCmdList -Verb $args[0] -Kind $args[1] -Format $args[2] }
$bound = $ExecutionContext.SessionState.Module.NewBoundScriptBlock($appcmd)
${function:global:C:\Windows\System32\inetsrv\appcmd.exe} = $bound

# The version and language mode of the twin: the table is constant, its entries are not.
$PSVersionTable['PSVersion'] = [version]$State.powershell.version
$PSVersionTable['PSEdition'] = 'Desktop'

# More of Windows, by subject.
. ([IO.Path]::Combine($PSScriptRoot, 'Accounts.ps1'))
. ([IO.Path]::Combine($PSScriptRoot, 'Network.ps1'))

$commands = @(
    'Get-WindowsFeature', 'Get-CimInstance', 'Get-ExecutionPolicy', 'Join-Path', 'Test-Path', 'Get-Item',
    'Get-ChildItem', 'Get-Content', 'Get-FileHash', 'Select-String', 'Get-Acl', 'Test-ComputerSecureChannel',
    'Get-NetFirewallProfile',
    'Get-NetConnectionProfile', 'Get-NetFirewallRule'
)
Export-ModuleMember -Function ($commands + 'Get-Twin*' + 'Invoke-Twin*') -Alias '*'
