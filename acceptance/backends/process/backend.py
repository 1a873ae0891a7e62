"""Run one script in a PowerShell that a program of this machine starts: here, or over ssh;
text and parameters on stdin.
"""

import os
import shutil
from collections.abc import Sequence
from typing import Any, Literal

from acceptance.backends.base import LARGEST_OUTPUT, ConnectedBackend, Output
from acceptance.backends.logins import LogIn
from acceptance.backends.process import failures
from acceptance.backends.process.running import Running
from acceptance.backends.process.ssh import (
    Ssh,
    authenticated,
    can_give_passwords,
    exit_status,
    host_key,
)
from acceptance.errors import HostError, LoginError, ProtocolError
from acceptance.evidence.reached import Reached
from acceptance.secrets import environment


class ProcessBackend(ConnectedBackend):
    """A Windows server by `local` or `ssh`. Each `stream` is a process of its own."""

    NAME = "process"
    _running: Running | None = None
    _method = _identity = ""
    _code: int | None = None

    def reached(self) -> Reached:
        """How this backend talks to its host;
        over ssh also how the server was identified, once it was asked.
        """
        transport: Literal["local", "ssh"] = "local"
        way = "the account of this session"
        if self.connection.backend == "ssh":
            transport, way = "ssh", self._method or ("password" if self._password else "publickey")
        if self._identity:
            way = f"{way}; host key {self._identity}"
        return Reached(
            backend=self.connection.backend,
            address=self.connection.place,
            transport=transport,
            authentication=way,
            tls="verified" if transport == "ssh" else "none",
        )

    def stream(self, command: str, arguments: Sequence[str], stdin: bytes) -> Output:
        """Run `command` with `stdin`; wait for its end or the host's deadline.

        Raises a HostError.
        """
        self._begin()
        if self.connection.backend == "local":
            return self._here(command, arguments, stdin)
        if self._password is not None and not can_give_passwords():
            raise LoginError(
                self.host_name,
                "ssh cannot be given a password on Windows without a person.",
                "Use a key: connection.identity_file, without connection.password.",
            )
        with LogIn(
            self._log_ins, self.host_name, self.connection, self._password, self._in_time
        ) as log_in:
            if self._password is not None:
                log_in.at_stake()
            return self._over_ssh(command, arguments, stdin, log_in)

    def _here(self, command: str, arguments: Sequence[str], stdin: bytes) -> Output:
        if "PROCESSOR_ARCHITEW6432" in os.environ:
            # A 32-bit Python sees another folder under this name, with a 32-bit PowerShell in it.
            command = command.replace("\\System32\\", "\\Sysnative\\")
        program = os.path.expandvars(command)
        found = program if os.path.isfile(program) else shutil.which(_bare(command))  # noqa: PTH113
        if found is None:
            raise HostError(
                self.host_name,
                "there is no Windows PowerShell on this machine.",
                "backend: local is for a suite that runs on the server itself.",
            )
        # PowerShell 7's modules, where one started this: 5.1 cannot load them, and has its own.
        variables = environment()
        variables = {key: one for key, one in variables.items() if key.upper() != "PSMODULEPATH"}
        running = self._run([found, *arguments], variables, stdin)
        return Output(bytes(running.stdout), bytes(running.stderr), self._code or 0)

    def _over_ssh(
        self, command: str, arguments: Sequence[str], stdin: bytes, log_in: LogIn
    ) -> Output:
        # The server's shell may be cmd.exe or a PowerShell:
        # no word of this means anything to either.
        line = " ".join([_bare(command), *arguments])
        with Ssh(self.connection, self._password) as ssh:
            try:
                running = self._run(ssh.words(line), ssh.environment, stdin)
            finally:
                log = ssh.log()
                self._method, self._identity = authenticated(log) or "", host_key(log)
                if self._method:
                    log_in.accepted()
        status = exit_status(log)
        if status is None:
            status = running.said  # all of it came; how ssh ends is another matter
        if status is not None:
            return Output(bytes(running.stdout), bytes(running.stderr), status)
        error = failures.told(self.host_name, self.connection, log, bytes(running.stderr))
        if self._password is not None and failures.password_refused(log):
            log_in.refused()
        raise error

    def _run(self, words: Sequence[str], environment: Any, stdin: bytes) -> Running:
        """The ended program.

        Raises DeadlineError, with what was read, where it did not end in time.
        """
        self._running = running = Running(words, environment)
        try:
            self._code = running.run(stdin, self._left)
        except OSError as error:
            raise HostError(
                self.host_name,
                "{program} could not be started here: {why}.",
                "Install OpenSSH's client, and look for it on PATH.",
                program=words[0],
                why=error.strerror or type(error).__name__,
            ) from None
        if max(len(running.stdout), len(running.stderr)) > LARGEST_OUTPUT:
            raise ProtocolError(
                self.host_name,
                "the output is larger than {most} bytes.",
                "Look at what else the server prints there, such as a profile.",
                most=f"{LARGEST_OUTPUT:,}",
            )
        if self._code is None:
            raise self._too_late()
        return running

    def _so_far(self) -> bytes:
        return bytes(self._running.stdout) if self._running else b""

    def leave(self) -> None:
        """From another thread than the one that waits: end the program."""
        self._deadline = 0.0
        if self._running is not None:
            self._running.end()

    def close(self) -> None:
        """Nothing stays open: each program has ended."""


def _bare(command: str) -> str:
    """A program by its name alone: what stands before it is written for cmd.exe."""
    return command.rsplit("\\", 1)[-1]
