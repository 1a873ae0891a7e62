"""A real OpenSSH server on loopback; `powershell.exe` there is a program of the test's."""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SECONDS = 30
# As a server answers: its recorded sections, whatever is asked.
REPLAY = """
import sys
from acceptance.simulator.windows.runner import ReplayRunner
from acceptance.simulator.windows.twin import load_twin
line = "powershell.exe " + " ".join(sys.argv[1:])
ran = ReplayRunner(load_twin("demo-web01-delegated")).run(line, sys.stdin.buffer, None)
sys.stdout.buffer.write(ran.stdout)
sys.exit(ran.exit_code)
"""


def of_twin(name: str, *trusts: Path) -> str:
    """The received script itself, in the PowerShell of this machine's PATH beside that Windows,
    which has these authorities in its store.
    """
    return f"""
import sys
from pathlib import Path
from acceptance.simulator.windows.runner import PowerShellRunner
from acceptance.simulator.windows.twin import load_twin
line = "powershell.exe " + " ".join(sys.argv[1:])
trusts = [Path(file) for file in {[str(file) for file in trusts]!r}]
ran = PowerShellRunner(load_twin({name!r}), trusts=trusts).run(line, sys.stdin.buffer, None)
sys.stdout.buffer.write(ran.stdout)
sys.stderr.buffer.write(ran.stderr)
sys.exit(ran.exit_code)
"""


def put_program(place: Path, text: str) -> None:
    """A script of its own language, or Python in the suite's own."""
    if not text.startswith("#!"):
        text = f"#!{sys.executable}\n{text}"
    place.write_text(text, encoding="utf-8")
    place.chmod(0o755)


@dataclass
class Sshd:
    """A started server. `key`: a private key that it takes; `known`: a known_hosts of it."""

    folder: Path
    port: int
    key: Path
    known: Path

    def entry(self, **changes: Any) -> dict[str, Any]:
        """The inventory's `connection`; None leaves a key out."""
        entry = {
            "backend": "ssh",
            "address": "127.0.0.1",
            "port": self.port,
            "username": getpass.getuser(),
            "identity_file": str(self.key),
            "options": {"UserKnownHostsFile": str(self.known), "GlobalKnownHostsFile": "/dev/null"},
            "connect_seconds": 10,
        } | changes
        return {key: value for key, value in entry.items() if value is not None}

    def powershell(self, text: str) -> None:
        """What `powershell.exe` is there."""
        put_program(self.folder / "bin" / "powershell.exe", text)


def make_key(path: Path) -> Path:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True)
    return path


@contextmanager
def started(folder: Path) -> Iterator[Sshd]:
    """Skips where this machine has no OpenSSH server."""
    if SSHD is None or shutil.which("ssh") is None:
        pytest.skip("needs OpenSSH's client and server (apt-get install openssh-server)")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where root's sshd leaves its privileges
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    host_key, key = make_key(folder / "host"), make_key(folder / "key")
    (folder / "bin").mkdir()
    (folder / "authorized").write_bytes((folder / "key.pub").read_bytes())
    public = (folder / "host.pub").read_text(encoding="ascii").split()
    known = folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {public[0]} {public[1]}\n", encoding="ascii")
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": host_key,
        "AuthorizedKeysFile": folder / "authorized",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PasswordAuthentication": "yes",
        "PermitRootLogin": "yes",
        "SetEnv": f'PATH="{folder / "bin"}:{os.environ["PATH"]}"',
    }
    config = folder / "sshd_config"
    lines = [f"{name} {value}" for name, value in settings.items()]
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    log = (folder / "sshd.log").open("wb")
    server = subprocess.Popen([SSHD, "-D", "-e", "-f", str(config)], stderr=log)
    try:
        end = time.monotonic() + SECONDS
        while not _listens(port):
            assert server.poll() is None, (folder / "sshd.log").read_text(encoding="utf-8")
            assert time.monotonic() < end
            time.sleep(0.02)
        sshd = Sshd(folder, port, key, known)
        sshd.powershell(REPLAY)
        yield sshd
    finally:
        server.terminate()
        server.wait(SECONDS)
        log.close()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
