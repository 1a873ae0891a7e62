"""A folder on a simulated server with script and question in it, and PowerShells that run it."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.by_hand import Person
from acceptance.simulator.windows.twin import Twin, load_twin

from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import Catalogue, load_catalogue
from acceptance.cli.asked_by_hand import question_of, selected
from acceptance.collecting.by_hand.script import NAME, question_file, script_by_hand
from acceptance.inventory.file import load_inventory

SHELLS = ("pwsh", "pwsh7")  # the engine with 5.1's behaviour, and genuine PowerShell 7
ANSWER = "demo-web01.answer.json"


@dataclass(frozen=True)
class Server:
    """One server with a folder of the person who runs the script there."""

    twin: Twin
    folder: Path
    endpoints: Endpoints
    shared: Path

    def run(self, *words: str, shell: str = "", **more: str) -> CompletedProcess[str]:
        """The script, called in its folder; by the PowerShell on PATH, or one of `shared`."""
        path = str(self.shared / shell / "pwsh") if shell else "pwsh"
        return Person(self.twin, self.endpoints).run(self.folder, *words, shell=path, **more)

    def interrupt(self, seen: str, shell: str) -> str:
        """The script at a terminal; Ctrl-C once `seen` stands there. What the terminal showed."""
        path = str(self.shared / shell / "pwsh")
        shown = b""
        person = Person(self.twin, self.endpoints)
        with person.start(self.folder, shell=path) as (process, line):
            while seen.encode() not in shown:
                shown += os.read(line, 4096)
            os.write(line, b"\x03")
            with suppress(OSError):  # the terminal is closed at the process's end
                while more := os.read(line, 4096):
                    shown += more
            process.wait(60)
        return shown.decode("utf-8", "replace")

    def answer(self) -> Any:
        """What was written."""
        return json.loads((self.folder / ANSWER).read_bytes())


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(own_tests() / "requirements")


@pytest.fixture
def server(tmp_path: Path, catalogue: Catalogue, shared: Path) -> Iterator[Callable[..., Server]]:
    """`server(["os"], twin="demo-web01")`: the question names these sections only."""
    demo = load_inventory(Path(str(resources.files("acceptance.simulator"))) / "demo.yaml")
    opened: list[Endpoints] = []

    def make(
        sections: Sequence[str] = ("powershell", "os"), twin: str = "demo-web01-delegated"
    ) -> Server:
        asked = question_of(
            "demo",
            demo.customers["demo"],
            "web01",
            catalogue,
            selected(catalogue, ""),
            own_tests(),
            datetime.now(UTC),
            simulated=True,
        ).model_copy(update={"sections": tuple(sections)})
        folder = tmp_path / "Jan's map é [1]"
        folder.mkdir()
        (folder / NAME).write_bytes(script_by_hand())
        (folder / "demo-web01.ask.json").write_bytes(question_file(asked))
        loaded = load_twin(twin)
        endpoints = Endpoints(loaded.network).__enter__()
        opened.append(endpoints)
        return Server(loaded, folder, endpoints, shared)

    yield make
    for one in opened:
        one.__exit__(None, None, None)
