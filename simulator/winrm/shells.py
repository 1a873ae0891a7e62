"""Shells and commands of the Windows remote shell: who exists, what each action does ([MS-WSMV]
3.1.4).

A program starts with its command and waits for its input, as on a server.
"""

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue

from acceptance.simulator.windows.runner import Runner
from acceptance.simulator.winrm import messages, refusals
from acceptance.simulator.winrm.messages import Request
from acceptance.simulator.winrm.refusals import Fault, FaultError

CHUNK = 32_000  # bytes; a real service sends output in several Stream elements
MOST_PER_RESPONSE = 96_000  # bytes; in base64 and with its header below MaxEnvelopeSize 153600
MAX_ENVELOPE = 500 * 1024  # bytes: MaxEnvelopeSizekb of Server 2012 and later
CRASHED = 0xE0434352  # a .NET program's exit code after an unhandled exception
LONGEST_LINE = 8191  # characters: the shell runs every command by cmd.exe
MAX_SHELLS_PER_USER, MAX_OPERATIONS_PER_USER = 30, 1500  # winrm get winrm/config, as set up
UTF_8, CONSOLE_DEFAULT = "65001", "437"  # WINRS_CODEPAGE


@dataclass
class Command:
    """A command, its standard input, and the output that nobody has received yet.

    `console`: its input is a console (WINRS_CONSOLEMODE_STDIN), which has no end.
    """

    line: str
    code_page: str = UTF_8
    console: bool = False
    stdin: SimpleQueue[bytes | None] = field(default_factory=SimpleQueue)  # None: its end
    ended: bool = False
    waiting: list[tuple[str, bytes]] = field(default_factory=list)
    exit_code: int | None = None
    changed: threading.Condition = field(default_factory=threading.Condition)

    def run(self, runner: Runner) -> None:
        """Output and exit code become visible together (seen: test_winrs_standard)."""
        read = (self._recoded(piece, self.code_page, UTF_8) for piece in iter(self.stdin.get, None))
        try:
            result = runner.run(self.line, read, lambda stream, data: self._said({stream: data}))
        except BaseException:
            self._said({}, CRASHED)
            raise
        self._said({"stdout": result.stdout, "stderr": result.stderr}, result.exit_code)

    def _said(self, output: Mapping[str, bytes], exit_code: int | None = None) -> None:
        with self.changed:
            for stream, text in output.items():
                data = self._recoded(text, UTF_8, self.code_page)
                pieces = (data[start : start + CHUNK] for start in range(0, len(data), CHUNK))
                self.waiting += [(stream, piece) for piece in pieces]
            self.exit_code = exit_code
            self.changed.notify_all()

    def send(self, data: bytes, *, end: bool) -> None:
        """Raises FaultError after the input's end."""
        if self.ended:
            raise FaultError(refusals.INPUT_ENDED)
        self.ended = end
        if data:
            self.stdin.put(data)
        if end and not self.console:
            self.stop()

    def stop(self) -> None:
        """Nothing more comes."""
        self.stdin.put(None)

    def _recoded(self, data: bytes, source: str, target: str) -> bytes:
        """Our programs speak UTF-8; a shell of another code page loses what that page has not."""
        if source == target:
            return data
        return data.decode(f"cp{source}", "replace").encode(f"cp{target}", "replace")

    def take(self, seconds: float) -> tuple[list[tuple[str, bytes]], int | None] | None:
        """The next output and, after the last of it, the exit code. None: nothing in time."""
        with self.changed:
            if not self.changed.wait_for(
                lambda: self.waiting or self.exit_code is not None, timeout=seconds
            ):
                return None
            most = MOST_PER_RESPONSE // CHUNK
            taken, self.waiting = self.waiting[:most], self.waiting[most:]
            return taken, None if self.waiting else self.exit_code


@dataclass
class Shell:
    """Whose it is, and its commands."""

    owner: str
    code_page: str
    commands: dict[str, Command] = field(default_factory=dict)


