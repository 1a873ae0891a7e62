"""The script by hand in real PowerShells: one file, its code, every limit with its sentence."""

import json
import re
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from acceptance.catalogue.requirements import Catalogue
from acceptance.cli.hand_over import signed_script
from acceptance.collecting.by_hand.answer import read_answer
from acceptance.collecting.by_hand.fields import about_persons, field_list, fields
from acceptance.collecting.by_hand.script import NAME, script_by_hand, script_digest
from acceptance.collecting.script import SECTIONS
from acceptance.evidence.envelope import Read
from tests.by_hand.conftest import ANSWER, SHELLS, Server
from tests.cli.test_hand_over import code_signing_key

pytestmark = [pytest.mark.pwsh, pytest.mark.slow]
Make = Callable[..., Server]


def test_one_file_and_its_code(server: Make) -> None:
    """Written once, never over another; the code that it shows is the one that the import shows."""
    there = server()
    done = there.run()
    path = there.folder / ANSWER
    assert path.is_file(), done.stdout + done.stderr
    data = path.read_bytes()
    answer = read_answer(path)
    assert "As / als: DEMO\\jansen, elevated / als administrator gestart" in done.stdout
    assert f"Code: {answer.code}" in done.stdout
    assert answer.code == sha256(data).hexdigest()[:8]
    assert answer.answered.complete
    assert isinstance(answer.sections.os, Read)
    assert [line for line in done.stdout.splitlines() if line.startswith("  os: ok")]
    again = there.run()
    assert "exists already" in again.stdout + again.stderr
    assert path.read_bytes() == data
    assert {one.name for one in there.folder.iterdir()} == {NAME, ANSWER, "demo-web01.ask.json"}


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_pasted_it_is_the_same_script(server: Make, shell: str) -> None:
    """As `& { … }`, which no policy on files forbids: the console changes its line ends."""
    there = server()
    text = script_by_hand().decode("ascii").replace("\r\n", "\n")
    (there.folder / NAME).write_text("'not this one'\n", encoding="ascii")
    there.run(before=f"& {{\n{text}\n}}\n", shell=shell)
    assert read_answer(there.folder / ANSWER).answered.script_sha256 == script_digest()


def steady(value: Any) -> Any:
    """Facts without what differs from run to run."""
    if isinstance(value, list):
        return [steady(one) for one in value]
    if isinstance(value, dict):
        return {
            key: steady(one) for key, one in value.items() if key not in ("milliseconds", "utc_now")
        }
    return value


