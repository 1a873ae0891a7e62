# What every collector stands on. Reads nothing itself. Windows PowerShell 5.1 and later.
param([Parameter(Mandatory)] [object] $Parameters)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# What really happened: PowerShell wraps what a .NET method or property throws.
function Get-ErrorCause {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Exception)
    $cause = $Exception
    while (($null -ne $cause.InnerException) -and (
            ($cause -is [Management.Automation.ExtendedTypeSystemException]) -or
            ($cause -is [Reflection.TargetInvocationException]))) {
        $cause = $cause.InnerException
    }
    $cause
}

# The status of an error by its type and number: messages are in the server's language.
function Get-ErrorStatus {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Exception)
    $denied = @(-2147024891, -2147217405) # E_ACCESSDENIED, WBEM_E_ACCESS_DENIED
    $absent = @(-2147024894, -2147024893) # file, path not found
    if (($Exception -is [UnauthorizedAccessException]) -or ($Exception -is [Security.SecurityException])) {
        return 'denied'
    }
    if ($denied -contains $Exception.HResult) { return 'denied' }
    # Two kinds have one HResult for every reason: Win32Exception (5: ERROR_ACCESS_DENIED) and CimException.
    $native = $Exception.PSObject.Properties['NativeErrorCode']
    if (($null -ne $native) -and (@('5', 'AccessDenied') -contains [string]$native.Value)) { return 'denied' }
    if ($Exception -is [Management.Automation.ItemNotFoundException]) { return 'absent' }
    if ($Exception -is [Security.Principal.IdentityNotMappedException]) { return 'absent' }
    if ($absent -contains $Exception.HResult) { return 'absent' }
    'error'
}

# Runs one section, or a part of one that may fail alone. The only place that catches: one failing section never costs
# another.
function Invoke-Section {
    [CmdletBinding()] param([Parameter(Mandatory)] [scriptblock] $Section, [Parameter(Mandatory)] [object] $Parameters)
    $clock = [Diagnostics.Stopwatch]::StartNew()
    try {
        $value = & $Section $Parameters
        [ordered]@{ status = 'ok'; value = $value; milliseconds = [int]$clock.ElapsedMilliseconds }
    } catch {
        $cause = Get-ErrorCause -Exception $_.Exception
        $fault = [ordered]@{
            type    = [string]$cause.GetType().FullName
            message = [string]$cause.Message
            hresult = [int]$cause.HResult
            line    = [int]$_.InvocationInfo.ScriptLineNumber
            id      = [string]$_.FullyQualifiedErrorId
        }
        $status = Get-ErrorStatus -Exception $cause
        [ordered]@{ status = $status; error = $fault; milliseconds = [int]$clock.ElapsedMilliseconds }
    }
}

# A registry value; $null where the value does not exist. The key itself must exist.
function Get-RegistryValue {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Path, [Parameter(Mandatory)] [string] $Name)
    (Get-Item -LiteralPath $Path).GetValue($Name)
}

# A registry value; $null where the value or its key does not exist.
function Get-OptionalRegistryValue {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Path, [Parameter(Mandatory)] [string] $Name)
    if (-not (Test-Path -LiteralPath $Path)) { return $null }
    Get-RegistryValue -Path $Path -Name $Name
}

# IIS writes UTF-8 without a mark; Windows PowerShell reads that in the system's code page unless told.
function Get-XmlFile {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Path)
    $readParameters = @{ LiteralPath = $Path; Raw = $true; Encoding = 'UTF8' }
    Get-XmlDocument -Text ([string](Get-Content @readParameters)) -Name $Path
}

# What is no XML is told by its place only: an error that quotes the text would quote the passwords in it.
function Get-XmlDocument {
    [CmdletBinding()] param([AllowEmptyString()] [string] $Text, [Parameter(Mandatory)] [string] $Name)
    $document = New-Object -TypeName Xml.XmlDocument
    try {
        $document.LoadXml($Text)
    } catch {
        $cause = Get-ErrorCause -Exception $_.Exception
        $place = ''
        if ($cause -is [Xml.XmlException]) { $place = ": line $($cause.LineNumber), position $($cause.LinePosition)" }
        throw (New-Object -TypeName Xml.XmlException -ArgumentList "$Name is no XML$place")
    }
    , $document
}

# The folder of a shared configuration; $null where redirection is off.
function Get-RedirectionPath {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Folder)
    $file = "$Folder\redirection.config"
    if (-not (Test-Path -LiteralPath $file)) { return $null }
    $node = (Get-XmlFile -Path $file).SelectSingleNode('/configuration/configurationRedirection')
    if (($null -eq $node) -or ($node.GetAttribute('enabled') -ne 'true')) { return $null }
    [Environment]::ExpandEnvironmentVariables($node.GetAttribute('path')).TrimEnd('\')
}

# The applicationHost.config in force, and the folder that it is redirected to ($null: to none).
# Paths are put together as text: Join-Path of Windows PowerShell throws for a drive that is gone.
function Get-IisConfigurationPath {
    [CmdletBinding()] param()
    $folder = "$($env:windir)\System32\inetsrv\config"
    $redirection = Get-RedirectionPath -Folder $folder
    if ($null -ne $redirection) { $folder = $redirection }
    [ordered]@{ redirection = $redirection; file = "$folder\applicationHost.config" }
}

# Where a virtual directory leads: its own path, else what its application, its site or all sites set for theirs.
function Get-VirtualDirectoryPath {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Node)
    $places = @(
        '.', '../virtualDirectoryDefaults', '../../virtualDirectoryDefaults', '../../../virtualDirectoryDefaults'
    )
    foreach ($place in $places) {
        $set = $Node.SelectSingleNode($place)
        if (($null -ne $set) -and $set.HasAttribute('physicalPath')) {
            return [Environment]::ExpandEnvironmentVariables($set.GetAttribute('physicalPath')).TrimEnd('\')
        }
    }
    $null
}

# A folder, and its parent where it is Synergy's "docs", to which an application may map.
function Select-ApplicationFolder {
    [CmdletBinding()] param([AllowNull()] [AllowEmptyString()] [string] $Path)
    if ([string]::IsNullOrEmpty($Path)) { return }
    $Path
    if ($Path -like '?*\docs') { $Path.Substring(0, $Path.LastIndexOf('\')) }
}

# Entries of both Uninstall hives by name; never Win32_Product, which repairs what it lists. A value that is not there
# is $null.
function Get-InstalledProgram {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Pattern)
    $hives = @(
        'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall'
        'HKLM:\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall'
    )
    foreach ($hive in $hives) {
        if (-not (Test-Path -LiteralPath $hive)) { continue }
        foreach ($key in @(Get-ChildItem -LiteralPath $hive)) {
            $name = [string]$key.GetValue('DisplayName')
            if ($name -match $Pattern) {
                $version = $key.GetValue('DisplayVersion')
                [ordered]@{ name = $name; version = $version; publisher = $key.GetValue('Publisher') }
            }
        }
    }
}

# Leaf: the ports that something listens on.
function Get-ListeningPort {
    [CmdletBinding()] param()
    $properties = [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()
    $properties.GetActiveTcpListeners() | ForEach-Object -Process { [int]$_.Port }
}
