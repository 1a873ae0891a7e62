# An account to come in with, one that the product would run as, an authority of our own, WinRM over http and https,
# Remote Desktop. ACCEPTANCE_HOSTED_PASSWORD is made by the workflow, masked, and ends with the machine.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$secret = ConvertTo-SecureString -String $env:ACCEPTANCE_HOSTED_PASSWORD -AsPlainText -Force
foreach ($name in 'acceptance', 'svc-clickker') {
    $null = New-LocalUser -Name $name -Password $secret -AccountNeverExpires
    Add-LocalGroupMember -SID 'S-1-5-32-544' -Member $name
}

$store = 'Cert:\LocalMachine\My'
$authority = @{
    Subject = 'CN=Acceptance hosted CA'; CertStoreLocation = $store; KeyUsage = 'CertSign', 'CRLSign'
    TextExtension = @('2.5.29.19={critical}{text}ca=1&pathlength=0')
}
$ca = New-SelfSignedCertificate @authority
$server = @{
    DnsName = 'localhost', $env:COMPUTERNAME; CertStoreLocation = $store; Signer = $ca; KeySpec = 'KeyExchange'
    Provider = 'Microsoft RSA SChannel Cryptographic Provider'; TextExtension = @('2.5.29.37={text}1.3.6.1.5.5.7.3.1')
}
$certificate = New-SelfSignedCertificate @server
$pem = [Convert]::ToBase64String($ca.RawData, [Base64FormattingOptions]::InsertLineBreaks)
$text = "-----BEGIN CERTIFICATE-----`n$pem`n-----END CERTIFICATE-----`n"
[IO.File]::WriteAllText("$PSScriptRoot\hosted-ca.pem", $text)
[IO.File]::WriteAllText("$PSScriptRoot\hosted-thumbprint.txt", $certificate.Thumbprint)
[IO.File]::WriteAllBytes("$PSScriptRoot\hosted-ca.cer", $ca.RawData)
$null = Import-Certificate -FilePath "$PSScriptRoot\hosted-ca.cer" -CertStoreLocation 'Cert:\LocalMachine\Root'

# The site's certificate: HTTP.SYS keeps it, by address.
Import-Module -Name WebAdministration
$null = $certificate | New-Item -Path 'IIS:\SslBindings\0.0.0.0!443'

Start-Service -Name 'WinRM'
Enable-PSRemoting -Force
# Without it a second local administrator comes in with a filtered token; Enable-PSRemoting may leave it out.
$system = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System'
Set-ItemProperty -LiteralPath $system -Name 'LocalAccountTokenFilterPolicy' -Value 1
$listener = @{
    ResourceURI = 'winrm/config/Listener'; SelectorSet = @{ Address = '*'; Transport = 'HTTPS' }
    ValueSet = @{ Hostname = 'localhost'; CertificateThumbprint = $certificate.Thumbprint }
}
$null = New-WSManInstance @listener
Restart-Service -Name 'WinRM'

$terminal = 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server'
Set-ItemProperty -LiteralPath $terminal -Name 'fDenyTSConnections' -Value 0
Enable-NetFirewallRule -Group '@FirewallAPI.dll,-28752'
Start-Service -Name 'TermService'
