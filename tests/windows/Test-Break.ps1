# Breaks each thing of breaks.yaml, asks, mends it again. Each must change exactly its own findings.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$inventory = "$PSScriptRoot\hosts-winrm.yaml"
$wrong = @()
foreach ($number in 0..11) {
    $report = "reports\hosted\break-$number"
    & python.exe -m tests.windows.hosted break $number break
    & "$PSScriptRoot\Invoke-Break.ps1" -Folder break
    try {
        & pytest.exe --hosts=hosted "--inventory=$inventory" "--report-dir=$report" -q
        & python.exe -m tests.windows.hosted expect winrm "$report\results.json" $number
        if ($LASTEXITCODE -ne 0) { $wrong += $number }
    } finally {
        & python.exe -m tests.windows.hosted mend $number break
        & "$PSScriptRoot\Invoke-Break.ps1" -Folder break
    }
}
if ($wrong.Count -gt 0) { throw "not as expected: $wrong" }
