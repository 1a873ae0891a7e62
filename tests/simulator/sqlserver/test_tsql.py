"""T-SQL is really evaluated: each line is a statement and what SQL Server answers to it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from acceptance.simulator.sqlserver import catalog
from acceptance.simulator.sqlserver.catalog import ROWS, VIEWS
from acceptance.simulator.sqlserver.errors import NOT_EVALUATED
from acceptance.simulator.sqlserver.execution import execute_sql, run
from acceptance.simulator.sqlserver.session import ResultSet, Session
from acceptance.simulator.sqlserver.state import Database, Login, Table, Twin, load_twin
from hypothesis import given
from hypothesis import strategies as st

from acceptance import collecting
from tests.simulator.sqlserver.answers import Ask, inside, numbers, rows, value

COLLECTORS = Path(collecting.__file__).parent / "sql"

EXPRESSIONS: list[tuple[str, Any]] = [
    ("N'a' + 'b'", "ab"),
    ("N'a' + NULL", None),
    ("CASE WHEN 'a' = 'A' THEN 1 ELSE 0 END", 1),
    ("CASE WHEN 'a' = 'a   ' THEN 1 ELSE 0 END", 1),
    ("CASE WHEN 'a' = 'A' COLLATE Latin1_General_CS_AS THEN 1 ELSE 0 END", 0),
    ("CASE WHEN N'é' = N'e' COLLATE Latin1_General_CI_AI THEN 1 ELSE 0 END", 1),
    ("CASE WHEN NULL = NULL THEN 1 ELSE 0 END", 0),
    ("CASE WHEN 'abc' LIKE N'%B%' THEN 1 ELSE 0 END", 1),
    ("CASE WHEN N'a.c' LIKE N'%b%' OR NULL = 1 THEN 1 ELSE 0 END", 0),
    ("CASE WHEN 'a' NOT IN ('B', 'c') THEN 1 ELSE 0 END", 1),
    ("CASE WHEN '2' IN (1, 2) THEN 1 ELSE 0 END", 1),
    ("COALESCE(NULL, NULL, 3)", 3),
    ("LTRIM(RTRIM(N'  a b '))", "a b"),
    ("QUOTENAME(N'a]b')", "[a]]b]"),
    ("CAST(1 AS nvarchar(5))", "1"),
    ("CAST(N'abcdef' AS nvarchar(3))", "abc"),
    ("CAST(' 12 ' AS int)", 12),
    ("CAST(2 AS bit)", 1),
    ("CAST(SERVERPROPERTY('IsIntegratedSecurityOnly') AS int)", 0),
    ("DB_NAME()", "Synergy"),
    ("COL_LENGTH(N'dbo.humres', N'usr_id')", 510),
    ("SUSER_SID(N'DEMO\\nobody')", None),
    ("(SELECT COUNT(*) FROM dbo.HRRoleDefs)", 3),
    ("(SELECT usr_id FROM dbo.humres WHERE res_id = 5)", None),
    ("CAST(DATABASEPROPERTYEX(N'Synergy', 'Updateability') AS nvarchar(20))", "READ_WRITE"),
    ("IS_ROLEMEMBER('no_such_role')", None),
    ("IS_SRVROLEMEMBER('no_such_role')", None),
    ("CASE WHEN N'' LIKE N'%' AND N'a.c' LIKE N'A.%' THEN 1 ELSE 0 END", 1),
    ("CASE WHEN N'ＡＢ' = N'ab' THEN 1 ELSE 0 END", 1),
    ("CASE WHEN N'ＡＢ' = N'ab' COLLATE Latin1_General_CI_AS_WS THEN 1 ELSE 0 END", 0),
    ("CASE WHEN N'カ' = N'か' THEN 1 ELSE 0 END", 1),
    ("CONVERT(varchar(20), SUSER_SID(N'sa'), 1)", "0x01"),
    ("CAST(N'a' AS nchar(3))", "a  "),
    ("CASE WHEN NULL = 1 OR 1 = 1 THEN 1 ELSE 0 END", 1),
    ("CASE WHEN NOT (NULL = 1 AND 1 = 1) THEN 1 ELSE 0 END", 0),
    ("COUNT(*) FROM dbo.HRRoles WHERE 1 = 0", 0),
    ("COALESCE(SUM(RoleID), 0) FROM dbo.HRRoles WHERE 1 = 0", 0),
    ("SUM(RoleID) FROM dbo.HRRoles", 92),
]  # fmt: skip

QUERIES: list[tuple[str, list[tuple[Any, ...]]]] = [
    (
        "SELECT h.usr_id, d.Description FROM dbo.humres AS h INNER JOIN dbo.HRRoles r ON "
        "r.EmpID = h.res_id LEFT JOIN dbo.HRRoleDefs AS d ON d.ID = r.RoleID WHERE h.res_id > 100 "
        "ORDER BY d.ID",
        [("svc-clickker", "Administrator"), ("svc-clickker", "Professional")],
    ),
    (
        "SELECT h.res_id, r.RoleID FROM dbo.humres AS h LEFT JOIN dbo.HRRoles AS r "
        "ON r.EmpID = h.res_id AND r.RoleID > 0 ORDER BY r.RoleID, h.res_id",
        [(1, None), (119, None), (118, 92)],
    ),
    ("SELECT DISTINCT UserGroup FROM dbo.humres", [("Baco",)]),
    ("SELECT TOP 1 res_id FROM dbo.humres ORDER BY usr_id", [(1,)]),
    (inside("Clickker", "SELECT name FROM sys.tables ORDER BY name"), [("Flows",), ("Settings",)]),
    ("SELECT emp_type FROM dbo.humres WHERE res_id = 1", [("E",)]),
    ("SELECT comp FROM dbo.humres WHERE comp IS NOT NULL", []),
]

CATALOG: list[tuple[str, list[tuple[Any, ...]]]] = [
    (
        "SELECT r.name FROM sys.server_role_members AS m JOIN sys.server_principals AS r "
        "ON r.principal_id = m.role_principal_id JOIN sys.server_principals AS p "
        "ON p.principal_id = m.member_principal_id WHERE p.name = N'DEMO\\svc-clickker'",
        [("sysadmin",)],
    ),
    (
        "SELECT x.state_desc, x.type FROM sys.server_permissions AS x WHERE x.class = 101",
        [("GRANT", "IM  ")],
    ),
    (
        "SELECT name, type_desc FROM sys.database_principals WHERE type_desc LIKE N'%ication%'",
        [("BacoApp", "APPLICATION_ROLE")],
    ),
    ("SELECT replica_server_name FROM sys.availability_replicas", []),
]

ERRORS = [
    ("SELECT a FROM dbo.nothing", 208),
    ("SELECT nothing FROM dbo.humres", 207),
    ("SELECT h.nothing FROM dbo.humres h", 207),
    ("SELECT x.res_id FROM dbo.humres h", 4104),
    ("SELECT ID FROM dbo.HRRoles a JOIN dbo.HRRoleDefs b ON b.ID = a.RoleID", 209),
    ("SELECT res_id, COUNT(*) AS n FROM dbo.humres", 8120),
    ("SELECT CAST('x' AS int) AS n", 245),
    ("SELECT 1 AS n WHERE N'x' = 1", 245),
    ("SELECT CAST('31-12' AS datetime) AS d", 241),
    ("SELECT CAST('x' AS uniqueidentifier) AS g", 8169),
    ("SELECT (SELECT res_id FROM dbo.humres) AS n", 512),
    ("SELECT @nothing AS n", 137),
    ("SELECT 1 AS n WHERE 1", 4145),
    ("EXECUTE sys.sp_executesql N'SELECT @a AS a', N'@a int'", 8178),
    ("EXECUTE sys.sp_executesql 'SELECT 1 AS a'", 214),
    ("SELECT 'unfinished", 102),
    ("SELECT CAST(300 AS tinyint) AS a", 8115),
    ("EXECUTE sys.sp_executesql N'SELECT 1 AS a', N'@a int', @b = 1", 8145),
    ("EXECUTE sys.sp_executesql N'SELECT 1 AS a', N'@a int', 1, 2", 8144),
]

NOT_EVALUATED_AT_ALL = [
    ("INSERT INTO dbo.humres (ID) VALUES (1)", "INSERT"),
    ("UPDATE dbo.humres SET ID = 1", "UPDATE"),
    ("DROP TABLE dbo.humres", "DROP"),
    ("WHILE 1 = 1 SET NOCOUNT ON", "WHILE"),
    ("BEGIN TRY SELECT 1 AS a END TRY BEGIN CATCH THROW END CATCH", "BEGIN"),
    ("THROW", "THROW"),
    ("PRINT N'x'", "PRINT"),
    ("RETURN", "RETURN"),
    ("BEGIN TRANSACTION", "BEGIN"),
    ("WITH q AS (SELECT 1 AS n) SELECT n FROM q", "WITH"),
    ("DECLARE @a int; SET @a = 1", "SET"),
    ("EXECUTE (N'SELECT 1')", "EXECUTE"),
    ("SELECT FORMAT(1, 'x') AS n", "FORMAT"),
    ("SELECT LEN(N'x') AS n", "LEN"),
    ("SELECT RTRIM('a', 'b') AS a", "RTRIM"),
    ("SELECT RTRIM(1) AS a", "RTRIM"),
    ("SELECT N'x' COLLATE Nonsense AS n", "Nonsense"),
    ("SELECT 1 COLLATE Latin1_General_BIN AS a", "COLLATE"),
    ("SELECT SUM(usr_id) AS a FROM dbo.humres", "SUM"),
    ("SELECT COUNT(usr_id) AS a FROM dbo.humres", "COUNT"),
    ("SELECT a.ID FROM dbo.HRRoles AS a JOIN dbo.HRRoleDefs AS a ON 1 = 1", "called a"),
    ("SELECT (SELECT 1, 2) AS a", "column"),
    ("SELECT * FROM dbo.humres", "STAR"),
    ("SELECT Value FROM Clickker..Settings", "CATALOG"),
    ("SELECT res_id FROM dbo.humres ORDER BY res_id DESC", "DESC"),
    ("SELECT res_id FROM dbo.humres ORDER BY 1", "ORDER BY"),
    ("SELECT 1 AS n WHERE N'abc' LIKE N'a_c'", "LIKE"),
    ("SELECT 1 AS n WHERE N'abc' LIKE N'a[b]c'", "LIKE"),
    ("SELECT 1 AS n WHERE 2 >= 1", "GTE"),
    (
        "SELECT type FROM sys.server_principals AS p "
        "JOIN sys.server_permissions AS x ON x.grantee_principal_id = p.principal_id",
        "without its table",
    ),
    ("SELECT REPLACE(N'x', N'x', N'y') AS n", "REPLACE"),
    ("SELECT name FROM sys.columns", "sys.columns"),
    ("SELECT ID FROM dbo.humres WHERE EXISTS (SELECT 1 AS n)", "EXISTS"),
    ("SELECT @@SPID AS n", "@@SPID"),
    ("SELECT 1 + 1 AS n", "+"),
    ("SELECT 7 % 2 AS n", "MOD"),
    ("SELECT CASE 1 WHEN 1 THEN 2 END AS n", "CASE"),
    ("SELECT name FROM sys.dm_os_sys_info", "sys.dm_os_sys_info"),
    ("SELECT is_broker_enabled FROM sys.databases", "is_broker_enabled"),
    ("SELECT SERVERPROPERTY('Nonsense') AS n", "Nonsense"),
    ("SELECT LOGINPROPERTY(N'BACO', 'Nonsense') AS n", "Nonsense"),
    ("SELECT HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW NOTHING') AS n", "VIEW NOTHING"),
    ("SELECT HAS_PERMS_BY_NAME(N'x', 'NOTHING', 'SELECT') AS n", "NOTHING"),
    ("SELECT res_id FROM dbo.humres ORDER BY res_id OFFSET 1 ROWS", "OFFSET"),
    ("SELECT 1 AS a UNION ALL SELECT 2", "UNION"),
    ("SELECT a.ID FROM dbo.HRRoles AS a, dbo.HRRoleDefs AS b", "JOIN"),
    ("SELECT a.ID FROM dbo.HRRoles AS a CROSS APPLY (SELECT 1 AS z) AS x", "APPLY"),
    ("SELECT SUM(ID) OVER () AS n FROM dbo.HRRoleDefs", "WINDOW"),
    ("SELECT RoleID FROM dbo.HRRoles GROUP BY RoleID", "GROUP"),
    ("SELECT CAST(1.5 AS int) AS n", "1.5"),
    ("SELECT CAST(GETDATE() AS nvarchar(30)) AS n", "datetime"),
    ("DECLARE @t TABLE (a int)", "TABLE"),
    ("DECLARE @a, @b int", "unpack"),
    ("USE Clickker", "USE"),
    ("SET ANSI_NULLS ON", "ANSI_NULLS"),
    ("SELECT 1 AS a SELECT 2 AS b", "SELECT"),
    ("SELECT 1 AS a; ELSE SELECT 2 AS b", "ELSE"),
    ("IF 1 = 1 BEGIN SELECT 1 AS a; SELECT 2 AS b; END", "BEGIN"),
    ("EXECUTE sys.nothing", "sys.nothing"),
    ("EXECUTE sys.sp_executesql N'a' + N'b'", "N'a' + N'b'"),
    ("REVERT WITH COOKIE = @c", "REVERT"),
    ("EXECUTE AS USER = 'BACO'", "USER"),
    ("EXECUTE sp_who", "sp_who"),
    ("EXECUTE master.dbo.xp_logininfo N'x'", "xp_logininfo"),
    ("SELECT a.ID FROM dbo.HRRoles AS a JOIN dbo.HRRoleDefs AS b USING (ID)", "USING"),
    ("SELECT p.[0] FROM dbo.HRRoles PIVOT (COUNT(ID) FOR RoleID IN ([0])) AS p", "PIVOT"),
    ("SELECT ID FROM dbo.HRRoles TABLESAMPLE (10 PERCENT)", "SAMPLE"),
    ("SELECT 1 AS a WHERE SERVERPROPERTY('EngineEdition') = 2", "sql_variant"),
    ("SELECT 1 AS n WHERE SUSER_SID(N'sa') = N'x'", "varbinary with nvarchar"),
    ("SELECT 2147483648 AS n", "2147483648"),
    ("SET ROWCOUNT 5", "ROWCOUNT"),
    ("EXECUTE @r = sys.sp_executesql N'SELECT 1'", "RETURN_STATUS"),
    ("SELECT res_id FROM dbo.humres FOR XML PATH('')", "FOR"),
    ("SELECT CAST(1 AS money) AS a", "MONEY"),
    ("SELECT CAST(1 AS nvarchar) AS a", "NVARCHAR"),
    ("SELECT TOP 5 PERCENT ID FROM dbo.HRRoles", "PERCENT"),
    ("SELECT x.a FROM OPENJSON(N'[]') AS x (a)", "OPENJSON"),
]


@pytest.mark.parametrize(("expression", "expected"), EXPRESSIONS)
def test_an_expression_has_the_value_that_sql_server_gives_it(
    ask: Ask, expression: str, expected: Any
) -> None:
    assert value(ask(f"SELECT {expression}")) == expected


@pytest.mark.parametrize(("query", "expected"), QUERIES + CATALOG)
def test_a_query_gives_its_rows(ask: Ask, query: str, expected: list[tuple[Any, ...]]) -> None:
    assert rows(ask(query)) == expected


@pytest.mark.parametrize(("statement", "number"), ERRORS)
def test_an_error_has_its_number(ask: Ask, statement: str, number: int) -> None:
    assert numbers(ask(statement)) == [number]


@pytest.mark.parametrize(("statement", "named"), NOT_EVALUATED_AT_ALL)
def test_what_cannot_be_evaluated_is_an_error_that_names_it(
    ask: Ask, statement: str, named: str
) -> None:
    (only,) = ask(statement)
    assert (getattr(only, "number", None), named in str(only)) == (NOT_EVALUATED, True), only


@given(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=100
    )
)
def test_quotename_and_split_name_are_each_others_inverse(name: str) -> None:
    session = Session(Twin.model_validate({"server": {"name": "S"}, "databases": {name: {}}}), "sa")
    literal = name.replace("'", "''")
    batch = (
        f"DECLARE @p nvarchar(300) = QUOTENAME(N'{literal}') + N'.sys.sp_executesql'; "
        "EXECUTE @p N'SELECT DB_NAME() AS n'"
    )
    found = run(session, batch)
    assert value(found) == name


@pytest.mark.parametrize("view", list(VIEWS))
def test_each_views_rows_fit_its_columns(ask: Ask, view: str) -> None:
    (only,) = ask(f"SELECT {', '.join(VIEWS[view].columns)} FROM {view}")
    assert isinstance(only, ResultSet), only
    assert [name for name, _ in only.columns] == list(VIEWS[view].columns)
    assert (only.rows == ()) == (view not in ROWS)


def test_names_follow_the_databases_collation(twin: Twin, ask: Ask) -> None:
    question = "SELECT NAME FROM SYS.DATABASES WHERE Name = N'SYNERGY'"
    assert rows(ask(question)) == [("Synergy",)]
    for entry in twin.databases.values():
        entry.collation = None
    twin.server.collation = "Latin1_General_CS_AS"
    assert numbers(ask(question)) == [208]
    assert numbers(ask("SELECT NAME FROM sys.databases")) == [207]
    assert rows(ask("SELECT name FROM sys.databases WHERE name = N'SYNERGY'")) == []
    assert numbers(ask("SELECT res_id FROM dbo.HumRes")) == [208]
    assert numbers(ask("SELECT H.res_id FROM dbo.humres AS h")) == [4104]


def test_names_of_variables_follow_the_servers_collation(twin: Twin, ask: Ask) -> None:
    batch = "DECLARE @Name int = 5; SELECT @NAME AS n"
    called = "EXECUTE sys.sp_executesql N'SELECT @A AS n', N'@a int', @A = 5"
    assert (value(ask(batch)), value(ask(called))) == (5, 5)
    twin.server.collation = "Latin1_General_CS_AS"
    assert numbers(ask(batch)) == [137]
    assert numbers(ask(called)) == [8145]


def test_two_collations_in_one_comparison_are_a_conflict(twin: Twin, ask: Ask) -> None:
    twin.databases["Synergy"].tables["humres"].collations["usr_id"] = "SQL_Latin1_General_CP1_CI_AI"
    question = (
        "SELECT h.res_id FROM dbo.humres AS h"
        " JOIN dbo.BacoUserGroups AS g ON g.GroupName = h.usr_id"
    )
    assert numbers(ask(question)) == [468]
    assert rows(ask(question + " COLLATE Latin1_General_CI_AS")) == []
    assert rows(ask("SELECT res_id FROM dbo.humres WHERE usr_id = N'JÀNSEN'")) == [(119,)]


def test_each_result_column_has_its_type_even_without_rows(ask: Ask) -> None:
    (only,) = ask(
        "SELECT usr_id, res_id, ldatindienst, N'x' AS x, 1 AS n, NULL AS u"
        " FROM dbo.humres WHERE 1 = 0"
    )
    assert isinstance(only, ResultSet)
    types = [(name, kind.name, kind.length) for name, kind in only.columns]
    assert types == [
        ("usr_id", "nvarchar", 255),
        ("res_id", "int", 0),
        ("ldatindienst", "datetime", 0),
        ("x", "nvarchar", 1),
        ("n", "int", 0),
        ("u", "int", 0),
    ]


def test_an_error_reaches_as_far_as_on_the_server(ask: Ask) -> None:
    """229 ends its statement, 245 its batch, 208 the scope in which the name stands."""
    after = "; SELECT 1 AS a"
    assert len(ask("EXECUTE AS LOGIN = 'nobody'" + after, database="master")) == 2
    assert len(ask("SELECT CAST('x' AS int) AS n" + after)) == 1
    assert len(ask("SELECT a FROM dbo.nothing" + after)) == 1
    assert (
        len(ask("EXECUTE sys.sp_executesql N'SELECT a FROM dbo.nothing; SELECT 2 AS b'" + after))
        == 2
    )


def test_an_if_takes_one_statement(ask: Ask) -> None:
    """Also where a semicolon ends it before ELSE; what follows runs either way."""
    batch = "IF {} SELECT 1 AS a; ELSE SELECT 2 AS b; SELECT 3 AS c"
    assert [value([one]) for one in ask(batch.format("1 = 1"))] == [1, 3]
    assert [value([one]) for one in ask(batch.format("1 = NULL"))] == [2, 3]
    assert value(ask("IF 1 = 0 SELECT 1 AS a; SELECT 3 AS c")) == 3
    nested = "IF 1 = 1 IF 1 = 0 SELECT 1 AS a; ELSE SELECT 2 AS b; SELECT 3 AS c"
    assert [value([one]) for one in ask(nested)] == [2, 3]


def test_an_unknown_column_refuses_the_whole_batch_even_behind_an_if(twin: Twin, ask: Ask) -> None:
    """Deferred name resolution is for tables only: a guard with COL_LENGTH needs dynamic SQL."""
    guarded = (
        "SELECT 1 AS a; IF COL_LENGTH(N'dbo.humres', N'x') IS NOT NULL SELECT x FROM dbo.humres"
    )
    assert numbers(ask(guarded)) == [207]
    assert len(ask(guarded)) == 1
    dynamic = (
        "SELECT 1 AS a; IF COL_LENGTH(N'dbo.humres', N'x') IS NOT NULL "
        "EXECUTE sys.sp_executesql N'SELECT x FROM dbo.humres'"
    )
    assert rows(ask(dynamic)) == [(1,)]
    table = "SELECT 1 AS a; IF OBJECT_ID(N'dbo.nothing') IS NOT NULL SELECT x FROM dbo.nothing"
    assert rows(ask(table)) == [(1,)]


def test_dynamic_sql_has_its_own_variables_database_and_context(twin: Twin, ask: Ask) -> None:
    batch = """
        DECLARE @x int = 1;
        DECLARE @run nvarchar(300) = N'[Clickker].sys.sp_executesql';
        EXEC @run
            N'EXECUTE AS LOGIN = @who; SELECT DB_NAME() AS d, SUSER_SNAME() AS s',
            N'@who sysname', @who = N'DEMO\\svc-clickker';
        SELECT DB_NAME() AS d, SUSER_SNAME() AS s, @x AS x;
        EXEC sys.sp_executesql N'SELECT @x AS x';
    """
    first, second, third = ask(batch)
    assert rows([first]) == [("Clickker", r"DEMO\svc-clickker")]
    assert rows([second]) == [("Synergy", "acceptance", 1)]
    assert numbers([third]) == [137]


def test_what_a_call_of_sp_executesql_changes_ends_with_it(twin: Twin) -> None:
    session = Session(twin, "acceptance", "Synergy")
    results = execute_sql(
        session,
        "EXECUTE AS LOGIN = N'acceptance-reader'; SELECT SUSER_SNAME() AS n",
        "",
        [],
    )
    assert rows(results) == [("acceptance-reader",)]
    assert rows(run(session, "SELECT DB_NAME() AS d, SUSER_SNAME() AS s")) == [
        ("Synergy", "acceptance")
    ]


def test_a_column_or_table_taken_from_the_twin_is_missing_at_once(twin: Twin, ask: Ask) -> None:
    del twin.databases["Synergy"].tables["humres"].columns["usr_id"]
    assert numbers(ask("SELECT usr_id FROM dbo.humres")) == [207]
    del twin.databases["Synergy"].tables["humres"]
    assert numbers(ask("SELECT res_id FROM dbo.humres")) == [208]


def test_names_with_every_kind_of_quote_and_letter(twin: Twin, ask: Ask) -> None:
    name = 'Ex]act\'s "Łódź" [1]'
    twin.databases[name] = Database(
        tables={"t": Table(columns={"a b]": "int"}, rows=[{"a b]": 5}])}
    )
    assert rows(ask(inside(name, "SELECT [a b]]], DB_NAME() AS n FROM dbo.t"))) == [(5, name)]


def test_a_twin_is_loaded_fresh_each_time() -> None:
    del load_twin("sql-compliant").logins["BACO"]
    assert "BACO" in load_twin("sql-compliant").logins


def test_a_permission_on_a_column_is_in_the_catalog_and_counts(twin: Twin, ask: Ask) -> None:
    """A DENY on one column leaves the table readable but for that column."""
    baco = twin.databases["Synergy"].users["BACO"]
    baco.grant, baco.deny = ["SELECT ON dbo.humres"], ["SELECT ON dbo.humres(usr_id)"]
    question = "SELECT x.class, x.minor_id, x.state FROM sys.database_permissions AS x"
    assert rows(ask(question, login="BACO")) == [(0, 0, "G"), (1, 0, "G"), (1, 4, "D")]
    assert rows(ask("SELECT res_id FROM dbo.humres WHERE res_id = 1", login="BACO")) == [(1,)]
    assert numbers(ask("SELECT usr_id FROM dbo.humres", login="BACO")) == [230]
    held = "SELECT HAS_PERMS_BY_NAME(N'dbo.humres', 'OBJECT', 'SELECT') AS n"
    assert value(ask(held, login="BACO")) == 1  # which is why section access counts them


def test_more_of_the_server_is_data(twin: Twin, ask: Ask) -> None:
    """What a later collector asks for is added to a twin, not to the code."""
    twin.server.properties["IsHadrEnabled"] = 1
    assert value(ask("SELECT CAST(SERVERPROPERTY('IsHadrEnabled') AS int) AS n")) == 1
    replica = dict.fromkeys(VIEWS["sys.availability_replicas"].columns)
    twin.views["sys.availability_replicas"] = [replica | {"replica_server_name": "SQL02"}]
    question = "SELECT replica_server_name FROM sys.availability_replicas"
    assert rows(ask(question)) == [("SQL02",)]
    twin.logins["plain"] = Login()
    assert numbers(ask(question, login="plain", database="master")) == [300]


@pytest.mark.parametrize("kind", ["collector", "next"])
def test_every_view_says_who_asks_for_it(kind: str) -> None:
    """A collector that is there, or the word `next` with its reason."""
    collectors = {path.stem for path in COLLECTORS.glob("*.sql")}
    text = (Path(catalog.__file__).parent / "views.yaml").read_text(encoding="utf-8")
    asked = [entry["for"] for entry in yaml.safe_load(text).values()]
    if kind == "collector":
        named = {name for who in asked if not who.startswith("next") for name in who.split(", ")}
        assert named <= collectors
    else:
        assert all("(" in who for who in asked if who.startswith("next"))
