# Every script by PSScriptAnalyzer: commands and types that Windows PowerShell 5.1 of Server 2016 and 2019 has.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$profiles = @(
    'win-8_x64_10.0.14393.0_5.1.14393.2791_x64_4.0.30319.42000_framework'
    'win-8_x64_10.0.17763.0_5.1.17763.316_x64_4.0.30319.42000_framework'
)
$asked = @{ Enable = $true; TargetProfiles = $profiles }
$settings = @{
    IncludeRules = 'PSUseCompatibleCommands', 'PSUseCompatibleTypes', 'PSUseCompatibleSyntax'
    Rules        = @{
        PSUseCompatibleCommands = $asked
        PSUseCompatibleTypes    = $asked
        PSUseCompatibleSyntax   = @{ Enable = $true; TargetVersions = '4.0', '5.1' }
    }
}
Import-Module -Name PSScriptAnalyzer
$collectors = "$PSScriptRoot\..\..\acceptance\collecting"
$found = @(Invoke-ScriptAnalyzer -Path $collectors -Recurse -Settings $settings)
$found | ForEach-Object -Process { "$($_.ScriptName):$($_.Line): $($_.Message)" }
if ($found.Count -gt 0) { throw "$($found.Count) lines that an older Windows does not know" }
