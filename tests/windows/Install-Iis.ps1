# Internet Information Services with exactly the document's features less one, and a site that looks like Synergy's.
# The one is taken away, not merely left out: the image may bring it.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$features = @(
    'Web-Server', 'Web-WebServer', 'Web-Common-Http', 'Web-Default-Doc', 'Web-Dir-Browsing', 'Web-Http-Errors',
    'Web-Http-Redirect', 'Web-Static-Content', 'Web-Health', 'Web-Http-Logging', 'Web-Performance',
    'Web-Stat-Compression', 'Web-Security', 'Web-Filtering', 'Web-Windows-Auth', 'Web-App-Dev', 'Web-Net-Ext45',
    'Web-ASP', 'Web-Asp-Net45', 'Web-CGI', 'Web-ISAPI-Ext', 'Web-ISAPI-Filter', 'Web-Mgmt-Tools', 'Web-Scripting-Tools'
)
$answers = @(Install-WindowsFeature -Name $features) + @(Uninstall-WindowsFeature -Name 'Web-Basic-Auth')
foreach ($answer in $answers) {
    if ([string]$answer.RestartNeeded -ne 'No') { throw "a restart is needed, which a job cannot do: $answer" }
}

$synergy = 'C:\Program Files\Exact Synergy Enterprise'
foreach ($file in 'bin\Exact.Core.dll', 'docs\Portal.aspx', 'Services\Exact.Entity.REST.svc') {
    $null = New-Item -ItemType File -Force -Path "$synergy\$file"
}

Import-Module -Name WebAdministration
$null = New-WebAppPool -Name 'Synergy'
Set-ItemProperty -LiteralPath 'IIS:\AppPools\Synergy' -Name 'managedRuntimeVersion' -Value 'v4.0'
$application = @{ Site = 'Default Web Site'; Name = 'Synergy'; PhysicalPath = $synergy; ApplicationPool = 'Synergy' }
$null = New-WebApplication @application
Get-WebBinding -Name 'Default Web Site' | Remove-WebBinding
New-WebBinding -Name 'Default Web Site' -Protocol 'https' -Port 443
Set-Service -Name 'W3SVC' -StartupType Automatic
Start-Service -Name 'W3SVC'
