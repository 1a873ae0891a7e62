"""An engineer's own checks of a server that a person's script reads."""

from pathlib import Path

import pytest
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.by_hand import Person
from acceptance.simulator.windows.twin import load_twin
from typer.testing import CliRunner

from acceptance.cli.app import app
from tests.cli.test_by_hand import HOSTS
from tests.fixtures.conftest import Ran, run_pytest

pytestmark = [pytest.mark.slow, pytest.mark.pwsh]
CHECKS = """
from acceptance.fixtures.own import facts

@facts(service=["W3SVC", "Spooler"], port=[3389])
def test_w3svc(host):
    assert host.service("W3SVC").is_running
    assert host.port(3389).is_listening

@facts(service=["Spooler"])
def test_spooler(host):
    assert host.service("Spooler").is_running
"""
OTHER = """

@facts(service=["WAS"])
def test_was(host):
    assert host.service("WAS").is_running
"""


def command(*arguments: object) -> None:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == 0, done.output


def kinds(ran: Ran) -> dict[str, str]:
    return {one["requirement"].rpartition("::")[2]: one["kind"] for one in ran.results["own"]}


def test_what_they_name_is_in_the_question_and_decided_by_the_answer(tmp_path: Path) -> None:
    """An answer to other checks leaves them undecided, and the document's requirements alone."""
    hosts, checks = tmp_path / "hosts.yaml", tmp_path / "my_checks"
    hosts.write_text(HOSTS.replace("ACME\\svc", "DEMO\\svc-clickker"), encoding="utf-8")
    checks.mkdir()
    (checks / "test_mine.py").write_text(CHECKS, encoding="utf-8")
    inventory, out = f"--inventory={hosts}", tmp_path / "out"
    command("script", "acme/web01", inventory, f"--output={out}", f"--checks={checks}", "-m", "os")
    twin = load_twin("server2019-delegated")
    with Endpoints(twin.network) as endpoints:
        Person(twin, endpoints).run(out)
    command("import", out / "acme-web01.answer.json", inventory, "--yes")

    def run(name: str) -> Ran:
        report = tmp_path / name
        options = ("--hosts=acme/web01", inventory, f"--report-dir={report}", "-k", "test_")
        return run_pytest(*options, str(checks), report=report)

    assert kinds(run("first")) == {"test_w3svc": "met", "test_spooler": "not met"}
    (checks / "test_mine.py").write_text(CHECKS + OTHER, encoding="utf-8")
    after = run("second")
    assert set(kinds(after).values()) == {"could not be checked"}
    reasons = {one["reason"] for one in after.results["own"]}
    assert all("no answer holds this section" in one for one in reasons), reasons


def test_checks_that_pytest_cannot_read_are_told_in_a_line(tmp_path: Path) -> None:
    hosts, checks = tmp_path / "hosts.yaml", tmp_path / "my_checks"
    hosts.write_text(HOSTS, encoding="utf-8")
    checks.mkdir()
    (checks / "test_mine.py").write_text("import no_such_module\n", encoding="utf-8")
    options = [f"--inventory={hosts}", f"--output={tmp_path / 'out'}", f"--checks={checks}"]
    done = CliRunner().invoke(app, ["script", "acme/web01", *options])
    assert done.exit_code == 2
    assert "no_such_module" in done.output
    assert "Traceback" not in done.output
    assert not (tmp_path / "out").exists()
