"""`backend: local` and `ssh`: a program in between, and a sentence for each failure."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acceptance.backends.logins import LogIns
from acceptance.backends.process import ProcessBackend, failures, running
from acceptance.backends.process.ssh import Ssh, authenticated, exit_status, host_key
from acceptance.backends.refusals import Refusals
from acceptance.collecting.script import POWERSHELL
from acceptance.errors import DeadlineError, HostError, LoginError, ProtocolError, UnreachableError
from acceptance.inventory.connection import Connection
from tests.backends.sshd import Sshd, make_key, started

pytestmark = pytest.mark.skipif(os.name == "nt", reason="programs of POSIX")
PASSWORD = "p\u00e4ss 'wo\"rd $x"
ECHO = '#!/bin/sh\ncat\necho "said $*" >&2\nexit 7\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this machine's `powershell.exe` is looked for."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return tmp_path / "powershell.exe"


def put(program: Path, text: str) -> None:
    program.write_text(text, encoding="utf-8")
    program.chmod(0o755)


def local(**changes: Any) -> ProcessBackend:
    connection = Connection(**{"backend": "local", "address": "web01"} | changes)
    return ProcessBackend("web01", connection, None)


# --- here


def test_a_program_here_gets_its_input_and_gives_all_it_said(here: Path) -> None:
    put(here, ECHO)
    data = bytes(range(256)) * 4000
    backend = local()
    output = backend.stream(POWERSHELL, ["-NoProfile", "-EncodedCommand", "QQ=="], data)
    assert (output.stdout, output.exit_code) == (data, 7)
    assert output.stderr == b"said -NoProfile -EncodedCommand QQ==\n"
    assert (backend.reached().backend, backend.reached().transport) == ("local", "local")


def test_a_machine_without_powershell_says_so() -> None:
    with pytest.raises(HostError, match="no Windows PowerShell on this machine"):
        local().stream(r"C:\none\no-such-program.exe", [], b"")


def test_a_program_here_has_no_secret_and_no_modules_of_another_powershell(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows PowerShell below PowerShell 7 would load modules that it cannot."""
    put(here, "#!/bin/sh\nenv\n")
    monkeypatch.setenv("PSModulePath", "/of/seven")
    monkeypatch.setenv("ACME_WEB", PASSWORD)
    monkeypatch.setenv("KEPT", "x")
    Connection(address="a", username="b", password="env:ACME_WEB")
    names = {line.partition(b"=")[0] for line in local().stream(POWERSHELL, [], b"").stdout.split()}
    assert b"KEPT" in names
    assert not {b"PSModulePath", b"ACME_WEB"} & names


