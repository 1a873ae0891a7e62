"""T-SQL is really evaluated: each line is a statement and what SQL Server answers to it."""

# ruff: noqa: E501 - one line, one statement and its answer

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.sqlserver.errors import NOT_EVALUATED
from simulator.sqlserver.results import ResultSet
from simulator.sqlserver.session import Session
from simulator.sqlserver.state import Database, Table, Twin, load_twin
from tests.simulator.sqlserver.answers import Ask, numbers, rows, value

EXPRESSIONS: list[tuple[str, Any]] = [
    ("1 + 2 * 3", 7),
    ("7 / 2", 3),
    ("-7 / 2", -3),
    ("7 % 4", 3),
    ("5 & 4", 4),
    ("7.0 / 2", 3.5),
    ("N'a' + 'b'", "ab"),
    ("N'a' + NULL", None),
    ("'5' + 1", 6),
    ("CASE WHEN 'a' = 'A' THEN 1 ELSE 0 END", 1),
    ("CASE WHEN 'a' = 'a   ' THEN 1 ELSE 0 END", 1),
    ("CASE WHEN 'a' = 'A' COLLATE Latin1_General_CS_AS THEN 1 ELSE 0 END", 0),
    ("CASE WHEN N'é' = N'e' COLLATE Latin1_General_CI_AI THEN 1 ELSE 0 END", 1),
    ("CASE WHEN NULL = NULL THEN 1 ELSE 0 END", 0),
    ("CASE WHEN NOT (1 = 2) AND 3 BETWEEN 1 AND 3 THEN 1 END", 1),
    ("CASE 2 WHEN 1 THEN 'x' WHEN 2 THEN 'y' END", "y"),
    ("CASE WHEN 'abc' LIKE 'A[^x]_' THEN 1 ELSE 0 END", 1),
    ("CASE WHEN '50%' LIKE '50!%' ESCAPE '!' THEN 1 ELSE 0 END", 1),
    ("CASE WHEN 'a' NOT IN ('B', 'c') THEN 1 ELSE 0 END", 1),
    ("CASE WHEN '2' IN (1, 2) THEN 1 ELSE 0 END", 1),
    ("IIF(1 = 1, N'yes', N'no')", "yes"),
    ("ISNULL(NULL, N'x')", "x"),
    ("COALESCE(NULL, NULL, 3)", 3),
    ("NULLIF('a', 'A')", None),
    ("LEN(N'ab  ')", 2),
    ("DATALENGTH(N'ab')", 4),
    ("LTRIM(RTRIM(N'  a b '))", "a b"),
    ("UPPER('a') + LOWER('B')", "Ab"),
    ("LEFT('abc', 2) + RIGHT('abc', 1) + SUBSTRING('abc', 2, 1)", "abcb"),
    ("CHARINDEX('B', 'abc')", 2),
    ("REPLACE('aXa', 'X', '-')", "a-a"),
    ("STUFF(N',a,b', 1, 1, N'')", "a,b"),
    ("QUOTENAME(N'a]b')", "[a]]b]"),
    ("QUOTENAME(N'a''b', '''')", "'a''b'"),
    ("PARSENAME('db.dbo.t', 1)", "t"),
    ("CONCAT('a', NULL, 1)", "a1"),
    ("CONVERT(varchar(33), CAST('2024-02-29T13:14:15' AS datetime), 126)", "2024-02-29T13:14:15"),
    ("CONVERT(varchar(33), CAST('2024-02-29T13:14:15.120' AS datetime), 126)", "2024-02-29T13:14:15.120"),
    ("CONVERT(varchar(10), CAST('20240229' AS datetime), 120)", "2024-02-29"),
    ("CONVERT(char(8), CAST('20240229' AS datetime), 112)", "20240229"),
    ("CONVERT(varchar(20), 0x01AB, 1)", "0x01AB"),
    ("CAST(1 AS nvarchar(5))", "1"),
    ("CAST(N'abcdef' AS nvarchar(3))", "abc"),
    ("CAST(' 12 ' AS int)", 12),
    ("TRY_CONVERT(int, 'x')", None),
    ("CAST(2 AS bit)", 1),
    ("DATEDIFF(day, '2024-02-28', '2024-03-01')", 2),
    ("DATEADD(month, 1, CAST('2024-01-31' AS datetime))", datetime(2024, 2, 29)),
    ("CASE WHEN CAST('2024-01-01' AS datetime) < '2024-02-01' THEN 1 ELSE 0 END", 1),
    ("CAST(SERVERPROPERTY('IsIntegratedSecurityOnly') AS int)", 0),
    ("CAST(SERVERPROPERTY('Nonsense') AS nvarchar(128))", None),
    ("DB_NAME()", "Synergy"),
    ("DB_NAME(DB_ID(N'clickker'))", "Clickker"),
    ("OBJECT_NAME(OBJECT_ID(N'[dbo].[HUMRES]'))", "humres"),
    ("OBJECT_ID(N'dbo.humres', N'V')", None),
    ("COL_LENGTH(N'dbo.humres', N'usr_id')", 510),
    ("COL_LENGTH(N'Synergy.dbo.humres', N'nothing')", None),
    ("SUSER_SNAME(SUSER_SID(N'demo\\svc-clickker'))", "DEMO\\svc-clickker"),
    ("SUSER_SID(N'DEMO\\nobody')", None),
    ("CAST(LOGINPROPERTY(N'BACO', 'DefaultDatabase') AS sysname)", "master"),
    ("DATABASE_PRINCIPAL_ID(N'db_owner')", 16384),
    ("(SELECT COUNT(*) FROM dbo.HRRoleDefs)", 3),
    ("(SELECT usr_id FROM dbo.humres WHERE res_id = 5)", None),
    ("CASE WHEN EXISTS (SELECT 1 FROM dbo.humres WHERE usr_id = N'JANSEN') THEN 1 ELSE 0 END", 1),
    ("(SELECT TOP (1) Description FROM dbo.HRRoleDefs ORDER BY ID DESC)", "Purchase approver"),
    ("STUFF((SELECT N',' + Description FROM dbo.HRRoleDefs ORDER BY ID FOR XML PATH(''), TYPE)"
     ".value('.', 'nvarchar(max)'), 1, 1, N'')", "Administrator,Professional,Purchase approver"),
    ("STRING_AGG(Description, N'|') FROM dbo.HRRoleDefs", "Administrator|Professional|Purchase approver"),
]  # fmt: skip

