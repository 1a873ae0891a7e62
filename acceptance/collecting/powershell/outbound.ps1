# Section outbound: what this server reaches: each target by DNS, TCP or a proxy's CONNECT, TLS and HTTP, with the step
# that failed; and the proxies that are set. Needs no rights. Source: .NET sockets and SslStream; all targets side by
# side, so that silent ones are waited for once, each step with a clock of its own. Sends one HEAD request and nothing
# else. Server 2016 and later.
function Get-OutboundSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    # Looking for a proxy may take seconds (a configuration script that nobody serves): once per address, and before any
    # clock runs.
    $own = @($Parameters.targets | Where-Object -FilterScript { $_.tls } | ForEach-Object -Process {
        [ordered]@{ host = [string]$_.host; port = [int]$_.port; proxy = Get-ProxyAddress -Target $_ }
    })
    $answers = @{
        Targets = @($Parameters.targets); Own = $own; Proxy = [string]$Parameters.proxy
        Seconds = $Parameters.timeout_seconds
    }
    [ordered]@{
        proxies = Invoke-Section -Parameters $own -Section {
            param([object] $Parameters)
            Get-ProxyFact -Own $Parameters
        }
        targets = @(Get-TargetAnswer @answers)
    }
}

# WinHTTP's proxy (services) as the bytes of its registry value, WinINET's by policy, and what .NET would use for this
# account.
function Get-ProxyFact {
    [CmdletBinding()] param([object[]] $Own)
    $internet = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings'
    $policy = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\CurrentVersion\Internet Settings'
    $bytes = Get-OptionalRegistryValue -Path "$internet\Connections" -Name 'WinHttpSettings'
    $winhttp = $null
    if ($null -ne $bytes) { $winhttp = (@($bytes) | ForEach-Object -Process { '{0:x2}' -f [int]$_ }) -join '' }
    [ordered]@{
        winhttp           = $winhttp
        policy_per_user   = Get-OptionalRegistryValue -Path $policy -Name 'ProxySettingsPerUser'
        policy_proxy      = Get-OptionalRegistryValue -Path $policy -Name 'ProxyServer'
        machine_enabled   = Get-OptionalRegistryValue -Path $internet -Name 'ProxyEnable'
        machine_proxy     = Get-OptionalRegistryValue -Path $internet -Name 'ProxyServer'
        this_account      = @($Own | ForEach-Object -Process { [ordered]@{ host = $_.host; proxy = $_.proxy } })
    }
}

# host:port of the proxy that .NET would use for this account; $null: none.
function Get-ProxyAddress {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Target)
    $address = "https://$($Target.host):$($Target.port)/"
    $used = Get-SystemProxy -Address $address
    if (($null -eq $used) -or ($used.Host -eq $Target.host)) { return $null }
    "$($used.Host):$($used.Port)"
}

# Every target has one step under way; whichever ends first goes on. A step that has waited its whole time is silent,
# and its target is done: what another step or target took is not its own.
function Get-TargetAnswer {
    [CmdletBinding()] param(
        [Parameter(Mandatory)] [object[]] $Targets, [object[]] $Own, [AllowEmptyString()] [string] $Proxy,
        [Parameter(Mandatory)] [double] $Seconds
    )
    $limit = [int](1000 * $Seconds)
    $attempts = @{}
    foreach ($target in $Targets) {
        $route = Get-Route -Target $target -Own $Own -Proxy $Proxy
        $attempts[$target.name] = Get-FirstAttempt -Target $target -Route $route
    }
    while ($true) {
        $waiting = @($Targets | Where-Object -FilterScript {
                ($null -ne $attempts[$_.name].task) -and (-not $attempts[$_.name].silent)
            })
        if ($waiting.Count -eq 0) { break }
        $tasks = @($waiting | ForEach-Object -Process { $attempts[$_.name].task })
        $left = $limit
        foreach ($target in $waiting) {
            $rest = $limit - [int]$attempts[$target.name].clock.ElapsedMilliseconds
            if ($rest -lt $left) { $left = $rest }
        }
        if ($left -lt 0) { $left = 0 }
        $ended = [Threading.Tasks.Task]::WaitAny([Threading.Tasks.Task[]]$tasks, $left)
        if ($ended -ge 0) {
            $name = $waiting[$ended].name
            $attempts[$name] = Get-Step -Attempt $attempts[$name]
            continue
        }
        foreach ($target in $waiting) {
            $attempt = $attempts[$target.name]
            if ($attempt.clock.ElapsedMilliseconds -ge $limit) {
                $waited = @{ silent = $true; milliseconds = [int]$attempt.clock.ElapsedMilliseconds }
                $same = @{ Attempt = $attempt; Step = $attempt.step; Task = $attempt.task }
                $attempts[$target.name] = Get-Successor @same -Learnt $waited
            }
        }
    }
    foreach ($target in $Targets) { Get-AttemptFact -Attempt $attempts[$target.name] }
}

