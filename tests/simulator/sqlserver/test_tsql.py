"""T-SQL is really evaluated: each line is a statement and what SQL Server answers to it."""

from datetime import datetime
from typing import Any

import pytest
from acceptance.simulator.sqlserver.errors import NOT_EVALUATED
from acceptance.simulator.sqlserver.results import ResultSet
from acceptance.simulator.sqlserver.session import Session
from acceptance.simulator.sqlserver.state import Database, Table, Twin, load_twin
from acceptance.simulator.sqlserver.views import VIEWS
from hypothesis import given
from hypothesis import strategies as st

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
    ("(SELECT Description AS [text()] FROM dbo.HRRoleDefs WHERE ID = 0)", "Administrator"),
    ("(SELECT N'<' + Description FROM dbo.HRRoleDefs WHERE ID < 100 ORDER BY ID FOR XML PATH(''))", "&lt;Administrator&lt;Professional"),
    ("SUSER_NAME(SUSER_ID(N'baco'))", "BACO"),
    ("USER_NAME(DATABASE_PRINCIPAL_ID(N'BACO'))", "BACO"),
    ("CAST(DATABASEPROPERTYEX(N'Synergy', 'Updateability') AS nvarchar(20))", "READ_WRITE"),
    ("CAST(DATABASEPROPERTYEX(N'nowhere', 'Status') AS nvarchar(20))", None),
    ("CAST(CONNECTIONPROPERTY('auth_scheme') AS nvarchar(20))", "SQL"),
    ("SCHEMA_NAME(SCHEMA_ID(N'DBO'))", "dbo"),
    ("TYPE_NAME(56)", "int"),
    ("IS_ROLEMEMBER('db_datareader', 'BACO')", 1),
    ("IS_ROLEMEMBER('no_such_role')", None),
    ("IS_SRVROLEMEMBER('no_such_role')", None),
    ("IS_SRVROLEMEMBER('sysadmin', 'BACO')", 0),
    ("HAS_PERMS_BY_NAME(N'BACO', 'LOGIN', 'IMPERSONATE')", 1),
    ("HAS_PERMS_BY_NAME(N'dbo', 'SCHEMA', 'SELECT')", 1),
    ("HAS_PERMS_BY_NAME(NULL, NULL, 'ANY')", 1),
    ("@@SERVERNAME + N' ' + @@SERVICENAME", "SQL01 MSSQLSERVER"),
    ("SYSTEM_USER + N' ' + CURRENT_USER", "acceptance dbo"),
    ("CONVERT(varchar(30), CAST('2024-02-29T13:14:15.120' AS datetime), 121)", "2024-02-29 13:14:15.120"),
    ("CAST(CAST('2024-01-05T13:14:15' AS datetime) AS varchar(30))", "Jan  5 2024  1:14PM"),
    ("CAST('true' AS bit)", 1),
    ("CAST(0x0000000A AS int)", 10),
    ("CAST(5 AS varbinary(4))", b"\x00\x00\x00\x05"),
    ("CONVERT(varbinary(4), '0x0AFF', 1)", b"\x0a\xff"),
    ("DATEDIFF(month, '2024-01-31', '2024-03-01')", 2),
    ("DATEADD(hour, -1, CAST('2024-01-01' AS datetime))", datetime(2023, 12, 31, 23)),
    ("REVERSE('abc') + REPLICATE('x', 2) + CHAR(65) + NCHAR(321)", "cbaxxAŁ"),
    ("ABS(-5) + UNICODE(N'A')", 70),
    ("CASE WHEN N'' LIKE N'%' AND N'a[b' LIKE N'a[[]b' THEN 1 ELSE 0 END", 1),
    ("SUM(1.5) FROM dbo.HRRoleDefs", 4.5),
    ("COUNT(DISTINCT RoleID) FROM dbo.HRRoles", 2),
    ("AVG(RoleID) FROM dbo.HRRoles", 30),
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

