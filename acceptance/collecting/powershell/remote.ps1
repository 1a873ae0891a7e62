# Section remote: how people get onto the server: Remote Desktop (switch, policy, port, listener, firewall) and
# TeamViewer (program, service; never its settings, which hold a password). Needs local administrator over the
# network. Source: Terminal Server's registry keys, Win32_Service, NetSecurity by the language-neutral rule group.
# Server 2016 and later.
function Get-RemoteSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    $server = 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server'
    $policy = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services'
    $port = [int](Get-RegistryValue -Path "$server\WinStations\RDP-Tcp" -Name 'PortNumber')
    $services = @(Get-CimInstance -ClassName Win32_Service | Where-Object -FilterScript {
            ($_.Name -eq 'TermService') -or ($_.Name -match '^TeamViewer\d*$')
        } | ForEach-Object -Process {
            [ordered]@{ name = [string]$_.Name; state = [string]$_.State; start_mode = [string]$_.StartMode }
        })
    [ordered]@{
        denied           = Get-RegistryValue -Path $server -Name 'fDenyTSConnections'
        denied_by_policy = Get-OptionalRegistryValue -Path $policy -Name 'fDenyTSConnections'
        port             = $port
        listening        = [bool](@(Get-ListeningPort) -contains $port)
        services         = $services
        firewall         = Invoke-Section -Parameters $Parameters -Section {
            param([object] $Parameters)
            Get-FirewallFact
        }
        # The product's name is the same in every language.
        teamviewer       = @(Get-InstalledProgram -Pattern '^TeamViewer')
    }
}

# The rules for Remote Desktop that Windows brings, as they are in force (group policy included), and the networks that
# are connected.
function Get-FirewallFact {
    [CmdletBinding()] param()
    $asked = @{ PolicyStore = 'ActiveStore'; Group = '@FirewallAPI.dll,-28752' }
    [ordered]@{
        profiles   = @(Get-NetFirewallProfile -PolicyStore 'ActiveStore' | ForEach-Object -Process {
                [ordered]@{ name = [string]$_.Name; enabled = [bool]([string]$_.Enabled -eq 'True') }
            })
        categories = @(Get-NetConnectionProfile | ForEach-Object -Process { [string]$_.NetworkCategory })
        rules      = @(Get-NetFirewallRule @asked | ForEach-Object -Process {
                [ordered]@{
                    name     = [string]$_.Name
                    enabled  = [bool]([string]$_.Enabled -eq 'True')
                    inbound  = [bool]([string]$_.Direction -eq 'Inbound')
                    allows   = [bool]([string]$_.Action -eq 'Allow')
                    profiles = [string]$_.Profile
                }
            })
    }
}
