"""The suite from its wheel: not editable, in a virtual environment and a folder of its own."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = "Scripts" if os.name == "nt" else "bin"
Run = Callable[..., tuple[int, str]]

pytestmark = pytest.mark.slow


def run(*command: str | Path, folder: Path, **environment: str) -> tuple[int, str]:
    """Exit status and everything that was said; no variable of this run of pytest comes along."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYT")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=kept | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `pytest` and `acceptance` in a new environment that has the wheel."""
    place = tmp_path_factory.mktemp("wheel")
    copy = place / "source"  # setuptools writes beside what it builds
    skipped = shutil.ignore_patterns(".*", "build", "reports", "__pycache__", "*.egg-info")
    shutil.copytree(ROOT, copy, ignore=skipped)
    wheel = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", place, copy]
    status, output = run(*wheel, folder=place)
    assert status == 0, output
    [built] = place.glob("*.whl")
    environment = place / "venv"
    assert run(sys.executable, "-m", "venv", environment, folder=place)[0] == 0
    install = [environment / BIN / "python", "-m", "pip", "install", "-q", f"{built}[demo]"]
    status, output = run(*install, folder=place)
    assert status == 0, output
    return environment / BIN


@pytest.fixture(scope="module")
def folder(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder in which the demo has been run."""
    made = tmp_path_factory.mktemp("empty")
    status, output = run(programs / "pytest", "--hosts=demo", "-v", folder=made)
    assert status == 1, output
    (made / "output.txt").write_text(output, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def report(folder: Path) -> Path:
    [made] = (folder / "reports" / "demo").glob("*/")
    return made


def test_the_demo_does_what_it_does_in_the_clone(folder: Path, report: Path) -> None:
    """The same findings in the same words; tests and report are named as in the clone."""
    there = folder / "clone"
    clone = [sys.executable, "-m", "pytest", "--hosts=demo", "-v", f"--report-dir={there}"]
    _, in_the_clone = run(*clone, "-p", "no:cacheprovider", folder=ROOT)
    output = (folder / "output.txt").read_text(encoding="utf-8")
    for said in (output, in_the_clone):
        assert "tests_infra/test_iis.py::test_component_is_installed[IIS-07-web01] FAILED" in said
        assert "site-packages" not in said
    kinds = r'"kind": "[a-z ]+"'
    own, other = ((one / "results.json").read_text(encoding="utf-8") for one in (report, there))
    assert re.findall(kinds, own) == re.findall(kinds, other) != []
    assert {path.name for path in report.iterdir()} == {path.name for path in there.iterdir()}
    assert f"Report:  {report / 'report.html'}" in output


def test_stored_evidence_is_judged_again(programs: Path, folder: Path, report: Path) -> None:
    """From the folder that the first run has written."""
    call = (programs / "pytest", "--hosts=demo", f"--evidence={report / 'evidence'}")
    status, output = run(*call, folder=folder)
    assert status == 1, output
    assert "Verdict: rejected" in output


def test_the_commands_need_no_clone(programs: Path, folder: Path, report: Path) -> None:
    """init, check, explain, report, keygen, sign and verify;
    `acceptance check` reads what init wrote.
    """
    work = folder / "work"
    for arguments, said in (
        (["init", "work"], "hosts.yaml is written."),
        (["init", "work"], "hosts.yaml is there already and stays as it is."),
        (["check", "--inventory=work/hosts.yaml"], "1 customer, nothing wrong."),
        (["explain", "IIS-07"], "iis.component"),
        (["explain"], "IIS-07"),
        (["report", str(report)], "report.html"),
        (["keygen", "supplier.key"], "SHA256:"),
        (
            ["sign", str(report), "--as=supplier", "--name=n", "--role=r", "--key=supplier.key"],
            "Signed",
        ),
        (["verify", str(report)], "Nothing changed"),
    ):
        status, output = run(programs / "acceptance", *arguments, folder=folder)
        assert said in output
        assert (status, "Traceback" in output) == (0, False), output
    text = (ROOT / "hosts.yaml").read_text(encoding="utf-8")
    assert (work / "hosts.yaml").read_text(encoding="utf-8") == text


def test_pytest_there_is_nobody_elses_business(programs: Path, tmp_path: Path) -> None:
    """Somebody's own tests run without the suite, whose modules stay unread."""
    (tmp_path / "test_own.py").write_text(
        "import sys\ndef test_own():\n    assert 'pydantic' not in sys.modules\n", encoding="utf-8"
    )
    status, output = run(programs / "pytest", "-q", folder=tmp_path)
    assert status == 0, output


def test_a_customer_of_the_current_folder_is_read(programs: Path, tmp_path: Path) -> None:
    """`hosts.yaml` there, its mistakes with file and line, and tests named without connecting."""
    assert run(programs / "acceptance", "init", folder=tmp_path)[0] == 0
    call = (programs / "pytest", "--hosts=customer01", "--collect-only", "-q")
    status, output = run(*call, folder=tmp_path)
    assert status == 0, output
    assert "tests_infra/test_sql.py::" in output
    assert not (tmp_path / "reports").exists()


CUSTOMER = """\
title: {title}
service_account: ACME\\svc
hosts:
  web01:
    roles: [web]
    connection: {{address: 127.0.0.1, port: 1, username: ACME\\a, password: env:ACME_WINRM}}
"""


def test_one_broken_customer_costs_itself_alone(programs: Path, tmp_path: Path) -> None:
    """A file for each customer: exit status 4 at the end of the run, and the other one's report."""
    (tmp_path / "customers").mkdir()
    (tmp_path / "hosts.yaml").write_text("include: customers/*.yaml\n", encoding="utf-8")
    for name, title in (("good", "title"), ("broken", "titel")):
        text = CUSTOMER.format(title=name.title()).replace("title:", f"{title}:")
        (tmp_path / "customers" / f"{name}.yaml").write_text(text, encoding="utf-8")
    call = (programs / "pytest", "--hosts=all", "-m", "os", "-q")
    status, output = run(*call, folder=tmp_path, ACME_WINRM="x")
    assert status == 4, output
    assert f"{Path('customers') / 'broken.yaml'}:1: " in output
    [made] = (tmp_path / "reports" / "good").glob("*/")
    assert "could not be checked" in (made / "results.json").read_text(encoding="utf-8")


def test_a_librarys_warning_breaks_no_run(programs: Path, folder: Path, report: Path) -> None:
    """Also where somebody's own settings beside it make errors of warnings."""
    call = (programs / "pytest", "--hosts=demo", f"--evidence={report / 'evidence'}", "-m", "os")
    (folder / "sitecustomize.py").write_text(
        "import warnings\nwarnings.warn('a library is old', DeprecationWarning)\n", encoding="utf-8"
    )
    status, output = run(*call, folder=folder, PYTHONPATH=str(folder), PYTHONWARNINGS="error")
    assert status == 1, output
    assert "Verdict: rejected" in output
    assert "INTERNALERROR" not in output