CATALOG: list[tuple[str, list[tuple[Any, ...]]]] = [
    (
        "SELECT r.name FROM sys.server_role_members AS m JOIN sys.server_principals AS r ON r.principal_id = m.role_principal_id "
        "JOIN sys.server_principals AS p ON p.principal_id = m.member_principal_id WHERE p.name = N'DEMO\\svc-clickker'",
        [("sysadmin",)],
    ),
    (
        "SELECT r.name FROM sys.database_role_members AS m JOIN sys.database_principals AS r ON r.principal_id = m.role_principal_id "
        "JOIN sys.database_principals AS u ON u.principal_id = m.member_principal_id WHERE u.name = N'BACO' ORDER BY r.name",
        [("db_datareader",), ("db_datawriter",)],
    ),
    (
        "SELECT x.state_desc, x.permission_name FROM sys.server_permissions AS x WHERE x.class = 101",
        [("GRANT", "IMPERSONATE")],
    ),
    (
        "SELECT name, type_desc FROM sys.database_principals WHERE type = 'A'",
        [("BacoApp", "APPLICATION_ROLE")],
    ),
    ("SELECT name, is_policy_checked FROM sys.sql_logins WHERE name = N'BACO'", [("BACO", 0)]),
    (
        "SELECT name, type FROM sys.user_token",
        [("dbo", "SQL USER"), ("public", "ROLE"), ("db_owner", "ROLE")],
    ),
    (
        "SELECT login_name, original_login_name FROM sys.dm_exec_sessions WHERE session_id = @@SPID",
        [("acceptance", "acceptance")],
    ),
    (
        "SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = N'HRRoleLevels'",
        [("ID", "int", None), ("Description", "nvarchar", 60), ("TermID", "int", None)],
    ),
    ("SELECT name FROM sys.views", []),
]

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
    ("SELECT 1 AS a /* not ended", 102),
    ("SELECT UPPER('a', 'b') AS a", 174),
    ("SELECT a.ID FROM dbo.HRRoles AS a LEFT JOIN dbo.HRRoleDefs AS b", 102),
    ("SELECT 300 AS a UNION SELECT CAST(300 AS tinyint)", 8115),
    ("SELECT SUM(usr_id) AS a FROM dbo.humres", 8117),
    ("SELECT a.ID FROM dbo.HRRoles AS a, dbo.HRRoleDefs AS a", 1013),
    ("SELECT 1 AS a WHERE 1 IN (SELECT 1, 2)", 116),
    ("SELECT (SELECT 1, 2) AS a", 116),
    ("SELECT x.* FROM dbo.HRRoles AS a", 4104),
    ("SELECT N'a' - N'b' AS a", 402),
    ("SELECT 1 COLLATE Latin1_General_BIN AS a", 447),
    ("SELECT 1 = 1", 102),
    ("THROW", 10704),
    ("EXECUTE sys.sp_executesql N'SELECT 1 AS a', N'@a int', @b = 1", 8145),
    ("EXECUTE sys.sp_executesql N'SELECT 1 AS a', N'@a int', 1, 2", 8144),
    ("DECLARE @a int = 1; SELECT @a = 2, 3", 141),
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
    ("EXECUTE master.dbo.xp_logininfo N'x'", "xp_logininfo"),
    ("SELECT a.ID FROM dbo.HRRoles AS a JOIN dbo.HRRoleDefs AS b USING (ID)", "USING"),
    ("SELECT p.[0] FROM dbo.HRRoles PIVOT (COUNT(ID) FOR RoleID IN ([0])) AS p", "PIVOT"),
    ("SELECT ID FROM dbo.HRRoles TABLESAMPLE (10 PERCENT)", "SAMPLE"),
    ("SELECT name FROM master..sysdatabases", "sysdatabases"),
    ("SELECT 1 AS a WHERE SERVERPROPERTY('EngineEdition') = 2", "sql_variant"),
    ("SET ROWCOUNT 5", "ROWCOUNT"),
    ("BEGIN TRANSACTION", "TRANSACTION"),
    ("EXECUTE @r = sys.sp_executesql N'SELECT 1'", "return value"),
    ("SELECT res_id FROM dbo.humres FOR XML PATH('')", "FOR XML"),
    ("SELECT CONVERT(varchar(9), GETDATE(), 999) AS a", "999"),
    ("SELECT CAST(1 AS money) AS a", "MONEY"),
    ("SELECT COUNT(*) AS n FROM dbo.HRRoles GROUP BY ROLLUP (RoleID)", "ROLLUP"),
    ("SELECT TOP 5 PERCENT ID FROM dbo.HRRoles", "PERCENT"),
    ("SELECT x.a FROM OPENJSON(N'[]') AS x (a)", "OPENJSON"),
    ("WHILE 1 = 1 SET NOCOUNT ON", "loop"),
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
    found = session.run(f"DECLARE @p nvarchar(300) = QUOTENAME(N'{literal}') + N'.sys.sp_executesql'; "
                        "EXECUTE @p N'SELECT DB_NAME() AS n'")  # fmt: skip
    assert value(found) == name


