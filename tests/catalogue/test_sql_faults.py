"""One fault, one finding, for what is read over SQL:
each twin is asked over the real driver and TLS, then two runs judge them all.

Every fault is a SQL Server of one simulated customer; one run per phase.
"""

import json
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import Twin, load_twin

from acceptance.evidence.sql import SQL_SECTIONS
from tests.catalogue.faults_sql import FAULTS, SqlFault, globe_release, table
from tests.sql_twins import (
    CUSTOMER,
    PASSWORD,
    as_evidence,
    ask_server,
    ask_sql,
    customer_of,
    needs_driver,
)

ROOT = Path(__file__).parents[2]
COMPLIANT, DOWN = "compliant", "not-started"
BY_PHASE = {"SQL-03", "SQL-04", "SQL-05"}
IN_PHASES = [(fault, "prepare") for fault in FAULTS] + [
    (fault, "installed")
    for fault in FAULTS
    if (fault.fails | fault.awaits | fault.unread) & BY_PHASE
]
ALONE = {"SQL-01", "SYN-04"}  # whose faults are tests of their own, below
LISTED = {one for fault in FAULTS for one in (fault.fails | fault.awaits | fault.unread)} | ALONE
Findings = dict[str, dict[str, str]]


def judged(
    folder: Path, phase: str, markers: str = "sql or synergy or licence", hosts: str = "twins"
) -> Findings:
    """`{host: {requirement: finding}}` of a pytest run over the evidence in `folder`;
    not applicable ones and hints are left out.
    """
    report = folder / f"report-{phase}"
    arguments = [
        f"--inventory={folder / 'hosts.yaml'}",
        f"--evidence={folder / 'evidence'}",
        f"--report-dir={report}",
    ]
    run = [
        sys.executable,
        "-m",
        "pytest",
        f"--hosts={hosts}",
        f"--phase={phase}",
        "-m",
        markers,
        *arguments,
    ]
    done = subprocess.run(
        [*run, "-q", "--tb=no", "-p", "no:cacheprovider"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found: Findings = {}
    for finding in json.loads((report / "results.json").read_text(encoding="utf-8"))["findings"]:
        if finding["kind"] not in ("not applicable", "hint"):
            found.setdefault(finding["host"], {})[finding["requirement"]] = finding["kind"]
    return found


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Findings]:
    """By phase."""
    needs_driver()
    folder = tmp_path_factory.mktemp("sqlfaults")
    (folder / "evidence").mkdir()
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda fault: _collect(fault, folder), [None, *FAULTS]))
    _collect_down(folder)
    names = [COMPLIANT, DOWN, *(fault.name for fault in FAULTS)]
    (folder / "evidence").mkdir(exist_ok=True)
    sql = {"server": "localhost", "auth": "windows"}
    customer_of(folder, {name: {"roles": ["database"], "sql": sql} for name in names})
    prepare = judged(folder, "prepare")
    # Only some requirements differ between the phases:
    # the second run judges the faults that concern them.
    hosts = [
        COMPLIANT,
        *(fault.name for fault in FAULTS if (fault.fails | fault.awaits | fault.unread) & BY_PHASE),
    ]
    return {
        "prepare": prepare,
        "installed": judged(folder, "installed", hosts=",".join(f"twins/{one}" for one in hosts)),
    }


def _collect(fault: SqlFault | None, folder: Path) -> None:
    twin, host = load_twin("sql-compliant"), fault.name if fault else COMPLIANT
    if fault is not None:
        fault.breaks(twin)
    (folder / host).mkdir()
    with SqlServer(twin, logins={"acceptance": PASSWORD}) as server:
        evidence = as_evidence(host, ask_server(folder / host, server))
    (folder / "evidence" / f"{host}.json").write_text(evidence.model_dump_json(), encoding="utf-8")


def _collect_down(folder: Path) -> None:
    (folder / DOWN).mkdir()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    sql = {"server": "localhost", "port": port}
    customer = customer_of(folder / DOWN, {DOWN: {"roles": ["database"], "sql": sql}})
    evidence = as_evidence(DOWN, ask_sql(customer, DOWN, SQL_SECTIONS, None))
    (folder / "evidence" / f"{DOWN}.json").write_text(evidence.model_dump_json(), encoding="utf-8")


@pytest.mark.parametrize("phase", ["prepare", "installed"])
def test_the_compliant_server_meets_everything(findings: dict[str, Findings], phase: str) -> None:
    """Without this, a fault's finding would prove nothing."""
    assert set(findings[phase][COMPLIANT].values()) == {"met"}


@pytest.mark.parametrize(("fault", "phase"), IN_PHASES, ids=lambda one: getattr(one, "name", one))
def test_a_fault_is_found_and_nothing_else(
    findings: dict[str, Findings], fault: SqlFault, phase: str
) -> None:
    """Exactly the listed requirements change; every other finding is the compliant server's."""
    compliant = findings[phase][COMPLIANT]
    broken = dict.fromkeys(fault.fails, "not met") | dict.fromkeys(
        fault.awaits, "awaiting confirmation"
    )
    broken |= dict.fromkeys(fault.unread, "could not be checked")
    expected = compliant | {name: kind for name, kind in broken.items() if name in compliant}
    assert listed(findings[phase][fault.name]) == listed(expected)


def listed(found: dict[str, str]) -> dict[str, str]:
    """Without requirements that no fault names: tests/evidence/test_seen_to_fail.py has theirs."""
    return {one: kind for one, kind in found.items() if one in LISTED}


def test_a_server_that_is_not_started_fails_and_nothing_else_is_judged(
    findings: dict[str, Findings],
) -> None:
    """Nothing listens: that is what was found;
    what could not be asked is neither met nor not met.
    """
    found = findings["prepare"][DOWN]
    assert {name for name, kind in found.items() if kind == "not met"} == {"SQL-01"}
    assert {kind for name, kind in found.items() if name != "SQL-01"} == {"could not be checked"}


def test_globe_is_older_by_its_program_and_by_its_database(tmp_path: Path) -> None:
    """The two witnesses agree; the database alone decides nothing."""
    twin = load_twin("sql-compliant")
    globe_release(501)(twin)
    assert _of_globe(tmp_path, twin, CUSTOMER, installed=501) == "not met"


def test_every_globe_database_has_to_state_its_release(tmp_path: Path) -> None:
    """What one of them states, and another does not, is not decided for both."""
    twin = load_twin("sql-compliant")
    twin.databases["050"] = twin.databases["020"].model_copy(deep=True)
    table(twin, "bedryf", "050").rows.clear()
    table(twin, "BacoSettings", "050").rows.clear()
    text = CUSTOMER.replace('"020"', '"020", "050"')
    assert _of_globe(tmp_path, twin, text, installed=503) == "awaiting confirmation"


def _of_globe(folder: Path, twin: Twin, text: str, installed: int) -> str:
    """SYN-04 of a server whose Windows has Globe+ of that release."""
    needs_driver()
    (folder / "evidence").mkdir()
    with SqlServer(twin, logins={"acceptance": PASSWORD}) as server:
        sql = ask_server(folder, server, sections=["product", "release", "databases"], text=text)
    evidence = as_evidence("db01", sql, globe=installed)
    (folder / "evidence" / "db01.json").write_text(evidence.model_dump_json(), encoding="utf-8")
    entry = {"roles": ["database"], "sql": {"server": "localhost", "auth": "windows"}}
    customer_of(folder, {"db01": entry}, text)
    return judged(folder, "prepare", "synergy")["db01"]["SYN-04"]
