"""The hosted machine's twin is judged as it will be: same inventory, breaks and expectation."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.windows.runner import PowerShellRunner

from acceptance.catalogue.requirements import load_catalogue
from acceptance.collecting.parameters import parameters_of
from acceptance.evidence.file import Evidence
from acceptance.evidence.sql import SqlEvidence
from acceptance.inventory.file import load_inventory
from tests.sql_twins import PASSWORD, as_evidence, ask_server, list_releases, needs_driver
from tests.twins import ask, seen_from_here
from tests.windows import hosted

ROOT = Path(__file__).parents[2]
INVENTORY = hosted.HERE / "hosts.yaml"
CASES = [None, *range(len(hosted.BREAKS))]


def windows_evidence(inventory: Path, broken: Mapping[str, Any]) -> Evidence:
    """What the machine's Windows says."""
    twin = hosted.windows_twin(broken)
    customer = load_inventory(inventory).customers["hosted"]
    catalogue = load_catalogue(ROOT / "tests_infra" / "requirements")
    parameters = parameters_of(customer, "web01", catalogue) | {"timeout_seconds": 30}
    with Endpoints(twin.network) as endpoints:
        here = seen_from_here(endpoints)
        runner = PowerShellRunner(twin, endpoints)
        found = ask(runner, customer="hosted", parameters=parameters, from_here=here)
    assert found.reached is not None
    return found.model_copy(update={"reached": replace(found.reached, address="localhost:5986")})


def sql_evidence(folder: Path, broken: Mapping[str, Any]) -> SqlEvidence:
    """What its SQL Server says, over the real driver."""
    entry = yaml.safe_load(INVENTORY.read_text(encoding="utf-8"))["customers"]["hosted"]
    del entry["hosts"]
    text = yaml.safe_dump({"customers": {"twins": entry}}) + "    hosts:\n"
    folder.mkdir()
    with SqlServer(hosted.sql_twin(broken), logins={"acceptance": PASSWORD}) as server:
        return ask_server(folder, server, text=text)


def judged(folder: Path, evidence: Evidence) -> dict[str, Any]:
    """results.json of a run over the evidence."""
    (folder / "evidence").mkdir()
    (folder / "evidence" / "web01.json").write_text(evidence.model_dump_json(), encoding="utf-8")
    list_releases(folder)
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "--hosts=hosted", "-q", "--tb=no",
            f"--inventory={folder / 'hosts.yaml'}", f"--evidence={folder / 'evidence'}",
            f"--report-dir={folder / 'report'}", "-p", "no:cacheprovider",
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    path = folder / "report" / "results.json"
    assert path.exists(), done.stdout + done.stderr
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return results


def inventory_in(folder: Path) -> Path:
    (folder / "hosted-ca.pem").touch()
    path = folder / "hosts.yaml"
    path.write_bytes(INVENTORY.read_bytes())
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """The machine's Windows as it was set up."""
    return windows_evidence(inventory_in(tmp_path_factory.mktemp("hosted")), {})


@pytest.mark.slow
@pytest.mark.pwsh
@pytest.mark.parametrize("number", CASES)
def test_the_twin_is_found_as_the_workflow_expects(
    number: int | None, whole: Evidence, tmp_path: Path
) -> None:
    """What is broken on the hosted machine is broken on its twin, and exactly that is found."""
    needs_driver()
    inventory = inventory_in(tmp_path)
    broken = {} if number is None else hosted.BREAKS[number]
    asked = sql_evidence(tmp_path / "sql", broken)
    in_windows = {"windows", "replace"} & set(broken)
    windows = windows_evidence(inventory, broken) if in_windows else whole
    results = judged(tmp_path, as_evidence("web01", asked, windows))
    assert hosted.differences(results, hosted.expected("winrm", number)) == []
