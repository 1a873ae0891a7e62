# Who runs this script; elevated by SID and not by name: names are in the server's language.
function Get-CurrentAccount {
    [CmdletBinding()] param()
    $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = New-Object -TypeName Security.Principal.WindowsPrincipal -ArgumentList $identity
    [ordered]@{
        account  = [string]$identity.Name
        sid      = [string]$identity.User.Value
        elevated = [bool]$principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
    }
}

function Get-Reader {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    Get-CurrentAccount
}

# A path as .NET takes it: its own current folder is another one than PowerShell's.
function Get-FullPath {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Path)
    $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
}

# The question file: the one that was named, else the only one beside the script.
function Get-QuestionPath {
    [CmdletBinding()] param([AllowEmptyString()] [string] $Named, [Parameter(Mandatory)] [string] $Folder)
    if ($Named -ne '') { return Get-FullPath -Path $Named }
    $found = @(Get-ChildItem -LiteralPath $Folder | Where-Object -FilterScript { $_.Name -like '*.ask.json' })
    if ($found.Count -ne 1) {
        throw "there are $($found.Count) files *.ask.json in ${Folder}: name one with -Question"
    }
    $found[0].FullName
}

# SHA-256 of a text in ASCII; $null where a policy constrains the language.
function Get-TextDigest {
    [CmdletBinding()] param([AllowEmptyString()] [string] $Text)
    if ([string]$ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') { return $null }
    $hash = [Security.Cryptography.SHA256]::Create().ComputeHash([Text.Encoding]::ASCII.GetBytes($Text))
    [BitConverter]::ToString($hash).Replace('-', '').ToLowerInvariant()
}

# This script's own text as it was handed out: a signature at its end is no part of it, and pasting changes line ends.
function Get-ScriptText {
    [CmdletBinding()] param([AllowEmptyString()] [string] $Text)
    $signature = '(\r?\n)+# SIG # Begin signature block(\r?\n#[^\r\n]*)*\s*\z'
    $plain = [regex]::Replace($Text, $signature, '').Replace("`r`n", "`n").Trim()
    $plain.Replace("`n", "`r`n") + "`r`n"
}

# A SQL Server that is asked from here: as whoever runs this, or with a login whose password is typed here and goes
# nowhere but into that login.
function Get-SqlByHand {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    $secret = $null
    if ($null -ne $Parameters.username) {
        $message = "SQL Server $($Parameters.data_source)"
        $credential = Get-Credential -UserName $Parameters.username -Message $message
        $secret = [string]$credential.GetNetworkCredential().Password
    }
    $asked = @{ sql = $Parameters; secret = $secret }
    & $sqlSection $asked
}

# The requirements that stay open without these sections.
function Get-OpenRequirement {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Ask, [AllowNull()] [object] $Sections)
    $ids = foreach ($name in @($Sections)) {
        $of = $Ask.requirements.PSObject.Properties[$name]
        if ($null -ne $of) { @($of.Value) }
    }
    @($ids | Sort-Object -Unique)
}

# Before anything is read: as whom, what that account may not read, which requirements stay open, and who can help.
function Get-MissingRight {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Ask, [AllowNull()] [object] $Reader)
    if (($null -eq $Reader) -or ($Reader.status -ne 'ok')) { return }
    if (-not $Reader.value.elevated) {
        $open = @($Ask.elevated) -join ', '
        'Not elevated. Open without it: ' + $open
        'Help: an administrator of this server, who starts PowerShell with "Run as administrator".'
        'Niet als administrator gestart. Blijft open: ' + $open
        'Hulp: een beheerder van deze server, die PowerShell start met "Als administrator uitvoeren".'
    }
    if ($Reader.value.account -like "$($env:COMPUTERNAME)\*") {
        $open = @($Ask.directory) -join ', '
        'A local account is unknown to the directory. Open without it: ' + $open
        'Help: the same script, run by an account of the domain that is an administrator here.'
        'Een lokaal account kan de directory niet lezen. Blijft open: ' + $open
        'Hulp: hetzelfde script, uitgevoerd door een account van het domein dat hier beheerder is.'
    }
}

