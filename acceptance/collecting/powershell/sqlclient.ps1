# Section sqlclient: SQL Server asked from this server. SqlClient of its .NET Framework runs the SELECTs that it
# is given and hands the result sets on as they are; what they mean is decided by whoever asked. Needs a login
# there: the account that runs this, or one whose password comes with the parameters and goes nowhere but into the
# login. Changes nothing on either server. Source: System.Data.SqlClient (Microsoft Learn). Server 2016 and later.

# A value as JSON has it: text for dates and decimal numbers, $null for NULL.
function Get-SqlValue {
    [CmdletBinding()] param([AllowNull()] [object] $Value)
    if (($null -eq $Value) -or ($Value -is [DBNull])) { return $null }
    $invariant = [Globalization.CultureInfo]::InvariantCulture
    if ($Value -is [datetime]) { return $Value.ToString('yyyy-MM-ddTHH:mm:ss.ffffff', $invariant) }
    if ($Value -is [decimal]) { return $Value.ToString($invariant) }
    foreach ($kind in @([string], [bool], [byte], [int16], [int], [int64], [double])) {
        if ($Value -is $kind) { return $Value }
    }
    throw "a collector returned $($Value.GetType().FullName)"
}

# What went wrong, for whoever asked: SQL Server's errors by number, and what Windows said below them. Texts are in the
# server's language, and decide nothing.
function Get-SqlFault {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Exception)
    $errors = @()
    $causes = @()
    $cause = Get-ErrorCause -Exception $Exception
    while ($null -ne $cause) {
        $code = $cause.HResult
        if ($cause -is [ComponentModel.Win32Exception]) { $code = $cause.NativeErrorCode }
        if ($cause -is [Net.Sockets.SocketException]) { $code = [int]$cause.SocketErrorCode }
        if ($cause -is [Data.SqlClient.SqlException]) {
            $errors = @(foreach ($one in $cause.Errors) {
                $told = @{ number = $one.Number; severity = [int]$one.Class; state = [int]$one.State }
                $told.message = [string]$one.Message
                $told
            })
        } else {
            $type = [string]$cause.GetType().FullName
            $causes += [ordered]@{ type = $type; code = [int]$code; message = [string]$cause.Message }
        }
        $cause = $cause.InnerException
    }
    [ordered]@{ errors = @($errors); causes = @($causes) }
}

# The one connection, as the inventory has it. No pool: it would try again by itself, and keep connections open.
function Get-SqlConnection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Asked, [AllowNull()] [object] $Credential)
    $keys = New-Object -TypeName Data.SqlClient.SqlConnectionStringBuilder
    $keys.Add('Data Source', $Asked.data_source)
    $keys.Add('Initial Catalog', 'master')
    $keys.Add('Encrypt', $Asked.encrypt)
    $keys.Add('TrustServerCertificate', $Asked.trust_any_certificate)
    $keys.Add('Integrated Security', ($null -eq $Credential))
    $keys.Add('Application Name', 'Acceptance suite')
    $keys.Add('Connect Timeout', [int]$Asked.login_seconds)
    $keys.Add('Pooling', $false)
    $keys.Add('Enlist', $false)
    $keys.Add('ConnectRetryCount', 0)
    if ($Asked.read_only_intent) { $keys.Add('ApplicationIntent', 'ReadOnly') }
    $with = @($keys.ConnectionString)
    if ($null -ne $Credential) { $with += $Credential }
    $connection = New-Object -TypeName Data.SqlClient.SqlConnection -ArgumentList $with
    $connection.Open()
    $connection
}

# Every result set of one batch: the columns' names, and the rows as lists of values.
function Get-SqlBatch {
    [CmdletBinding()] param([object] $Connection, [string] $Text, [object[]] $Values, [int] $Seconds)
    $command = New-Object -TypeName Data.SqlClient.SqlCommand -ArgumentList $Text, $Connection
    $command.set_CommandTimeout($Seconds)
    foreach ($number in 1..$Values.Count) {
        [void]$command.Parameters.AddWithValue("@p$number", [string]$Values[$number - 1])
    }
    $size = 0
    $reader = $command.ExecuteReader()
    try {
        $more = $true
        while ($more) {
            $last = $reader.FieldCount - 1
            if ($last -ge 0) {
                $columns = @(foreach ($index in 0..$last) { $reader.GetName($index) })
                $rows = @(while ($reader.Read()) {
                    $row = @(foreach ($index in 0..$last) { Get-SqlValue -Value $reader.GetValue($index) })
                    $size += "$row".Length
                    if ($size -gt 8MB) { throw 'the answer is larger than 8 MB' }
                    , $row
                })
                [ordered]@{ columns = $columns; rows = $rows }
            }
            $more = $reader.NextResult()
        }
    } finally {
        $command.Cancel()
        $reader.Close()
    }
}

function Get-SqlclientSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    $asked = $Parameters.sql
    $credential = $null
    if ($null -ne $asked.username) {
        $secret = New-Object -TypeName Security.SecureString
        foreach ($letter in ([string]$Parameters.secret).ToCharArray()) { $secret.AppendChar($letter) }
        $secret.MakeReadOnly()
        $credential = New-Object -TypeName Data.SqlClient.SqlCredential -ArgumentList $asked.username, $secret
    }
    $texts = @{}
    foreach ($one in $asked.collectors) { $texts[$one.name] = $one.text }
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $answers = @()
    try {
        $connection = Get-SqlConnection -Asked $asked -Credential $credential
    } catch {
        return [ordered]@{ failure = (Get-SqlFault -Exception $_.Exception); answers = $answers }
    }
    $lost = $null
    foreach ($one in $asked.batches) {
        $left = [int]($asked.deadline_seconds - $clock.Elapsed.TotalSeconds)
        if ($left -lt 1) { break }
        try {
            # A login that is refused now is not tried again for the next batch: that locks accounts out.
            if (([string]$connection.State -ne 'Open') -and ($null -eq $lost)) {
                try {
                    $connection = Get-SqlConnection -Asked $asked -Credential $credential
                } catch {
                    $lost = $_.Exception
                }
            }
            if ($null -ne $lost) { throw $lost }
            $values = @($one.database, $texts[$one.section]) + @($asked.values)
            $seconds = [int]$asked.query_seconds
            if ($left -lt $seconds) { $seconds = $left }
            $batch = @{ Connection = $connection; Text = $asked.text; Values = $values; Seconds = $seconds }
            $sets = @(Get-SqlBatch @batch)
            $answers += [ordered]@{ sets = $sets; fault = $null }
        } catch {
            $answers += [ordered]@{ sets = @(); fault = (Get-SqlFault -Exception $_.Exception) }
        }
    }
    $connection.Dispose()
    [ordered]@{ failure = $null; answers = $answers }
}
