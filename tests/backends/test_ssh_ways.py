"""`backend: ssh` against whole servers: over a jump host, by password, behind each shell."""

import getpass
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acceptance.backends.logins import LogIns
from acceptance.backends.process import ProcessBackend
from acceptance.backends.refusals import Refusals
from acceptance.collecting.script import END, POWERSHELL, SECTIONS, START, arguments, stdin_payload
from acceptance.errors import DeadlineError, HostError, LoginError, TlsError, UnreachableError
from acceptance.inventory.connection import Connection
from tests.backends.other_sshd import CMD, other_started
from tests.backends.sshd import Sshd, make_key, put_program, started

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="programs of POSIX"),
]
USER, PASSWORD = "demo\\acceptance", "p\u00e4ss 'wo\"rd $x"
ECHO = '#!/bin/sh\ncat\necho "said $*" >&2\nexit 7\n'


def over(entry: dict[str, Any], password: str | None = None, memory: Any = None) -> ProcessBackend:
    return ProcessBackend("web01", Connection(**entry), password, log_ins=LogIns(memory))


# --- jump hosts


@pytest.fixture
def user_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As if ~/.ssh/config were this file: ssh takes the home folder from passwd, not from HOME."""
    config, real = tmp_path / "user_config", shutil.which("ssh")
    (tmp_path / "bin").mkdir()
    put_program(
        tmp_path / "bin" / "ssh",
        "#!/bin/sh\nprevious=\nfor word do\n"
        f'[ "$previous" = -F ] && sed -i \'s#Include ~/.ssh/config#Include {config}#\' "$word"\n'
        f'previous=$word\ndone\nexec {real} "$@"\n',
    )
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    return config


@pytest.fixture
def jump(tmp_path: Path) -> Iterator[Sshd]:
    (tmp_path / "jump").mkdir()
    with started(tmp_path / "jump") as sshd:
        yield sshd


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Sshd]:
    (tmp_path / "target").mkdir()
    with started(tmp_path / "target") as sshd:
        yield sshd


def as_host(jump: Sshd, *lines: str, known: Path | None = None) -> str:
    """The user's own words for a jump host."""
    return "\n    ".join(
        [
            "Host jump",
            "HostName 127.0.0.1",
            f"Port {jump.port}",
            f"User {getpass.getuser()}",
            f"IdentityFile {jump.key}",
            "IdentitiesOnly yes",
            f"UserKnownHostsFile {known or jump.known}",
            *lines,
        ]
    )


def through(target: Sshd) -> dict[str, Any]:
    entry = target.entry()
    return entry | {"options": entry["options"] | {"ProxyJump": "jump"}}


def test_a_server_is_asked_over_the_users_jump_host(
    jump: Sshd, target: Sshd, user_config: Path
) -> None:
    """The report's host key is the server's own, and it is the jump that the server sees."""
    user_config.write_text(as_host(jump), encoding="utf-8")
    target.powershell(ECHO)
    backend = over(through(target))
    data = bytes(range(256)) * 4000
    output = backend.stream(POWERSHELL, ["-EncodedCommand", "QQ=="], data)
    assert (output.stdout, output.exit_code) == (data, 7)
    key = subprocess.run(
        ["ssh-keygen", "-lf", str(target.folder / "host.pub")],
        capture_output=True, text=True, check=True,
    ).stdout.split()[1]  # fmt: skip
    assert backend.reached().authentication == f"publickey; host key ssh-ed25519 {key}"
    assert "Accepted publickey" in (jump.folder / "sshd.log").read_text(encoding="utf-8")


def test_nothing_is_less_strict_on_the_way(jump: Sshd, target: Sshd, user_config: Path) -> None:
    """A jump's unknown host key ends it, whatever the user's settings say."""
    weak = as_host(jump, "StrictHostKeyChecking no", known=Path("/dev/null"))
    user_config.write_text(f"{weak}\nHost *\n    StrictHostKeyChecking no\n", encoding="utf-8")
    with pytest.raises(TlsError, match="the host key of the jump host is not known here"):
        over(through(target)).stream(POWERSHELL, [], b"")
    assert "Accepted" not in (jump.folder / "sshd.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("case", "kind", "words"),
    [
        ("strange key", LoginError, "the jump host refused this account; it takes publickey"),
        ("closed", UnreachableError, "nothing listens on port 1 of the jump host"),
        ("closed behind it", UnreachableError, "jump host does not reach 127.0.0.1: Connection re"),
        ("strange key behind it", LoginError, "the server refused .*; it takes publickey"),
        ("unknown behind it", TlsError, "the host key of the server is not known here"),
    ],
)
def test_it_is_told_where_on_the_way_it_ends(
    jump: Sshd, target: Sshd, user_config: Path, tmp_path: Path, case: str, kind: type[HostError],
    words: str,
) -> None:  # fmt: skip
    settings, entry = as_host(jump), through(target)
    strange = make_key(tmp_path / "strange")
    if case == "strange key":
        settings = settings.replace(str(jump.key), str(strange))
    if case == "closed":
        settings = settings.replace(f"Port {jump.port}", "Port 1")
    if case == "closed behind it":
        entry["port"] = 1
    if case == "strange key behind it":
        entry["identity_file"] = str(strange)
    if case == "unknown behind it":
        entry["options"]["UserKnownHostsFile"] = "/dev/null"
    user_config.write_text(settings, encoding="utf-8")
    with pytest.raises(kind, match=words) as caught:
        over(entry).stream(POWERSHELL, [], b"")
    assert ("ProxyJump" in str(caught.value)) == ("behind" not in case)


