# Section powershell: version, language mode, bitness, execution policies. Needs no rights. Source: $PSVersionTable,
# Get-ExecutionPolicy. Server 2016 and later.
function Get-PowershellSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    # The process scope shows the Bypass that we asked for ourselves.
    $scopes = @(Get-ExecutionPolicy -List | Where-Object -FilterScript { [string]$_.Scope -ne 'Process' })
    $policies = @($scopes | ForEach-Object -Process {
            [ordered]@{ scope = [string]$_.Scope; policy = [string]$_.ExecutionPolicy }
        })
    [ordered]@{
        version            = [string]$PSVersionTable.PSVersion
        edition            = [string]$PSVersionTable.PSEdition
        language_mode      = [string]$ExecutionContext.SessionState.LanguageMode
        is_64_bit          = [bool][Environment]::Is64BitProcess
        execution_policies = $policies
    }
}