QUERIES: list[tuple[str, list[tuple[Any, ...]]]] = [
    (
        "SELECT h.usr_id, d.Description FROM dbo.humres AS h INNER JOIN dbo.HRRoles r ON r.EmpID = h.res_id "
        "LEFT JOIN dbo.HRRoleDefs AS d ON d.ID = r.RoleID WHERE h.res_id > 100 ORDER BY d.ID",
        [("svc-clickker", "Administrator"), ("svc-clickker", "Professional")],
    ),
    (
        "SELECT RoleID, COUNT(*) AS n, MAX(EmpID) AS most FROM dbo.HRRoles GROUP BY RoleID HAVING COUNT(*) > 1",
        [(0, 2, 118)],
    ),
    ("SELECT DISTINCT UserGroup FROM dbo.humres WITH (NOLOCK) OPTION (RECOMPILE)", [("Baco",)]),
    ("SELECT TOP 1 res_id FROM dbo.humres ORDER BY res_id DESC", [(119,)]),
    ("WITH q AS (SELECT ID AS n FROM dbo.HRRoleDefs) SELECT a.n FROM q AS a WHERE a.n > 0 ORDER BY 1", [(92,), (1006,)]),
    ("SELECT v.a, v.b FROM (VALUES (1, N'x'), (2, NULL)) AS v (a, b) ORDER BY v.a DESC", [(2, None), (1, "x")]),
    ("SELECT 1 AS a UNION ALL SELECT 2 UNION SELECT 2 ORDER BY a", [(1,), (2,)]),
    ("SELECT h.res_id FROM dbo.humres h WHERE NOT EXISTS (SELECT 1 FROM dbo.HRRoles r WHERE r.EmpID = h.res_id)", [(119,)]),
    ("SELECT s.n FROM (SELECT res_id FROM dbo.humres) AS s (n) WHERE s.n IN (SELECT EmpID FROM dbo.HRRoles)", [(1,), (118,)]),
    ("SELECT d.Description, x.z FROM dbo.HRRoleDefs d CROSS APPLY (SELECT 5 AS z) AS x WHERE d.ID = 0", [("Administrator", 5)]),
    ("SELECT name FROM [Clickker].sys.tables ORDER BY name", [("Flows",), ("Settings",)]),
    ("SELECT Value FROM Clickker..Settings", [("34",)]),
    ("SELECT ROW_NUMBER() OVER (ORDER BY ID DESC) AS n, ID FROM dbo.HRRoleDefs ORDER BY ID", [(3, 0), (2, 92), (1, 1006)]),
    ("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME LIKE N'HR%s'", [("HRRoles",), ("HRRoleDefs",), ("HRRoleLevels",)]),
    ("SELECT c.name, t.name, c.max_length FROM sys.columns AS c JOIN sys.types AS t ON t.user_type_id = c.user_type_id "
     "WHERE c.object_id = OBJECT_ID(N'dbo.HRRoleLevels') ORDER BY c.column_id",
     [("ID", "int", 4), ("Description", "nvarchar", 120), ("TermID", "int", 4)]),
]  # fmt: skip

