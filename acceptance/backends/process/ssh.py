"""The system's OpenSSH client as the way to a server:
the user's own jump hosts, agents, keys and known hosts.

Host keys are always checked, nothing is asked at a terminal, and a password is given once,
by a pipe that only ssh's own question reads.
What ssh says of itself goes to a file (-E), apart from what the server says.
"""

import os
import re
import shlex
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from acceptance.inventory.connection import Connection
from acceptance.secrets import environment

# For the server and every jump on the way:
# only a file of settings is handed on (ssh(1), -F and -J).
EVERYWHERE = {
    "BatchMode": "yes",
    "StrictHostKeyChecking": "yes",
    "ServerAliveInterval": "15",
    "ServerAliveCountMax": "3",
    "PermitLocalCommand": "no",
    "ForwardAgent": "no",
    "ControlMaster": "no",
    "ControlPath": "none",
}
# For the server alone. The first value of an option counts: the command line's before the file's.
HERE = {
    "RequestTTY": "no",
    "ClearAllForwardings": "yes",
    "NumberOfPasswordPrompts": "1",
    "LogLevel": "DEBUG1",
}
BY_PASSWORD = {
    "BatchMode": "no",
    "PreferredAuthentications": "password",
    "PubkeyAuthentication": "no",
}
AUTHENTICATED = re.compile(r"^Authenticated to .* using \"([\w-]+)\"", re.MULTILINE)
HOST_KEY = re.compile(r"^debug1: Server host key: (\S+ \S+)", re.MULTILINE)
ENDED = re.compile(r"^debug1: Exit status (\d+)", re.MULTILINE)  # -1: none came


class Ssh:
    """One call of ssh, as a context manager:
    its words, its surroundings, and what it said of itself.
    """

    def __init__(self, connection: Connection, password: str | None) -> None:
        self._connection, self._password = connection, password
        self._giver: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="acceptance-ssh-")
        self._folder = Path(self._temporary.name)  # nobody else's: mode 700
        seconds = max(1, int(self._connection.connect_seconds))
        settings = EVERYWHERE | {"ConnectTimeout": str(seconds)}
        lines = [f"{name} {value}" for name, value in settings.items()]
        lines += ["Include ~/.ssh/config", "Include /etc/ssh/ssh_config"]
        (self._folder / "config").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._log_file.touch()
        if self._password is not None:
            self._answer(self._password)
        return self

    def __exit__(self, *_: object) -> None:
        while self._giver is not None and self._giver.is_alive():
            # Nobody asked, and it still waits for a reader: one that comes and goes.
            os.close(os.open(self._folder / "pipe", os.O_RDONLY | os.O_NONBLOCK))
            self._giver.join(0.05)
        self._temporary.cleanup()

    @property
    def _log_file(self) -> Path:
        return self._folder / "log"

    def words(self, command: str) -> list[str]:
        """ssh's command line. `command` is read by the server's shell: cmd.exe or a PowerShell."""
        connection = self._connection
        by_password = BY_PASSWORD if self._password is not None else {}
        options = EVERYWHERE | by_password | HERE  # before the inventory's and the user's own
        words = ["ssh", "-T", "-E", str(self._log_file), "-F", str(self._folder / "config")]
        for name, value in (*options.items(), *connection.options.items()):
            words += ["-o", f"{name}={value}"]
        if connection.identity_file is not None:
            words += ["-i", str(connection.identity_file), "-o", "IdentitiesOnly=yes"]
        if connection.username is not None:
            words += ["-l", connection.username]
        if connection.port is not None:
            words += ["-p", str(connection.port)]
        return [*words, "--", connection.address, command]

    @property
    def environment(self) -> Mapping[str, str]:
        """This process's own without its secrets, and who answers ssh's question."""
        if self._password is None:
            return environment()
        return environment() | {
            "SSH_ASKPASS": str(self._folder / "askpass"),
            "SSH_ASKPASS_REQUIRE": "force",
        }

    def _answer(self, password: str) -> None:
        """A program that says the password once:
        not on a command line, in no variable, in no file.
        """
        pipe, program = self._folder / "pipe", self._folder / "askpass"
        os.mkfifo(pipe, 0o600)
        cat = shlex.quote(shutil.which("cat") or "/bin/cat")
        program.write_text(f"#!/bin/sh\nexec {cat} {shlex.quote(str(pipe))}\n", encoding="utf-8")
        program.chmod(0o700)

        def give() -> None:
            with suppress(OSError):
                pipe.write_bytes(f"{password}\n".encode())

        self._giver = threading.Thread(target=give, daemon=True)
        self._giver.start()

    def log(self) -> str:
        """What ssh said of itself."""
        return self._log_file.read_text(encoding="utf-8", errors="replace")


def authenticated(log: str) -> str | None:
    """By which method the server let us in; None: it did not.

    >>> authenticated('Authenticated to web01 ([10.0.0.5]:22) using "publickey".')
    'publickey'
    """
    found = AUTHENTICATED.search(log)
    return found[1] if found else None


def host_key(log: str) -> str:
    """How the server was identified: its key's kind and fingerprint."""
    found = HOST_KEY.search(log)
    return found[1] if found else ""


def exit_status(log: str) -> int | None:
    """The remote command's; None: it never ended, whatever ssh's own status says."""
    found = ENDED.search(log)
    return int(found[1]) if found else None


def can_give_passwords() -> bool:
    """Where pipes have names."""
    return sys.platform != "win32"
