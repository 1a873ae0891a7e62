"""Run one script per host over WS-Man; text and parameters travel on stdin.

One Protocol, one shell and one powershell.exe per run.
A security context belongs to one TCP connection, so the Protocol is never reused after an error,
and a refused password is never tried again.
"""

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

import requests
from winrm.exceptions import (
    InvalidCredentialsError,
    WinRMOperationTimeoutError,
    WSManFaultError,
)

from acceptance.backends.base import LARGEST_OUTPUT, ConnectedBackend, Output
from acceptance.backends.logins import LogIn
from acceptance.backends.probe import probe
from acceptance.backends.waiting import in_background, within
from acceptance.backends.winrm.challenge import Challenge
from acceptance.backends.winrm.conversation import Conversation, conversation_with
from acceptance.backends.winrm.faults import BUSY
from acceptance.backends.winrm.guard import guard
from acceptance.backends.winrm.replies import UnacceptableAnswerError
from acceptance.backends.winrm.sentences import refused, told
from acceptance.errors import HostError, RefusedError
from acceptance.evidence.reached import Reached

CHUNK = 100_000  # bytes of stdin in one Send: base64 and header stay below MaxEnvelopeSizekb 150
BUSY_RETRIES = 3
BUSY_SECONDS = 5.0
IDLE_SECONDS = 1.0  # between two answers that say nothing
OVERTIME = (
    1.5  # seconds beyond a host's deadline for the last message's answer, and the command's end
)
CLEANUP_SECONDS = 5  # a shell's end, where there is time left
LEAVE_SECONDS = 0.5  # and where there is none
CODEPAGE_UTF8 = 65001


T = TypeVar("T")


