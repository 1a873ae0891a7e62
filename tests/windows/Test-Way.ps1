# One way in: the run's findings must be those of expected.yaml.
param([Parameter(Mandatory)] [ValidateSet('winrm', 'http', 'script', 'local', 'ssh', 'through')] [string] $Way)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$report = "reports\hosted\$Way"
$inventory = "$PSScriptRoot\hosts-$Way.yaml"
$text = (& python.exe -m tests.windows.hosted inventory $Way) -join "`n"
[IO.File]::WriteAllText($inventory, $text)
if ($Way -eq 'script') {
    & acceptance.exe script hosted "--inventory=$inventory" --output=by-hand
    & powershell.exe -NoProfile -ExecutionPolicy Bypass -File by-hand\Read-Server.ps1
    & acceptance.exe import "--inventory=$inventory" --yes by-hand\hosted-web01.answer.json
    if ($LASTEXITCODE -ne 0) { throw "acceptance import ended with $LASTEXITCODE" }
}
& pytest.exe --hosts=hosted "--inventory=$inventory" "--report-dir=$report" -q
& python.exe -m tests.windows.hosted expect $Way "$report\results.json"
if ($LASTEXITCODE -ne 0) { throw "the findings are not those of expected.yaml" }