ERRORS = [
    ("SELECT a FROM dbo.nothing", 208),
    ("SELECT nothing FROM dbo.humres", 207),
    ("SELECT h.nothing FROM dbo.humres h", 207),
    ("SELECT x.res_id FROM dbo.humres h", 4104),
    ("SELECT ID FROM dbo.humres a, dbo.HRRoles b", 209),
    ("SELECT res_id, COUNT(*) AS n FROM dbo.humres", 8120),
    ("SELECT CAST('x' AS int) AS n", 245),
    ("SELECT 1 AS n WHERE N'x' = 1", 245),
    ("SELECT CAST('31-12' AS datetime) AS d", 241),
    ("SELECT CAST('x' AS uniqueidentifier) AS g", 8169),
    ("SELECT 1 / 0 AS n", 8134),
    ("SELECT 1 AS n WHERE 0x01 = N'x'", 257),
    ("SELECT (SELECT res_id FROM dbo.humres) AS n", 512),
    ("SELECT @nothing AS n", 137),
    ("SELECT 1 AS n WHERE 1", 4145),
    ("SELECT N'x' COLLATE Nonsense AS n", 448),
    ("SELECT 1 AS a UNION SELECT 1, 2", 205),
    ("SELECT n.name FROM (SELECT 1) AS n", 8155),
    ("EXECUTE sys.nothing", 2812),
    ("EXECUTE sys.sp_executesql N'SELECT @a AS a', N'@a int'", 8178),
    ("EXECUTE sys.sp_executesql 'SELECT 1 AS a'", 214),
    ("SELECT 'unfinished", 102),
]

NOT_EVALUATED_AT_ALL = [
    ("INSERT INTO dbo.humres (ID) VALUES (1)", "INSERT"),
    ("UPDATE dbo.humres SET ID = 1", "UPDATE"),
    ("DROP TABLE dbo.humres", "DROP"),
    ("SELECT FORMAT(1, 'x') AS n", "FORMAT"),
    ("SELECT name FROM sys.dm_os_sys_info", "sys.dm_os_sys_info"),
    ("SELECT is_broker_enabled FROM sys.databases", "is_broker_enabled"),
    ("SELECT res_id FROM dbo.humres ORDER BY res_id OFFSET 1 ROWS", "OFFSET"),
    ("SELECT d.ID FROM dbo.HRRoleDefs d CROSS APPLY (SELECT d.ID AS z) AS x", "APPLY"),
    ("SELECT SUM(ID) OVER () AS n FROM dbo.HRRoleDefs", "window"),
    ("DECLARE @t TABLE (a int)", "table variables"),
    ("EXECUTE AS USER = 'BACO'", "USER"),
    ("EXECUTE sp_who", "sp_who"),
]


@pytest.mark.parametrize(("expression", "expected"), EXPRESSIONS)
def test_an_expression_has_the_value_that_sql_server_gives_it(ask: Ask, expression: str, expected: Any) -> None:
    assert value(ask(f"SELECT {expression}")) == expected


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_a_query_gives_its_rows(ask: Ask, query: str, expected: list[tuple[Any, ...]]) -> None:
    assert rows(ask(query)) == expected


