"""Clients that others wrote, unchanged, against the simulated servers.

What they cannot talk to would be a server of our own making. `.ci/run` installs them.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import load_twin
from acceptance.simulator.sqlserver.tds import Encryption
from acceptance.simulator.windows.runner import Emit, PowerShellRunner, Result
from acceptance.simulator.windows.twin import load_twin as load_windows
from acceptance.simulator.winrm import messages
from acceptance.simulator.winrm.server import WsManServer

pytestmark = pytest.mark.slow
ACCOUNT, PASSWORD = r"DEMO\acceptance", "secret"
SQL_LOGIN, SQL_PASSWORD = "acceptance", "Secret-1"
OLD_POWERSHELL = Path(__file__).parents[3] / "shared" / "pwsh" / "pwsh"
NEW_POWERSHELL = Path(__file__).parents[3] / "shared" / "pwsh7" / "pwsh"
FEATURE = "Get-WindowsFeature -Name Web-Server | % { $_.Name + ' is ' + $_.InstallState }"


class Program:
    """Says what it was started with and what it read; ends with 3."""

    def run(self, line: str, stdin: Iterator[bytes], _: Emit) -> Result:
        said = f"{line}|".encode() + b"".join(stdin)
        return Result(said, "Größe".encode(), 3)


@pytest.fixture
def pypsrp() -> ModuleType:
    return pytest.importorskip("pypsrp", reason="pip install pypsrp")


@pytest.fixture
def ansible() -> str:
    """The command, beside the Python that runs the tests."""
    if importlib.util.find_spec("ansible") is None:
        pytest.skip("pip install ansible-core")
    return str(Path(sys.executable).with_name("ansible"))


@pytest.fixture
def tsql() -> str:
    found = shutil.which("tsql")
    if found is None:
        pytest.skip("apt-get install freetds-bin")
    return found


@pytest.mark.parametrize("tls", [True, False])
def test_pypsrp_runs_a_program(pypsrp: ModuleType, tls: bool) -> None:
    """Over http it seals its messages itself; over https it trusts the CA alone."""
    from pypsrp.shell import Process, SignalCode, WinRS
    from pypsrp.wsman import WSMan

    with WsManServer(Program(), users={ACCOUNT: PASSWORD}, tls=tls) as server:
        how = {"ssl": True, "cert_validation": str(server.ca_file)} if tls else {"ssl": False}
        client = WSMan(
            "localhost", port=server.port, username=ACCOUNT, password=PASSWORD, auth="ntlm", **how
        )
        with client, WinRS(client) as shell:
            process = Process(shell, "whoami.exe", ["/all"])
            process.begin_invoke()
            process.send(b"hello", end=True)
            process.end_invoke()
            process.signal(SignalCode.CTRL_C)
        assert process.stdout.decode() == "whoami.exe /all|hello"
        assert process.stderr.decode("cp437") == "Größe"  # the code page that it asks for
        assert process.rc == 3
        assert server.open_shells == 0
        assert all(request.encrypted is not tls for request in server.requests if request.action)


def test_pypsrps_powershell_is_told_that_it_is_not_there(pypsrp: ModuleType) -> None:
    """PSRP is another resource: a fault by number, as a server says it, and no hang."""
    from pypsrp.exceptions import WSManFaultError
    from pypsrp.powershell import RunspacePool
    from pypsrp.wsman import WSMan

    with WsManServer(Program(), users={ACCOUNT: PASSWORD}, tls=True) as server:
        client = WSMan(
            "localhost", port=server.port, username=ACCOUNT, password=PASSWORD, auth="ntlm",
            ssl=True, cert_validation=str(server.ca_file),
        )  # fmt: skip
        with client, pytest.raises(WSManFaultError) as failure:
            RunspacePool(client).open()
    assert failure.value.code == 2150858752


@pytest.mark.pwsh
def test_ansibles_raw_runs_a_command(ansible: str, tmp_path: Path) -> None:
    """Through pywinrm, by the same rules as for a real host."""
    program = PowerShellRunner(load_windows("server2019"), at_once=True)
    with WsManServer(program, users={ACCOUNT: PASSWORD}, tls=True) as server:
        inventory = tmp_path / "hosts.yaml"
        inventory.write_text(
            f"""
            all:
              hosts:
                web01:
                  ansible_host: localhost
                  ansible_port: {server.port}
                  ansible_connection: winrm
                  ansible_shell_type: cmd
                  ansible_winrm_transport: ntlm
                  ansible_winrm_ca_trust_path: {server.ca_file}
                  ansible_user: '{ACCOUNT}'
                  ansible_password: {PASSWORD}
            """,
            encoding="utf-8",
        )
        own = {"ANSIBLE_HOME": str(tmp_path), "HOME": str(tmp_path), "ANSIBLE_NOCOLOR": "1"}
        done = subprocess.run(
            [ansible, "web01", "-i", str(inventory), "-m", "raw", "-a", FEATURE],
            capture_output=True, text=True, timeout=120, env=os.environ | own, check=False,
        )  # fmt: skip
        actions = [request.action for request in server.requests if request.action]
    assert "rc=0" in done.stdout, done.stdout + done.stderr
    assert "Web-Server is Installed" in done.stdout
    assert actions[0] == messages.CREATE.rsplit("/", 1)[1]
    assert actions[-1] == messages.DELETE.rsplit("/", 1)[1]


@pytest.mark.parametrize("encryption", [Encryption.REQUIRED, Encryption.OFF])
def test_freetds_logs_in_and_asks(tsql: str, encryption: Encryption, tmp_path: Path) -> None:
    """TDS 7.4; where the server requires encryption, all of it is encrypted."""
    twin = load_twin("sql-compliant")
    with SqlServer(twin, logins={SQL_LOGIN: SQL_PASSWORD}, encryption=encryption) as server:
        settings = tmp_path / "freetds.conf"
        settings.write_text(
            f"[twin]\nhost = localhost\nport = {server.port}\ntds version = 7.4\n"
            f"ca file = {server.ca_file}\ncheck certificate hostname = yes\n"
            f"encryption = {'require' if encryption is Encryption.REQUIRED else 'off'}\n",
            encoding="ascii",
        )
        command = [tsql, "-S", "twin", "-U", SQL_LOGIN, "-P", SQL_PASSWORD, "-D", "Synergy"]
        done = subprocess.run(
            command, input="SELECT DB_NAME() AS name, SUSER_SNAME() AS who\ngo\n", text=True,
            capture_output=True, timeout=60, env=os.environ | {"FREETDSCONF": str(settings)},
            check=False,
        )  # fmt: skip
        (login,) = server.logins
    assert f"Synergy\t{SQL_LOGIN}" in done.stdout, done.stdout + done.stderr
    assert login.error is None
    assert login.encrypted is (encryption is Encryption.REQUIRED)


ASK = """
$builder = New-Object -TypeName System.Data.SqlClient.SqlConnectionStringBuilder
$builder['Data Source'] = "tcp:localhost,$env:TWIN_PORT"
$builder['Initial Catalog'] = 'Synergy'
$builder['User ID'] = 'acceptance'
$builder['Password'] = $env:TWIN_PASSWORD
$builder['Encrypt'] = $true
$builder['Pooling'] = $true
foreach ($turn in 1, 2) {
    $connection = New-Object -TypeName System.Data.SqlClient.SqlConnection -ArgumentList "$builder"
    try {
        $connection.Open()
        $command = $connection.CreateCommand()
        $command.CommandText = 'SELECT DB_NAME() AS name, HAS_DBACCESS(@name) AS access'
        $null = $command.Parameters.AddWithValue('@name', 'Synergy')
        $reader = $command.ExecuteReader()
        while ($reader.Read()) { "$($reader.GetString(0)) $($reader.GetInt32(1))" }
        $reader.Close()
    } catch [System.Data.SqlClient.SqlException] {
        "$($_.Exception.Number)"
    } finally {
        $connection.Dispose()
    }
}
"""


@pytest.mark.parametrize("shell", [OLD_POWERSHELL, NEW_POWERSHELL], ids=["pwsh", "pwsh7"])
@pytest.mark.parametrize(("password", "said"), [(SQL_PASSWORD, "Synergy 1"), ("wrong", "18456")])
def test_sqlclient_in_powershell_logs_in_and_asks(shell: Path, password: str, said: str) -> None:
    """The class with which a server asks its own SQL Server; its pool hands a connection on."""
    if not shell.exists():
        pytest.skip(f"{shell} is not on this machine")
    twin = load_twin("sql-compliant")
    with SqlServer(twin, logins={SQL_LOGIN: SQL_PASSWORD}) as server:
        given = {"TWIN_PORT": str(server.port), "TWIN_PASSWORD": password}
        trusted = {"SSL_CERT_FILE": str(server.ca_file)}
        done = subprocess.run(
            [str(shell), "-NoProfile", "-NonInteractive", "-Command", "-"], input=ASK + "\n",
            capture_output=True, text=True, timeout=120, env=os.environ | given | trusted,
            check=False,
        )  # fmt: skip
        logins = server.logins
    assert said in done.stdout.splitlines(), done.stdout + done.stderr
    assert all(login.encrypted for login in logins)
    assert (len(logins) == 1) or password == "wrong"
