# Breaks one thing, or mends it again: the lines of one entry of breaks.yaml, which the workflow hands over as files.
param([Parameter(Mandatory)] [string] $Folder)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$command = "$Folder\command.ps1"
if (Test-Path -LiteralPath $command) { & $command }
$statements = "$Folder\statements.sql"
if (Test-Path -LiteralPath $statements) {
    & sqlcmd.exe -S 'tcp:localhost,1433' -E -C -b -i $statements
    if ($LASTEXITCODE -ne 0) { throw "sqlcmd ended with $LASTEXITCODE" }
}