@pytest.mark.parametrize(("statement", "number"), ERRORS)
def test_an_error_has_its_number(ask: Ask, statement: str, number: int) -> None:
    assert numbers(ask(statement)) == [number]


@pytest.mark.parametrize(("statement", "named"), NOT_EVALUATED_AT_ALL)
def test_what_cannot_be_evaluated_is_an_error_that_names_it(ask: Ask, statement: str, named: str) -> None:
    (only,) = ask(statement)
    assert (getattr(only, "number", None), named in str(only)) == (NOT_EVALUATED, True), only


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=100))
def test_quotename_and_split_name_are_each_others_inverse(name: str) -> None:
    session = Session(Twin.model_validate({"server": {"name": "S"}, "databases": {name: {}}}), "sa")
    literal = name.replace("'", "''")
    found = session.run(f"DECLARE @p nvarchar(300) = QUOTENAME(N'{literal}') + N'.sys.sp_executesql'; "
                        "EXECUTE @p N'SELECT DB_NAME() AS n'")  # fmt: skip
    assert value(found) == name


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


def test_two_collations_in_one_comparison_are_a_conflict(twin: Twin, ask: Ask) -> None:
    twin.databases["Synergy"].tables["humres"].collations["usr_id"] = "SQL_Latin1_General_CP1_CI_AI"
    question = "SELECT h.res_id FROM dbo.humres AS h JOIN dbo.BacoUserGroups AS g ON g.GroupName = h.usr_id"
    assert numbers(ask(question)) == [468]
    assert rows(ask(question + " COLLATE DATABASE_DEFAULT")) == []
    assert rows(ask("SELECT res_id FROM dbo.humres WHERE usr_id = N'JÀNSEN'")) == [(119,)]


def test_each_result_column_has_its_type_even_without_rows(ask: Ask) -> None:
    (only,) = ask("SELECT usr_id, res_id, ldatindienst, N'x' AS x, 1 AS n, NULL AS u FROM dbo.humres WHERE 1 = 0")
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


def test_variables_conditions_and_loops(ask: Ask) -> None:
    batch = """
        SET NOCOUNT ON
        DECLARE @n int = 0, @text nvarchar(100) = N''; -- a comment; with a semicolon
        WHILE @n < 3 BEGIN SET @n += 1 SET @text = @text + CAST(@n AS nvarchar(10)) END
        IF @n > 5 SELECT 'wrong' AS a ELSE IF @text = N'123' BEGIN SELECT @text AS a END ELSE SELECT 'wrong' AS a
        IF EXISTS (SELECT 1 FROM dbo.humres) /* nested /* comments */ end */ RETURN
        SELECT 'never' AS a
    """
    assert rows(ask(batch)) == [("123",)]


def test_select_assigns_row_by_row(ask: Ask) -> None:
    batch = (
        "DECLARE @a nvarchar(max) = N'', @n int; "
        "SELECT @a = @a + d.Description + N';', @n = d.ID FROM dbo.HRRoleDefs AS d ORDER BY d.ID; SELECT @a AS a, @n AS n"
    )
    assert rows(ask(batch)) == [("Administrator;Professional;Purchase approver;", 1006)]


def test_an_error_reaches_as_far_as_on_the_server(ask: Ask) -> None:
    """229 ends its statement, 245 its batch, 208 the scope in which the name stands."""
    after = "; SELECT 1 AS a"
    assert len(ask("EXECUTE AS LOGIN = 'nobody'" + after, database="master")) == 2
    assert len(ask("SELECT CAST('x' AS int) AS n" + after)) == 1
    assert len(ask("SELECT a FROM dbo.nothing" + after)) == 1
    assert len(ask("EXECUTE sys.sp_executesql N'SELECT a FROM dbo.nothing; SELECT 2 AS b'" + after)) == 2


