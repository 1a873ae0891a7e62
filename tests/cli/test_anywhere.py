"""The commands in any folder, and `acceptance init`, which makes one."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from acceptance.cli.app import app

ROOT = Path(__file__).parents[2]


def call(*arguments: str) -> tuple[int, str]:
    """Exit status, and stdout with stderr."""
    done = CliRunner().invoke(app, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_the_commands_need_no_folder_of_the_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The catalogue comes along; only the inventory is sought in the current folder."""
    monkeypatch.chdir(tmp_path)
    assert call("check") == (2, "hosts.yaml:1: no such file. Make one: acceptance init\n")
    for command in (["explain"], ["explain", "IIS-07"]):
        status, said = call(*command)
        assert status == 0
        assert "IIS-07" in said
    status, said = call("check", "--tests=nowhere")
    assert (status, said) == (2, "there is no folder nowhere.\n")


def test_init_makes_a_folder_and_overwrites_nothing(tmp_path: Path) -> None:
    """The repository's own hosts.yaml; what is there already stays as it is."""
    folder = tmp_path / "customers"
    assert call("init", str(folder))[0] == 0
    text = (folder / "hosts.yaml").read_text(encoding="utf-8")
    assert text == (ROOT / "hosts.yaml").read_text(encoding="utf-8")
    assert "reports/" in (folder / ".gitignore").read_text(encoding="utf-8")
    for name in ("hosts.yaml", ".gitignore"):
        (folder / name).write_text("mine", encoding="utf-8")
    status, said = call("init", str(folder))
    assert (status, said.count("stays as it is")) == (0, 2)
    assert {path.read_text(encoding="utf-8") for path in folder.iterdir()} == {"mine"}


def test_init_where_no_folder_can_be_is_one_line(tmp_path: Path) -> None:
    """A file of that name, for instance."""
    (tmp_path / "taken").write_text("", encoding="utf-8")
    status, said = call("init", str(tmp_path / "taken"))
    assert (status, said.count("\n"), "Traceback" in said) == (2, 1, False)
