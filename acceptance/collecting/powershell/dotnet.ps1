# Section dotnet: the installed .NET Framework 4.x. Needs no rights. Source: NDP\v4\Full (dotnet/docs,
# how-to-determine-which-versions). Server 2016 and later.
function Get-DotnetSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    $full = 'HKLM:\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full'
    if (-not (Test-Path -LiteralPath $full)) {
        return [ordered]@{ release = $null; version = $null }
    }
    [ordered]@{
        release = Get-RegistryValue -Path $full -Name 'Release'
        version = Get-RegistryValue -Path $full -Name 'Version'
    }
}
