"""Run one program with its input, until it ends or its time is over;
what it wrote by then is kept.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO

from acceptance.backends.base import LARGEST_OUTPUT

AFTER_END = (
    2.0  # seconds for the last output of an ended program, which a program of its own may keep open
)


class Running:
    """A program under way. `start` raises OSError where there is no such program."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self._words, self._environment = words, environment
        self._process: subprocess.Popen[bytes] | None = None
        self.stdout, self.stderr = bytearray(), bytearray()

    def run(self, stdin: bytes, seconds: float) -> int | None:
        """The exit code; None: it had not ended in time, and was ended."""
        end = time.monotonic() + seconds
        # In a group of its own: a jump host's ssh is ended with it, and Ctrl-C is ours to pass on.
        self._process = process = subprocess.Popen(  # noqa: S603 - words of ours, and no shell
            self._words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(self._environment),
            start_new_session=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        threads = [
            threading.Thread(target=_feed, args=(process.stdin, stdin), daemon=True),
            threading.Thread(target=_read, args=(process.stdout, self.stdout), daemon=True),
            threading.Thread(target=_read, args=(process.stderr, self.stderr), daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            code: int | None = process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            code = None
        last = time.monotonic() + (0.0 if code is None else AFTER_END)
        for thread in threads[1:]:
            thread.join(max(0.0, last - time.monotonic()))
        self.end()
        return code

    def end(self) -> None:
        """End it and what it started. Never raises."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)


def _feed(sink: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(OSError), sink:  # it may have ended before its input
        sink.write(data)


def _read(source: IO[bytes], into: bytearray) -> None:
    with contextlib.suppress(OSError, ValueError), source:
        while len(into) <= LARGEST_OUTPUT:
            piece = os.read(source.fileno(), 65536)
            if not piece:
                return
            into += piece
