"""Shells and commands of the Windows remote shell: who exists, what each action does ([MS-WSMV] 3.1.4)."""

import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field

from simulator import wsman
from simulator.runner import Result, Runner
from simulator.wsman import Fault, Request

CHUNK = 32_000  # a real service sends output in several Stream elements


@dataclass
class Command:
    """A command and its standard input; `result` once its input has ended."""

    line: str
    stdin: bytearray = field(default_factory=bytearray)
    result: "Future[Result] | None" = None


class FaultError(Exception):
    """The service answers with this fault."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class Shells:
    """All shells of one service. `faults`: an action's last word -> the fault that it answers with."""

    def __init__(self, runner: Runner, faults: Mapping[str, Fault]) -> None:
        self._runner = runner
        self._faults = faults
        self._shells: dict[str, dict[str, Command]] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=4)

    @property
    def open(self) -> int:
        return len(self._shells)

    def answer(self, request: Request, address: str, owner: str) -> bytes:
        """The response's body. Raises FaultError."""
        action = ACTIONS.get(request.action)
        if action is None:
            raise FaultError(wsman.ACTION_NOT_SUPPORTED)
        word = request.action.rsplit("/", 1)[1].lower()
        if word in self._faults:
            raise FaultError(self._faults[word])
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
        if command.result is None:
            self._start(command)  # nothing was sent: its input is empty
        assert command.result is not None
        try:
            result = command.result.result(timeout=request.operation_timeout)
        except NotYet:
            raise FaultError(wsman.TIMED_OUT) from None
        streams = [
            (name, data[start : start + CHUNK])
            for name, data in (("stdout", result.stdout), ("stderr", result.stderr))
            for start in range(0, len(data), CHUNK)
        ]
        return wsman.receive_response(request, streams, result.exit_code)

    def _start(self, command: Command) -> None:
        command.result = self._pool.submit(self._runner.run, command.line, bytes(command.stdin))

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

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


ACTIONS: Mapping[str, Callable[[Shells, Request, str, str], bytes]] = {
    wsman.CREATE: Shells._create,
    wsman.COMMAND: Shells._run,
    wsman.SEND: Shells._send,
    wsman.RECEIVE: Shells._receive,
    wsman.SIGNAL: Shells._signal,
    wsman.DELETE: Shells._delete,
}