class WinRMBackend(ConnectedBackend):
    """A Windows server over WinRM. Connects at the first `stream`; leaves no shell open."""

    NAME = "winrm"
    _challenge = Challenge()  # nobody was asked; each log-in has its own
    _protocol: Conversation | None = None
    _shell = ""
    _read = b""  # of the command under way
    _forsaken = False  # its thread still waits, and nobody for it

    def reached(self) -> Reached:
        """How this backend talks to its host."""
        connection = self.connection
        tls: Literal["verified", "unverified", "none"] = "none"
        if connection.scheme == "https":
            tls = "verified" if connection.verify_tls else "unverified"
        return Reached(
            backend=self.NAME,
            address=connection.place,
            transport=connection.scheme,
            authentication=connection.auth,
            tls=tls,
        )

    def connect(self) -> None:
        """Log in and open a shell, which `close` ends: for who wants to know whether it can be.

        Raises a HostError.
        """
        self._in_deadline(self._open)

    def stream(self, command: str, arguments: Sequence[str], stdin: bytes) -> Output:
        """Run `command` with `stdin`; wait for its end or the host's deadline.

        Raises a HostError, one cause in one line.
        """

        def work() -> Output:
            if self._protocol is None:
                self._open()
            return self._run(command, arguments, stdin)

        return self._in_deadline(work)

    def _in_deadline(self, action: Callable[[], T]) -> T:
        self._begin()
        work = in_background(lambda: self._told(action))
        try:
            return work.result(self.connection.deadline_seconds + OVERTIME)
        except TimeoutError:
            # Its thread still waits for the server;
            # it asks nothing more, and closes the shell when it comes back.
            self._forsaken = True
            work.add_done_callback(lambda _: self._leave())
            raise self._too_late() from None

    def _told(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except HostError:
            raise
        except Exception as error:
            if isinstance(error, requests.exceptions.Timeout) and self._left <= 0:
                raise self._too_late() from None
            # The chain would carry pywinrm's objects, and with them the password.
            raise told(self.host_name, self.connection, error, self._challenge) from None

    def _open(self) -> None:
        with LogIn(
            self._log_ins, self.host_name, self.connection, self._password, self._in_time
        ) as log_in:
            if log_in.was_refused:
                raise refused(self.host_name, self.connection)
            self._probe(self.connection.address, self.connection.effective_port)
            self._log_in(log_in)

    def _log_in(self, log_in: LogIn) -> None:
        self._challenge = Challenge(log_in.at_stake)
        self._protocol = conversation_with(self.connection, self._password)
        try:
            self._protocol.hold(self._left)
            self._guarded(self._protocol)
            self._shell = self._protocol.open_shell(codepage=CODEPAGE_UTF8)
        except InvalidCredentialsError:
            if self._challenge.tried:
                log_in.refused()
            raise
        finally:
            if self._challenge.accepted:
                log_in.accepted()

    def _probe(self, address: str, port: int) -> None:
        """Tell an unknown name, a closed port and silence apart before WinRM is tried."""
        try:
            probe(self.host_name, address, port, self.connection.connect_seconds)
        except RefusedError as error:
            raise RefusedError(
                self.host_name,
                error.problem,
                "Run Enable-PSRemoting (or winrm quickconfig) on the server; check the port.",
            ) from None

    def _run(self, command: str, arguments: Sequence[str], stdin: bytes) -> Output:
        protocol = self._conversation()
        command_id = protocol.run_command(
            self._shell, command, list(arguments), console_mode_stdin=False
        )
        try:
            chunks = [stdin[start : start + CHUNK] for start in range(0, len(stdin), CHUNK)] or [
                b""
            ]
            for number, chunk in enumerate(chunks, 1):
                self._send(command_id, chunk, end=number == len(chunks))
            return self._receive(command_id)
        finally:
            # An ended command needs its Signal too:
            # without it the service keeps it in its operation quota (Ansible #23165).
            protocol.hold(min(CLEANUP_SECONDS, self._left))
            self._quietly(lambda: protocol.cleanup_command(self._shell, command_id))

    def _send(self, command_id: str, chunk: bytes, *, end: bool) -> None:
        for attempt in range(BUSY_RETRIES + 1):
            try:
                return self._conversation().send_command_input(
                    self._shell, command_id, chunk, end=end
                )
            except WinRMOperationTimeoutError:
                return None  # it was taken; only the answer was late
            except WSManFaultError as fault:
                if fault.wsman_fault_code != BUSY or attempt == BUSY_RETRIES:
                    raise
                time.sleep(min(BUSY_SECONDS, max(0.0, self._left)))
        return None

    def _receive(self, command_id: str) -> Output:
        stdout, stderr = bytearray(), bytearray()
        self._read = b""
        while True:
            asked = time.monotonic()
            received = self._conversation().receive(self._shell, command_id)
            stdout += received.stdout
            stderr += received.stderr
            self._read = bytes(stdout)
            if max(len(stdout), len(stderr)) > LARGEST_OUTPUT:
                raise UnacceptableAnswerError(f"the output is larger than {LARGEST_OUTPUT:,} bytes")
            if received.exit_code is not None:
                return Output(bytes(stdout), bytes(stderr), received.exit_code)
            if (
                not received
            ):  # a service waits before it says nothing; one that does not is not hurried
                time.sleep(max(0.0, min(IDLE_SECONDS - (time.monotonic() - asked), self._left)))

    def _conversation(self) -> Conversation:
        """The one under way, for one more message.

        Raises DeadlineError where there is no time for one.
        """
        self._in_time()
        assert self._protocol is not None
        self._protocol.hold(self._left)
        return self._protocol

    def _so_far(self) -> bytes:
        return self._read

    def close(self) -> None:
        """Delete the shell and drop the connection.

        Never raises; what takes too long is left to a thread of its own.
        """
        if self._forsaken:
            return  # the thread that still waits does it
        seconds = max(LEAVE_SECONDS, min(CLEANUP_SECONDS, self._left))
        self._quietly(lambda: within(seconds, self._leave))

    def leave(self) -> None:
        """From another thread than that which waits for the server:
        close the shell over a connection of its own.
        """
        self._deadline = 0.0  # nothing more is asked
        shell, self._shell = self._shell, ""
        if shell and self._challenge.accepted:
            self._quietly(lambda: self._delete_anew(shell))

    def _leave(self) -> None:
        protocol, self._protocol = self._protocol, None
        shell, self._shell = self._shell, ""
        if protocol is None:
            return
        deleted = not shell or self._deleted(protocol, shell)
        self._quietly(protocol.transport.close_session)
        if not deleted and self._challenge.accepted:
            # Over http a broken connection takes its seals with it:
            # no message goes on over another.
            self._quietly(lambda: self._delete_anew(shell))

    def _delete_anew(self, shell: str) -> None:
        protocol = conversation_with(self.connection, self._password)
        self._guarded(protocol)
        self._deleted(protocol, shell)

    def _deleted(self, protocol: Conversation, shell: str) -> bool:
        protocol.hold(CLEANUP_SECONDS)
        try:
            protocol.close_shell(shell)
        except WSManFaultError:
            return True  # what can be done is done
        except Exception:  # whatever the network does: nobody waits for this
            return False
        return True

    def _guarded(self, protocol: Conversation) -> None:
        guard(protocol, self._challenge, sealed=self.connection.scheme == "http")

    def _quietly(self, action: Callable[[], Any]) -> None:
        with contextlib.suppress(
            Exception
        ):  # a failed clean-up is no finding; the server's idle time-out ends the shell
            action()
