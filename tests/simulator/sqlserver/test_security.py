"""Rights are evaluated: what a login may see, read and become."""

from acceptance.simulator.sqlserver.errors import SqlError
from acceptance.simulator.sqlserver.execution import run
from acceptance.simulator.sqlserver.session import Session
from acceptance.simulator.sqlserver.state import (
    Database,
    Login,
    Role,
    Table,
    Twin,
    User,
    WindowsAccount,
)

from tests.simulator.sqlserver.answers import Ask, inside, numbers, rows, value

SERVICE = r"DEMO\svc-clickker"
AS_SERVICE = f"EXECUTE AS LOGIN = N'{SERVICE}'; "


def test_other_logins_are_hidden_without_view_any_definition(twin: Twin, ask: Ask) -> None:
    twin.logins["plain"] = Login()
    names = {
        name
        for (name,) in rows(
            ask(
                "SELECT name FROM sys.server_principals WHERE type_desc <> 'SERVER_ROLE'",
                login="plain",
                database="master",
            )
        )
    }
    assert names == {"sa", "plain"}
    twin.logins["plain"].grant.append("VIEW ANY DEFINITION")
    names = {
        name
        for (name,) in rows(
            ask("SELECT name FROM sys.server_principals", login="plain", database="master")
        )
    }
    assert {"BACO", SERVICE} <= names


def test_databases_are_hidden_when_public_may_not_view_them(twin: Twin, ask: Ask) -> None:
    twin.logins["plain"] = Login()
    question = "SELECT name FROM sys.databases ORDER BY name"
    assert ("Synergy",) in rows(ask(question, login="plain", database="master"))
    twin.server.view_any_database = False
    assert rows(ask(question, login="plain", database="master")) == [("master",), ("tempdb",)]


def test_sysadmin_comes_through_nested_windows_groups(twin: Twin, ask: Ask) -> None:
    del twin.logins[SERVICE]
    question = AS_SERVICE + "SELECT IS_SRVROLEMEMBER('sysadmin') AS member; REVERT;"
    assert rows(ask(question, database="master")) == [(0,)]
    twin.logins[r"DEMO\SG-Applications"] = Login(kind="windows_group", roles=["sysadmin"])
    assert rows(ask(question, database="master")) == [(1,)]
    token = rows(
        ask(
            AS_SERVICE + "SELECT name, type FROM sys.login_token WHERE principal_id > 255",
            database="master",
        )
    )
    assert token == [(r"DEMO\SG-Applications", "WINDOWS GROUP")]


def test_windows_names_have_no_case_even_on_a_case_sensitive_server(twin: Twin, ask: Ask) -> None:
    twin.server.collation = "Latin1_General_CS_AS"
    batch = f"EXECUTE AS LOGIN = N'{SERVICE.upper()}'; SELECT SUSER_SNAME() AS n"
    assert value(ask(batch, database="master")) == SERVICE
    assert value(ask("SELECT SUSER_SID(N'baco') AS n")) is None


def test_a_deny_wins_over_every_grant_but_not_over_sysadmin(twin: Twin, ask: Ask) -> None:
    twin.logins["plain"] = Login(grant=["VIEW ANY DEFINITION"], deny=["VIEW ANY DEFINITION"])
    question = "SELECT HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DEFINITION') AS held"
    assert value(ask(question, login="plain", database="master")) == 0
    twin.logins["plain"].roles = ["sysadmin"]
    assert value(ask(question, login="plain", database="master")) == 1


def test_a_table_without_select_is_229(twin: Twin, ask: Ask) -> None:
    baco = twin.databases["Synergy"].users["BACO"]
    baco.roles = []
    question = "SELECT COUNT(*) AS n FROM dbo.HRRoles"
    assert numbers(ask(question, login="BACO")) == [229]
    baco.grant = ["SELECT ON dbo.HRRoles"]
    assert value(ask(question, login="BACO")) == 3
    baco.deny = ["SELECT ON SCHEMA::dbo"]
    assert numbers(ask(question, login="BACO")) == [229]
    baco.deny, baco.grant, baco.roles = [], [], ["db_datareader", "db_denydatareader"]
    assert numbers(ask(question, login="BACO")) == [229]