# The proxy that was agreed, else this account's; $null: directly. A database is never behind one.
function Get-Route {
    [CmdletBinding()] param(
        [Parameter(Mandatory)] [object] $Target, [object[]] $Own, [AllowEmptyString()] [string] $Proxy
    )
    if (-not $Target.tls) { return $null }
    if ($Proxy -ne '') { return $Proxy }
    foreach ($one in $Own) { if (($one.host -eq $Target.host) -and ($one.port -eq $Target.port)) { return $one.proxy } }
    $null
}

function Get-Step {
    [CmdletBinding()] param([Parameter(Mandatory)] [hashtable] $Attempt)
    $answer = Invoke-Section -Parameters $Attempt -Section {
        param([object] $Parameters)
        Get-NextAttempt -Attempt $Parameters
    }
    $next = $null
    if ($answer.status -eq 'ok') { $next = $answer.value }
    if ($null -eq $next) {
        $next = Get-EndedAttempt -Attempt $Attempt -Type $answer.error.type -Message $answer.error.message
    }
    $taken = @{ milliseconds = [int]$next.total.ElapsedMilliseconds }
    Get-Successor -Attempt $next -Step $next.step -Task $next.task -Learnt $taken
}

function Get-FirstAttempt {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Target, [AllowNull()] [AllowEmptyString()] [string] $Route)
    $name = [string]$Target.host
    $port = [int]$Target.port
    $through = $null
    if ($Route -ne '') {
        $through = $Route
        $name = $Route.Substring(0, $Route.LastIndexOf(':'))
        $port = [int]$Route.Substring($Route.LastIndexOf(':') + 1)
    }
    # An attempt on its way: the step, the task that it waits for, and what was learnt so far.
    @{
        clock = [Diagnostics.Stopwatch]::StartNew(); total = [Diagnostics.Stopwatch]::StartNew(); silent = $false
        target = $Target; step = 'dns'; task = Invoke-HostLookup -Name $name; route = $through; port = $port
        addresses = $null; client = $null; stream = $null
        verdict = [int[]]@(-1); shown = [object[]]@($null); buffer = $null; text = ''; certificate = $null
        protocol = $null; http_status = $null; failure = $null; milliseconds = $null
    }
}

# What was learnt goes along to the next step.
function Get-Successor {
    [CmdletBinding()] param(
        [Parameter(Mandatory)] [hashtable] $Attempt, [Parameter(Mandatory)] [string] $Step, [object] $Task,
        [hashtable] $Learnt
    )
    $next = @{}
    foreach ($key in $Attempt.Keys) { $next[$key] = $Attempt[$key] }
    foreach ($key in $Learnt.Keys) { $next[$key] = $Learnt[$key] }
    # Each step waits by a clock of its own; more of the same answer is still the same wait.
    if ($Step -ne $Attempt.step) { $next.clock = [Diagnostics.Stopwatch]::StartNew() }
    $next.step = $Step
    $next.task = $Task
    $next
}

function Get-EndedAttempt {
    [CmdletBinding()] param(
        [Parameter(Mandatory)] [hashtable] $Attempt, [Parameter(Mandatory)] [string] $Type,
        [AllowNull()] [object] $Code, [AllowNull()] [object] $Message
    )
    $failure = [ordered]@{ type = $Type; code = $Code; message = $Message }
    Get-Successor -Attempt $Attempt -Step $Attempt.step -Learnt @{ failure = $failure }
}

