$ProgressPreference='SilentlyContinue'
$WarningPreference='SilentlyContinue'
$VerbosePreference='SilentlyContinue'
$DebugPreference='SilentlyContinue'
$InformationPreference='SilentlyContinue'
$ErrorActionPreference='Stop'
$l=@($input)
$m="$($ExecutionContext.SessionState.LanguageMode)"
if($m -ne 'FullLanguage'){
Write-Output ('@@FACT@@{"mode":"'+$m+'","version":"'+$PSVersionTable.PSVersion+'"}@@END@@')
'@@DONE@@71'
exit 71}
$say={param($j)
$j=[regex]::Replace($j,'[^\x20-\x7e]',{param($m)'\u{0:x4}' -f [int][char]$m.Value})
[Console]::Out.WriteLine('@@FACT@@'+$j+'@@END@@');[Console]::Out.Flush()}
$fault={param($x)
while(($x -is [Management.Automation.MethodInvocationException]) -and ($null -ne $x.InnerException)){
$x=$x.InnerException}
$i='';$n=0
if($x -is [Management.Automation.RuntimeException]){$rec=$x.ErrorRecord
$i=[string]$rec.FullyQualifiedErrorId
if($null -ne $rec.InvocationInfo){$n=$rec.InvocationInfo.ScriptLineNumber}}
if(($x -is [Management.Automation.ParseException]) -and (@($x.Errors).Count -gt 0)){
$n=$x.Errors[0].Extent.StartLineNumber;$i=[string]$x.Errors[0].ErrorId}
@{type=$x.GetType().FullName;hresult=$x.HResult;message=[string]$x.Message;line=[int]$n;id=$i}}
$hung=$false;$c=0
try{
$a=ConvertFrom-Json -InputObject $l[0]
$t=[regex]::Split(($l[1..($l.Count-1)] -join "`n"),'(?m)^#@@ ')
$state=[runspace]::DefaultRunspace.InitialSessionState
if($null -eq $state){$state=[initialsessionstate]::CreateDefault2()}
$r=$null
foreach($part in $t[1..$t.Count]){
$at=$part.IndexOf("`n");$name=$part.Substring(0,$at);$body=$part.Substring($at+1)
$w=[Diagnostics.Stopwatch]::StartNew()
try{
if(($null -eq $r) -or ("$($r.RunspaceStateInfo.State)" -ne 'Opened')){
$r=[runspacefactory]::CreateRunspace($state.Clone());$r.Open()}
$p=[powershell]::Create();$p.set_Runspace($r)
[void]$p.AddScript($t[0]+$body,$true).AddArgument($a)
[void]$p.AddCommand('ConvertTo-Json').AddParameter('Depth',12).AddParameter('Compress',$true)
$h=$p.BeginInvoke()
if($h.AsyncWaitHandle.WaitOne([int](1000*$a.seconds))){
$out=@($p.EndInvoke($h))
$many='the collector gave {0} answers' -f $out.Count
if($out.Count -ne 1){throw (New-Object -TypeName InvalidOperationException -ArgumentList $many)}
$j=[string]$out[0]
$p.Dispose()
}else{
$hung=$true;$r=$null;[void]$p.BeginStop($null,$null)
throw (New-Object -TypeName TimeoutException -ArgumentList ('nothing came within {0} s' -f $a.seconds))
}
}catch{$e=@{status='error';error=(& $fault $_.Exception);milliseconds=[int]$w.ElapsedMilliseconds}
$j=ConvertTo-Json -InputObject $e -Compress}
& $say ('{"section":"'+$name+'","answer":'+$j+'}')
}
if(($null -ne $r) -and -not $hung){$r.Dispose()}
}catch{$c=70;& $say (ConvertTo-Json -InputObject (@{ok=$false}+(& $fault $_.Exception)) -Compress)}
[Console]::Out.WriteLine("`n@@DONE@@$c")
if($hung){[Environment]::Exit($c)}
exit $c