def test_a_python_of_32_bits_starts_the_powershell_of_64(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the name System32 such a process sees another folder."""
    folder = tmp_path / "Sysnative"
    folder.mkdir()
    put(folder / "powershell.exe", "#!/bin/sh\necho 64\n")
    command = rf"{tmp_path}\System32\powershell.exe"
    monkeypatch.setattr(os.path, "expandvars", lambda text: text.replace("\\", "/"))
    monkeypatch.setenv("PROCESSOR_ARCHITEW6432", "AMD64")
    assert local().stream(command, [], b"").stdout == b"64\n"


def test_what_was_read_by_the_deadline_is_kept_and_the_program_ended(here: Path) -> None:
    """And what it started: it holds the output open."""
    put(
        here,
        "#!/bin/sh\necho said\nsleep 60 & echo $! > pid\nsleep 60\n".replace("pid", f"{here}.pid"),
    )
    started_at = time.monotonic()
    with pytest.raises(DeadlineError) as caught:
        local(deadline_seconds=1).stream(POWERSHELL, [], b"x" * 1_000_000)
    assert caught.value.read == b"said\n"
    assert time.monotonic() - started_at < 5
    child = int(Path(f"{here}.pid").read_text(encoding="ascii"))
    end = time.monotonic() + 5
    while Path(f"/proc/{child}/cmdline").exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert not Path(f"/proc/{child}/exe").exists()


def test_an_ended_program_is_not_waited_for_because_of_its_children(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "AFTER_END", 0.2)
    put(here, "#!/bin/sh\necho said\nsleep 60 &\nexit 0\n")
    started_at = time.monotonic()
    assert local().stream(POWERSHELL, [], b"").stdout == b"said\n"
    assert time.monotonic() - started_at < 20


@pytest.mark.parametrize(
    ("says", "code"),
    [
        (r"printf 'one\n@@DO'; sleep 0.1; printf 'NE@@70\r\n'", 70),  # in two pieces
        (r"printf 'one\n@@DONE@@70'", None),  # no whole line
        (r"printf 'one @@DONE@@70\n'", None),  # in a line of something else
        (r"printf 'one\n@@DONE@@x\n'", None),
    ],
)
def test_a_program_that_has_said_all_is_not_waited_for(
    here: Path, monkeypatch: pytest.MonkeyPatch, says: str, code: int | None
) -> None:
    """Whatever keeps it; its exit code is what it said."""
    monkeypatch.setattr(running, "AFTER_ALL", 0.1)
    put(here, f"#!/bin/sh\n{says}\nexec sleep 60\n")
    backend = local(deadline_seconds=0.3 if code is None else 60)
    if code is None:
        with pytest.raises(DeadlineError):
            backend.stream(POWERSHELL, [], b"")
    else:
        assert backend.stream(POWERSHELL, [], b"").exit_code == code


def test_ctrl_c_ends_the_program(here: Path) -> None:
    put(here, "#!/bin/sh\nsleep 60\n")
    backend = local()
    threading.Timer(0.3, backend.leave).start()
    started_at = time.monotonic()
    backend.stream(POWERSHELL, [], b"")
    assert time.monotonic() - started_at < 20


# --- ssh, without a server

LOGS = [  # as OpenSSH 9.2 says them
    ("No ED25519 host key is known for [h]:22 and you have requested strict checking.\r\n"
     "Host key verification failed.", "is not known here"),
    ("Host key verification failed.", "is not known here"),
    ("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\r\nHost key verification failed.",
     "another than the one"),
    ("WARNING: REVOKED HOST KEY DETECTED!\nHost key verification failed.", "revoked"),
    ("a@h: Permission denied (publickey,password).", "refused DEMO\\a; it takes publickey,"),
    ("Load key \"k\": bad permissions\r\na@h: Permission denied (publickey).", "others may read"),
    ("Warning: Identity file /k not accessible: No such file or directory.\na@h: Permission denied"
     " (publickey).", "no private key where the inventory says: /k"),
    ("Received disconnect from 1.2.3.4 port 22:2: Too many authentication failures", "more keys"),
    ("ssh: connect to host h port 22: Connection refused", "nothing listens on port 22 of web01"),
    ("ssh: connect to host h port 22: No route to host", "cannot be reached: No route to host"),
    ("ssh: Could not resolve hostname nowhere: Name or service not known", "name nowhere is"),
    ("Connection timed out during banner exchange\r\nConnection to 1.2.3.4 port 22 timed out",
     "said nothing"),
    ("kex_exchange_identification: Connection closed by remote host\nConnection closed by 1.2.3.4",
     "does not answer as an SSH server"),
    ("ssh_exchange_identification: read: Connection reset by peer", "as an SSH server does"),
    ("kex_exchange_identification: Connection closed by remote host\r\n"
     "Connection closed by UNKNOWN port 65535", "over the jump host ended"),
    ("Unable to negotiate with 1.2.3.4 port 22: no matching key exchange method found. Their offer",
     "no key exchange method in common"),
    ("Connection to 1.2.3.4 closed by remote host.", "broke in the middle"),
    ("Timeout, server h not responding.", "broke in the middle"),
    ("command-line: line 0: Bad configuration option: foo", "settings: Bad configuration"),
    ("/home/a/.ssh/config: line 3: garbage at end of line", "settings: garbage"),
    ("jumphost loop via h", "jump host is the server itself"),
    ("channel 0: open failed: connect failed: Connection refused\r\nstdio forwarding failed\r\n"
     "Connection closed by UNKNOWN port 65535", "jump host does not reach web01: Connection ref"),
    ("channel 0: open failed: administratively prohibited: open failed\r\n"
     "stdio forwarding failed", "jump host does not reach web01: administratively prohibited"),
    ("a@j: Permission denied (publickey).\r\nConnection closed by UNKNOWN port 65535",
     "the jump host refused this account; it takes publickey"),
    ("Host key verification failed.\r\nConnection closed by UNKNOWN port 65535",
     "the host key of the jump host is not known here"),
    ("a@j: Permission denied (publickey).\r\nkex_exchange_identification: read: Connection reset "
     "by peer\nConnection reset by UNKNOWN port 65535", "the jump host refused this account"),
    ("Host key verification failed.\r\nbanner exchange: Connection to UNKNOWN port 65535: Broken "
     "pipe", "the host key of the jump host is not known here"),
    ("ssh: connect to host j port 22: Connection refused\nConnection closed by UNKNOWN port 65535",
     "nothing listens on port 22 of the jump host"),
    ("something new", "something new"),
    ("", "it said nothing"),
]  # fmt: skip
SSH = Connection(backend="ssh", address="web01", username="DEMO\\a")


@pytest.mark.parametrize(("log", "words"), LOGS)
@pytest.mark.parametrize("where", ["log", "stderr"])
def test_each_failure_of_ssh_has_a_sentence(log: str, words: str, where: str) -> None:
    """Its own words stand in its log, a jump's on stderr; what is debugging is no reason."""
    noise = "debug1: Permission denied (nothing).\n"
    given = (noise + log, b"") if where == "log" else (noise, log.encode())
    error = failures.told("web01", SSH, *given)
    assert words in error.message
    assert error.remedy


def test_ssh_says_apart_from_the_server_how_it_went() -> None:
    log = (
        "debug1: Server host key: ssh-ed25519 SHA256:abc\r\n"
        'Authenticated to web01 ([10.0.0.5]:22) using "password".\r\n'
        "debug1: Exit status 255\r\n"
    )
    assert (authenticated(log), host_key(log), exit_status(log)) == (
        "password",
        "ssh-ed25519 SHA256:abc",
        255,
    )
    assert (authenticated(""), host_key(""), exit_status("")) == (None, "", None)
    assert exit_status("debug1: Exit status -1") is None  # as where the connection broke


def test_ours_stand_before_the_users_settings_and_no_secret_on_the_line() -> None:
    """The first value of an option counts: neither inventory nor ~/.ssh/config weakens a check."""
    connection = SSH.model_copy(
        update={"options": {"StrictHostKeyChecking": "no", "ProxyJump": "jump"}, "port": 2222}
    )
    with Ssh(connection, PASSWORD) as ssh:
        words = ssh.words("powershell.exe -NoProfile")
        assert PASSWORD not in " ".join(words)
        assert PASSWORD not in "".join(f"{key}={value}" for key, value in ssh.environment.items())
        config = Path(words[words.index("-F") + 1])
        assert config.stat().st_mode & 0o77 == 0 or config.parent.stat().st_mode & 0o77 == 0
        shown = subprocess.run(
            [*words[:-3], "-G", *words[-2:-1]], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        said = subprocess.run(
            [ssh.environment["SSH_ASKPASS"], "?"], capture_output=True, check=True
        )
        assert said.stdout.decode() == f"{PASSWORD}\n"
    for line in ("stricthostkeychecking true", "batchmode no", "proxyjump jump", "port 2222",
                 "numberofpasswordprompts 1", "requesttty false"):  # fmt: skip
        assert line in shown, line
    assert not config.exists()


def test_a_password_that_nobody_asked_for_stays_nowhere() -> None:
    """As where the way ended before: no thread waits on with it."""
    before = threading.active_count()
    with Ssh(SSH, PASSWORD):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_what_belongs_to_ssh_is_refused_elsewhere() -> None:
    with pytest.raises(ValueError, match="belong to backend: ssh"):
        Connection(backend="local", address="a", identity_file="k")
    with pytest.raises(ValueError, match="needs username"):
        Connection(backend="ssh", address="a", password="env:X")


# --- ssh, with a real server


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with started(tmp_path_factory.mktemp("sshd")) as sshd:
        yield sshd


def over(entry: dict[str, Any], password: str | None = None, memory: Any = None) -> ProcessBackend:
    return ProcessBackend("web01", Connection(**entry), password, log_ins=LogIns(memory))


@pytest.mark.slow
def test_a_server_is_asked_by_key(server: Sshd) -> None:
    """Input, both streams and the command's own status, even 255; and who answered is told."""
    for status in (0, 7, 255):
        server.powershell(f'#!/bin/sh\ncat\necho "said $*" >&2\nexit {status}\n')
        backend = over(server.entry())
        data = bytes(range(256)) * 4000
        output = backend.stream(POWERSHELL, ["-EncodedCommand", "QQ=="], data)
        assert (output.stdout, output.exit_code) == (data, status)
        assert output.stderr == b"said -EncodedCommand QQ==\n"
    reached = backend.reached()
    assert reached.address == f"127.0.0.1:{server.port}"
    assert reached.authentication.startswith("publickey; host key ssh-ed25519 SHA256:")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        (
            {"options": {"UserKnownHostsFile": "/dev/null"}},
            HostError,
            "host key of the server is not known",
        ),
        ({"options": {"UserKnownHostsFile": "OTHER"}}, HostError, "another than the one"),
        ({"identity_file": "STRANGE"}, LoginError, "refused .*; it takes publickey,password"),
        ({"port": 1}, UnreachableError, "nothing listens on port 1"),
        ({"address": "no-such-host.invalid"}, UnreachableError, "name no-such-host.invalid"),
        ({"options": {"NoSuchOption": "x"}}, ProtocolError, "settings: "),
        ({"options": {"ProxyJump": "127.0.0.1:1"}}, UnreachableError, "nothing listens on port 1"),
    ],
)
def test_what_keeps_ssh_from_the_server_is_told(
    server: Sshd, tmp_path: Path, changes: dict[str, Any], kind: type[HostError], words: str
) -> None:
    other = tmp_path / "other_known"
    public = make_key(tmp_path / "strange").with_suffix(".pub").read_text(encoding="ascii").split()
    other.write_text(f"[127.0.0.1]:{server.port} {public[0]} {public[1]}\n", encoding="ascii")
    if changes.get("identity_file"):
        changes = {"identity_file": str(tmp_path / "strange")}
    if "OTHER" in str(changes):
        changes = {"options": {"UserKnownHostsFile": str(other)}}
    with pytest.raises(kind, match=words):
        over(server.entry(**changes)).stream(POWERSHELL, [], b"")