function Get-NextAttempt {
    [CmdletBinding()] param([Parameter(Mandatory)] [hashtable] $Attempt)
    if ($Attempt.task.IsFaulted) {
        $exception = $Attempt.task.Exception.GetBaseException()
        $code = $null
        if ($exception -is [Net.Sockets.SocketException]) { $code = [int]$exception.SocketErrorCode }
        $fault = @{ Type = $exception.GetType().FullName; Code = $code; Message = [string]$exception.Message }
        return Get-EndedAttempt -Attempt $Attempt @fault
    }
    if ($Attempt.step -eq 'dns') { return Get-ConnectAttempt -Attempt $Attempt }
    if (($Attempt.step -eq 'tcp') -and (-not $Attempt.target.tls)) {
        return Get-Successor -Attempt $Attempt -Step 'done' -Learnt @{}
    }
    if (($Attempt.step -eq 'tcp') -and ($null -ne $Attempt.route)) { return Get-ProxyAttempt -Attempt $Attempt }
    if ($Attempt.step -eq 'tcp') { return Get-TlsAttempt -Attempt $Attempt }
    if ($Attempt.step -eq 'tls') { return Get-HttpAttempt -Attempt $Attempt }
    Get-AnswerAttempt -Attempt $Attempt
}

# One family of addresses, IPv4 where there is one: .NET Framework's client speaks one at a time.
function Get-ConnectAttempt {
    [CmdletBinding()] param([Parameter(Mandatory)] [hashtable] $Attempt)
    $all = @($Attempt.task.Result)
    $addresses = @($all | Where-Object -FilterScript { $_.AddressFamily -eq [Net.Sockets.AddressFamily]::InterNetwork })
    if ($addresses.Count -eq 0) { $addresses = $all }
    $client = New-Object -TypeName Net.Sockets.TcpClient -ArgumentList $addresses[0].AddressFamily
    $task = Invoke-TcpConnect -Client $client -Address $addresses -Port $Attempt.port
    $learnt = @{ client = $client; addresses = @($all | ForEach-Object -Process { $_.ToString() }) }
    Get-Successor -Attempt $Attempt -Step 'tcp' -Task $task -Learnt $learnt
}

function Get-ProxyAttempt {
    [CmdletBinding()] param([Parameter(Mandatory)] [hashtable] $Attempt)
    $stream = $Attempt.client.GetStream()
    $peer = "$($Attempt.target.host):$($Attempt.target.port)"
    $buffer = Invoke-Request -Stream $stream -Text "CONNECT $peer HTTP/1.1`r`nHost: $peer`r`n`r`n"
    $task = $stream.ReadAsync($buffer, 0, $buffer.Length)
    Get-Successor -Attempt $Attempt -Step 'proxy' -Task $task -Learnt @{ stream = $stream; buffer = $buffer; text = '' }
}

# TLS 1.2, which the product needs; the verdict on the certificate is Windows' own and noted beside it.
function Get-TlsAttempt {
    [CmdletBinding()] param([Parameter(Mandatory)] [hashtable] $Attempt)
    $callback = Get-NotingCallback -Verdict $Attempt.verdict -Shown $Attempt.shown
    $stream = New-Object -TypeName Net.Security.SslStream -ArgumentList $Attempt.client.GetStream(), $false, $callback
    $version = [Security.Authentication.SslProtocols]::Tls12
    $task = $stream.AuthenticateAsClientAsync($Attempt.target.host, $null, $version, $false)
    Get-Successor -Attempt $Attempt -Step 'tls' -Task $task -Learnt @{ stream = $stream }
}

