# Many collections in one PowerShell process, each in a runspace of its own: what is compiled stays compiled.
# stdin: one JSON line each, {state, stdin, bootstrap}; stdout: one line of base64 each, what the bootstrap wrote.
param([Parameter(Mandatory)] [string] $WithStandIn)

$ErrorActionPreference = 'Stop'
$answers = [Console]::Out
while ($null -ne ($line = [Console]::In.ReadLine())) {
    $question = ConvertFrom-Json -InputObject $line
    $env:TWIN_STATE = $question.state
    $written = New-Object -TypeName System.IO.StringWriter
    $shell = [powershell]::Create([runspace]::DefaultRunspace.InitialSessionState.Clone())
    try {
        [Console]::SetOut($written)
        [void]$shell.AddScript($WithStandIn + "`n" + $question.bootstrap)
        [void]$shell.Invoke([string[]]$question.stdin.Split("`n"))
    }
    catch {
        $written.Write([string]$_)
    }
    finally {
        [Console]::SetOut($answers)
        $shell.Runspace.Dispose()
        $shell.Dispose()
    }
    $bytes = [Text.Encoding]::UTF8.GetBytes($written.ToString())
    $answers.WriteLine([Convert]::ToBase64String($bytes))
    $answers.Flush()
}
