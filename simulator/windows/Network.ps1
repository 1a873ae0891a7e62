# Part of Windows.psm1: firewall, listeners, names, routes, proxies. A route leads to a real server on loopback
# (simulator/internet.py).

function Get-NetFirewallProfile {
    [CmdletBinding()] param([string] $PolicyStore)
    Assert-TwinAnswer -Command 'Get-NetFirewallProfile'
    foreach ($name in $State.firewall.profiles.Keys) {
        [pscustomobject]@{ Name = $name; Enabled = [string]$State.firewall.profiles[$name] }
    }
}

function Get-NetConnectionProfile {
    [CmdletBinding()] param()
    foreach ($category in $State.firewall.categories) { [pscustomobject]@{ NetworkCategory = $category } }
}

# No match is an error that ends nothing, by the property of the CIM class (QueryJobBase of PowerShell's source); a
# pattern never is one.
function Get-NetFirewallRule {
    [CmdletBinding()] param([string] $PolicyStore, [string] $Group)
    Assert-TwinAnswer -Command 'Get-NetFirewallRule'
    $names = @($State.firewall.rules.Keys | Where-Object -FilterScript { $State.firewall.rules[$_].group -like $Group })
    if (($names.Count -eq 0) -and -not [WildcardPattern]::ContainsWildcardCharacters($Group)) {
        $said = "No MSFT_NetFirewallRule objects found with property 'RuleGroup' equal to '$Group'."
        $none = @{ Message = $said; Category = 'ObjectNotFound'; TargetObject = $Group }
        Write-Error @none -ErrorId 'CmdletizationQuery_NotFound_RuleGroup'
    }
    foreach ($name in $names) {
        $rule = $State.firewall.rules[$name]
        [pscustomobject]@{
            Name = $name; Enabled = [string]$rule.enabled; Direction = 'Inbound'; Action = $rule.action
            Profile = $rule.profiles
        }
    }
}

function Get-TwinListeningPort {
    [CmdletBinding()] param()
    @($State.network.listeners)
}

function Get-UnendingTask {
    # Nothing ever completes it: what does not answer.
    [Threading.Tasks.TaskCompletionSource[bool]]::new().Task
}

function Get-FailedTask {
    param([int] $Code)
    [Threading.Tasks.Task]::FromException([Net.Sockets.SocketException]::new($Code))
}

function Invoke-TwinHostLookup {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Name)
    $addresses = $State.network.names[$Name]
    if ($null -eq $addresses) { return Get-FailedTask -Code 11001 }
    if ($addresses -eq 'silent') { return Get-UnendingTask }
    [Threading.Tasks.Task]::FromResult([Net.IPAddress[]]@($addresses))
}

function Invoke-TwinTcpConnect {
    [CmdletBinding()] param([object] $Client, [Net.IPAddress[]] $Address, [int] $Port)
    $route = $State.network.routes["$($Address[0]):$Port"]
    if ($null -eq $route) { return Get-FailedTask -Code 10061 }
    if ($route -eq 'blocked') { return Get-UnendingTask }
    $Client.ConnectAsync([Net.IPAddress]::Loopback, [int]$route)
}

# On Linux the twin's certificate authorities are trusted by environment (SSL_CERT_FILE); other systems have no such
# thing.
function Get-TwinPolicyError {
    [CmdletBinding()] param([int[]] $Verdict, [object] $Certificate)
    $issuer = $Certificate.Issuer -replace '^CN=', ''
    $valid = $Certificate.NotAfter.ToUniversalTime() -gt [DateTime]::UtcNow
    if ((-not $IsLinux) -and $valid -and (@($State.network.trusted) -contains $issuer)) { return $Verdict[0] -band 3 }
    $Verdict[0]
}

function Get-TwinSystemProxy {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Address)
    # How long finding a proxy takes, as where a configuration script is looked for in vain.
    if ($State.network.proxy_seconds -gt 0) { Start-Sleep -Seconds $State.network.proxy_seconds }
    if ($null -eq $State.network.system_proxy) { return [uri]$Address }
    [uri]"http://$($State.network.system_proxy)/"
}

function Get-TwinChainAnswer {
    [CmdletBinding()] param([object] $Certificate)
    $certificate = $State.certificates[$Certificate.Thumbprint]
    $root = if ($certificate.Contains('root')) { $State.network.roots[$certificate.root] } else { $null }
    @{ status = @($certificate.chain); root = $root }
}

${alias:Get-ListeningPort} = 'Get-TwinListeningPort'
${alias:Invoke-HostLookup} = 'Invoke-TwinHostLookup'
${alias:Invoke-TcpConnect} = 'Invoke-TwinTcpConnect'
${alias:Get-PolicyError} = 'Get-TwinPolicyError'
${alias:Get-SystemProxy} = 'Get-TwinSystemProxy'
${alias:Get-ChainAnswer} = 'Get-TwinChainAnswer'