# A delegate that notes the policy errors and the chain's bytes (the chain itself is emptied afterwards), and lets the
# handshake end, so that the certificate can be read. It is no script block: those cannot run on the threads on which
# handshakes side by side come back.
function Get-NotingCallback {
    [CmdletBinding()] param(
        [Parameter(Mandatory)] [int[]] $Verdict, [Parameter(Mandatory)] [AllowNull()] [object[]] $Shown
    )
    $types = @(
        [object], [Security.Cryptography.X509Certificates.X509Certificate],
        [Security.Cryptography.X509Certificates.X509Chain], [Net.Security.SslPolicyErrors]
    )
    $parameters = @($types | ForEach-Object -Process { [Linq.Expressions.Expression]::Parameter($_) })
    $first = [Linq.Expressions.Expression]::Constant(0)
    $verdictList = [Linq.Expressions.Expression]::Constant($Verdict)
    $slot = [Linq.Expressions.Expression]::ArrayAccess($verdictList, $first)
    $note = [Linq.Expressions.Expression]::Assign($slot, [Linq.Expressions.Expression]::Convert($parameters[3], [int]))
    $shownList = [Linq.Expressions.Expression]::Constant($Shown)
    $place = [Linq.Expressions.Expression]::ArrayAccess($shownList, $first)
    $bytes = [Linq.Expressions.Expression]::Convert((Get-ChainExpression -Chain $parameters[2]), [object])
    $keep = [Linq.Expressions.Expression]::Assign($place, $bytes)
    $nothing = [Linq.Expressions.Expression]::Constant($null, $types[2])
    $there = [Linq.Expressions.Expression]::NotEqual($parameters[2], $nothing)
    $noteChain = [Linq.Expressions.Expression]::IfThen($there, $keep)
    $body = [Linq.Expressions.Expression]::Block($note, $noteChain, [Linq.Expressions.Expression]::Constant($true))
    $listed = [Linq.Expressions.ParameterExpression[]]$parameters
    [Linq.Expressions.Expression]::Lambda([Net.Security.RemoteCertificateValidationCallback], $body, $listed).Compile()
}

# Enumerable.ToArray(chain.ChainElements.Cast<X509ChainElement>().Select(element => element.Certificate.RawData)) as an
# expression.
function Get-ChainExpression {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Chain)
    $kind = [Security.Cryptography.X509Certificates.X509ChainElement]
    $elements = [Linq.Expressions.Expression]::Property($Chain, 'ChainElements')
    $listed = [Linq.Expressions.Expression[]]@($elements)
    $cast = [Linq.Expressions.Expression]::Call([Linq.Enumerable], 'Cast', [type[]]@($kind), $listed)
    $element = [Linq.Expressions.Expression]::Parameter($kind)
    $certificate = [Linq.Expressions.Expression]::Property($element, 'Certificate')
    $raw = [Linq.Expressions.Expression]::Property($certificate, 'RawData')
    $function = [Func[Security.Cryptography.X509Certificates.X509ChainElement, byte[]]]
    $named = [Linq.Expressions.ParameterExpression[]]@($element)
    $select = [Linq.Expressions.Expression]::Lambda($function, $raw, $named)
    $pieces = [Linq.Expressions.Expression[]]@($cast, $select)
    $all = [Linq.Expressions.Expression]::Call([Linq.Enumerable], 'Select', [type[]]@($kind, [byte[]]), $pieces)
    $result = [Linq.Expressions.Expression[]]@($all)
    [Linq.Expressions.Expression]::Call([Linq.Enumerable], 'ToArray', [type[]]@([byte[]]), $result)
}

# A certificate that Windows does not accept ends the attempt: nothing is asked over such a connection.
function Get-HttpAttempt {
    [CmdletBinding()] param([Parameter(Mandatory)] [hashtable] $Attempt)
    $shown = $Attempt.stream.RemoteCertificate
    $certificate = New-Object -TypeName Security.Cryptography.X509Certificates.X509Certificate2 -ArgumentList $shown
    $chain = @($Attempt.shown[0] | Where-Object -FilterScript { $null -ne $_ })
    $learnt = @{
        protocol    = [string]$Attempt.stream.SslProtocol
        certificate = [ordered]@{
            subject       = [string]$certificate.Subject
            issuer        = [string]$certificate.Issuer
            thumbprint    = [string]$certificate.Thumbprint
            not_after     = $certificate.NotAfter.ToUniversalTime().ToString('o')
            policy_errors = Get-PolicyError -Verdict $Attempt.verdict -Certificate $certificate
            chain         = @($chain | ForEach-Object -Process { [Convert]::ToBase64String($_) })
        }
    }
    if ($learnt.certificate.policy_errors -ne 0) {
        $seen = Get-Successor -Attempt $Attempt -Step 'tls' -Learnt $learnt
        return Get-EndedAttempt -Attempt $seen -Type 'SslPolicyErrors' -Code $learnt.certificate.policy_errors
    }
    $text = "HEAD / HTTP/1.1`r`nHost: $($Attempt.target.host)`r`nConnection: close`r`n`r`n"
    $buffer = Invoke-Request -Stream $Attempt.stream -Text $text
    $learnt.buffer = $buffer
    $learnt.text = ''
    $task = $Attempt.stream.ReadAsync($buffer, 0, $buffer.Length)
    Get-Successor -Attempt $Attempt -Step 'http' -Task $task -Learnt $learnt
}

