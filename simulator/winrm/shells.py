"""Shells and commands of the Windows remote shell: who exists, what each action does ([MS-WSMV] 3.1.4)."""

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from acceptance.simulator.windows.runner import Runner
from acceptance.simulator.winrm import wsman
from acceptance.simulator.winrm.wsman import Fault, Request

CHUNK = 32_000  # bytes; a real service sends output in several Stream elements
MOST_PER_RESPONSE = (
    96_000  # bytes; in base64 and with its header it stays below MaxEnvelopeSize 153600
)
CRASHED = 0xE0434352 - 2**32  # a .NET program's exit code after an unhandled exception


@dataclass
class Command:
    """A command, its standard input, and the output that nobody has received yet."""

    line: str
    stdin: bytearray = field(default_factory=bytearray)
    started: bool = False
    waiting: list[tuple[str, bytes]] = field(default_factory=list)
    exit_code: int | None = None
    changed: threading.Condition = field(default_factory=threading.Condition)

    def run(self, runner: Runner) -> None:
        """Run to the end; output and exit code become visible together (seen: test_winrs_standard)."""
        try:
            result = runner.run(self.line, bytes(self.stdin), self.emit)
        except BaseException:
            with self.changed:
                self.exit_code = CRASHED
                self.changed.notify_all()
            raise
        with self.changed:
            self._keep("stdout", result.stdout)
            self._keep("stderr", result.stderr)
            self.exit_code = result.exit_code
            self.changed.notify_all()

    def emit(self, stream: str, data: bytes) -> None:
        """Output while the program still runs."""
        with self.changed:
            self._keep(stream, data)
            self.changed.notify_all()

    def _keep(self, stream: str, data: bytes) -> None:
        self.waiting += [
            (stream, data[start : start + CHUNK]) for start in range(0, len(data), CHUNK)
        ]

    def take(self, seconds: float) -> tuple[list[tuple[str, bytes]], int | None] | None:
        """The next output and, after the last of it, the exit code. None: nothing came within `seconds`."""
        with self.changed:
            if not self.changed.wait_for(
                lambda: self.waiting or self.exit_code is not None, timeout=seconds
            ):
                return None
            most = MOST_PER_RESPONSE // CHUNK
            taken, self.waiting = self.waiting[:most], self.waiting[most:]
            return taken, None if self.waiting else self.exit_code


class FaultError(Exception):
    """The service answers with this fault."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class Shells:
    """All shells of one service. `faults`: an action's last word -> the faults that it answers with, one after another."""

    def __init__(self, runner: Runner, faults: Mapping[str, Iterator[Fault]]) -> None:
        self._runner = runner
        self._faults = faults
        self._shells: dict[str, dict[str, Command]] = {}
        self._lock = threading.Lock()

    @property
    def open(self) -> int:
        return len(self._shells)

    def answer(self, request: Request, address: str, owner: str) -> bytes:
        """The response's body. Raises FaultError."""
        action = ACTIONS.get(request.action)
        if action is None:
            raise FaultError(wsman.ACTION_NOT_SUPPORTED)
        word = request.action.rsplit("/", 1)[1].lower()
        fault = next(self._faults.get(word, iter(())), None)
        if fault is not None:
            raise FaultError(fault)
        return action(self, request, address, owner)

    def _create(self, request: Request, address: str, owner: str) -> bytes:
        shell_id = str(uuid.uuid4()).upper()
        with self._lock:
            self._shells[shell_id] = {}
        return wsman.create_response(request, shell_id, address, owner)

    def _run(self, request: Request, _address: str, _owner: str) -> bytes:
        command_id = str(uuid.uuid4()).upper()
        self._shell(request)[command_id] = Command(request.command_line)
        return wsman.command_response(request, command_id)

    def _send(self, request: Request, _address: str, _owner: str) -> bytes:
        command = self._command(request)
        command.stdin += request.stdin
        if request.stdin_end:
            self._start(command)
        return wsman.send_response(request)

    def _receive(self, request: Request, _address: str, _owner: str) -> bytes:
        if not request.command_id:
            raise FaultError(wsman.INVALID_PARAMETER)  # seen: test_winrs_fail_poll_process
        command = self._command(request)
        self._start(command)  # nothing may have been sent: its input is empty then
        output = command.take(request.operation_timeout)
        if output is None:
            raise FaultError(wsman.TIMED_OUT)
        return wsman.receive_response(request, *output)

    def _start(self, command: Command) -> None:
        if not command.started:
            command.started = True
            threading.Thread(target=command.run, args=(self._runner,), daemon=True).start()

    def _signal(self, request: Request, _address: str, _owner: str) -> bytes:
        self._shell(request).pop(
            request.command_id, None
        )  # seen: an unknown command is no fault here (test_winrs_bad_cmd_id)
        return wsman.signal_response(request)

    def _delete(self, request: Request, _address: str, _owner: str) -> bytes:
        self._shell(request)
        with self._lock:
            del self._shells[request.shell_id]
        return wsman.delete_response(request)

    def _shell(self, request: Request) -> dict[str, Command]:
        try:
            return self._shells[request.shell_id]
        except KeyError:
            raise FaultError(wsman.UNEXPECTED_SELECTORS) from None

    def _command(self, request: Request) -> Command:
        try:
            return self._shell(request)[request.command_id]
        except KeyError:
            raise FaultError(wsman.UNEXPECTED_SELECTORS) from None


ACTIONS: Mapping[str, Callable[[Shells, Request, str, str], bytes]] = {
    wsman.CREATE: Shells._create,
    wsman.COMMAND: Shells._run,
    wsman.SEND: Shells._send,
    wsman.RECEIVE: Shells._receive,
    wsman.SIGNAL: Shells._signal,
    wsman.DELETE: Shells._delete,
}