@pytest.mark.parametrize("view", list(VIEWS))
def test_each_views_rows_fit_its_columns(ask: Ask, view: str) -> None:
    (only,) = ask(f"SELECT * FROM {view}")
    assert isinstance(only, ResultSet), only
    assert [name for name, _ in only.columns] == list(VIEWS[view].columns)
    assert (only.rows == ()) == (view == "sys.views")


def test_permissions_on_schemas_and_objects_are_in_the_catalog(twin: Twin, ask: Ask) -> None:
    baco = twin.databases["Synergy"].users["BACO"]
    baco.grant, baco.deny = ["SELECT ON dbo.humres"], ["UPDATE ON SCHEMA::dbo", "EXECUTE"]
    question = (
        "SELECT x.class_desc, OBJECT_NAME(x.major_id), x.permission_name, x.state_desc FROM sys.database_permissions AS x "
        "WHERE x.grantee_principal_id = DATABASE_PRINCIPAL_ID(N'BACO')"
    )
    assert rows(ask(question)) == [
        ("DATABASE", None, "CONNECT", "GRANT"),
        ("OBJECT_OR_COLUMN", "humres", "SELECT", "GRANT"),
        ("SCHEMA", None, "UPDATE", "DENY"),
        ("DATABASE", None, "EXECUTE", "DENY"),
    ]


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
    question = "SELECT h.res_id FROM dbo.humres AS h JOIN dbo.BacoUserGroups AS g ON g.GroupName = h.usr_id"
    assert numbers(ask(question)) == [468]
    assert rows(ask(question + " COLLATE DATABASE_DEFAULT")) == []
    assert rows(ask("SELECT res_id FROM dbo.humres WHERE usr_id = N'JÀNSEN'")) == [(119,)]


def test_each_result_column_has_its_type_even_without_rows(ask: Ask) -> None:
    (only,) = ask(
        "SELECT usr_id, res_id, ldatindienst, N'x' AS x, 1 AS n, NULL AS u FROM dbo.humres WHERE 1 = 0"
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
    assert (
        len(ask("EXECUTE sys.sp_executesql N'SELECT a FROM dbo.nothing; SELECT 2 AS b'" + after))
        == 2
    )


def test_an_unknown_column_refuses_the_whole_batch_even_behind_an_if(twin: Twin, ask: Ask) -> None:
    """Deferred name resolution is for tables only: a guard with COL_LENGTH needs dynamic SQL."""
    guarded = (
        "SELECT 1 AS a; IF COL_LENGTH(N'dbo.humres', N'x') IS NOT NULL SELECT x FROM dbo.humres"
    )
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
        ask(
            batch.format("SET @x = 1;").replace(
                "BEGIN TRY", "DECLARE @x int; BEGIN TRY SELECT 1/0 AS q;"
            )
        )
    ) == [(8134,)]
    assert numbers(ask(batch.format("SELECT a FROM dbo.nothing;"))) == [208]
    assert rows(ask(batch.format("EXECUTE (N'SELECT a FROM dbo.nothing');"))) == [(208,)]
    rethrown = (
        "BEGIN TRY SELECT 1 / 0 AS q END TRY BEGIN CATCH REVERT; THROW; END CATCH; SELECT 1 AS a"
    )
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


def test_what_a_call_of_sp_executesql_changes_ends_with_it(twin: Twin) -> None:
    session = Session(twin, "acceptance", "Synergy")
    results = session.execute_sql(
        "USE Clickker; EXECUTE AS LOGIN = N'acceptance-reader'; SELECT DB_NAME() AS n", "", []
    )
    assert rows(results[1:]) == [("Clickker",)]
    assert rows(session.run("SELECT DB_NAME() AS d, SUSER_SNAME() AS s")) == [
        ("Synergy", "acceptance")
    ]
    session.run("USE Clickker")
    assert value(session.run("SELECT DB_NAME() AS d")) == "Clickker"


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
    twin.databases[name] = Database(
        tables={"t": Table(columns={"a b]": "int"}, rows=[{"a b]": 5}])}
    )
    quoted = name.replace("]", "]]")
    assert rows(ask(f"SELECT [a b]]] FROM [{quoted}].dbo.t")) == [(5,)]
    assert rows(ask(f"USE [{quoted}] SELECT DB_NAME() AS n")[1:]) == [(name,)]


def test_a_twin_is_loaded_fresh_each_time() -> None:
    del load_twin("sql-compliant").logins["BACO"]
    assert "BACO" in load_twin("sql-compliant").logins