@pytest.mark.slow
def test_a_wrong_password_is_sent_once(server: Sshd, tmp_path: Path) -> None:
    """ssh alone would ask three times, and each is a failed log-on of the domain's."""
    memory = Refusals(tmp_path / "state")
    entry = server.entry(password="env:X", identity_file=None)
    with pytest.raises(LoginError, match="refused"):
        over(entry, PASSWORD, memory).stream(POWERSHELL, [], b"")
    with pytest.raises(LoginError, match="not sent again until it changes"):
        over(entry, PASSWORD, memory).stream(POWERSHELL, [], b"")
    log = (server.folder / "sshd.log").read_text(encoding="utf-8")
    assert log.count("Failed password") == 1


@pytest.mark.slow
def test_a_connection_that_breaks_in_the_middle_is_no_answer(server: Sshd) -> None:
    # The connection's two processes there: the one that speaks, and the one that has its rights.
    server.powershell("#!/bin/sh\necho half\nkill -9 $PPID $(ps -o ppid= -p $PPID)\nsleep 5\n")
    with pytest.raises(UnreachableError, match="broke in the middle"):
        over(server.entry(deadline_seconds=20)).stream(POWERSHELL, [], b"")


@pytest.mark.slow
def test_over_ssh_too_the_deadline_keeps_what_was_read(server: Sshd) -> None:
    server.powershell("#!/bin/sh\necho said\nexec sleep 15\n")
    with pytest.raises(DeadlineError) as caught:
        over(server.entry(deadline_seconds=4)).stream(POWERSHELL, [], b"")
    assert caught.value.read == b"said\n"
