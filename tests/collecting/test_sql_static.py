"""The SQL collectors: they only read, they fit SQL Server 2012,
and they are spelt for case-sensitive servers.

By text everywhere; by Microsoft's own parser where the reference data and PowerShell 7 are there.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from acceptance.catalogue.remedies import fill
from acceptance.catalogue.requirements import load_catalogue
from acceptance.collecting.collect_sql import collector
from acceptance.evidence.sql import SQL_SECTIONS, section_model
from tests.tsql import parse_tsql

ROOT = Path(__file__).parents[2]
SQL = ROOT / "acceptance" / "collecting" / "sql"
FILES = sorted(SQL.glob("*.sql"))
WRAPPER = "in_database"  # no section: runs one in a database
DIALECT = "110"  # SQL Server 2012

STATEMENTS = {
    "SelectStatement",
    "DeclareVariableStatement",
    "IfStatement",
    "ExecuteAsStatement",
    "RevertStatement",
}
# What these two files alone may do besides; `executed` is the whole statement.
ONLY = {
    WRAPPER: {"PredicateSetStatement", "SetCommandStatement", "ExecuteStatement"},
    "options": {"ExecuteStatement"},
}
EXECUTED = {
    WRAPPER: "EXECUTE @run ?, N'@account nvarchar(256), @user nvarchar(256), "
    "@option nvarchar(10)', "
    "@account = ?, @user = ?, @option = ?;",
    "options": "EXECUTE sys.sp_executesql @read;",
}
SETS = ["SET NOCOUNT ON", "SET LOCK_TIMEOUT 5000"]
# Functions that SQL Server 2012 has, as Microsoft's documentation spells them.
FUNCTIONS = {
    "COL_LENGTH",
    "COUNT",
    "DB_NAME",
    "GETDATE",
    "DATABASEPROPERTYEX",
    "HAS_DBACCESS",
    "HAS_PERMS_BY_NAME",
    "IS_ROLEMEMBER",
    "IS_SRVROLEMEMBER",
    "LOGINPROPERTY",
    "LTRIM",
    "OBJECT_ID",
    "QUOTENAME",
    "RTRIM",
    "SERVERPROPERTY",
    "SUM",
    "SUSER_SID",
    "SUSER_SNAME",
    "USER_NAME",
}
TABLES = {
    "sys.availability_replicas",
    "sys.databases",
    "sys.database_permissions",
    "sys.database_principals",
    "sys.login_token",
    "sys.objects",
    "sys.schemas",
    "sys.server_permissions",
    "sys.server_principals",
    "sys.server_role_members",
    "sys.tables",
    "dbo.BacoSettings",
    "dbo.bedryf",
    "dbo.ExactLicense",
    "dbo.ExactOptions",
    "dbo.HRRoleDefs",
    "dbo.HRRoles",
    "dbo.humres",
    "dbo.LicenseWSCallLog",
}
SECRET = re.compile(r"passw|pwd|secret|hash", re.IGNORECASE)


def code(path: Path) -> str:
    """A file without its comments."""
    return re.sub(r"--.*", "", path.read_text(encoding="ascii"))


def faults(text: str, parsed: dict[str, Any], stem: str = "") -> list[str]:
    """What is wrong with a script, by its text and by what Microsoft's parser says of it."""
    found = [f"error {one['number']}: {one['message']}" for one in parsed["errors"]]
    found += sorted(set(parsed["statements"]) - STATEMENTS - ONLY.get(stem, set()))
    found += sorted(set(parsed["tables"]) - TABLES) + sorted(set(parsed["functions"]) - FUNCTIONS)
    found += ["SELECT *"] if parsed["selectStar"] else []
    found += ["more than one batch"] if parsed["batches"] != 1 else []
    found += ["NO REVERT"] if "NO REVERT" in text.upper() else []
    return found