def test_rights_come_through_nested_database_roles(twin: Twin, ask: Ask) -> None:
    entry = twin.databases["Synergy"]
    entry.roles = {"outer": Role(roles=["inner"]), "inner": Role(grant=["SELECT"])}
    entry.users["BACO"].roles = ["outer"]
    assert value(ask("SELECT COUNT(*) AS n FROM dbo.HRRoles", login="BACO")) == 3
    assert value(ask("SELECT IS_ROLEMEMBER('inner') AS member", login="BACO")) == 1


def test_the_catalog_shows_only_objects_that_one_may_use(twin: Twin, ask: Ask) -> None:
    baco = twin.databases["Synergy"].users["BACO"]
    baco.roles, baco.grant = [], ["SELECT ON dbo.HRRoles"]
    assert rows(ask("SELECT name FROM sys.tables", login="BACO")) == [("HRRoles",)]
    assert value(ask("SELECT COL_LENGTH(N'dbo.humres', N'usr_id') AS n", login="BACO")) is None


def test_without_a_user_a_database_is_916(ask: Ask) -> None:
    refused = ask(inside("Clickker") + "; SELECT 1 AS a", login="BACO")
    assert numbers(refused) == [916]
    assert len(refused) == 1  # the batch ends
    assert numbers(ask(inside("Clickker", "SELECT Name FROM dbo.Settings"), login="BACO")) == [916]
    assert value(ask("SELECT HAS_DBACCESS(N'Clickker') AS n", login="BACO")) == 0


def test_a_database_that_is_offline_is_942_and_tells_no_collation(twin: Twin, ask: Ask) -> None:
    twin.databases["Clickker"].state = "OFFLINE"
    assert numbers(ask(inside("Clickker"))) == [942]
    question = (
        "SELECT state, state_desc, collation_name, HAS_DBACCESS(name) FROM sys.databases"
        " WHERE name = 'Clickker'"
    )
    assert rows(ask(question)) == [(6, "OFFLINE", None, 0)]


def test_a_database_that_is_not_there_is_911(ask: Ask) -> None:
    assert numbers(ask(inside("nowhere"))) == [911]
    assert value(ask("SELECT HAS_DBACCESS(N'nowhere') AS n")) is None


def test_guest_and_connect_any_database_give_access(twin: Twin, ask: Ask) -> None:
    assert value(ask("SELECT USER_NAME() AS n", login="BACO", database="msdb")) == "guest"
    assert (
        value(ask("SELECT USER_NAME() AS n", login="acceptance-reader", database="Clickker"))
        == "guest"
    )
    assert (
        value(
            ask(
                "SELECT COUNT(*) AS n FROM dbo.Settings",
                login="acceptance-reader",
                database="Clickker",
            )
        )
        == 1
    )


def test_a_denied_connect_keeps_a_user_out(twin: Twin, ask: Ask) -> None:
    twin.databases["Synergy"].users["BACO"].connect = False
    assert numbers(ask(inside("Synergy"), login="BACO", database="master")) == [916]


def test_execute_as_and_revert_change_the_context(ask: Ask) -> None:
    batch = (
        "SELECT SUSER_SNAME() AS n; EXECUTE AS LOGIN = 'BACO'; SELECT SUSER_SNAME() AS n;"
        "REVERT; SELECT SUSER_SNAME() AS n"
    )
    found = [result.rows[0][0] for result in ask(batch)]  # type: ignore[union-attr]
    assert found == ["acceptance", "BACO", "acceptance"]


def test_who_may_not_impersonate_gets_15406(twin: Twin, ask: Ask) -> None:
    assert numbers(
        ask("EXECUTE AS LOGIN = 'BACO'", login="acceptance-reader", database="master")
    ) == [15406]
    assert numbers(ask("EXECUTE AS LOGIN = 'nobody'", database="master")) == [15406]
    assert numbers(ask(AS_SERVICE, login="acceptance-reader", database="master")) == []
    del twin.logins[SERVICE]  # comes in by a group only: that takes a sysadmin
    assert numbers(ask(AS_SERVICE, login="acceptance-reader", database="master")) == [15406]


