# SQL Server Express on port 1433 with both kinds of logins and the certificate of Enable-Access.ps1, and the driver.
# Express comes without TCP, on a port of its own choice.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

& choco.exe install sql-server-express sqlserver-odbcdriver --no-progress --yes
if ($LASTEXITCODE -ne 0) { throw "choco ended with $LASTEXITCODE" }

$instances = Get-Item -LiteralPath 'HKLM:\SOFTWARE\Microsoft\Microsoft SQL Server\Instance Names\SQL'
$instance = "HKLM:\SOFTWARE\Microsoft\Microsoft SQL Server\$($instances.GetValue('SQLEXPRESS'))\MSSQLServer"
$network = "$instance\SuperSocketNetLib"
Set-ItemProperty -LiteralPath $instance -Name 'LoginMode' -Value 2
Set-ItemProperty -LiteralPath "$network\Tcp" -Name 'Enabled' -Value 1
Set-ItemProperty -LiteralPath "$network\Tcp\IPAll" -Name 'TcpDynamicPorts' -Value ''
Set-ItemProperty -LiteralPath "$network\Tcp\IPAll" -Name 'TcpPort' -Value '1433'

$thumbprint = [IO.File]::ReadAllText("$PSScriptRoot\hosted-thumbprint.txt")
$certificate = Get-Item -LiteralPath "Cert:\LocalMachine\My\$thumbprint"
$keys = "$env:ProgramData\Microsoft\Crypto\RSA\MachineKeys"
$key = "$keys\$($certificate.PrivateKey.CspKeyContainerInfo.UniqueKeyContainerName)"
& icacls.exe $key '/grant' 'NT SERVICE\MSSQL$SQLEXPRESS:R'
if ($LASTEXITCODE -ne 0) { throw "icacls ended with $LASTEXITCODE" }
Set-ItemProperty -LiteralPath $network -Name 'Certificate' -Value $thumbprint.ToLowerInvariant()
Restart-Service -Name 'MSSQL$SQLEXPRESS' -Force