def parse(shared: Path, folder: Path, texts: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Microsoft's parser on several scripts in one process.

    Markers become names, as the driver sends them.
    """
    for name, text in texts.items():
        first, *rest = text.split("?")
        numbered = first + "".join(f"@P{number}{part}" for number, part in enumerate(rest, 1))
        (folder / f"{name}.sql").write_text(numbered, encoding="ascii")
    return parse_tsql(shared, folder, DIALECT)


@pytest.mark.pwsh
def test_collectors_only_read_and_fit_sql_server_2012(shared: Path, tmp_path: Path) -> None:
    """By the statements of the parse tree: SELECT, DECLARE, IF, EXECUTE AS, REVERT;
    two known EXECUTEs, compared whole.
    """
    parsed = parse(shared, tmp_path, {path.stem: code(path) for path in FILES})
    assert set(parsed) == {path.stem for path in FILES}
    assert not [
        fault
        for name, one in parsed.items()
        for fault in faults(code(SQL / f"{name}.sql"), one, name)
    ]


@pytest.mark.pwsh
@pytest.mark.parametrize("option", ["0", "1022"])
def test_what_options_puts_together_only_reads(shared: Path, tmp_path: Path, option: str) -> None:
    """The one text that is made on the server is parsed like a file of its own."""
    pieces = re.findall(r"N'([^']*)'|(QUOTENAME)", code(SQL / "options.sql"))
    assert [bool(quoted) for _, quoted in pieces] == [False, True, False, False]
    (before, _), _, (column, _), (after, _) = pieces
    text = f"{before}[{column}{option}]{after}"
    [parsed] = parse(shared, tmp_path, {"built": text}).values()
    assert faults(text, parsed) == []
    assert f"o.[opt_{option}]" in text


@pytest.mark.pwsh
def test_the_parser_would_find_what_it_looks_for(shared: Path, tmp_path: Path) -> None:
    """A rule that nothing can break proves nothing."""
    bad = {
        "update": ("UPDATE dbo.humres SET blocked = 1;", "UpdateStatement"),
        "into": (
            "SELECT h.res_id INTO #x FROM dbo.humres AS h; DROP TABLE #x;",
            "DropTableStatement",
        ),
        "word": ("sp_configure;", "ExecuteStatement"),
        "star": ("SELECT * FROM sys.tables;", "SELECT *"),
        "newer": ("SELECT STRING_AGG(t.name, ',') FROM sys.tables AS t;", "STRING_AGG"),
        "case": ("SELECT t.name FROM sys.Tables AS t;", "sys.Tables"),
        "dynamic": ("EXECUTE (N'DROP DATABASE x');", "ExecuteStatement"),
        "batches": ("SELECT 1;\nGO\nSELECT 2;", "more than one batch"),
        "syntax": ("SELECT FROM;", "error"),
    }
    parsed = parse(shared, tmp_path, {name: text for name, (text, _) in bad.items()})
    for name, (text, words) in bad.items():
        assert any(words in fault for fault in faults(text, parsed[name])), name


@pytest.mark.pwsh
def test_remedies_are_statements_whatever_the_names(shared: Path, tmp_path: Path) -> None:
    """What an administrator copies is T-SQL, and a name stays a name:
    quotes and brackets end nothing.
    """
    catalogue = load_catalogue(ROOT / "tests_infra" / "requirements")
    odd = {
        "service_account": "DEMO\\o'b]rien",
        "database": "x]; DROP DATABASE y--",
        "clickker_database": "C'l]i",
    }
    names = ("SQL-02", "SQL-03", "SQL-04", "SQL-05", "SQL-08")
    texts = {
        name: fill(catalogue.entries[name].requirement.remedy_for("").template, odd)
        for name in names
    }
    for name, parsed in parse(shared, tmp_path, texts).items():
        assert parsed["errors"] == [], name
        assert "DropDatabaseStatement" not in parsed["statements"]
        assert "ExecuteStatement" not in parsed["statements"]


def test_one_stem_everywhere() -> None:
    """A section is a file, a class and a key of the evidence."""
    assert {path.stem for path in FILES} == {*SQL_SECTIONS, WRAPPER}
    assert all(section_model(section).__doc__ for section in SQL_SECTIONS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_collector_keeps_the_house_rules(path: Path) -> None:
    """A header that says what it reads and needs; ASCII; no password column; nothing pasted;
    short enough for nvarchar(4000).
    """
    text = path.read_text(encoding="ascii")
    begins = "-- Runs one collector" if path.stem == WRAPPER else f"-- Section {path.stem}"
    assert text.startswith(begins)
    assert "SQL Server 2012 and later." in text.split("\nSELECT")[0].split("\nDECLARE")[0]
    assert path.stem == WRAPPER or "Needs " in text
    assert not SECRET.search(code(path))
    assert path.stem == WRAPPER or "?" not in code(path)
    assert len(collector(path.stem)) <= 4000  # beyond, the driver would send a large object
    executed = re.findall(r"^EXECUTE (?!AS).*", code(path), re.MULTILINE)
    assert executed == [EXECUTED[path.stem]] if path.stem in EXECUTED else not executed
    assert len(re.findall(r"EXECUTE AS LOGIN = @account;", code(path))) == len(
        re.findall(r"^REVERT;", code(path), re.M)
    )


def test_what_is_set_concerns_the_session_alone() -> None:
    """The parser tells SET LOCK_TIMEOUT from no other SET command."""
    lines = [line.split(";")[0] for line in code(SQL / f"{WRAPPER}.sql").splitlines()]
    assert [line for line in lines if line.startswith("SET ")] == SETS
