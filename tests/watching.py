"""What everybody on this machine can see of programs while they run: command lines and variables
(/proc, so on Linux only).
"""

import os
import threading
from collections import defaultdict
from pathlib import Path
from typing import Self

EVERY = 0.002  # seconds


class Watch:
    """As a context manager: of every process below this one, what was seen, by program.

    `lines`: {"ssh": {"ssh -T …"}}; `variables`: of those whose command line does not have `of_ours`
    in it: the run itself is given its passwords by whoever starts it.
    """

    def __init__(self, of_ours: str) -> None:
        self._of_ours = of_ours
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.lines: defaultdict[str, set[bytes]] = defaultdict(set)
        self.variables: defaultdict[str, set[bytes]] = defaultdict(set)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(EVERY):
            for process in _below(os.getpid()):
                self._note(Path(f"/proc/{process}"))

    def _note(self, process: Path) -> None:
        try:
            line = (process / "cmdline").read_bytes()
            variables = (process / "environ").read_bytes()
        except OSError:
            return  # it has ended
        program = os.fsdecode(line.partition(b"\0")[0]).rpartition("/")[2].partition(":")[0]
        self.lines[program].add(line)
        if self._of_ours.encode() not in line:
            self.variables[program].add(variables)


def _below(process: int) -> list[str]:
    """The processes that it started, and theirs."""
    children: defaultdict[str, list[str]] = defaultdict(list)
    for one in Path("/proc").iterdir():
        if one.name.isdecimal():
            try:
                stat = (one / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            children[stat.rpartition(")")[2].split()[1]].append(one.name)
    found: list[str] = []
    waiting = [str(process)]
    while waiting:
        started = children[waiting.pop()]
        found += started
        waiting += started
    return found
