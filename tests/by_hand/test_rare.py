"""What the script by hand does with what is rarely there: every branch of it runs in some test."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from acceptance.collecting.by_hand.answer import read_answer
from tests.by_hand.conftest import ANSWER, SHELLS, Server

pytestmark = [pytest.mark.pwsh, pytest.mark.slow]
Make = Callable[..., Server]
ASK = "demo-web01.ask.json"
DENIED = {"type": "System.UnauthorizedAccessException", "message": "Access is denied."}


def changed(there: Server, change: Callable[[Any], None]) -> None:
    question = there.folder / ASK
    asked = json.loads(question.read_bytes())
    change(asked)
    question.write_text(json.dumps(asked), encoding="ascii")


@pytest.mark.parametrize("shell", SHELLS)
def test_of_several_questions_one_is_named(server: Make, shell: str) -> None:
    there = server(["powershell"])
    (there.folder / "other.ask.json").write_bytes((there.folder / ASK).read_bytes())
    done = there.run(shell=shell)
    assert "there are 2 files" in done.stdout + done.stderr
    there.run(f"-Question ./{ASK}", shell=shell)
    assert read_answer(there.folder / ANSWER).answered.complete
    assert not (there.folder / "other.answer.json").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_an_answer_never_takes_the_questions_name(server: Make, shell: str) -> None:
    """A renamed question has no name to make the answer's from."""
    there = server(["powershell"])
    renamed = (there.folder / ASK).rename(there.folder / "question.json")
    before = renamed.read_bytes()
    done = there.run("-Question ./question.json", shell=shell)
    assert "the question must be a file named *.ask.json" in done.stdout + done.stderr
    there.run(f"-Question ./question.json -Path ./{ANSWER}", shell=shell)
    assert read_answer(there.folder / ANSWER).answered.complete
    assert renamed.read_bytes() == before


@pytest.mark.parametrize("shell", SHELLS)
def test_what_a_section_leaves_open_stands_beside_it(server: Make, shell: str) -> None:
    """A section of a later release is passed over, and no other is lost by it."""
    there = server(["features", "powershell"])
    there.twin.errors["Get-WindowsFeature"] = DENIED
    changed(there, lambda asked: asked.update(sections=["later", "features", "powershell"]))
    done = there.run(shell=shell)
    [line] = [one for one in done.stdout.splitlines() if one.startswith("  features: denied (")]
    opened = json.loads((there.folder / ASK).read_bytes())["requirements"]["features"]
    assert line.partition("Open: ")[2].split(", ") == sorted(opened)
    assert "later" not in done.stdout
    assert set(there.answer()["facts"]) == {"features", "powershell"}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_way_that_leads_beyond_a_value_finds_nothing(server: Make, shell: str) -> None:
    there = server(["os"])
    compared = {"section": "os", "way": ["cores", "deeper"], "operator": "is", "value": "x"}
    point = {"requirement": "OS-99", "title": "t", "compared": [compared]}
    changed(there, lambda asked: asked.update(open=[point]))
    done = there.run(shell=shell)
    assert "  OS-99 t: found / gevonden , expected / verwacht is x: not yet" in done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_letters_beyond_ascii_and_another_temporary_folder(server: Make, shell: str) -> None:
    """The file is ASCII, whatever the names; TMPDIR is where TEMP is not."""
    there = server(["powershell"])
    temporary = there.folder.parent / "temporary"
    temporary.mkdir()
    names = "$env:USERNAME = [string][char]0xE4; $env:TEMP = ''; $env:TMPDIR = '{}'; "
    before = names.format(temporary)
    done = there.run(f"-Path ./gone/{ANSWER}", before=before, shell=shell)
    assert f"Written / geschreven: {temporary}/{ANSWER}" in done.stdout
    assert b"\\u00e4" in (temporary / ANSWER).read_bytes()
    assert read_answer(temporary / ANSWER).answered.user.endswith("\u00e4")
