"""What every backend offers: run one program on a host, with its text on stdin.

A backend knows how to reach a host and nothing of facts, requirements or findings.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from testinfra.backend.base import BaseBackend, CommandResult

from acceptance.errors import DeadlineError
from acceptance.evidence.reached import Reached

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


def too_late(host: str, seconds: float, read: bytes) -> DeadlineError:
    """The host's deadline of so many seconds passed; `read`: what had come by then."""
    error = DeadlineError(
        host,
        "no complete answer within {seconds} s.",
        "Raise deadline_seconds in the inventory, or look at the server's load.",
        seconds=seconds,
    )
    error.read = read
    return error
