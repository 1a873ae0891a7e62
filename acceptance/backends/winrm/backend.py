"""Run one script per host over WS-Man; text and parameters travel on stdin.

One Protocol, one shell and one powershell.exe per run. A security context belongs to one TCP connection, so the Protocol
is never reused after an error, and a refused password is never tried again.
"""

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

import winrm.protocol
from testinfra.backend.base import CommandResult
from winrm.exceptions import (
    InvalidCredentialsError,
    WinRMOperationTimeoutError,
    WSManFaultError,
)

from acceptance.backends.base import Output, StreamingBackend
from acceptance.backends.probe import probe
from acceptance.backends.winrm.challenge import Challenge
from acceptance.backends.winrm.faults import BUSY
from acceptance.backends.winrm.guard import UnacceptableAnswerError, guard, within
from acceptance.backends.winrm.logins import Account, LogIns
from acceptance.backends.winrm.sentences import refused, told
from acceptance.errors import DeadlineError, HostError, LoginError, RefusedError
from acceptance.evidence.reached import Reached
from acceptance.inventory.models import Connection

CHUNK = 100_000  # bytes of stdin in one Send: base64 and header stay below MaxEnvelopeSizekb 150
BUSY_RETRIES = 3
BUSY_SECONDS = 5.0
READ_MARGIN = 10  # seconds that an answer may take beyond the service's own operation time-out
CLEANUP_SECONDS = 5  # after an error, cleaning up must not take longer than the work
CODEPAGE_UTF8 = 65001
LARGEST_OUTPUT = 32 * 2**20  # bytes of stdout and stderr together; collectors write less than 1 MB


