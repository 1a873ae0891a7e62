"""The whole demo customer read by hand says what WinRM says, and more."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.by_hand.conftest import SHELLS
from tests.fixtures.conftest import run_pytest

pytestmark = [pytest.mark.slow, pytest.mark.pwsh]
# What a session over WinRM cannot ask: the directory.
MORE = {"OS-08", "OS-09"}


def findings(results: dict[str, Any]) -> dict[str, Any]:
    """`{"IIS-07 web01": [kind, what was found, remedy], ...}`"""
    return {
        f"{one['requirement']} {one['host']}": [one["kind"], one["found"], one["remedy"]]
        for one in results["findings"]
    }


def test_by_hand_the_findings_are_those_of_winrm(tmp_path: Path, shared: Path) -> None:
    """In genuine PowerShell and in the engine with 5.1's behaviour; OS-08 and OS-09 are decided."""
    ran = {"winrm": run_pytest("--hosts=demo", f"--report-dir={tmp_path}/w", report=tmp_path / "w")}
    for shell in SHELLS:
        path = f"{shared / shell}:{os.environ['PATH']}"
        report = tmp_path / shell
        ran[shell] = run_pytest(
            "--hosts=demo-by-hand", f"--report-dir={report}", report=report, PATH=path
        )
    found = {name: findings(one.results) for name, one in ran.items()}
    assert all(one.status == 1 for one in ran.values())
    for shell in SHELLS:
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
        assert r"DEMO\jansen on WEB01" in (ran[shell].report / "report.html").read_text()


def test_no_secret_of_the_server_comes_back(tmp_path: Path) -> None:
    """IIS keeps an account's password, encrypted, in the file that is read: it stays there."""
    report = tmp_path / "r"
    run_pytest("--hosts=demo-by-hand", f"--report-dir={report}", report=report)
    files = [one for one in report.rglob("*") if one.is_file()]
    assert len(files) > 5
    for one in files:
        assert b"enc:IISWASOnlyAesProvider" not in one.read_bytes(), one