class Shells:
    """All shells of one service.

    `given`: an action's last word -> the faults that it answers with, one after another.
    """

    def __init__(self, runner: Runner, given: Mapping[str, Iterator[Fault]]) -> None:
        self._runner = runner
        self._given = given
        self.open: dict[str, Shell] = {}
        self._lock = threading.Lock()

    def answer(self, request: Request, owner: str) -> bytes:
        """The response's body. Raises FaultError."""
        for wrong, fault in (
            (request.size > MAX_ENVELOPE, refusals.ENVELOPE_TOO_LARGE),
            (not request.message_id, refusals.HEADER_REQUIRED),
            (not request.understood, refusals.NOT_UNDERSTOOD),
            (request.operation_timeout is None, refusals.INVALID_TIMEOUT),
            (request.action not in ACTIONS, refusals.ACTION_NOT_SUPPORTED),
            (request.resource != messages.RESOURCE_CMD, refusals.NO_SUCH_RESOURCE),
        ):
            if wrong:
                raise FaultError(fault)
        word = request.action.rsplit("/", 1)[1].lower()
        given = next(self._given.get(word, iter(())), None)
        if given is not None:
            raise FaultError(given)
        body = ACTIONS[request.action](self, request, owner)
        return messages.envelope(f"{request.action}Response", request, body)

    def _create(self, request: Request, owner: str) -> str:
        shell_id = str(uuid.uuid4()).upper()
        code_page = request.options.get("WINRS_CODEPAGE", CONSOLE_DEFAULT)
        with self._lock:
            own = [shell for shell in self.open.values() if shell.owner == owner]
            if len(own) >= MAX_SHELLS_PER_USER:
                raise FaultError(refusals.TOO_MANY_SHELLS)
            self.open[shell_id] = Shell(owner, code_page)
        return messages.created(request, shell_id, owner)

    def _run(self, request: Request, owner: str) -> str:
        shell = self._shell(request, owner)
        if len(request.command_line) > LONGEST_LINE:
            raise FaultError(refusals.LINE_TOO_LONG)
        own = [one for one in self.open.values() if one.owner == owner]
        if sum(len(one.commands) for one in own) >= MAX_OPERATIONS_PER_USER:
            raise FaultError(refusals.TOO_MANY_COMMANDS)
        command_id = request.command_id or str(uuid.uuid4()).upper()
        console = messages.is_true(request.options.get("WINRS_CONSOLEMODE_STDIN", ""))
        command = Command(request.command_line, shell.code_page, console)
        shell.commands[command_id] = command
        threading.Thread(target=command.run, args=(self._runner,), daemon=True).start()
        told = f"<rsp:CommandId>{command_id}</rsp:CommandId>"
        return f"<rsp:CommandResponse>{told}</rsp:CommandResponse>"

    def _send(self, request: Request, owner: str) -> str:
        self._command(request, owner).send(request.stdin, end=request.stdin_end)
        return "<rsp:SendResponse/>"

    def _receive(self, request: Request, owner: str) -> str:
        if not request.command_id:
            raise FaultError(refusals.INVALID_PARAMETER)  # seen: test_winrs_fail_poll_process
        output = self._command(request, owner).take(request.operation_timeout or 0)
        if output is None:
            raise FaultError(refusals.TIMED_OUT)
        return messages.received(request, *output)

    def _signal(self, request: Request, owner: str) -> str:
        """Seen: an unknown command is no fault here (test_winrs_bad_cmd_id)."""
        command = self._shell(request, owner).commands.pop(request.command_id, None)
        if command is not None:
            command.stop()
        return "<rsp:SignalResponse/>"

    def _delete(self, request: Request, owner: str) -> str:
        shell = self._shell(request, owner)
        with self._lock:
            self.open.pop(request.shell_id, None)
        for command in shell.commands.values():
            command.stop()
        return ""

    def _shell(self, request: Request, owner: str) -> Shell:
        shell = self.open.get(request.shell_id)
        if shell is None:
            raise FaultError(refusals.UNEXPECTED_SELECTORS)
        if shell.owner != owner:
            raise FaultError(refusals.ACCESS_DENIED)
        return shell

    def _command(self, request: Request, owner: str) -> Command:
        command = self._shell(request, owner).commands.get(request.command_id)
        if command is None:
            raise FaultError(refusals.UNEXPECTED_SELECTORS)
        return command


ACTIONS: Mapping[str, Callable[[Shells, Request, str], str]] = {
    messages.CREATE: Shells._create,
    messages.COMMAND: Shells._run,
    messages.SEND: Shells._send,
    messages.RECEIVE: Shells._receive,
    messages.SIGNAL: Shells._signal,
    messages.DELETE: Shells._delete,
}
