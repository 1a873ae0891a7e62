$ProgressPreference='SilentlyContinue';$WarningPreference='SilentlyContinue';$VerbosePreference='SilentlyContinue';$DebugPreference='SilentlyContinue';$InformationPreference='SilentlyContinue';$ErrorActionPreference='Stop'
$l=@($input)
if("$($ExecutionContext.SessionState.LanguageMode)" -ne 'FullLanguage'){Write-Output ('@@FACT@@{"mode":"'+$ExecutionContext.SessionState.LanguageMode+'","version":"'+$PSVersionTable.PSVersion+'"}@@END@@');exit 71}
try{
$a=ConvertFrom-Json -InputObject $l[0]
$sb=[ScriptBlock]::Create(($l[1..($l.Count-1)] -join "`n"))
$r=& $sb $a
$o=@{ok=$true;data=$r};$c=0
}catch{$o=@{ok=$false;type=$_.Exception.GetType().FullName;hresult=$_.Exception.HResult;message=[string]$_.Exception.Message;line=$_.InvocationInfo.ScriptLineNumber;id=[string]$_.FullyQualifiedErrorId};$c=70}
$j=ConvertTo-Json -InputObject $o -Depth 12 -Compress
$j=[regex]::Replace($j,'[^\x20-\x7e]',{param($m)'\u{0:x4}' -f [int][char]$m.Value})
[Console]::Out.WriteLine('@@FACT@@'+$j+'@@END@@')
exit $c
