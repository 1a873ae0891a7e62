# Section features: every server feature with its state, by language-neutral name. Needs local administrator; Server
# only. Source: Get-WindowsFeature (ServerManager), asked once for all features. Server 2016 and later.
function Get-FeaturesSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    $features = @(Get-WindowsFeature | ForEach-Object -Process {
            [ordered]@{ name = [string]$_.Name; state = [string]$_.InstallState }
        })
    [ordered]@{ features = $features }
}
