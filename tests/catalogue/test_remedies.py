"""Remedies: each cause has its own, each thing its own command,
and every command runs as it is written.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from acceptance.backends.winrm import faults
from acceptance.catalogue.remedies import fill
from acceptance.catalogue.requirements import load_catalogue
from acceptance.catalogue.rules import RULES
from acceptance.errors import CatalogueError
from acceptance.evidence.sqlserver import AccessSection
from acceptance.findings.compose import remedy_of
from acceptance.findings.record import Record
from acceptance.hosts.sql_rights import CLOSED, missing, writing
from acceptance.text import NOTHING
from tests.tsql import parse_tsql

ROOT = Path(__file__).parents[2]
CATALOGUE = load_catalogue(ROOT / "tests_infra" / "requirements")
HOSTILE = {
    "service_account": "DEMO\\o'b]rien",
    "account_name": "o'b]rien\u2019; Restart-Computer",
    "database": "x]; DROP DATABASE y--",
    "clickker_database": "C'l]i",
    "group": "DEMO\\g]; DROP LOGIN [sa",
    "pool": "A, B' ; Stop-Computer",
    "feature": "Web-Server",
    "service": "W3SVC",
    "runtime": "v4.0",
}
REMEDIES = {
    f"{one.id}-{cause or 'remedy'}": one.remedy_for(cause)
    for one in CATALOGUE
    for cause in ("", *one.parameters.causes)
}
# Each with the question what is there now, and the condition that nothing is left to do.
SQL = {
    f"{name}-{number}": f"IF {template} PRINT 1;" if template == one.done else template
    for name, one in REMEDIES.items()
    if one.type == "sql"
    for number, template in enumerate(one.templates())
}
POWERSHELL = {
    f"{name}-{number}": template
    for name, one in REMEDIES.items()
    if one.type == "powershell"
    for number, template in enumerate(one.templates())
}
COMMANDS = r"""
$ErrorActionPreference = 'Stop'
$found = foreach ($text in ([Console]::In.ReadToEnd() | ConvertFrom-Json)) {
    $errors = $null
    $ast = [Management.Automation.Language.Parser]::ParseInput($text, [ref] $null, [ref] $errors)
    $isCommand = { $args[0] -is [Management.Automation.Language.CommandAst] }
    $commands = foreach ($one in $ast.FindAll($isCommand, $true)) {
        $named = $one.CommandElements |
            Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] }
        @{ name = $one.GetCommandName(); named = @($named | ForEach-Object ParameterName) }
    }
    @{ errors = @($errors | ForEach-Object Message); commands = @($commands) }
}
ConvertTo-Json -InputObject @($found) -Depth 5 -Compress
"""


def told(requirement: str, *causes: tuple[str, dict[str, str]]) -> str:
    record = Record(NOTHING)
    for cause, names in causes:
        record.mend(cause, **names)
    return str(remedy_of(CATALOGUE.entries[requirement].requirement, record, HOSTILE)[0])


def test_two_things_need_two_commands() -> None:
    """appcmd takes 'A, B' for one pool of that name; the same command twice is one."""
    both = told("IIS-26", ("", {"pool": "A"}), ("", {"pool": "B"}), ("", {"pool": "A"}))
    assert both.count("appcmd.exe") == 2
    assert "'A'" in both
    assert "'B'" in both


def test_each_cause_is_mended_by_its_own_remedy() -> None:
    """A database that is read-only is not mended by CREATE USER, nor a DENY by a role."""
    for one in CATALOGUE:
        texts = [told(one.id, (cause, {})) for cause in ("", *one.parameters.causes)]
        assert all(text != texts[0] for text in texts[1:]) or one.id in ("OS-13",)
    assert "CREATE USER" in told("SQL-05", ("", {}))
    for cause in RULES["sql.read_write"].causes:
        assert "CREATE USER" not in told("SQL-05", (cause, {}))
    assert told("OS-13", ("no_administrator", {})) == told("OS-10", ("", {}))


def test_a_cause_without_a_remedy_is_refused(tmp_path: Path) -> None:
    """Left out, or of a rule that does not know it."""
    folder = ROOT / "tests_infra" / "requirements"
    (tmp_path / "document.yaml").write_bytes((folder / "document.yaml").read_bytes())
    text = (folder / "sql.yaml").read_text(encoding="utf-8")
    for broken in (
        text.replace("    missing:", "    mising:", 1),
        text.replace("    closed:", "    clsed:", 1),
    ):
        assert broken != text
        (tmp_path / "sql.yaml").write_text(broken, encoding="utf-8")
        with pytest.raises(CatalogueError, match="one for each cause"):
            load_catalogue(tmp_path)


def access(**counts: int) -> AccessSection:
    actions = ("select", "insert", "update", "delete")
    given = {f"can_{one}": 1 for one in actions} | {f"tables_{one}": 3 for one in actions}
    return AccessSection.model_validate(
        {"sees_all": 1, "tables": 3, "denied_columns": 0, "user_name": "u"}
        | {"is_owner": 0, "is_datareader": 0, "is_datawriter": 0}
        | given
        | counts
    )


def test_a_reach_says_its_cause() -> None:
    """What the counts tell apart; a right that is merely missing has no cause of its own."""
    assert writing(access()).cause == ""
    assert writing(access(tables_delete=2)).cause == "denied"
    assert writing(access(can_insert=0, tables_insert=0)).cause == ""
    assert writing(access(can_insert=0, tables_insert=0, is_datawriter=1)).cause == "denied"
    assert writing(access(), "the database is read-only").cause == "read_only"
    assert writing(access(), "in single-user mode").cause == "closed"
    assert (missing("none").cause, CLOSED.cause) == ("missing", "")


def test_server_grants_name_their_database() -> None:
    """Permissions at server scope can be granted in master only (Microsoft Learn,
    GRANT Server Permissions).
    """
    for name, template in SQL.items():
        if re.search(r"CREATE LOGIN|ALTER LOGIN|SERVER ROLE|CONNECT SQL|ALTER DATABASE", template):
            assert template.startswith("USE [master];"), name


def test_what_faults_advise_keeps_its_quotes() -> None:
    """`winrm set … @{…}` loses its quotes in PowerShell;
    `Get-WSManInstance shell` asks for more.
    """
    text = Path(faults.__file__).read_text(encoding="utf-8")
    assert "winrm set" not in text
    assert text.count("Get-WSManInstance") == text.count(
        "Get-WSManInstance -ResourceURI shell -Enum"
    )


def test_what_ends_in_a_restart_says_so() -> None:
    """So that all of them come last, with one restart."""
    ends = {name for name, one in REMEDIES.items() if one.restart}
    components = [one.id for one in CATALOGUE.by_rule("iis.component")]
    pending = {f"{one}-{why}Pending" for one in components for why in ("Install", "Uninstall")}
    assert ends == pending | {"OS-02-remedy", "OS-14-remedy", "NET-05-remedy", "NET-12-remedy"}


@pytest.mark.pwsh
def test_powershell_remedies_parse_and_their_commands_exist(shared: Path) -> None:
    """Whatever the names: they stay values, and begin no command of their own."""
    assert len(POWERSHELL) > 60
    texts = [fill(one, HOSTILE) for one in POWERSHELL.values()]
    plain = [fill(one, dict.fromkeys(HOSTILE, "x")) for one in POWERSHELL.values()]
    merged = shared / "data" / "ps-profiles" / "merged-cmdlets.json"
    known: dict[str, Any] = json.loads(merged.read_text(encoding="utf-8-sig"))["cmdlets"]
    parsed = commands_of(texts + plain)
    for name, odd, usual in zip(POWERSHELL, parsed, parsed[len(texts) :], strict=False):
        assert odd["errors"] == [], name
        assert odd["commands"] == usual["commands"], name
        for command in odd["commands"]:
            if command["name"] and not command["name"].endswith(".exe"):  # none: by its path
                assert command["name"] in known, f"{name}: {command['name']}"
                wrong = set(command["named"]) - parameters(known[command["name"]])
                assert not wrong, f"{name}: {wrong}"


def parameters(entry: dict[str, Any]) -> set[str]:
    return {*entry["p"], "ErrorAction"}  # a common parameter: every command has it


def commands_of(texts: list[str]) -> list[dict[str, Any]]:
    ran = subprocess.run(
        ["pwsh", "-NoProfile", "-NonInteractive", "-Command", COMMANDS],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


@pytest.mark.pwsh
def test_sql_remedies_parse_whatever_the_names(shared: Path, tmp_path: Path) -> None:
    """Microsoft's own parser takes each, and a name ends no identifier and no literal."""
    assert {name[:6] for name in SQL} >= {
        "SQL-02",
        "SQL-03",
        "SQL-04",
        "SQL-05",
        "SQL-06",
        "SQL-08",
    }
    for name, template in SQL.items():
        text = fill(template, HOSTILE)
        (tmp_path / f"{name}.sql").write_text(text, encoding="utf-8")
    parsed = parse_tsql(shared, tmp_path)
    assert len(parsed) == len(SQL)
    for name, one in parsed.items():
        assert one["errors"] == [], name
        assert not {"DropDatabaseStatement", "DropLoginStatement"} & set(one["statements"])