# Part of an answer's head: read on until its end; then a proxy's 200 leads to TLS, a server's answer to the end.
function Get-AnswerAttempt {
    [CmdletBinding()] param([Parameter(Mandatory)] [hashtable] $Attempt)
    $count = $Attempt.task.Result
    $text = $Attempt.text + [Text.Encoding]::ASCII.GetString($Attempt.buffer, 0, $count)
    $complete = $text.Contains("`r`n`r`n")
    if ((-not $complete) -and ($count -gt 0) -and ($text.Length -lt 65536)) {
        $task = $Attempt.stream.ReadAsync($Attempt.buffer, 0, $Attempt.buffer.Length)
        return Get-Successor -Attempt $Attempt -Step $Attempt.step -Task $task -Learnt @{ text = $text }
    }
    if (-not ($text -match '^HTTP/1\.[01] (\d{3})')) { return Get-EndedAttempt -Attempt $Attempt -Type 'NotHttp' }
    $status = [int]$Matches[1]
    if ($Attempt.step -eq 'http') {
        return Get-Successor -Attempt $Attempt -Step 'done' -Learnt @{ http_status = $status }
    }
    if ($status -ne 200) { return Get-EndedAttempt -Attempt $Attempt -Type 'ProxyAnswer' -Code $status }
    Get-TlsAttempt -Attempt $Attempt
}

# Sends a short request; gives the buffer to read the answer into.
function Invoke-Request {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Stream, [Parameter(Mandatory)] [string] $Text)
    $bytes = [Text.Encoding]::ASCII.GetBytes($Text)
    $Stream.Write($bytes, 0, $bytes.Length)
    , (New-Object -TypeName byte[] -ArgumentList 4096)
}

function Get-AttemptFact {
    [CmdletBinding()] param([Parameter(Mandatory)] [hashtable] $Attempt)
    $status = 'failed'
    if ($null -ne $Attempt.task) { $status = 'silent' }
    if ($Attempt.step -eq 'done') { $status = 'ok' }
    if ($null -ne $Attempt.client) { $Attempt.client.Close() }
    [ordered]@{
        name         = [string]$Attempt.target.name
        host         = [string]$Attempt.target.host
        port         = [int]$Attempt.target.port
        proxy        = $Attempt.route
        addresses    = $Attempt.addresses
        step         = $Attempt.step
        status       = $status
        failure      = $Attempt.failure
        certificate  = $Attempt.certificate
        protocol     = $Attempt.protocol
        http_status  = $Attempt.http_status
        milliseconds = $Attempt.milliseconds
    }
}

# --- Leaves: what a simulated server answers in its own way. ----------------------------------------------------------

function Invoke-HostLookup {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Name)
    [Net.Dns]::GetHostAddressesAsync($Name)
}

function Invoke-TcpConnect {
    [CmdletBinding()] param(
        [Parameter(Mandatory)] [Net.Sockets.TcpClient] $Client, [Parameter(Mandatory)] [Net.IPAddress[]] $Address,
        [Parameter(Mandatory)] [int] $Port
    )
    $Client.ConnectAsync($Address, $Port)
}

function Get-PolicyError {
    [CmdletBinding()] param([Parameter(Mandatory)] [int[]] $Verdict, [Parameter(Mandatory)] [object] $Certificate)
    $Verdict[0]
}

function Get-SystemProxy {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Address)
    [Net.WebRequest]::GetSystemWebProxy().GetProxy($Address)
}
