"""Run one script per host over WS-Man; text and parameters travel on stdin.

One Protocol, one shell and one powershell.exe per run. A security context belongs to one TCP connection, so the Protocol
is never reused after an error, and a refused password is never tried again (facts-windows 2.4).
"""

import contextlib
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import requests
import winrm.protocol
from testinfra.backend.base import CommandResult
from winrm.exceptions import (
    InvalidCredentialsError,
    WinRMError,
    WinRMOperationTimeoutError,
    WinRMTransportError,
    WSManFaultError,
)

from acceptance.backends.base import Output, StreamingBackend
from acceptance.backends.winrm.faults import BUSY, meaning
from acceptance.backends.winrm.guard import UnacceptableAnswerError, guard, within
from acceptance.errors import (
    DeadlineError,
    HostError,
    LoginError,
    ProtocolError,
    RemoteFaultError,
    TlsError,
    UnreachableError,
)
from acceptance.evidence.reached import Reached
from acceptance.inventory.models import Connection

CHUNK = 100_000  # bytes of stdin in one Send: base64 and header stay below MaxEnvelopeSizekb 150
BUSY_RETRIES = 3
BUSY_SECONDS = 5.0
READ_MARGIN = 10  # seconds that an answer may take beyond the service's own operation time-out
CLEANUP_SECONDS = 5  # after an error, cleaning up must not take longer than the work
CODEPAGE_UTF8 = 65001
LARGEST_OUTPUT = 32 * 2**20  # bytes of stdout and stderr together; collectors write less than 1 MB
MOST_REFUSALS = 2  # of one domain account on different servers: more could lock it out, one may be that server's own fault
TURN_SECONDS = 60  # how long a server that does not answer may keep the others waiting for the account's first log-in


