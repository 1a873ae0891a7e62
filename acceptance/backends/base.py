"""What every backend offers: run one program on a host, with its text on stdin.

A backend knows how to reach a host and nothing of facts, requirements or findings.
"""

import re
import time
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from testinfra.backend.base import BaseBackend, CommandResult

from acceptance.backends.logins import LogIns
from acceptance.errors import DeadlineError
from acceptance.evidence.reached import Reached
from acceptance.inventory.connection import Connection

# The line of its own by which a script of ours says that nothing follows, with its exit code.
DONE = re.compile(rb"^@@DONE@@(\d{1,3})\r?\n", re.MULTILINE)
LARGEST_OUTPUT = 32 * 2**20  # bytes of one stream; collectors write less than 1 MB


class Output(NamedTuple):
    """What a program on the host left behind: raw bytes and its exit code."""

    stdout: bytes
    stderr: bytes
    exit_code: int


class StreamingBackend(BaseBackend):  # type: ignore[misc]  # testinfra has no types
    """A testinfra backend that can also stream a script over stdin."""

    @abstractmethod
    def stream(self, command: str, arguments: Sequence[str], stdin: bytes) -> Output:
        """Run `command` once, feed it `stdin`, wait for its end.

        What it leaves running may hold its output open: where the way does not end with the
        program, nobody waits for more once the line `DONE` has come.

        Raises an `acceptance.errors.HostError` when that cannot be done.
        """

    @abstractmethod
    def reached(self) -> Reached:
        """How this backend talks to its host."""

    @abstractmethod
    def leave(self) -> None:
        """From another thread than the one that waits: end what is under way on the host.

        Never raises.
        """

    @abstractmethod
    def close(self) -> None:
        """Leave nothing open on the host. Never raises."""

    def run(self, command: str, *args: str, **kwargs: Any) -> CommandResult:
        """One command in testinfra's way."""
        line = self.get_command(command, *args)
        output = self.stream(line, [], b"")
        return self.result(output.exit_code, self.encode(line), output.stdout, output.stderr)

    def get_encoding(self) -> str:
        return "utf-8"  # testinfra would run `python3` on the server to find out


class ConnectedBackend(StreamingBackend):
    """One that asks by a connection of the inventory, within its deadline."""

    def __init__(
        self,
        host: str,
        connection: Connection,
        password: str | None,
        log_ins: LogIns | None = None,
    ) -> None:
        """`log_ins`: those of the run, the same for all its servers."""
        super().__init__(host)
        self.host_name = host
        self.connection = connection
        self._password = password
        self._log_ins = log_ins or LogIns()
        self._deadline = 0.0  # by `time.monotonic`

    def __repr__(self) -> str:
        return f"<{self.connection.backend} {self.host_name}>"

    def get_pytest_id(self) -> str:
        return f"{self.connection.backend}://{self.host_name}"

    @abstractmethod
    def _so_far(self) -> bytes:
        """What has come of the answer that is under way."""

    def _begin(self) -> None:
        """From now on the connection's deadline counts."""
        self._deadline = time.monotonic() + self.connection.deadline_seconds

    @property
    def _left(self) -> float:
        """Seconds; none are left where it is not above 0."""
        return self._deadline - time.monotonic()

    def _in_time(self) -> None:
        if self._left <= 0:
            raise self._too_late()

    def _too_late(self) -> DeadlineError:
        """With what had come by then."""
        error = DeadlineError(
            self.host_name,
            "no complete answer within {seconds} s.",
            "Raise deadline_seconds in the inventory, or look at the server's load.",
            seconds=self.connection.deadline_seconds,
        )
        error.read = self._so_far()
        return error