class WinRMBackend(StreamingBackend):
    """A Windows server over WinRM. Connects at the first `stream`; leaves no shell open."""

    NAME = "winrm"

    def __init__(
        self,
        host: str,
        connection: Connection,
        password: str | None,
        clock: Callable[[], float] = time.monotonic,
        log_ins: LogIns | None = None,
    ) -> None:
        """`log_ins`: those of the run, the same for all its servers."""
        super().__init__(host)
        self.host_name = host
        self.connection = connection
        self._password = password
        self._clock = clock
        self._log_ins = log_ins or LogIns()
        self._challenge = Challenge()
        self._protocol: winrm.protocol.Protocol | None = None
        self._shell = ""
        self._read = b""  # of the command under way

    def __repr__(self) -> str:
        return f"<winrm {self.host_name}>"

    def reached(self) -> Reached:
        """How this backend talks to its host."""
        connection = self.connection
        tls: Literal["verified", "unverified", "none"] = "none"
        if connection.scheme == "https":
            tls = "verified" if connection.verify_tls else "unverified"
        address = f"{connection.address}:{connection.effective_port}"
        return Reached(
            backend=self.NAME,
            address=address,
            transport=connection.scheme,
            authentication=connection.auth,
            tls=tls,
        )

    def stream(self, command: str, arguments: Sequence[str], stdin: bytes) -> Output:
        """Run `command` with `stdin`; wait for its end or the host's deadline. Raises a HostError, one cause in one line."""
        # A request under way may go beyond the deadline, and cleaning up as well; a server that never lets go may not.
        seconds = self.connection.deadline_seconds + self._longest_request + 2 * CLEANUP_SECONDS
        try:
            return within(seconds, lambda: self._stream(command, arguments, stdin))
        except TimeoutError:
            self._protocol = None  # it still waits for the server; nothing more is asked over it
            raise self._too_late() from None

    def _stream(self, command: str, arguments: Sequence[str], stdin: bytes) -> Output:
        deadline = self._clock() + self.connection.deadline_seconds
        try:
            if self._protocol is None:
                self._open()
            return self._run(command, arguments, stdin, deadline)
        except HostError:
            self._hurry()
            raise
        except Exception as error:
            self._hurry()
            # The chain would carry pywinrm's objects, and with them the password.
            raise told(self.host_name, self.connection, error, self._challenge) from None

    def _open(self) -> None:
        connection = self.connection
        address, port = connection.address, connection.effective_port
        server, name = f"{address}:{port}", connection.username or ""
        if self._log_ins.was_refused(server, name):
            raise refused(self.host_name, connection)
        self._probe(address, port)
        can_be_locked = self._password is not None  # no password that could be wrong
        with self._log_ins.turn(server, name, can_be_locked=can_be_locked) as account:
            if account.in_danger:
                raise LoginError(
                    self.host_name,
                    "{who} was not tried here: {number} other servers refused it, "
                    "and more could lock it out.",
                    "Check its user name and password; where only those servers refuse it, "
                    "run this one alone: --hosts=customer/host.",
                    who=name,
                    number=account.refusals,
                )
            self._log_in(server, name, account)

    def _log_in(self, server: str, name: str, account: Account) -> None:
        self._challenge = Challenge()
        self._protocol = self._new_protocol()
        try:
            guard(self._protocol, self._challenge, sealed=self.connection.scheme == "http")
            self._shell = self._protocol.open_shell(codepage=CODEPAGE_UTF8)
        except InvalidCredentialsError:
            if self._challenge.tried:
                self._log_ins.refused(server, name, account)
            raise
        except WSManFaultError:  # it got past the password, whatever it may not do
            account.proven = True
            raise
        account.proven = True

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

    def _new_protocol(self) -> winrm.protocol.Protocol:
        connection = self.connection
        return winrm.protocol.Protocol(
            endpoint=f"{connection.scheme}://{connection.address}:{connection.effective_port}/wsman",
            transport=connection.auth,
            username=connection.username,
            password=self._password,
            server_cert_validation="validate" if connection.verify_tls else "ignore",
            ca_trust_path=str(connection.ca_file) if connection.ca_file else None,  # type: ignore[arg-type]  # None: certifi
            cert_pem=str(connection.certificate) if connection.certificate else None,
            cert_key_pem=str(connection.certificate_key) if connection.certificate_key else None,
            kerberos_hostname_override=connection.kerberos_hostname,
            operation_timeout_sec=connection.operation_seconds,
            read_timeout_sec=self._longest_request,
            message_encryption="never",  # over http, guard() seals the messages
            proxy=None,  # environment proxies are for the internet, not for the customer's servers
        )

    def _run(self, command: str, arguments: Sequence[str], stdin: bytes, deadline: float) -> Output:
        protocol = self._protocol
        assert protocol is not None
        command_id = protocol.run_command(
            self._shell, command, list(arguments), console_mode_stdin=False
        )
        try:
            chunks = [stdin[start : start + CHUNK] for start in range(0, len(stdin), CHUNK)] or [
                b""
            ]
            for number, chunk in enumerate(chunks, 1):
                self._send(command_id, chunk, end=number == len(chunks), deadline=deadline)
            return self._receive(command_id, deadline)
        except Exception:
            self._hurry()
            raise
        finally:
            # An ended command needs its Signal too: without it the service keeps it in its operation quota (Ansible #23165).
            self._quietly(lambda: protocol.cleanup_command(self._shell, command_id))

    def _send(self, command_id: str, chunk: bytes, *, end: bool, deadline: float) -> None:
        assert self._protocol is not None
        for attempt in range(BUSY_RETRIES + 1):
            self._in_time(deadline)
            try:
                return self._protocol.send_command_input(self._shell, command_id, chunk, end=end)
            except WinRMOperationTimeoutError:
                return None  # it was taken; only the answer was late
            except WSManFaultError as fault:
                if fault.wsman_fault_code != BUSY or attempt == BUSY_RETRIES:
                    raise
                time.sleep(min(BUSY_SECONDS, max(0.0, deadline - self._clock())))
        return None

    def _receive(self, command_id: str, deadline: float) -> Output:
        assert self._protocol is not None
        stdout, stderr = bytearray(), bytearray()
        self._read = b""
        while True:
            self._in_time(deadline)
            try:
                out, err, code, done = self._protocol.get_command_output_raw(
                    self._shell, command_id
                )
            except WinRMOperationTimeoutError:
                continue  # no output yet: ask again until the deadline
            stdout += out
            stderr += err
            self._read = bytes(stdout)
            if len(stdout) + len(stderr) > LARGEST_OUTPUT:
                raise UnacceptableAnswerError(f"the output is larger than {LARGEST_OUTPUT:,} bytes")
            if done:
                return Output(bytes(stdout), bytes(stderr), code)

    def _in_time(self, deadline: float) -> None:
        if self._clock() >= deadline:
            raise self._too_late()

    @property
    def _longest_request(self) -> int:
        return self.connection.operation_seconds + READ_MARGIN

    def _too_late(self) -> DeadlineError:
        error = DeadlineError(
            self.host_name,
            "no complete answer within {seconds} s.",
            "Raise deadline_seconds in the inventory, or look at the server's load.",
            seconds=self.connection.deadline_seconds,
        )
        error.read = self._read
        return error

    def close(self) -> None:
        """Delete the shell and drop the connection. Never raises."""
        protocol, self._protocol = self._protocol, None
        if protocol is None:
            return
        shell, self._shell = self._shell, ""
        if shell:
            seconds = self._longest_request + CLEANUP_SECONDS
            self._quietly(lambda: within(seconds, lambda: protocol.close_shell(shell)))
        self._quietly(protocol.transport.close_session)

    def _hurry(self) -> None:
        if self._protocol is not None:
            self._protocol.transport.read_timeout_sec = CLEANUP_SECONDS

    def _quietly(self, action: Callable[[], Any]) -> None:
        with contextlib.suppress(
            Exception
        ):  # a failed clean-up is no finding; the server's idle time-out ends the shell
            action()

    def run(self, command: str, *args: str, **kwargs: Any) -> CommandResult:
        """One command in testinfra's way, its arguments quoted for cmd.exe; in the same shell as everything else."""
        line = self.get_command(command, *args)
        output = self.stream(line, [], b"")
        return self.result(output.exit_code, self.encode(line), output.stdout, output.stderr)

    def get_encoding(self) -> str:
        return "utf-8"  # testinfra would run `python3` on the server to find out

    def get_pytest_id(self) -> str:
        return f"winrm://{self.host_name}"
