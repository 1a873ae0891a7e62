# What the hosted image brings before anything is installed: read first when a run surprises.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

"image: $env:ImageOS $env:ImageVersion"
"PowerShell: $($PSVersionTable.PSVersion)"
Get-WindowsFeature | Where-Object -FilterScript { $_.Installed } | ForEach-Object -Process { "feature: $($_.Name)" }
$services = 'W3SVC', 'WAS', 'WinRM', 'TermService', 'sshd'
Get-Service | Where-Object -FilterScript { $services -contains $_.Name } | ForEach-Object -Process {
    "service: $($_.Name) $($_.Status)"
}
Get-OdbcDriver | ForEach-Object -Process { "odbc: $($_.Name) $($_.Platform)" }