# A fact by its way: keys, and "=W3SVC" for the one of a list whose name is that; $null where the way ends.
function Get-FactAt {
    [CmdletBinding()] param([AllowNull()] [object] $Fact, [Parameter(Mandatory)] [object] $Way)
    foreach ($step in @($Way)) {
        $picks = $step -like '=*'
        $found = @(foreach ($one in @($Fact)) {
                if ($one -isnot [Collections.IDictionary]) { continue }
                if (-not $picks) { $one[$step] } elseif ("=$($one['name'])" -ceq $step) { $one }
            })
        if (($found.Count -eq 0) -or ($picks -and ($found.Count -ne 1))) { return $null }
        $Fact = $found
        if ($found.Count -eq 1) { $Fact = $found[0] }
    }
    $Fact
}

# What a point that was open looks like now: found, expected, and one of three words. Only the supplier decides.
function Get-PointLine {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Point, [Parameter(Mandatory)] [object] $Facts)
    $verdict = 'only the supplier can tell / dat ziet alleen de leverancier'
    $told = @(foreach ($one in @($Point.compared)) {
            $section = $Facts[[string]$one.section]
            $fact = $null
            if (($null -ne $section) -and ($section.status -eq 'ok')) {
                $fact = Get-FactAt -Fact $section.value -Way $one.way
            }
            $holds = $false
            if ($null -ne $fact) {
                if ($one.operator -eq 'is') { $holds = [string]$fact -ceq [string]$one.value }
                $number = $fact -as [decimal]
                if (($one.operator -eq 'at least') -and ($null -ne $number)) { $holds = $number -ge $one.value }
            }
            [ordered]@{ Holds = $holds; Found = [string]$fact; Expected = "$($one.operator) $($one.value)" }
        })
    $seen = ''
    if ($told.Count -gt 0) {
        $verdict = 'not yet / nog niet'
        if (@($told | Where-Object -FilterScript { -not $_.Holds }).Count -eq 0) {
            $verdict = 'looks mended / lijkt hersteld'
        }
        $seen = ": found / gevonden $(@($told | ForEach-Object -Process { $_.Found }) -join ', '), "
        $seen += "expected / verwacht $(@($told | ForEach-Object -Process { $_.Expected }) -join ', ')"
    }
    "  $($Point.requirement) $($Point.title)${seen}: $verdict"
}

# The only place that writes: one new file, never over another. Where a policy constrains the language, by a command.
function New-AnswerFile {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $File, [Parameter(Mandatory)] [string] $Text)
    if ([string]$ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
        $newParameters = @{ ItemType = 'File'; Path = $File; Value = $Text }
        $null = New-Item @newParameters
        return
    }
    $stream = New-Object -TypeName IO.FileStream -ArgumentList @($File, [IO.FileMode]::CreateNew)
    try {
        $bytes = [Text.Encoding]::ASCII.GetBytes($Text)
        $stream.Write($bytes, 0, $bytes.Length)
    } finally {
        $stream.Dispose()
    }
}

# The answer as one line of ASCII: consoles' code pages differ. Where nothing may be written in the folder, it goes
# into the folder for temporary files.
function Write-Answer {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $File, [Parameter(Mandatory)] [object] $Answer)
    $jsonParameters = @{ InputObject = $Answer; Depth = 14; Compress = $true }
    $text = ConvertTo-Json @jsonParameters
    $text = [regex]::Replace($text, '[^\x20-\x7e]', { param($m) '\u{0:x4}' -f [int][char]$m.Value })
    try {
        New-AnswerFile -File $File -Text $text
    } catch {
        Write-Host -Object "Not written / niet geschreven: $($_.Exception.Message)"
        $name = [regex]::Replace($File, '^.*[\\/]', '')
        $temporary = [string]$env:TEMP
        if ($temporary -eq '') { $temporary = [string]$env:TMPDIR }
        $File = "$temporary/$name"
        New-AnswerFile -File $File -Text $text
    }
    Write-Host -Object "Written / geschreven: $File"
    $digest = Get-TextDigest -Text $text
    if ($null -ne $digest) {
        Write-Host -Object "Code: $($digest.Substring(0, 8))"
        Write-Host -Object '  Compare it over the telephone with whoever imports the answer.'
        Write-Host -Object '  Vergelijk de code telefonisch met wie het antwoord inleest.'
    }
}

