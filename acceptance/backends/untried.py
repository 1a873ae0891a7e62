"""A server that cannot be tried at all, such as one whose password is not there."""

from collections.abc import Sequence
from typing import Any, NoReturn

from acceptance.backends.base import Output, StreamingBackend
from acceptance.errors import HostError
from acceptance.evidence.reached import Reached


class Untried(StreamingBackend):
    """In the place of a host's backend, WinRM's or SQL's: whoever asks is told why not."""

    NAME = "untried"
    read_at = None

    def __init__(self, host: str, reached: Reached, why: HostError) -> None:
        """`reached`: how the host would have been talked to."""
        super().__init__(host)
        self._reached = reached
        self._why = why

    def stream(self, command: str, arguments: Sequence[str], stdin: bytes) -> Output:
        """Raises the reason."""
        raise self._why

    def connect(self) -> NoReturn:
        """Raises the reason."""
        raise self._why

    def run(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raises the reason."""
        raise self._why

    def reached(self) -> Reached:
        """How the host would have been talked to."""
        return self._reached

    def texts(self) -> Sequence[str]:
        """Nothing is run."""
        return ()

    def leave(self) -> None:
        """Nothing is under way."""

    def close(self) -> None:
        """Nothing was opened."""
