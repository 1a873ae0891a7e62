"""What is asked only where an inventory or an engineer names it: own checks, and SQL Server by
SqlClient. Each part is called once under a stand-in of what it asks.
"""

import pytest
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.runner import PowerShellRunner
from acceptance.simulator.windows.twin import load_twin

from acceptance.collecting.script import OWN
from acceptance.evidence.envelope import Read
from tests.collecting.test_leaves import powershell
from tests.collecting.test_leaves_called import STAND_IN
from tests.twins import PARAMETERS, ask

pytestmark = [pytest.mark.pwsh, pytest.mark.slow]
CONFIG = r"C:\Windows\System32\inetsrv\config\applicationHost.config"
WINDOWS = r"HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
NAMED = {
    "service": ["W3SVC", "NoSuch"],
    "file": [
        {"path": CONFIG, "contains": ["<sites>", "no such text"]},
        {"path": r"C:\Windows\System32\inetsrv\config", "contains": []},
        {"path": r"C:\no\such", "contains": []},
    ],
    "registry": [{"key": WINDOWS, "values": ["EditionID", "None"]}],
}


@pytest.mark.parametrize("ports", [[], [3389, 4]], ids=["no port", "ports"])
def test_an_engineers_own_facts_are_read(ports: list[int]) -> None:
    twin = load_twin("server2019")
    with Endpoints(twin.network) as endpoints:
        parameters = {**PARAMETERS, "own": NAMED | {"port": ports}}
        runner = PowerShellRunner(twin, endpoints)
        own = ask(runner, sections=[OWN], parameters=parameters).sections.own
    assert isinstance(own, Read)
    assert [one.exists for one in own.value.services] == [True, False]
    config, folder, none = [one.fact.value for one in own.value.files if isinstance(one.fact, Read)]
    assert [one.found for one in config.contains] == [True, False]
    assert (config.is_file, folder.exists, folder.is_file, none.exists) == (
        True,
        True,
        False,
        False,
    )
    [key] = own.value.registry
    assert isinstance(key.fact, Read)
    assert [one.value for one in key.fact.value.values] == ["ServerStandard", None]
    assert [one.listening for one in own.value.ports] == [port == 3389 for port in ports]


VALUES = """
Get-SqlValue -Value ([decimal]::new(123450, 0, 0, $false, 2))
try { Get-SqlValue -Value ([guid]::Empty) } catch { $_.Exception.Message }
$socket = New-Object -TypeName Net.Sockets.SocketException -ArgumentList 10061
$windows = New-Object -TypeName ComponentModel.Win32Exception -ArgumentList 5
foreach ($cause in $windows, $socket) {
    $outer = New-Object -TypeName InvalidOperationException -ArgumentList 'outer', $cause
    $fault = Get-SqlFault -Exception $outer
    "$($fault.causes[1].type) $($fault.causes[1].code)"
}
"""


def test_values_and_faults_keep_what_they_are() -> None:
    """A number stays exact, an unknown type is an error, a code is the cause's own."""
    said = powershell("sqlclient", VALUES).splitlines()
    assert said[:2] == ["1234.50", "a collector returned System.Guid"]
    assert said[2].endswith("Win32Exception 5")
    assert said[3].startswith("System.Net.Sockets.SocketException ")


CONNECTION = """
class Connection { [string] $String; [void] Open() { $global:opened += 1 } }
$opened = 0
$keys = [Data.SqlClient.SqlConnectionStringBuilder]
$kinds['Data.SqlClient.SqlConnectionStringBuilder'] = { $keys::new() }
$kinds['Data.SqlClient.SqlConnection'] = { [Connection]@{ String = $args[0][0] } }
$asked = @{
    data_source = 'tcp:db01,1433'; encrypt = $true; trust_any_certificate = $false
    login_seconds = 15; read_only_intent = $true
}
$made = (Get-SqlConnection -Asked $asked -Credential $null)
($made.String -replace ' ', '').Split(';') -match '^(ApplicationIntent|IntegratedSecurity|Pooling)'
"opened $opened"
"""


def test_a_readable_secondary_is_asked_for() -> None:
    said = powershell("sqlclient", STAND_IN + CONNECTION).splitlines()
    assert sorted(said) == [
        "ApplicationIntent=ReadOnly", "IntegratedSecurity=True", "Pooling=False", "opened 1",
    ]  # fmt: skip


LARGE = """
class Reader {
    [int] $FieldCount = 1
    [int] $Rows = 3
    [bool] Read() { $this.Rows -= 1; return $this.Rows -ge 0 }
    [string] GetName([int] $index) { return 'text' }
    [object] GetValue([int] $index) { return ('x' * 5MB) }
    [bool] NextResult() { return $false }
    [void] Close() { $global:closed = $true }
}
class Command {
    [object] $Parameters = [Collections.ArrayList]::new()
    [void] set_CommandTimeout([int] $seconds) {}
    [object] ExecuteReader() { return [Reader]@{} }
    [void] Cancel() { $global:cancelled = $true }
}
$kinds['Data.SqlClient.SqlCommand'] = {
    $command = [Command]@{}
    $add = { param($name, $value) "$name $value" }
    $method = @{ MemberType = 'ScriptMethod'; Name = 'AddWithValue'; Value = $add }
    Add-Member -InputObject $command.Parameters @method
    $command
}
try { Get-SqlBatch -Connection 'c' -Text 't' -Values 'a' -Seconds 5 } catch { $_.Exception.Message }
"$cancelled $closed"
"""


def test_an_endless_answer_ends_and_is_given_back() -> None:
    said = powershell("sqlclient", STAND_IN + LARGE).splitlines()
    assert said == ["the answer is larger than 8 MB", "True True"]


SECTION = """
$global:logins = 0
function Get-SqlConnection {
    $global:logins += 1
    if ($global:logins -gt 1) { throw 'refused' }
    $made = [pscustomobject]@{ State = 'Closed' }
    $made | Add-Member -MemberType ScriptMethod -Name Dispose -Value {} -PassThru
}
function Get-SqlBatch { param($Connection, $Text, $Values, $Seconds) "asked for $Seconds s" }
$batch = @{ database = 'a'; section = 's' }
$asked = @{
    username = $null; collectors = @(@{ name = 's'; text = 't' }); batches = @($batch, $batch)
    values = @(); text = 't'; query_seconds = 60; deadline_seconds = 30
}
$lost = Get-SqlclientSection -Parameters @{ sql = $asked }
"$($lost.answers.Count) answers, $global:logins logins"
foreach ($one in $lost.answers) { $one.fault.causes[0].message }
function Get-SqlConnection {
    $made = [pscustomobject]@{ State = 'Open' }
    $made | Add-Member -MemberType ScriptMethod -Name Dispose -Value {} -PassThru
}
$asked.deadline_seconds = 0
"$(@((Get-SqlclientSection -Parameters @{ sql = $asked }).answers).Count) in no time"
$asked.deadline_seconds = 30
(Get-SqlclientSection -Parameters @{ sql = $asked }).answers[0].sets
"""


def test_a_connection_that_is_lost_is_opened_once_more_and_no_oftener() -> None:
    """A refused login is not repeated for each batch; none has more time than is left."""
    lost, first, second, none, given = powershell("sqlclient", SECTION).splitlines()
    assert lost == "2 answers, 2 logins"
    assert first == second == "refused"
    assert none.startswith("0 in")
    seconds = int(given.split()[2])
    assert 25 <= seconds <= 30
