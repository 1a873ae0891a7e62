# Section upkeep: what an administrator should know and the requirements do not ask for: pending restarts, SMB 1. Needs
# local administrator over the network. Source: the registry keys that Windows sets for a restart, LanmanServer's
# parameters. Server 2016 and later.
function Get-UpkeepSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    $current = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion'
    $names = 'HKLM:\SYSTEM\CurrentControlSet\Control\ComputerName'
    $active = Get-OptionalRegistryValue -Path "$names\ActiveComputerName" -Name 'ComputerName'
    $next = Get-OptionalRegistryValue -Path "$names\ComputerName" -Name 'ComputerName'
    $session = 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager'
    $renames = @(Get-OptionalRegistryValue -Path $session -Name 'PendingFileRenameOperations')
    $smb = 'HKLM:\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters'
    [ordered]@{
        components_pending = [bool](Test-Path -LiteralPath "$current\Component Based Servicing\RebootPending")
        updates_pending    = [bool](Test-Path -LiteralPath "$current\WindowsUpdate\Auto Update\RebootRequired")
        rename_pending     = [bool]($active -ne $next)
        files_pending      = [int]@($renames | Where-Object -FilterScript { -not [string]::IsNullOrEmpty($_) }).Count
        smb1_server        = Get-OptionalRegistryValue -Path $smb -Name 'SMB1'
    }
}
