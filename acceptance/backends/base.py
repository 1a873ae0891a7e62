"""What every backend offers: run one program on a host, with its text on stdin.

A backend knows how to reach a host and nothing of facts, requirements or findings.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from testinfra.backend.base import BaseBackend

from acceptance.evidence.reached import Reached


@dataclass(frozen=True)
class Output:
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
    def close(self) -> None:
        """Leave nothing open on the host. Never raises."""
