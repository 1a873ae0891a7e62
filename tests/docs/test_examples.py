"""Every example of the documents is tried: run, loaded or parsed by what a reader would give it to.

A block that no rule here takes fails with its file and line. What needs a server is parsed by the
program's own parser of its command line; what is run elsewhere is named there: README's blocks
by `.ci/run`, docs/adding/ by test_adding.py, docs/signing.md by tests/report/test_commands.py.
"""

import ast
import importlib
import importlib.util
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from acceptance import errors
from acceptance.cli.app import app
from acceptance.inventory.file import load_inventory
from acceptance.inventory.supported import load_supported
from tests.docs.examples import EVERYDAY, ROOT, Block, blocks, calls, inline
from tests.docs.test_adding import PROMISED
from tests.fixtures.conftest import run_pytest
from tests.tsql import parse_tsql

WALKED = [f"docs/adding/{name}.md" for name in PROMISED]
BLOCKS = list(blocks())
INLINE = list(inline())
MARKERS = {"os", "iis", "sql", "network", "synergy", "licence", "slow", "pwsh"}


def named(group: list[Block]) -> Any:
    return pytest.mark.parametrize("block", group, ids=lambda block: block.place)


# --- calls ----------------------------------------------------------------------------------------


def is_pytest_call(words: list[str], config: pytest.Config) -> None:
    """By pytest's own parser, with the options of this suite and its plug-ins."""
    given, unknown = config._parser.parse_known_and_unknown_args(words)
    assert not unknown
    assert set(re.findall(r"\w+", given.markexpr or "")) <= MARKERS | {"and", "or", "not"}
    ours = [name for name in given.file_or_dir if name.startswith(("tests", "docs"))]
    assert not [name for name in ours if not (ROOT / name).exists()]


def is_acceptance_call(words: list[str], _config: pytest.Config) -> None:
    """By the command's own parser: names of commands, options and their values."""
    group = typer.main.get_command(app)
    context = group.make_context("acceptance", [], resilient_parsing=True)
    command = group.get_command(context, words[0])  # type: ignore[attr-defined]  # a group's
    assert command is not None, words[0]
    if len(words) > 1:  # the bare name is how prose speaks of it
        command.make_context(words[0], words[1:], parent=context)


def is_python_call(words: list[str], config: pytest.Config) -> None:
    if words[0].endswith(".py"):
        assert (ROOT / words[0]).is_file()
        return
    assert words[0] == "-m", words
    if words[1] == "pytest":
        is_pytest_call(words[2:], config)
        return
    assert words[1] == "venv" or importlib.util.find_spec(words[1]) is not None


def is_ruff_call(words: list[str], _config: pytest.Config) -> None:
    assert words[0] in ("check", "format")


CALLS: dict[str, Callable[[list[str], pytest.Config], None]] = {
    "pytest": is_pytest_call,
    "acceptance": is_acceptance_call,
    "python": is_python_call,
    "ruff": is_ruff_call,
}


def is_shell(text: str, config: pytest.Config) -> None:
    """Each program of ours reads its call; another one is known."""
    for program, *words in calls(text):
        if program in CALLS:
            CALLS[program](words, config)
        else:
            assert program in EVERYDAY | {"."} or (ROOT / program).is_file(), program


def shell(block: Block, config: pytest.Config, _folder: Path) -> None:
    done = subprocess.run(
        ["bash", "-n"], input=block.text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    is_shell(block.text, config)


def powershell(block: Block, config: pytest.Config, _folder: Path) -> None:
    """Our programs' calls; PowerShell's own parser reads the whole in a test below."""
    ours = [one for one in block.text.splitlines() if re.match(r"\.venv|pytest|acceptance", one)]
    is_shell("\n".join(ours).replace("\\", "/"), config)


# --- data -----------------------------------------------------------------------------------------


def yaml_text(block: Block, config: pytest.Config, folder: Path) -> None:
    """By the model of what it is."""
    loaded = yaml.safe_load(block.text)
    if block.page in WALKED:
        assert loaded
    elif block.page == "docs/supported.md":
        (folder / "supported.yaml").write_text(block.text, encoding="utf-8")
        assert load_supported(folder / "supported.yaml") != load_supported()
    elif "customers" in loaded:
        (folder / "hosts.yaml").write_text(block.text, encoding="utf-8")
        assert load_inventory(folder / "hosts.yaml").customers
    else:  # a job: its keys are actionlint's (tests/windows/test_workflow.py), its calls ours
        jobs = loaded.get("jobs", {"": loaded}).values()
        lines = [one.get("run", one.get("script")) for job in jobs for one in job["steps"]]
        assert any(lines)
        for line in filter(None, lines):
            is_shell(re.sub(r"^(echo|cat) .*", "", line), config)


def python(block: Block, _config: pytest.Config, _folder: Path) -> None:
    """Every import is there; the checks of docs/adding/own-check.md run in a test below."""
    for node in ast.walk(ast.parse(block.text)):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module or "")
            added = {"Edition", "ClockSection"}  # which the page itself adds
            assert not [
                one.name
                for one in node.names
                if one.name not in added and not hasattr(module, one.name)
            ]


def sql(block: Block, _config: pytest.Config, _folder: Path) -> None:
    """Microsoft's parser reads it in a test below; a column alone is walked by test_adding.py."""
    assert block.page in WALKED or block.text.rstrip().endswith(";")


