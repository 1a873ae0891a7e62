# OpenSSH's server (in the box of Server 2025, from Chocolatey on 2022), a key for the account of Enable-Access.ps1, and
# the server's own key for whoever connects. An administrator's keys stand in one file, which nobody else may write.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$services = @(Get-Service | Where-Object -FilterScript { $_.Name -eq 'sshd' })
if ($services.Count -eq 0) {
    & choco.exe install openssh '--params' '/SSHServerFeature' --no-progress --yes
    if ($LASTEXITCODE -ne 0) { throw "choco ended with $LASTEXITCODE" }
}
# Its first start makes the host keys.
Start-Service -Name 'sshd'

$key = "$PSScriptRoot\hosted-key"
& ssh-keygen.exe -q -t ed25519 -N '""' -f $key
if ($LASTEXITCODE -ne 0) { throw "ssh-keygen ended with $LASTEXITCODE" }
$settings = "$env:ProgramData\ssh"
$keys = "$settings\administrators_authorized_keys"
[IO.File]::WriteAllText($keys, [IO.File]::ReadAllText("$key.pub"))
& icacls.exe $keys '/inheritance:r' '/grant' '*S-1-5-32-544:F' '/grant' '*S-1-5-18:F'
if ($LASTEXITCODE -ne 0) { throw "icacls ended with $LASTEXITCODE" }

$own = [IO.File]::ReadAllText("$settings\ssh_host_ed25519_key.pub").Split(' ')
[IO.File]::WriteAllText("$PSScriptRoot\hosted-known", "localhost $($own[0]) $($own[1])`n")
