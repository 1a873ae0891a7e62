"""The command line in one look: which commands and options there are, an example of each,
old names.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from acceptance.fixtures.plugin import OPTIONS
from typer.testing import CliRunner

from acceptance.catalogue.place import own_tests
from acceptance.cli.app import app
from tests.cli.test_by_hand import HOSTS, answered
from tests.report.samples import results
from tests.report.write import write_report

COMMANDS = [
    "init",
    "check",
    "script",
    "import",
    "report",
    "sign",
    "verify",
    "keygen",
    "redact",
    "explain",
]
PYTEST = [
    "--inventory",
    "--phase",
    "--evidence",
    "--report-dir",
    "--language",
    "--fail-on",
    "--catalogue",
    "--fleet",
]
TO_COME = {"--fleet"}
OLD = {
    "pdf": "acceptance report REPORT --to pdf",
    "traceability": "acceptance explain",
}
OLD_OPTIONS = {"--distinct-exit": "--fail-on=not-met"}
SHOWN = {
    one.name or one.callback.__name__: one
    for one in app.registered_commands
    if one.callback is not None and not one.hidden
}


def call(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_the_commands_are_these() -> None:
    assert set(SHOWN) <= set(COMMANDS)
    assert set(COMMANDS) - TO_COME <= set(SHOWN)


def test_the_options_of_pytest_are_these() -> None:
    assert set(OPTIONS) - set(OLD_OPTIONS) <= set(PYTEST)
    assert set(PYTEST) - TO_COME <= set(OPTIONS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An engineer's folder: an inventory, an answer that came back, a report, a key."""
    made = tmp_path_factory.mktemp("folder")
    text = HOSTS.replace("  acme:", "  customer01:")
    (made / "hosts.yaml").write_text(text, encoding="utf-8")
    write_report(made / "reports" / "customer01" / "2026-11-25T120000Z", results())
    return made


def answer(folder: Path) -> None:
    """web01.answer.json, as the script that was handed out would write it."""
    asked = json.loads((folder / "to-mail" / "customer01-web01.ask.json").read_bytes())
    text = json.dumps({"question": asked, "answered": answered(), "facts": {}})
    (folder / "web01.answer.json").write_text(text, encoding="ascii")


def test_every_example_of_a_help_text_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it stands there, in the order in which an engineer comes to them."""
    monkeypatch.chdir(folder)
    order = ["init", "check", "explain", "script", "import", "report", "keygen", "sign", "verify"]
    for name in [*order, *(set(SHOWN) - set(order))]:
        found = re.match(r"Example: acceptance (.+)$", SHOWN[name].epilog or "")
        assert found, f"{name} has no example"
        status, said = call(*shlex.split(found[1]))
        assert status == 0, f"{found[1]}: {said}"
        if name == "script":
            answer(folder)


@pytest.mark.slow
def test_every_example_of_an_option_runs(tmp_path: Path) -> None:
    """All of them together, over the evidence of the demo."""
    base = [sys.executable, "-m", "pytest", "--hosts=demo", "-m", "os", "-p", "no:cacheprovider"]
    first = subprocess.run(
        [*base, "--report-dir=before"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert first.returncode == 1, first.stdout + first.stderr
    (tmp_path / "before" / "evidence").rename(tmp_path / "evidence")
    shutil.copytree(own_tests() / "requirements", tmp_path / "edition")
    examples = []
    for name in set(OPTIONS) - set(OLD_OPTIONS):
        found = re.search(rf"such as ({name}=\S+?)$", str(OPTIONS[name]["help"]))
        assert found, f"{name} has no example"
        examples.append(found[1])
    examples.remove("--inventory=hosts.yaml")  # the demo brings its own
    # Needs a cluster: tests/fixtures/ has it.
    examples = [one for one in examples if not one.startswith("--fleet=")]
    done = subprocess.run(
        [*base, *examples], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert (tmp_path / "out" / "report.html").is_file()


@pytest.mark.parametrize("old", OLD)
def test_an_old_name_tells_the_new_one(old: str) -> None:
    """Whatever options it is given."""
    for arguments in ([], ["x"], ["x", "--output=y"]):
        status, said = call(old, *arguments)
        assert (status, f"is now: {OLD[old]}" in said) == (2, True)
    assert old not in call("--help")[1].split()


def test_an_old_option_tells_the_new_one(tmp_path: Path) -> None:
    for old, new in OLD_OPTIONS.items():
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "--hosts=demo", "--collect-only", old],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 4
        assert f"{old} is now {new}" in done.stdout + done.stderr
