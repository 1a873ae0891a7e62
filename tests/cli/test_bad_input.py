"""Whatever stands where a command expects something else: one line that says so, and nothing of
the machinery behind it.
"""

import re
import shlex
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from acceptance.cli.app import app
from tests.cli.test_command_line import SHOWN, answer, folder
from tests.fixtures.conftest import run_pytest

__all__ = ["folder"]
REPORT = "reports/customer01/2026-11-25T120000Z"
# Of a library, of Python, or of a place that nobody named.
MACHINERY = re.compile(
    r"Traceback|Value error|pydantic|further information|\[Errno|\w+Error\b|input_value|type=\w"
    r"|PosixPath|<class|object at 0x|None\b" + f"|{re.escape(tempfile.gettempdir())}/"
)
FILES = {
    "a.txt": b"some words\n",
    "empty": b"",
    "bytes": bytes(range(256)),
    "list.json": b"[1]",
    "object.json": b"{}",
    "half.json": b'{"question": {',
    "deep.json": b"[" * 100_000,
    "lone.json": b'"\\ud800"',
    "numbers.yaml": b"customers: {acme: 5}\n",
    "utf16.yaml": "customers: {}".encode("utf-16"),
    "some.zip": b"PK\x03\x04 no zip",
    "damaged/results.json": b"{}",
    "binary/results.json": bytes(range(256)),
    "other/results.json": b'{"format": 99}',
}
PLACES = [
    *FILES,
    "damaged",
    "binary-folder",
    "folder",
    "gone/x",
    "a.txt/below",
    "x" * 300,
    "other.zip",
]
WORDS = ["unknown", "a,b", "*", "[", "{0}", "{x}", "%s", "2026-13-45", "\udcff", "customer01/gone"]
WORDS += ["customer01/web01,customer01/gone", "customer01/", "/", "env:", "env:GONE", "keyring:x"]
WORDS += ["keyring:a/b", "prompt:", "-5", "99999d", "x" * 300, "os and", "os or (", "__import__"]


@pytest.fixture(scope="module")
def places(folder: Path) -> Path:
    """Files and folders that are not what any command expects."""
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")  # as one that may not be read: here root may read all
    with zipfile.ZipFile(folder / "other.zip", "w") as packed:
        packed.writestr("results.json", "{}")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for command in ("keygen", "script"):
            assert CliRunner().invoke(app, usual(command)).exit_code == 0
        answer(folder)
    return folder


def parameters() -> Iterator[tuple[str, Any]]:
    group: Any = typer.main.get_command(app)
    for name in SHOWN:
        for one in group.commands[name].params:
            if not getattr(one, "is_flag", False) and one.name != "help":
                yield name, one


def usual(command: str) -> list[str]:
    return shlex.split(re.sub(r"^Example: acceptance ", "", SHOWN[command].epilog or ""))


def bad_calls(command: str, parameter: Any, values: list[str]) -> Iterator[list[str]]:
    """The command's example, with one value in it replaced by each of the bad ones, or missing."""
    words = usual(command)
    for bad in values:
        if parameter.param_type_name == "argument":
            at = (
                next(i for i, one in enumerate(words) if i and not one.startswith("-"))
                if len(words) > 1
                else 1
            )
            yield [*words[:at], bad, *words[at + 1 :]]
        else:
            option = max(parameter.opts, key=len)
            rest = [one for one in words if not one.startswith(f"{option}=")]
            yield [*rest, f"{option}={bad}"] if option.startswith("--") else [*rest, option, bad]
    if parameter.param_type_name == "option":
        yield [*words, max(parameter.opts, key=len)]


EACH = [pytest.param(*one, id=f"{one[0]} {one[1].name}") for one in parameters()]


@pytest.mark.parametrize(("command", "parameter"), EACH)
def test_an_unknown_value_is_told_in_words(
    command: str, parameter: Any, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that no library takes for a name, and one that no file can be called."""
    monkeypatch.chdir(places)
    values = ["unknown", "x" * 300]
    assert [
        one for words in bad_calls(command, parameter, values) for one in machinery(words)
    ] == []


@pytest.mark.slow
@pytest.mark.parametrize(("command", "parameter"), EACH)
def test_bad_input_is_told_in_words(
    command: str, parameter: Any, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(places)
    faults = [
        (words, one)
        for words in bad_calls(command, parameter, [*PLACES, *WORDS, ""])
        for one in machinery(words)
    ]
    assert faults == []


@pytest.mark.parametrize("command", [*SHOWN, "unknown"])
def test_what_is_missing_or_unknown_is_told_in_words(
    command: str, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(places)
    for words in ([command], [command, "--unknown"], [command, "a", "b", "c", "--unknown=d"]):
        assert list(machinery(words)) == [], words


@pytest.mark.parametrize("option", ["--to", "--as", "--language"])
def test_a_choice_names_what_there_is(option: str) -> None:
    """`--to foo` was refused in the words of a library."""
    commands = {"--to": "report", "--as": "sign", "--language": "report"}
    names = {"--to": "html, pdf, csv, hdf", "--as": "supplier, customer", "--language": "en, nl"}
    done = CliRunner().invoke(app, [*usual(commands[option]), f"{option}=foo"])
    assert done.exit_code == 2
    assert f"foo is none of {names[option]}." in " ".join(
        re.sub("[│╭╰─╮╯]", " ", done.output).split()
    )


def machinery(words: list[str]) -> Iterator[str]:
    """What a person must not see of a call that failed."""
    done = CliRunner().invoke(app, words, input="")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        yield repr(done.exception)
    told = done.output
    for word in (one.rpartition("=")[2] for one in words):
        told = told.replace(word, "…") if word else told
    if done.exit_code and (found := MACHINERY.search(told)):
        yield told[max(0, found.start() - 60) :][:200]


@pytest.mark.slow
@pytest.mark.parametrize(
    "option", ["inventory", "evidence", "report-dir", "catalogue", "language", "phase", "fail-on"]
)
def test_an_option_of_pytest_is_told_in_words_too(option: str, places: Path) -> None:
    """No internal error for what a person typed."""
    for bad in ("", "x" * 300, "loop", "a.txt", "bytes", "folder", "unknown"):
        ran = run_pytest("--hosts=customer01", f"--{option}={bad}", "--collect-only", where=places)
        assert ran.status in (0, 4), (bad, ran.output)
        told = ran.output.replace(bad, "") if bad else ran.output
        assert not re.search(r"INTERNALERROR|Traceback|Value error|pydantic", told), (bad, told)