if ($List) {
    Write-Host -Object $fields
    return
}
$here = [string](Get-Location).ProviderPath
$own = [string]$MyInvocation.MyCommand.ScriptBlock
if ($PSScriptRoot) { $here = $PSScriptRoot }
if ($PSCommandPath) { $own = [string](Get-Content -LiteralPath $PSCommandPath -Raw) }
$asked = Get-QuestionPath -Named $Question -Folder $here
$ask = ConvertFrom-Json -InputObject ([string](Get-Content -LiteralPath $asked -Raw))
$file = [regex]::Replace($asked, '\.ask\.json$', '.answer.json')
if ($Path -ne '') { $file = Get-FullPath -Path $Path }
if ($file -eq $asked) { throw 'the question must be a file named *.ask.json, or name the answer with -Path' }
if (Test-Path -LiteralPath $file) { throw "$file exists already: move it away, or name another with -Path" }
$mode = [string]$ExecutionContext.SessionState.LanguageMode
$reader = $null
if ($mode -eq 'FullLanguage') {
    $reader = Invoke-Section -Section ${function:Get-Reader} -Parameters $ask.parameters
}
$answered = [ordered]@{
    at            = [datetime]::UtcNow.ToString('o')
    script_sha256 = Get-TextDigest -Text (Get-ScriptText -Text $own)
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
Write-Host -Object "Customer / klant: $($ask.customer). Server: $($ask.host), computer $($answered.computer)."
$who = "As / als: $($answered.user)"
if (($null -ne $reader) -and ($reader.status -eq 'ok') -and $reader.value.elevated) {
    $who = "$who, elevated / als administrator gestart"
}
Write-Host -Object $who
Write-Host -Object "Reads settings, changes nothing, writes one file, $file."
Write-Host -Object 'Send that file to whoever sent you this script. Ctrl-C ends and writes what was read so far.'
Write-Host -Object "Leest instellingen, wijzigt niets, schrijft een bestand, $file."
Write-Host -Object 'Stuur dat bestand naar wie u dit script gaf. Ctrl-C stopt en schrijft wat al gelezen is.'
foreach ($line in @(Get-MissingRight -Ask $ask -Reader $reader)) { Write-Host -Object $line }
try {
    if ($mode -eq 'FullLanguage') {
        foreach ($name in @($ask.sections)) {
            if (-not $collectors.Contains($name)) { continue }
            $facts[$name] = Invoke-Section -Section $collectors[$name] -Parameters $ask.parameters
            $outcome = "  $($name): $($facts[$name].status)"
            if ($facts[$name].status -ne 'ok') {
                $open = @(Get-OpenRequirement -Ask $ask -Sections @($name)) -join ', '
                $outcome = "$outcome ($($facts[$name].error.message)) Open: $open"
            }
            Write-Host -Object $outcome
        }
        if (@($ask.open).Count -gt 0) { Write-Host -Object 'What was open / wat openstond:' }
        foreach ($point in @($ask.open)) { Write-Host -Object (Get-PointLine -Point $point -Facts $facts) }
        foreach ($server in @($ask.sql.PSObject.Properties)) {
            if (-not $facts.Contains('sqlclient')) { $facts['sqlclient'] = [ordered]@{} }
            $login = [string]$answered.user
            if ($null -ne $server.Value.username) { $login = [string]$server.Value.username }
            Write-Host -Object "  SQL Server $($server.Name) ($($server.Value.data_source)), as / als $login"
            $answer = Invoke-Section -Section ${function:Get-SqlByHand} -Parameters $server.Value
            $facts['sqlclient'][$server.Name] = $answer
            Write-Host -Object "  SQL Server $($server.Name): $($answer.status)"
        }
    } else {
        Write-Host -Object "PowerShell runs in $($mode): a policy (AppLocker, WDAC) forbids the collectors."
        Write-Host -Object "PowerShell draait in $($mode): een beleid (AppLocker, WDAC) verbiedt het lezen."
    }
    $answered.complete = $true
} finally {
    # Also after Ctrl-C: what was read so far is worth having.
    Write-Answer -File $file -Answer ([ordered]@{ question = $ask; answered = $answered; facts = $facts })
}