def test_a_domain_account_that_cannot_be_read_is_15404(twin: Twin, ask: Ask) -> None:
    twin.windows.users[SERVICE] = WindowsAccount(readable=False)
    assert numbers(ask(AS_SERVICE)) == [15404]
    assert numbers(ask(r"EXECUTE AS LOGIN = 'DEMO\unknown'")) == [15404]


def test_a_failed_impersonation_leaves_the_batch_running_as_it_was(ask: Ask) -> None:
    """So a collector that does not notice reads with the wrong eyes; it must notice."""
    failed, after = ask("EXECUTE AS LOGIN = 'nobody'; SELECT SUSER_SNAME() AS n", database="master")
    assert isinstance(failed, SqlError)
    assert value([after]) == "acceptance"


def test_impersonation_needs_access_to_the_current_database(ask: Ask) -> None:
    assert numbers(ask("EXECUTE AS LOGIN = 'BACO'", database="Clickker")) == [916]


def test_a_user_is_found_by_its_sid_and_not_by_its_name(twin: Twin, ask: Ask) -> None:
    question = (
        "SELECT u.name, u.authentication_type_desc, p.name FROM sys.database_principals AS u "
        "LEFT JOIN sys.server_principals AS p ON p.sid = u.sid WHERE u.name = N'BACO'"
    )
    assert rows(ask(question)) == [("BACO", "INSTANCE", "BACO")]
    twin.databases["Synergy"].users["BACO"].sid = "0x" + "ab" * 16  # restored from another server
    assert rows(ask(question)) == [("BACO", "INSTANCE", None)]
    assert numbers(ask(inside("Synergy"), login="BACO", database="master")) == [916]
    twin.databases["Synergy"].users["BACO"] = User(login=None)
    assert rows(ask(question)) == [("BACO", "NONE", None)]


def test_permissions_on_objects_and_databases_are_told_apart(twin: Twin, ask: Ask) -> None:
    baco = twin.databases["Synergy"].users["BACO"]
    baco.roles, baco.grant = ["db_datareader"], []
    baco.deny = ["SELECT ON dbo.humres"]
    question = (
        "SELECT HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'SELECT'), "
        "HAS_PERMS_BY_NAME(N'dbo.humres', 'OBJECT', 'SELECT'), "
        "HAS_PERMS_BY_NAME(N'[dbo].[HRRoles]', 'OBJECT', 'SELECT')"
    )
    assert rows(ask(question, login="BACO")) == [(1, 0, 1)]


def test_the_owner_of_a_database_is_dbo_there(twin: Twin, ask: Ask) -> None:
    twin.databases["Own"] = Database(owner="BACO", tables={"t": Table(columns={"a": "int"})})
    assert value(ask("SELECT USER_NAME() AS n", login="BACO", database="Own")) == "dbo"
    assert rows(ask("SELECT a FROM dbo.t", login="BACO", database="Own")) == []


def test_a_restricted_database_is_for_owners_and_administrators(twin: Twin, ask: Ask) -> None:
    twin.databases["Synergy"].user_access = "RESTRICTED_USER"
    held = "SELECT HAS_DBACCESS(N'Synergy') AS n"
    assert numbers(ask(inside("Synergy"), login="BACO", database="master")) == [923]
    assert value(ask(held, login="BACO", database="master")) == 0
    assert value(ask(held, database="master")) == 1
    twin.databases["Synergy"].users["BACO"].roles.append("db_owner")
    assert value(ask(held, login="BACO", database="master")) == 1


def test_a_single_user_shuts_every_other_session_out(twin: Twin, ask: Ask) -> None:
    twin.databases["Synergy"].user_access = "SINGLE_USER"
    held = "SELECT HAS_DBACCESS(N'Synergy') AS n"
    first = Session(twin, "BACO", "Synergy")
    assert numbers(ask(inside("Synergy"), database="master")) == [924]
    assert value(ask(held, database="master")) == 0
    assert value(run(first, held)) == 1
    first.close()
    assert value(ask(held, database="master")) == 1
