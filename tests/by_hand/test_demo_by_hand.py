"""The whole demo customer read by hand says what WinRM says, and more."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.by_hand.conftest import SHELLS
from tests.fixtures.conftest import Ran, run_pytest

pytestmark = [pytest.mark.slow, pytest.mark.pwsh]
# What a session over WinRM cannot ask: the directory.
MORE = {"OS-08", "OS-09"}


def findings(results: dict[str, Any]) -> dict[str, Any]:
    """`{"IIS-07 web01": [kind, what was found, remedy], ...}`"""
    return {
        f"{one['requirement']} {one['host']}": [one["kind"], one["found"], one["remedy"]]
        for one in results["findings"]
    }


RECORDED = "recorded"


# Of clocks, and of certificates and ports that are made for a run.
OF_A_RUN = {"milliseconds", "utc_now", "thumbprint", "chain", "not_after", "root", "raw", "port"}


def facts_of(ran: Ran) -> Any:
    """What the script wrote, without what differs from run to run."""
    (answer,) = (ran.report / "by-hand").glob("*.answer.json")
    facts = json.loads(answer.read_bytes())["facts"]
    for batch in facts["sqlclient"]["db01"]["value"]["answers"]:
        for rows in batch["sets"]:
            if "local_now" in rows["columns"]:
                del rows["rows"]
    return _steady(facts)


def _steady(value: Any) -> Any:
    if isinstance(value, list):
        return [_steady(one) for one in value]
    if isinstance(value, dict):
        return {key: _steady(one) for key, one in value.items() if key not in OF_A_RUN}
    return value


def path_with(shell: str, shared: Path) -> str:
    """PATH with this PowerShell, or with none."""
    if shell != RECORDED:
        return f"{shared / shell}:{os.environ['PATH']}"
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(one for one in folders if not (Path(one) / "pwsh").exists())


def test_by_hand_the_findings_are_those_of_winrm_and_odbc(tmp_path: Path, shared: Path) -> None:
    """In genuine PowerShell, in the engine with 5.1's behaviour, and from recorded answers where a
    newcomer has neither; OS-08 and OS-09 are decided. The SQL Server is asked by SqlClient.
    """
    ran = {"winrm": run_pytest("--hosts=demo", f"--report-dir={tmp_path}/w", report=tmp_path / "w")}
    for shell in (*SHELLS, RECORDED):
        report = tmp_path / shell
        options = ("--hosts=demo-by-hand", f"--report-dir={report}")
        ran[shell] = run_pytest(*options, report=report, PATH=path_with(shell, shared))
    found = {name: findings(one.results) for name, one in ran.items()}
    assert all(one.status == 1 for one in ran.values()), [one.output for one in ran.values()]
    answers = {shell: facts_of(ran[shell]) for shell in (*SHELLS, RECORDED)}
    assert answers["pwsh"] == answers["pwsh7"] == answers[RECORDED]
    assert len(answers["pwsh"]) > 10
    for shell in (*SHELLS, RECORDED):
        assert found[shell].keys() == found["winrm"].keys()
        different = {
            name.split()[0]
            for name, one in found[shell].items()
            if one[0] != found["winrm"][name][0]
        }
        assert different == MORE
        assert {found[shell][f"{one} web01"][0] for one in MORE} == {"met"}
        evidence = json.loads((ran[shell].report / "evidence" / "web01.json").read_bytes())
        assert evidence["reached"]["backend"] == "script"
        database = json.loads((ran[shell].report / "evidence" / "db01.json").read_bytes())
        reached = database["sql"]["reached"]
        assert (reached["backend"], reached["through"]) == ("sqlclient", "web01")
        assert r"DEMO\jansen on WEB01" in (ran[shell].report / "report.html").read_text()


@pytest.mark.parametrize("selection", ["demo-by-hand/db01", "demo-by-hand"])
def test_workers_and_a_part_of_it_find_the_same_of_the_database(
    tmp_path: Path, selection: str
) -> None:
    """The script is run on web01 also where only db01 is selected: it asks from there."""
    options = [f"--hosts={selection}", f"--report-dir={tmp_path / 'r'}", "-n2"]
    ran = run_pytest(*options, report=tmp_path / "r")
    kinds = ran.kinds("db01")
    assert "could not be checked" not in kinds.values(), ran.output
    assert kinds["SYN-07"] == "not met"


def test_no_secret_of_the_server_comes_back(tmp_path: Path) -> None:
    """IIS keeps an account's password, encrypted, in the file that is read: it stays there."""
    report = tmp_path / "r"
    run_pytest("--hosts=demo-by-hand", f"--report-dir={report}", report=report)
    files = [one for one in report.rglob("*") if one.is_file()]
    assert len(files) > 5
    for one in files:
        assert b"enc:IISWASOnlyAesProvider" not in one.read_bytes(), one
