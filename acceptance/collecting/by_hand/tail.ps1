# Who runs this script, by SID and not by name: names are in the server's language.
function Get-Reader {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
    $administrator = [Security.Principal.WindowsBuiltInRole]::Administrator
    [ordered]@{
        account  = [string]$identity.Name
        sid      = [string]$identity.User.Value
        elevated = [bool]([Security.Principal.WindowsPrincipal]::new($identity)).IsInRole($administrator)
    }
}

# The question file: the one that was named, else the only one beside the script.
function Get-QuestionPath {
    [CmdletBinding()] param([AllowEmptyString()] [string] $Named, [Parameter(Mandatory)] [string] $Folder)
    if ($Named -ne '') { return $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Named) }
    $found = @(Get-ChildItem -LiteralPath $Folder | Where-Object -FilterScript { $_.Name -like '*.ask.json' })
    if ($found.Count -ne 1) { throw "there are $($found.Count) files *.ask.json in ${Folder}: name one with -Question" }
    $found[0].FullName
}

# A file's SHA-256. Where a policy constrains the language, only the command is allowed.
function Get-Digest {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $File)
    if ([string]$ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
        return (Get-FileHash -LiteralPath $File -Algorithm SHA256).Hash.ToLowerInvariant()
    }
    $hash = [Security.Cryptography.SHA256]::Create().ComputeHash([IO.File]::ReadAllBytes($File))
    ([BitConverter]::ToString($hash) -replace '-', '').ToLowerInvariant()
}

# The only place that writes: one new file, never over another (New-Item without -Force refuses).
function Write-Answer {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $File, [Parameter(Mandatory)] [object] $Answer)
    $text = ConvertTo-Json -InputObject $Answer -Depth 14 -Compress
    $text = [regex]::Replace($text, '[^\x20-\x7e]', { param($m) '\u{0:x4}' -f [int][char]$m.Value })
    $null = New-Item -ItemType File -Path $File -Value $text
    $code = (Get-Digest -File $File).Substring(0, 8)
    Write-Host "Written: $File"
    Write-Host "Code: $code (compare it over the telephone with whoever imports the answer)"
}

$folder = [string](Get-Location)
if ($PSScriptRoot) { $folder = $PSScriptRoot }
$asked = Get-QuestionPath -Named $Question -Folder $folder
$ask = ConvertFrom-Json -InputObject (Get-Content -LiteralPath $asked -Raw)
$file = $Path
if ($file -eq '') { $file = $asked -replace '\.ask\.json$', '.answer.json' }
if ($file -eq $asked) { throw 'the question must be a file named *.ask.json, or name the answer with -Path' }
if (Test-Path -LiteralPath $file) { throw "$file exists already: move it away, or name another with -Path" }
$digest = $null
if ($PSCommandPath) { $digest = Get-Digest -File $PSCommandPath }
$mode = [string]$ExecutionContext.SessionState.LanguageMode
$reader = $null
if ($mode -eq 'FullLanguage') { $reader = Invoke-Section -Section ${function:Get-Reader} -Parameters $ask.parameters }
$answered = [ordered]@{
    at            = [datetime]::UtcNow.ToString('o')
    script_sha256 = $digest
    reader        = $reader
    user          = "$($env:USERDOMAIN)\$($env:USERNAME)"
    computer      = [string]$env:COMPUTERNAME
    domain        = [string]$env:USERDNSDOMAIN
    session       = [string]$env:SESSIONNAME
    language_mode = $mode
    version       = [string]$PSVersionTable.PSVersion
    complete      = $false
}
$facts = [ordered]@{}
Write-Host "Reading for customer $($ask.customer), host $($ask.host), as $($answered.user)"
if (($null -ne $reader) -and ($reader.status -eq 'ok') -and (-not $reader.value.elevated)) {
    Write-Host 'Not elevated: some sections may be denied. Better: start PowerShell as administrator.'
}
try {
    if ($mode -eq 'FullLanguage') {
        foreach ($name in @($ask.sections)) {
            if (-not $collectors.Contains($name)) { continue }
            $facts[$name] = Invoke-Section -Section $collectors[$name] -Parameters $ask.parameters
            Write-Host "  $($name): $($facts[$name].status)"
        }
    } else {
        Write-Host "PowerShell runs in $($mode): a policy (AppLocker, WDAC) forbids the collectors."
    }
    $answered.complete = $true
} finally {
    # Also after Ctrl-C: what was read so far is worth having.
    Write-Answer -File $file -Answer ([ordered]@{ question = $ask; answered = $answered; facts = $facts })
}