# --- passwords


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "other").mkdir()
    return tmp_path / "other"


def test_the_right_password_lets_us_in_and_is_said_once(place: Path) -> None:
    """With spaces, quotes, a dollar sign and letters beyond ASCII in it."""
    with other_started(place, USER, PASSWORD) as server:
        server.powershell(ECHO)
        backend = over(server.entry(), PASSWORD)
        output = backend.stream(POWERSHELL, ["-EncodedCommand", "QQ=="], b"x" * 3_000_000)
        assert (output.stdout, output.exit_code) == (b"x" * 3_000_000, 7)
        assert server.tried == [PASSWORD]
    assert backend.reached().authentication.startswith("password; host key ssh-ed25519 SHA256:")


def test_the_jump_host_is_never_sent_the_servers_password(place: Path, user_config: Path) -> None:
    """Where it takes nothing else, it lets nobody through; and the password is not called wrong."""
    memory = Refusals(place.parent / "state")
    with other_started(place, USER, PASSWORD) as server:
        user_config.write_text(
            f"Host jump\n    HostName 127.0.0.1\n    Port {server.port}\n    User somebody\n"
            f"    UserKnownHostsFile {server.known}\n",
            encoding="utf-8",
        )
        entry = server.entry()
        over_jump = entry | {"options": entry["options"] | {"ProxyJump": "jump"}}
        with pytest.raises(LoginError, match="the jump host refused this account"):
            over(over_jump, PASSWORD, memory).stream(POWERSHELL, [], b"")
        assert server.tried == []
        server.powershell(ECHO)
        assert over(entry, PASSWORD, memory).stream(POWERSHELL, [], b"").exit_code == 7


def test_a_password_goes_over_a_jump_host_that_takes_a_key(
    place: Path, jump: Sshd, user_config: Path
) -> None:
    user_config.write_text(as_host(jump), encoding="utf-8")
    with other_started(place, USER, PASSWORD) as server:
        server.powershell(ECHO)
        entry = server.entry()
        entry["options"]["ProxyJump"] = "jump"
        assert over(entry, PASSWORD).stream(POWERSHELL, [], b"").exit_code == 7
        assert server.tried == [PASSWORD]
        with pytest.raises(LoginError, match="the server refused"):
            over(entry, "wrong").stream(POWERSHELL, [], b"")
        assert server.tried == [PASSWORD, "wrong"]


# --- the server's shell


@pytest.mark.pwsh
@pytest.mark.parametrize("shell", ["cmd.exe", "pwsh", "pwsh7"])
def test_each_default_shell_hands_the_line_on(place: Path, shared: Path, shell: str) -> None:
    """The very line of a run, read a second time by cmd.exe or a PowerShell; exit codes differ
    there, and decide nothing.
    """
    words = (str(shared / shell / "pwsh"), "-NoProfile", "-c")
    if shell == "cmd.exe":
        put_program(place / "cmd", CMD)
        words = (str(place / "cmd"),)
    with other_started(place, USER, PASSWORD, words) as server:
        backend = over(server.entry(), PASSWORD)
        output = backend.stream(POWERSHELL, arguments(), stdin_payload(SECTIONS))
        assert server.commands == [" ".join(["powershell.exe", *arguments()])]
    *lines, nothing, last = output.stdout.decode("ascii").splitlines()
    assert len(lines) == len(SECTIONS), output
    assert all(line.startswith(START) for line in lines)
    assert (nothing, last) == ("", "@@DONE@@0")


# --- what the server's PowerShell leaves running


LEFT_BEHIND = """
import subprocess, sys
sys.stdin.buffer.read()
child = subprocess.Popen(["sleep", "60"])  # it has stdout and stderr, as PowerShell's own would
open({pid!r}, "w").write(str(child.pid))
print({said!r}, flush=True)
"""


@pytest.mark.parametrize("done", [True, False])
def test_a_program_left_behind_keeps_nobody_waiting(target: Sshd, done: bool) -> None:
    """It holds the channel open; the answer's own last line ends the run, and without one the
    deadline does, as ever.
    """
    pid = target.folder / "pid"
    said = f"{START}whole{END}" + ("\n\n@@DONE@@70" if done else "")
    target.powershell(LEFT_BEHIND.format(pid=str(pid), said=said))
    backend = over(target.entry(deadline_seconds=60 if done else 4))
    begun = time.monotonic()
    try:
        if done:
            output = backend.stream(POWERSHELL, arguments(), stdin_payload(SECTIONS))
            assert (output.stdout.decode(), output.exit_code) == (f"{said}\n", 70)
            assert time.monotonic() - begun < 10
            assert backend.reached().authentication.startswith("publickey; host key ")
        else:
            with pytest.raises(DeadlineError) as caught:
                backend.stream(POWERSHELL, arguments(), stdin_payload(SECTIONS))
            assert caught.value.read.decode() == f"{said}\n"
        os.kill(int(pid.read_text(encoding="ascii")), 0)  # it was there all the time
    finally:
        os.kill(int(pid.read_text(encoding="ascii")), signal.SIGKILL)
