# Section schannel: which TLS versions are switched on or off for clients and servers, and what .NET Framework 4 is
# told. Needs no rights. Source: SCHANNEL\Protocols and .NETFramework\v4.0.30319, both views. $null: Windows' own
# default, which has TLS 1.2 on. Server 2016 and later.
function Get-SchannelSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    $protocols = 'HKLM:\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols'
    $versions = foreach ($version in 'TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3') {
        foreach ($side in 'Client', 'Server') {
            $key = "$protocols\$version\$side"
            [ordered]@{
                version             = $version
                side                = $side
                enabled             = Get-OptionalRegistryValue -Path $key -Name 'Enabled'
                disabled_by_default = Get-OptionalRegistryValue -Path $key -Name 'DisabledByDefault'
            }
        }
    }
    $paths = @(
        'HKLM:\SOFTWARE\Microsoft\.NETFramework\v4.0.30319'
        'HKLM:\SOFTWARE\WOW6432Node\Microsoft\.NETFramework\v4.0.30319'
    )
    $frameworks = foreach ($path in $paths) {
        [ordered]@{
            path            = $path
            strong_crypto   = Get-OptionalRegistryValue -Path $path -Name 'SchUseStrongCrypto'
            system_defaults = Get-OptionalRegistryValue -Path $path -Name 'SystemDefaultTlsVersions'
        }
    }
    [ordered]@{
        protocols  = @($versions)
        frameworks = @($frameworks)
        powershell = [string][Net.ServicePointManager]::SecurityProtocol
    }
}