@dataclass
class _DomainAccount:
    """What this run knows of a domain account: its servers are tried one after another until one has let it in."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    proven: bool = False
    refusals: int = 0


_refused: set[tuple[str, int, str]] = set()
_domain_accounts: defaultdict[str, _DomainAccount] = defaultdict(_DomainAccount)
_refused_lock = threading.Lock()


class WinRMBackend(StreamingBackend):
    """A Windows server over WinRM. Connects at the first `stream`; leaves no shell open."""

    NAME = "winrm"

    def __init__(
        self,
        host: str,
        connection: Connection,
        password: str | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(host)
        self.host_name = host
        self.connection = connection
        self._password = password
        self._clock = clock
        self._protocol: winrm.protocol.Protocol | None = None
        self._shell = ""

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
            raise self._translated(
                error
            ) from None  # the chain would carry pywinrm's objects, and with them the password

    def _open(self) -> None:
        connection = self.connection
        account = (connection.address, connection.effective_port, connection.username or "")
        with _refused_lock:
            if account in _refused:
                raise self._login_error()
        self._probe()
        domain_account = self._domain_account()
        if domain_account is None:
            return self._log_in(account)
        # A server that keeps silent costs the others a while, never their answer.
        mine = domain_account.turn.acquire(timeout=TURN_SECONDS)
        try:
            if domain_account.refusals >= MOST_REFUSALS and not domain_account.proven:
                raise self._not_tried_error()
            if not domain_account.proven:
                return self._log_in(account, domain_account)
        finally:
            if mine:
                domain_account.turn.release()
        return self._log_in(account, domain_account)

    def _domain_account(self) -> _DomainAccount | None:
        name = self.connection.username or ""
        if self._password is None or name.startswith(".\\") or not {"\\", "@"} & set(name):
            return None  # a local account, or no password that could be wrong
        with _refused_lock:
            return _domain_accounts[name.casefold()]

    def _log_in(
        self, account: tuple[str, int, str], domain_account: _DomainAccount | None = None
    ) -> None:
        self._protocol = self._new_protocol()
        try:
            guard(self._protocol, sealed=self.connection.scheme == "http")
            self._shell = self._protocol.open_shell(codepage=CODEPAGE_UTF8)
        except InvalidCredentialsError:
            with _refused_lock:
                _refused.add(account)
                if domain_account is not None:
                    domain_account.refusals += 1
            raise
        except WSManFaultError:  # it got past the password, whatever it may not do
            if domain_account is not None:
                domain_account.proven = True
            raise
        if domain_account is not None:
            domain_account.proven = True

    def _probe(self) -> None:
        """Tell an unknown name, a closed port and silence apart before WinRM is tried."""
        address, port = self.connection.address, self.connection.effective_port
        try:
            resolved = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
        except OSError:
            raise UnreachableError(
                self.host_name,
                f"the name {address} is unknown.",
                "Check address in the inventory, DNS and the VPN.",
            ) from None
        last: OSError = OSError()
        for family, kind, number, _, where in resolved:
            with socket.socket(family, kind, number) as probe:
                probe.settimeout(self.connection.connect_seconds)
                try:
                    probe.connect(where)
                    return
                except OSError as error:
                    last = error
        if isinstance(last, ConnectionRefusedError):
            message, remedy = (
                f"nothing listens on {address}:{port}.",
                "Run Enable-PSRemoting (or winrm quickconfig) on the server; check the port.",
            )
        elif isinstance(last, TimeoutError):
            seconds = self.connection.connect_seconds
            message, remedy = (
                f"{address}:{port} did not answer within {seconds:g} s.",
                "Check the firewall and the VPN.",
            )
        else:
            message, remedy = (
                f"{address}:{port} cannot be reached: {last.strerror or last}.",
                "Check the network and the VPN.",
            )
        raise UnreachableError(self.host_name, message, remedy)

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
                return None  # it was taken; only the answer was late (facts-windows 2.7)
            except WSManFaultError as fault:
                if fault.wsman_fault_code != BUSY or attempt == BUSY_RETRIES:
                    raise
                time.sleep(min(BUSY_SECONDS, max(0.0, deadline - self._clock())))
        return None

    def _receive(self, command_id: str, deadline: float) -> Output:
        assert self._protocol is not None
        stdout, stderr = bytearray(), bytearray()
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
        return DeadlineError(
            self.host_name,
            f"no complete answer within {self.connection.deadline_seconds:g} s.",
            "Raise deadline_seconds in the inventory, or look at the server's load.",
        )

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

    def _login_error(self) -> LoginError:
        who = self.connection.username or "the account"
        return LoginError(
            self.host_name,
            f"the server refused {who} ({self.connection.auth}); it is not tried again in this run.",
            "Check user name, password and authentication in the inventory, and that the account is not locked.",
        )

    def _not_tried_error(self) -> LoginError:
        return LoginError(
            self.host_name,
            f"{self.connection.username} was not tried here: {MOST_REFUSALS} other servers refused it, and more could lock it out.",
            "Check its user name and password; where only those servers refuse it, run this one alone: --hosts=customer/host.",
        )

    def _translated(self, error: Exception) -> HostError:
        host = self.host_name
        if isinstance(error, InvalidCredentialsError):
            return self._login_error()
        if isinstance(error, UnacceptableAnswerError):
            return ProtocolError(
                host,
                f"the answer is not WinRM's: {error}.",
                "Is there a proxy or another service on that port?",
            )
        if isinstance(error, WSManFaultError):
            code = (
                error.wsman_fault_code
                if error.wsman_fault_code is not None
                else error.wmierror_code or 0
            )
            words = meaning(code)
            return RemoteFaultError(host, code, f"{words.message} (fault {code}).", words.remedy)
        if isinstance(error, WinRMTransportError):
            return ProtocolError(
                host,
                f"HTTP status {error.code} instead of a WS-Man answer.",
                _http_remedy(error.code),
            )
        if isinstance(error, requests.exceptions.SSLError):
            return _tls_error(host, self.connection, error)
        if isinstance(error, requests.exceptions.Timeout):
            return UnreachableError(
                host,
                "the server stopped answering.",
                "Check the network and the server's load, then run again.",
            )
        if isinstance(error, requests.exceptions.ConnectionError):
            return UnreachableError(
                host,
                "the connection broke.",
                "Is the port the right one for this scheme (https 5986, http 5985)? Run again.",
            )
        if isinstance(error, UnicodeEncodeError):
            return LoginError(
                host,
                f"{self.connection.auth} cannot carry a character of the account's name or password.",
                "Use ntlm or kerberos, or an account with plain letters.",
            )
        if isinstance(error, WinRMError):
            return ProtocolError(
                host, f"{error}.", "For Kerberos: pip install '.[kerberos]' and kinit first."
            )
        kind = type(error).__name__
        if "Kerberos" in kind or "GSS" in kind or "Spnego" in kind:
            return LoginError(
                host,
                f"{self.connection.auth} failed before the server was asked: {kind}.",
                "For Kerberos: run kinit, and use the server's full DNS name.",
            )
        return ProtocolError(
            host,
            f"the answer is not WS-Man ({kind}).",
            "Is there a proxy or another service on that port?",
        )

    def run(self, command: str, *args: str, **kwargs: Any) -> CommandResult:
        """One command in testinfra's way, its arguments quoted for cmd.exe; in the same shell as everything else."""
        line = self.get_command(command, *args)
        output = self.stream(line, [], b"")
        return self.result(output.exit_code, self.encode(line), output.stdout, output.stderr)

    def get_encoding(self) -> str:
        return "utf-8"  # testinfra would run `python3` on the server to find out

    def get_pytest_id(self) -> str:
        return f"winrm://{self.host_name}"


def _http_remedy(status: int) -> str:
    remedies = {
        400: "The server could not decrypt the message, or something between changed it: run again, without a proxy.",
        403: "Something between refuses: a proxy, or an IP filter of the WinRM service (winrm get winrm/config).",
        404: "Another web server answers on that port: check port and address in the inventory.",
        500: "The service refuses unencrypted messages: use https, or ntlm, kerberos or credssp.",
        503: "The WinRM service is stopped or overloaded: restart it (Restart-Service WinRM).",
    }
    return remedies.get(status, "Is there a proxy or another service on that port?")


def _tls_error(host: str, connection: Connection, error: Exception) -> TlsError:
    text = str(error)  # OpenSSL's own words, in English whatever the server's language
    if "Hostname mismatch" in text or "doesn't match" in text or "IP address mismatch" in text:
        return TlsError(
            host,
            f"the certificate is not for {connection.address}.",
            "Use the name that stands in the certificate, or renew it.",
        )
    if "expired" in text:
        return TlsError(
            host, "the certificate has expired.", "Renew the certificate of the WinRM listener."
        )
    if "self-signed" in text or "self signed" in text:
        return TlsError(
            host,
            "the certificate is self-signed.",
            "Give its own certificate as ca_file, or one from the customer's CA to the server.",
        )
    if "unable to get local issuer" in text or "unable to get issuer" in text:
        return TlsError(
            host,
            "the certificate comes from a CA that is not trusted here.",
            "Give the CA's certificate as ca_file in the inventory.",
        )
    return TlsError(
        host,
        "TLS could not be agreed.",
        "Is the port an https listener (winrm enumerate winrm/config/listener)?",
    )