@pytest.mark.parametrize("shell", SHELLS)
def test_a_signed_copy_answers_the_same(
    server: Make, shell: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is the same script to whoever imports the answer; one changed byte makes it another,
    which the signature's own verification finds before it runs (tests/cli/test_hand_over.py).
    """
    if shutil.which("osslsigncode") is None:
        pytest.skip("needs osslsigncode")
    monkeypatch.chdir(tmp_path)
    there = server(["powershell", "os", "features"])
    answers = {}
    signed = signed_script(script_by_hand(), code_signing_key("pass-word"), "pass-word")
    changed = signed.replace(b"changes nothing", b"changes Nothing", 1)
    for name, script in {"plain": script_by_hand(), "signed": signed, "changed": changed}.items():
        (there.folder / NAME).write_bytes(script)
        there.run(f"-Path './{name}.json'", shell=shell)
        answers[name] = json.loads((there.folder / f"{name}.json").read_bytes())
    assert steady(answers["signed"]["facts"]) == steady(answers["plain"]["facts"])
    digests = {name: one["answered"]["script_sha256"] for name, one in answers.items()}
    assert digests["signed"] == digests["plain"] == script_digest()
    assert digests["changed"] not in (None, script_digest())


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [b"# more\r\n", b"'code'\r\n# SIG # Begin signature block\r\n# A\r\n"],
    ids=["appended", "signed"],
)
def test_a_changed_script_is_another(server: Make, change: bytes) -> None:
    """Also where the change hides behind something that looks like a signature."""
    there = server()
    (there.folder / NAME).write_bytes(script_by_hand() + change)
    there.run()
    assert there.answer()["answered"]["script_sha256"] not in (script_digest(), None)


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_called_from_elsewhere_with_a_relative_path(server: Make, shell: str) -> None:
    """PowerShell's current folder is another one than the process's."""
    there = server()
    elsewhere = there.folder.parent / "elsewhere"
    elsewhere.mkdir()
    there.run("-Path ./here.json", before=f"Set-Location -LiteralPath '{elsewhere}'; ", shell=shell)
    assert read_answer(elsewhere / "here.json").answered.complete


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_a_folder_that_cannot_be_written(server: Make, shell: str) -> None:
    """The answer goes into the folder for temporary files, and the screen says where."""
    there = server()
    temporary = there.folder.parent / "temporary"
    temporary.mkdir()
    done = there.run(f"-Path ./gone/{ANSWER}", shell=shell, TEMP=str(temporary))
    assert "Not written / niet geschreven: " in done.stdout
    assert f"Written / geschreven: {temporary}/{ANSWER}" in done.stdout
    assert read_answer(temporary / ANSWER).answered.complete


@pytest.mark.slow
def test_constrained_language_is_said(server: Make) -> None:
    """Plain functions still run there; it writes what it can, which is no fact."""
    there = server()
    constrain = "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; "
    done = there.run(before=constrain, shell="pwsh7")
    assert "PowerShell runs in ConstrainedLanguage" in done.stdout, done.stdout + done.stderr
    answer = read_answer(there.folder / ANSWER)
    assert (answer.answered.script_sha256, answer.answered.reader) == (None, None)


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_the_list_names_every_field_and_asks_nothing(server: Make, shell: str) -> None:
    """What a whole answer holds stands in the list; what names an account there is marked."""
    there = server(SECTIONS)
    done = there.run("-List", shell=shell)
    assert done.stdout.split() == "\n".join(field_list()).split()
    assert not (there.folder / ANSWER).exists()
    there.run(shell=shell)
    whole = there.answer()
    person = re.compile(r"DEMO\\|S-1-5-21-|svc-clickker|jansen")
    for path, value in _leaves("", whole):
        above = value is None and any(one.startswith(f"{path}.") for one in fields())
        within = any(path.startswith(f"{one}.") for one in fields())
        assert path in fields() or above or within, path
        if isinstance(value, str) and person.search(value):
            assert about_persons(path), (path, value)


def _leaves(path: str, value: object) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return [
            leaf
            for key, one in value.items()
            for leaf in _leaves(f"{path}.{key}" if path else str(key), one)
        ]
    if isinstance(value, list):
        return [leaf for one in value for leaf in _leaves(f"{path}[]", one)]
    return [(path, value)]


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_missing_rights_are_said_before_anything_is_read(
    server: Make, catalogue: Catalogue, shell: str
) -> None:
    """By name of the requirements that stay open, and who can help; in both languages."""
    there = server(["powershell"])
    there.twin.accounts["reader"] |= {"account": "WEB01\\helper", "elevated": False}
    done = there.run(shell=shell)
    before, _, _ = done.stdout.partition("  powershell: ok")
    assert "Not elevated. Open without it:" in before
    assert "elevated / als" not in before
    assert "Als administrator uitvoeren" in before
    assert "A local account is unknown to the directory. Open without it: OS-08, OS-09" in before
    elevated = server_says(done.stdout, "Not elevated. Open without it: ")
    question = json.loads((there.folder / "demo-web01.ask.json").read_bytes())
    assert elevated == question["elevated"]  # which is whose: tests/evidence/test_unelevated.py


def server_says(text: str, start: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(start))
    return [one for one in line.removeprefix(start).split(", ") if one]


@pytest.mark.slow
def test_ctrl_c_writes_what_was_read_so_far(server: Make) -> None:
    """The section under way is missing, and the answer does not call itself complete.

    In genuine PowerShell: the other one's console host takes no Ctrl-C, it just ends.
    """
    there = server(["powershell", "features", "os"])
    there.twin.delays["Get-WindowsFeature"] = 60
    done = there.interrupt("  powershell: ok", shell="pwsh7")
    answer = read_answer(there.folder / ANSWER)
    assert not answer.answered.complete
    assert isinstance(answer.sections.powershell, Read)
    assert answer.sections.features is None
    assert "Written / geschreven: " in done


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_it_shows_again_what_a_report_found_open(server: Make, shell: str) -> None:
    """Each with what is there now; whatever is no plain comparison only the supplier can tell."""
    there = server(["features", "dotnet", "os"])
    question = there.folder / "demo-web01.ask.json"
    asked = json.loads(question.read_bytes())
    feature = {"section": "features", "operator": "is", "value": "Installed"}
    asked["open"] = [
        {"requirement": "IIS-07", "title": "HTTP Logging", "compared": [
            feature | {"way": ["features", "=Web-Http-Logging", "state"]}]},
        {"requirement": "IIS-08", "title": "Compression", "compared": [
            feature | {"way": ["features", "=Web-Stat-Compression", "state"]}]},
        {"requirement": "IIS-99", "title": "no such feature", "compared": [
            feature | {"way": ["features", "=No-Such", "state"]}]},
        {"requirement": "OS-04", "title": "Cores", "compared": [
            {"section": "os", "way": ["cores"], "operator": "at least", "value": 4}]},
        {"requirement": "IIS-24", "title": "not asked", "compared": [
            {"section": "iis", "way": ["version"], "operator": "is", "value": ""}]},
        {"requirement": "SYN-07", "title": "a role", "compared": []},
    ]  # fmt: skip
    question.write_text(json.dumps(asked), encoding="ascii")
    done = there.run(shell=shell)
    for line in (
        "  IIS-07 HTTP Logging: found / gevonden Available, expected / verwacht is Installed: "
        "not yet / nog niet",
        "  IIS-08 Compression: found / gevonden Installed, expected / verwacht is Installed: "
        "looks mended / lijkt hersteld",
        "  IIS-99 no such feature: found / gevonden , expected / verwacht is Installed: not yet",
        "expected / verwacht at least 4: looks mended",
        "  IIS-24 not asked: found / gevonden , expected / verwacht is : not yet",
        "  SYN-07 a role: only the supplier can tell / dat ziet alleen de leverancier",
    ):
        assert line in done.stdout, done.stdout + done.stderr
    assert read_answer(there.folder / ANSWER).answered.complete