def test_an_unknown_column_refuses_the_whole_batch_even_behind_an_if(twin: Twin, ask: Ask) -> None:
    """Deferred name resolution is for tables only: a guard with COL_LENGTH needs dynamic SQL."""
    guarded = "SELECT 1 AS a; IF COL_LENGTH(N'dbo.humres', N'x') IS NOT NULL SELECT x FROM dbo.humres"
    assert numbers(ask(guarded)) == [207]
    assert len(ask(guarded)) == 1
    dynamic = "SELECT 1 AS a; IF COL_LENGTH(N'dbo.humres', N'x') IS NOT NULL EXECUTE (N'SELECT x FROM dbo.humres')"
    assert rows(ask(dynamic)) == [(1,)]
    table = "SELECT 1 AS a; IF OBJECT_ID(N'dbo.nothing') IS NOT NULL SELECT x FROM dbo.nothing"
    assert rows(ask(table)) == [(1,)]
    used = "DECLARE @a int; USE Clickker; SELECT @a AS a; SELECT Nothing FROM dbo.Settings"
    assert numbers(ask(used)) == [207]
    assert len(ask(used)) == 1


def test_try_catches_what_the_server_catches(ask: Ask) -> None:
    batch = "BEGIN TRY {} SELECT 'not reached' AS a END TRY BEGIN CATCH SELECT ERROR_NUMBER() AS n END CATCH"
    assert rows(ask(batch.format("EXECUTE AS LOGIN = 'nobody';"), database="master")) == [(15406,)]
    assert rows(
        ask(batch.format("SET @x = 1;").replace("BEGIN TRY", "DECLARE @x int; BEGIN TRY SELECT 1/0 AS q;"))
    ) == [(8134,)]
    assert numbers(ask(batch.format("SELECT a FROM dbo.nothing;"))) == [208]
    assert rows(ask(batch.format("EXECUTE (N'SELECT a FROM dbo.nothing');"))) == [(208,)]
    rethrown = "BEGIN TRY SELECT 1 / 0 AS q END TRY BEGIN CATCH REVERT; THROW; END CATCH; SELECT 1 AS a"
    assert numbers(ask(rethrown)) == [8134]


def test_dynamic_sql_has_its_own_variables_database_and_context(twin: Twin, ask: Ask) -> None:
    batch = """
        DECLARE @x int = 1;
        EXEC [Clickker].sys.sp_executesql N'EXECUTE AS LOGIN = @who; SELECT DB_NAME() AS d, SUSER_SNAME() AS s',
            N'@who sysname', @who = N'DEMO\\svc-clickker';
        SELECT DB_NAME() AS d, SUSER_SNAME() AS s, @x AS x;
        EXEC sys.sp_executesql N'SELECT @x AS x';
    """
    first, second, third = ask(batch)
    assert rows([first]) == [("Clickker", r"DEMO\svc-clickker")]
    assert rows([second]) == [("Synergy", "acceptance", 1)]
    assert numbers([third]) == [137]


def test_a_column_or_table_taken_from_the_twin_is_missing_at_once(twin: Twin, ask: Ask) -> None:
    del twin.databases["Synergy"].tables["humres"].columns["usr_id"]
    assert numbers(ask("SELECT usr_id FROM dbo.humres")) == [207]
    del twin.databases["Synergy"].tables["humres"]
    assert numbers(ask("SELECT res_id FROM dbo.humres")) == [208]


def test_functions_newer_than_the_server_are_unknown_to_it(twin: Twin, ask: Ask) -> None:
    assert value(ask("SELECT TRIM(N' a ') AS a")) == "a"
    twin.server.version = "11.0.7001.0"
    assert numbers(ask("SELECT TRIM(N' a ') AS a")) == [195]
    assert numbers(ask("SELECT STRING_AGG(Description, N',') AS a FROM dbo.HRRoleDefs")) == [195]


def test_names_with_every_kind_of_quote_and_letter(twin: Twin, ask: Ask) -> None:
    name = 'Ex]act\'s "Łódź" [1]'
    twin.databases[name] = Database(tables={"t": Table(columns={"a b]": "int"}, rows=[{"a b]": 5}])})
    quoted = name.replace("]", "]]")
    assert rows(ask(f"SELECT [a b]]] FROM [{quoted}].dbo.t")) == [(5,)]
    assert rows(ask(f"USE [{quoted}] SELECT DB_NAME() AS n")[1:]) == [(name,)]


def test_a_twin_is_loaded_fresh_each_time() -> None:
    del load_twin("sql-compliant").logins["BACO"]
    assert "BACO" in load_twin("sql-compliant").logins
