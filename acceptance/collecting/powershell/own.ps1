# Section own: what an engineer's own checks name, and nothing else: services, files (what they hold never
# travels, only whether a text is in them), registry values, TCP ports. Needs local administrator for some of it.
# Source: Win32_Service, the file system, the registry, .NET's listeners. Server 2016 and later.
function Get-OwnSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    $own = $Parameters.own
    [ordered]@{
        services = @($own.service | ForEach-Object -Process { Get-OwnService -Name ([string]$_) })
        files    = @($own.file | ForEach-Object -Process {
                [ordered]@{
                    path = [string]$_.path
                    fact = Invoke-Section -Parameters $_ -Section {
                        param([object] $Parameters)
                        Get-OwnFile -Asked $Parameters
                    }
                }
            })
        registry = @($own.registry | ForEach-Object -Process {
                [ordered]@{
                    key  = [string]$_.key
                    fact = Invoke-Section -Parameters $_ -Section {
                        param([object] $Parameters)
                        Get-OwnKey -Asked $Parameters
                    }
                }
            })
        ports    = @(Select-OwnPort -Ports @($own.port))
    }
}

function Get-OwnService {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Name)
    $found = @(Get-CimInstance -ClassName Win32_Service | Where-Object -FilterScript { $_.Name -eq $Name })
    $there = [bool]($found.Count -gt 0)
    [ordered]@{
        name       = $Name
        exists     = $there
        state      = if ($there) { [string]$found[0].State } else { $null }
        start_mode = if ($there) { [string]$found[0].StartMode } else { $null }
    }
}

function Get-OwnFile {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Asked)
    $fact = [ordered]@{
        exists = $false; is_file = $false
        size = $null; version = $null; sha256 = $null; contains = @()
    }
    if (-not (Test-Path -LiteralPath $Asked.path)) { return $fact }
    $item = Get-Item -LiteralPath $Asked.path
    $fact.exists = $true
    $fact.is_file = [bool](-not $item.PSIsContainer)
    if (-not $fact.is_file) { return $fact }
    $fact.size = [long]$item.Length
    $fact.version = $item.VersionInfo.FileVersion
    $fact.sha256 = ([string](Get-FileHash -LiteralPath $Asked.path -Algorithm 'SHA256').Hash)
    $fact.contains = @($Asked.contains | ForEach-Object -Process {
            $text = [string]$_
            $searched = @{
                LiteralPath = $Asked.path; Pattern = $text; SimpleMatch = $true; CaseSensitive = $true; Quiet = $true
            }
            [ordered]@{ text = $text; found = [bool](Select-String @searched) }
        })
    $fact
}

function Get-OwnKey {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Asked)
    $there = [bool](Test-Path -LiteralPath $Asked.key)
    [ordered]@{
        exists = $there
        values = @($Asked.values | ForEach-Object -Process {
                $name = [string]$_
                [ordered]@{ name = $name; value = Get-OptionalRegistryValue -Path $Asked.key -Name $name }
            })
    }
}

function Select-OwnPort {
    [CmdletBinding()] param([object[]] $Ports)
    if ($Ports.Count -eq 0) { return }
    $open = @(Get-ListeningPort)
    $Ports | ForEach-Object -Process { [ordered]@{ port = [int]$_; listening = [bool]($open -contains [int]$_) } }
}
