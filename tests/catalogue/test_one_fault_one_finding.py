"""One fault, one finding: the compliant twin meets every requirement; break one thing, and exactly that is found.

Every fault is a host of one simulated customer: each twin is asked in a real PowerShell, then one pytest run judges them all.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from acceptance.catalogue import load_catalogue
from simulator.runner import PowerShellRunner
from simulator.twin import load_twin
from tests.catalogue.faults import FAULTS, Fault
from tests.twins import ask

ROOT = Path(__file__).parents[2]
COMPLIANT = "compliant"
OVER_SQL = ("sql", "synergy", "licence")  # their faults: test_sql_faults.py, test_synergy_faults.py
INVENTORY = """customers:
  twins:
    title: One fault each
    service_account: DEMO\\svc-clickker
    thresholds: {cores: 4, memory_gb: 16, free_disk_gb: 40}
    connection: {username: DEMO\\acceptance, password: env:UNUSED}
    hosts:
"""

Findings = dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """`{host: {requirement: finding}}`, the host being the fault's name."""
    folder = tmp_path_factory.mktemp("faults")
    (folder / "evidence").mkdir()
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda fault: _collect(fault, folder / "evidence"), [None, *FAULTS]))
    hosts = [COMPLIANT, *(fault.name for fault in FAULTS)]
    lines = [f"      {host}: {{roles: [web], connection: {{address: {host}.example.test}}}}\n" for host in hosts]
    (folder / "hosts.yaml").write_text(INVENTORY + "".join(lines), encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--hosts=twins",
            f"--inventory={folder / 'hosts.yaml'}",
            "-q",
            "--tb=no",
            f"--evidence={folder / 'evidence'}",
            f"--report-dir={folder / 'report'}",
            "-p",
            "no:cacheprovider",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    results = json.loads((folder / "report" / "results.json").read_text(encoding="utf-8"))
    found: Findings = {host: {} for host in hosts}
    for finding in results["findings"]:
        if finding["marker"] not in OVER_SQL:
            found[finding["host"]][finding["requirement"]] = finding["kind"]
    return found


def _collect(fault: Fault | None, folder: Path) -> None:
    twin = load_twin("server2019")
    if fault is not None:
        fault.breaks(twin)
    host = fault.name if fault else COMPLIANT
    evidence = ask(PowerShellRunner(twin), host=host)
    (folder / f"{host}.json").write_text(evidence.model_dump_json(), encoding="utf-8")


@pytest.mark.pwsh
def test_the_compliant_twin_meets_everything(findings: Findings) -> None:
    """Without this, a fault's finding would prove nothing."""
    assert set(findings[COMPLIANT].values()) == {"met"}


@pytest.mark.pwsh
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found_and_nothing_else(findings: Findings, fault: Fault) -> None:
    """Exactly the listed requirements are not met; every other finding is the compliant twin's."""
    expected = findings[COMPLIANT] | dict.fromkeys(fault.fails, "not met")
    assert findings[fault.name] == expected


def test_every_requirement_has_its_fault() -> None:
    """A requirement that nobody ever saw fail may be unable to."""
    seen = {requirement for fault in FAULTS for requirement in fault.fails}
    catalogue = load_catalogue(ROOT / "tests_infra" / "requirements")
    assert seen == {requirement.id for requirement in catalogue if requirement.marker not in OVER_SQL}
