"""What each way in cannot decide: the catalogue's list is what a twin leaves open."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.by_hand import Person
from acceptance.simulator.windows.runner import Emit, PowerShellRunner, Result
from acceptance.simulator.windows.twin import load_twin

from acceptance.backends.process.backend import ProcessBackend
from acceptance.catalogue.requirements import Catalogue
from acceptance.catalogue.ways import (
    CREDSSP,
    LOCAL_ACCOUNT,
    LOCAL_DOMAIN,
    SCRIPT_DOMAIN,
    SCRIPT_LOCAL,
    WAYS,
    WINRM,
    Way,
    table,
    undecided,
)
from acceptance.collecting.by_hand.answer import read_answer
from acceptance.collecting.by_hand.script import NAME, Question, question_file, script_by_hand
from acceptance.collecting.script import SECTIONS
from acceptance.evidence.windows import Sections
from acceptance.inventory.connection import Connection
from tests.backends.sshd import of_twin, put_program, started
from tests.evidence.without_pytest import Judge, Pair
from tests.twins import PARAMETERS, ask

ROOT = Path(__file__).parents[2]


def test_the_page_has_the_table(catalogue: Catalogue) -> None:
    """`python -m acceptance.catalogue.ways` writes it."""
    page = (ROOT / "docs" / "ways-in.md").read_text(encoding="utf-8")
    assert "\n".join(table(catalogue)) in page


def test_a_way_without_the_directory_leaves_something_open(catalogue: Catalogue) -> None:
    """A table that says "nothing" everywhere would prove nothing."""
    assert {tuple(undecided(way, catalogue)) for way in WAYS} == {(), ("OS-08", "OS-09")}


def by_hand(folder: Path, name: str, account: str) -> Sections:
    """What the script reads on a twin, run by `account`."""
    twin = load_twin(name)
    twin.accounts["reader"]["account"] = account
    asked = Question(
        customer="acme",
        host="web01",
        simulated=True,
        asked_at=datetime.now(UTC),
        sections=SECTIONS,
        parameters=PARAMETERS,
    )
    (folder / NAME).write_bytes(script_by_hand())
    (folder / "acme-web01.ask.json").write_bytes(question_file(asked))
    with Endpoints(twin.network) as endpoints:
        Person(twin, endpoints).run(folder)
    return read_answer(folder / "acme-web01.answer.json").sections


class Process:
    """A twin's runner over `backend: local` or `ssh`; for ssh its method of log-in is left open,
    since whether credentials reach further is the twin's own.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def run(self, line: str, stdin: Iterator[bytes], _emit: Emit) -> Result:
        command, *words = line.split()
        backend = ProcessBackend("web01", self.connection, None)
        done = backend.stream(command, words, b"".join(stdin))
        return Result(done.stdout, done.stderr, done.exit_code)


def by_process(backend: str, twin: str, folder: Path) -> Sections:
    """What `powershell.exe` reads that a process of this machine starts: here, or by ssh."""
    if backend == "local":
        (folder / "bin").mkdir()
        put_program(folder / "bin" / "powershell.exe", of_twin(twin))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
            connection = Connection(backend="local", address="web01.example.test")
            return ask(Process(connection), parameters=PARAMETERS).sections
    with started(folder) as sshd:
        sshd.powershell(of_twin(twin))
        connection = Connection.model_validate(sshd.entry())
        return ask(Process(connection), parameters=PARAMETERS).sections


@pytest.mark.slow
@pytest.mark.pwsh
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_way_leaves_open_what_the_table_says(
    way: Way, pair: Pair, catalogue: Catalogue, rules: dict[str, Judge], tmp_path: Path
) -> None:
    """Against a server where everything is decided that can be."""
    # Whoever has no second hop meets a directory that does not answer.
    name = "server2019-delegated" if way.reaches_directory else "server2019"
    if way in (SCRIPT_DOMAIN, SCRIPT_LOCAL):
        account = "DEMO\\jansen" if way is SCRIPT_DOMAIN else "WEB01\\helper"
        sections = by_hand(tmp_path, name, account)
    elif way not in (WINRM, CREDSSP):
        backend = "local" if way in (LOCAL_DOMAIN, LOCAL_ACCOUNT) else "ssh"
        sections = by_process(backend, name, tmp_path)
    else:
        twin = load_twin(name)
        with Endpoints(twin.network) as endpoints:
            sections = ask(PowerShellRunner(twin, endpoints), parameters=PARAMETERS).sections
    compared = ("accounts", "os", "dotnet", "features", "schannel", "remote", "upkeep")
    found = {section: getattr(sections, section) for section in compared}
    # `pair` was asked when the tests began, which may be long ago.
    about = {"sections": pair.web.sections.model_copy(update=found)}
    web = pair.web.model_copy(update=about | {"collected_at": datetime.now(UTC)})
    here = dict(replace(pair, web=web).judged(catalogue, rules))
    whole = dict(pair.judged(catalogue, rules))
    different = [one for one in here if here[one].outcome != whole[one].outcome]
    assert different == undecided(way, catalogue)
