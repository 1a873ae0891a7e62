"""Run one program with its input, until it ends, has said that nothing follows, or its time is
over; what it wrote by then is kept.
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

from acceptance.backends.base import DONE, LARGEST_OUTPUT

AFTER_END = 2.0  # seconds for an ended program's last output, which its own may keep open
AFTER_ALL = 1.0  # for the end of one that has said all: over ssh, its own keep ssh waiting too
LONGEST_MARK = 16  # bytes of DONE's line


class Running:
    """A program under way. `start` raises OSError where there is no such program."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self._words, self._environment = words, environment
        self._process: subprocess.Popen[bytes] | None = None
        self._over = threading.Event()  # it has ended, or said all
        self.stdout, self.stderr = bytearray(), bytearray()
        self.said: int | None = None  # the exit code in the line that ends its answer

    def run(self, stdin: bytes, seconds: float) -> int | None:
        """The exit code; None: it had neither ended nor said all in time, and was ended."""
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
            threading.Thread(target=self._read, args=(process.stdout, self.stdout), daemon=True),
            threading.Thread(target=self._read, args=(process.stderr, self.stderr), daemon=True),
            threading.Thread(target=self._wait, args=(process,), daemon=True),
        ]
        for thread in threads:
            thread.start()
        self._over.wait(max(0.0, end - time.monotonic()))
        if self._over.is_set():
            last = time.monotonic() + (AFTER_END if self.said is None else AFTER_ALL)
            for thread in threads[1:]:
                thread.join(max(0.0, last - time.monotonic()))
        code = process.poll()
        self.end()
        return self.said if code is None else code

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

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        process.wait()
        self._over.set()

    def _read(self, source: IO[bytes], into: bytearray) -> None:
        with contextlib.suppress(OSError, ValueError), source:
            while len(into) <= LARGEST_OUTPUT:
                piece = os.read(source.fileno(), 65536)
                if not piece:
                    return
                into += piece
                if into is self.stdout:
                    self._look(len(into) - len(piece) - LONGEST_MARK)

    def _look(self, start: int) -> None:
        found = DONE.search(self.stdout, max(0, start))
        if found is not None:
            self.said = int(found[1])
            self._over.set()


def _feed(sink: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(OSError), sink:  # it may have ended before its input
        sink.write(data)