def plain(block: Block, _config: pytest.Config, folder: Path) -> None:
    """A drawing of the code, or what the suite says."""
    said = re.match(r"hosts\.yaml:(\d+): ", block.text)
    if block.text.startswith("AcceptanceError\n"):
        assert [line.strip() for line in block.text.splitlines()] == list(tree())
    elif said:
        lines = "customers:\n  acme:\n    title: Acme\n    service_acount: ACME\\svc\n"
        (folder / "hosts.yaml").write_text(f"{lines}    hosts: {{}}\n", encoding="utf-8")
        with pytest.raises(errors.InventoryError) as caught:
            load_inventory(folder / "hosts.yaml")
        pattern = re.escape(block.text.strip()).replace("…", ".*")
        assert re.fullmatch(pattern, str(caught.value).replace(f"{folder}/", ""))
    else:
        names = re.findall(r"[\w./]+/(?=\W)|[\w/]+\.py\b", block.text)
        assert names, "neither a drawing nor what the suite says"
        assert not [name for name in names if not is_there(name)]


def tree() -> list[str]:
    def below(error: type[Exception]) -> list[str]:
        return [error.__name__, *(name for one in error.__subclasses__() for name in below(one))]

    return below(errors.AcceptanceError)


def is_there(name: str) -> bool:
    return any(
        (ROOT / folder / name).exists()
        for folder in ("", "acceptance", "simulator/sqlserver", "simulator")
    ) or bool(list((ROOT / "acceptance").rglob(name.strip("/"))))


RULES: dict[str, Callable[[Block, pytest.Config, Path], None]] = {
    "": plain,
    "powershell": powershell,
    "python": python,
    "sh": shell,
    "sql": sql,
    "yaml": yaml_text,
}


@named(BLOCKS)
def test_every_block_is_what_it_says_it_is(
    block: Block, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    assert block.language in RULES, f"{block.place}: no rule tries a block of {block.language!r}"
    RULES[block.language](block, pytestconfig, tmp_path)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sh", "pytest --hosts=customer01 --no-such-option"),
        ("sh", "pytest --hosts=customer01 -m no_such_marker"),
        ("sh", "cd x && acceptance no_such_command"),
        ("sh", "acceptance report x --no-such-option"),
        ("sh", "python -m acceptance.no_such_module"),
        ("sh", "no_such_program"),
        ("sh", "for one in x"),
        ("powershell", ".venv\\Scripts\\pytest --no-such-option"),
        ("python", "from acceptance.fixtures.own import no_such_name"),
        ("yaml", "customers: {acme: {no_such_key: 1}}"),
        ("sql", "SELECT"),
        ("", "a sentence"),
        ("", "AcceptanceError\n  NoSuchError"),
        ("", "no_such_room/ ◄── acceptance/"),
    ],
)
def test_an_example_that_no_longer_holds_is_told(
    language: str, text: str, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    told = (AssertionError, errors.AcceptanceError, ImportError, pytest.UsageError)
    with pytest.raises((*told, typer.BadParameter, click_error())):
        RULES[language](Block("docs/x.md", 1, language, f"{text}\n"), pytestconfig, tmp_path)


def click_error() -> type[Exception]:
    """What a command says of a wrong call, whichever click is under typer."""
    return next(one for one in typer.BadParameter.__mro__ if one.__name__ == "ClickException")


def test_every_call_within_a_line_is_one(pytestconfig: pytest.Config) -> None:
    """`pytest --hosts=…` and `acceptance …` in the tables and sentences of every page."""
    wrong = []
    for one in INLINE:
        try:
            is_shell(one.text, pytestconfig)
        except (AssertionError, pytest.UsageError, typer.BadParameter) as error:
            wrong.append(f"{one.place}: {one.text}: {error}")
    assert not wrong, "\n".join(wrong)
    assert len(INLINE) > 40


@pytest.mark.pwsh
def test_powershell_reads_its_blocks(tmp_path: Path) -> None:
    """All of them by one process."""
    texts = [block for block in BLOCKS if block.language == "powershell"]
    for number, block in enumerate(texts):
        (tmp_path / f"{number}.ps1").write_text(block.text, encoding="utf-8")
    command = (
        "$e = $null; foreach ($one in Get-ChildItem -Path $args[0] -Filter *.ps1) { [void]"
        "[System.Management.Automation.Language.Parser]::ParseFile($one.FullName, [ref]$null, "
        "[ref]$e); foreach ($x in $e) { '{0}: {1}' -f $one.BaseName, $x.Message } }"
    )
    pwsh = [shutil.which("pwsh") or "pwsh", "-NoProfile", "-NonInteractive", "-Command"]
    done = subprocess.run(
        [*pwsh, f"& {{ {command} }} '{tmp_path}'"], capture_output=True, text=True, check=True
    )
    assert not done.stdout, done.stdout
    assert len(texts) > 4


@pytest.mark.pwsh
def test_microsofts_parser_reads_the_sql(shared: Path, tmp_path: Path) -> None:
    texts = [one for one in BLOCKS if one.language == "sql" and one.page not in WALKED]
    for number, block in enumerate(texts):
        (tmp_path / f"{number}.sql").write_text(block.text, encoding="utf-8")
    read = parse_tsql(shared, tmp_path)
    assert len(read) == len(texts) > 0
    assert not [one for one in read.values() if one["errors"]]


@pytest.mark.slow
def test_the_check_of_ones_own_runs(tmp_path: Path) -> None:
    """As the page has it, against the simulated customer."""
    (block,) = [one for one in BLOCKS if one.page.endswith("own-check.md") and "def " in one.text]
    (tmp_path / "my_checks").mkdir()
    (tmp_path / "my_checks" / "test_print.py").write_text(block.text, encoding="utf-8")
    ran = run_pytest(
        "--hosts=demo", str(tmp_path / "my_checks"), f"--report-dir={tmp_path / 'report'}",
        report=tmp_path / "report",
    )  # fmt: skip
    assert ran.results["own"]
