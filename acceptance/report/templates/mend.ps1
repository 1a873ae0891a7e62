function Invoke-Step {
    param(
        [Parameter(Mandatory)] [string] $Id,
        [Parameter(Mandatory)] [string] $Why,
        [switch] $Stops,
        [scriptblock] $Now,
        [scriptblock] $Done,
        [Parameter(Mandatory)] [scriptblock] $Mend
    )
    Write-Host "$Id  $Why"
    if ($Now) { foreach ($line in @(& $Now)) { Write-Host "    $($words.now): $line" } }
    if ($Done -and (& $Done)) {
        Write-Host "    $($words.nothing)"
        return
    }
    if ($Stops) { Write-Host "    $($words.stops)" }
    if (-not $script:PSCmdlet.ShouldProcess($env:COMPUTERNAME, $Id)) { return }
    $global:LASTEXITCODE = 0
    & $Mend | Out-Host
    if ($global:LASTEXITCODE -ne 0) { throw "$Id`: $($words.status) $global:LASTEXITCODE." }
    if ($Done -and -not (& $Done)) { throw "$Id`: $($words.not_yet)" }
    Write-Host "    $($words.mended)"
}
