"""Whether an answer of SQL Server's counts:
the right instance, account, SID, state and replica, or it was not read.
"""

from typing import Any

import pytest
from acceptance.tests_infra import test_sql as judges

from acceptance.errors import UnreadError
from acceptance.evidence.sql import SqlEvidence
from acceptance.evidence.sqlserver import BacoLogin, DatabasesSection
from acceptance.findings.record import Record
from acceptance.hosts.sids import windows_sid
from acceptance.hosts.sql_checks import Expected
from acceptance.hosts.sql_instance import SqlInstance
from acceptance.text import said

ACCOUNT = "DEMO\\svc"
STORED, OWN = "0x010500000000000515000000010000000200000003000000E8030000", "S-1-5-21-1-2-3-1000"
SERVER = {
    "version": "15.0.4385.2",
    "level": "RTM",
    "edition": "Standard Edition (64-bit)",
    "engine_edition": 2,
    "collation": "Latin1_General_CI_AS",
    "windows_only": 0,
    "machine_name": "SQL01",
    "instance_name": None,
    "asked_as": "acceptance",
    "server_name": "SQL01",
    "answered_on": "SQL01",
    "hadr": 0,
    "sees_replicas": 1,
}
LOGIN = {"name": ACCOUNT, "sid": STORED, "type": "WINDOWS_LOGIN", "is_disabled": 0}
RIGHTS = {
    "asked_as": ACCOUNT,
    "is_sysadmin": 1,
    "control_server": 1,
    "connect_sql": 1,
    "tokens": [
        {"name": ACCOUNT, "type": "WINDOWS LOGIN", "usage": "GRANT OR DENY", "brings_sysadmin": 1}
    ],
    "databases": [{"name": "Synergy", "accessible": 1}],
}
DATABASE = {
    "name": "Synergy",
    "state": "ONLINE",
    "collation": "Latin1_General_CI_AS",
    "compatibility_level": 150,
    "is_read_only": 0,
    "user_access": "MULTI_USER",
    "accessible": 1,
    "exact_tables": 1,
}
ACCESS = {
    "sees_all": 1,
    "denied_columns": 0,
    "user_name": "dbo",
    **{f"can_{action}": 1 for action in ("select", "insert", "update", "delete")},
    **{f"tables_{action}": 3 for action in ("select", "insert", "update", "delete")},
    "is_owner": 1,
    "is_datareader": 1,
    "is_datawriter": 1,
    "tables": 3,
}


def sql(expected: Expected | None = None, /, **changes: Any) -> SqlInstance:
    """A compliant server in which some fields of sections were changed: `server={"hadr": 1}`."""

    def read(value: dict[str, Any], name: str) -> dict[str, Any]:
        return {"status": "ok", "value": value | changes.get(name, {})}

    logins = [LOGIN | {"connect_sql": "GRANT"} | changes.get("login", {})]
    evidence = SqlEvidence.model_validate(
        {
            "collected_at": "2026-11-25T09:00:00Z",
            "seconds": 1,
            "collector_sha256": "0",
            "reached": {
                "backend": "odbc",
                "address": "sql01",
                "transport": "tds",
                "authentication": "sql",
                "tls": "verified",
            },
            "sections": {
                "server": read(SERVER, "server"),
                "logins": read(
                    {"sees_all": 1, "is_sysadmin": 1, "account_known": 1, "logins": logins}, ""
                ),
                "rights": read(RIGHTS, "rights"),
                "databases": read(
                    {
                        "sees_all": 1,
                        "case_sensitive": 0,
                        "databases": [DATABASE | changes.get("database", {})],
                    }
                    | changes.get("listing", {}),
                    "databases",
                ),
            },
            "databases": {"Synergy": {"access": read(ACCESS, "access")}},
            "failure": None,
        }
    )
    told = Expected(exact=("Synergy",), account=ACCOUNT, sids={"web01": OWN})
    return SqlInstance("db01", evidence, expected or told)


def test_a_sid_reads_the_same_on_both_sides() -> None:
    """Hexadecimal there, S-1-… here; a SQL login's sixteen bytes are no SID of Windows'."""
    assert windows_sid(STORED) == OWN
    assert windows_sid(STORED.removeprefix("0x")) == OWN
    for other in ("0x" + "ab" * 16, "0x01", "", "x", STORED + "00"):
        assert windows_sid(other) is None


def test_the_compliant_server_counts() -> None:
    """Without this, a refusal below would prove nothing."""
    found = sql()
    rights = found.rights()
    assert rights
    assert rights.is_sysadmin
    assert not found.sid_unproven()
    assert found.can_read("Synergy").enough
    assert not found.can_read("Synergy").doubt
    assert found.replicas_elsewhere([]) == []


@pytest.mark.parametrize("ask", ["own_login", "rights"])
def test_another_accounts_login_of_the_same_name_is_named_with_both_numbers(ask: str) -> None:
    """Deleted and made again: Windows knows the account by another number."""
    other = Expected(exact=("Synergy",), account=ACCOUNT, sids={"web01": "S-1-5-21-1-2-3-2000"})
    with pytest.raises(UnreadError, match=r"S-1-5-21-1-2-3-1000.*S-1-5-21-1-2-3-2000.*web01"):
        getattr(sql(other), ask)()


def test_a_sid_that_nobody_could_compare_is_told() -> None:
    """No Windows server was asked, or an older collector read no SID."""
    alone = Expected(exact=("Synergy",), account=ACCOUNT)
    assert OWN in str(sql(alone).sid_unproven())
    assert "was not read" in str(sql(login={"sid": None}).sid_unproven())


def test_rights_asked_as_somebody_else_are_not_the_accounts() -> None:
    with pytest.raises(UnreadError, match=r"DEMO\\other.*DEMO\\svc"):
        sql(rights={"asked_as": "DEMO\\other"}).rights()
    assert sql(rights={"asked_as": "demo\\SVC"}).rights()  # Windows' names have no case


def test_a_token_that_only_denies_lets_nobody_in() -> None:
    """Usage DENY ONLY, as of a group in a filtered token."""
    [token] = RIGHTS["tokens"]  # type: ignore[misc]
    found = sql(rights={"tokens": [token | {"usage": "DENY ONLY"}]})  # type: ignore[operator]
    rights = found.rights()
    assert rights
    assert rights.letting_in == []
    assert not found.can_read("Synergy").enough


def test_a_named_database_without_exacts_tables_proves_nothing() -> None:
    with pytest.raises(UnreadError, match="Synergy holds none of Exact's tables"):
        sql(database={"exact_tables": 0}).exact_databases()
    assert sql(database={"exact_tables": None}).exact_databases() == ("Synergy",)


def test_who_may_not_log_in_is_no_sysadmin() -> None:
    """Whatever IS_SRVROLEMEMBER says of an account that no login lets in."""
    judges.test_service_account_is_sysadmin(sql(), [], Record(said("x")))
    with pytest.raises(AssertionError):
        judges.test_service_account_is_sysadmin(sql(rights={"tokens": []}), [], Record(said("x")))


@pytest.mark.parametrize("answered", [None, "OTHER"])
def test_another_instance_is_not_the_inventorys(answered: str | None) -> None:
    expected = Expected(instance="EXACT")
    with pytest.raises(UnreadError, match="answered, but the inventory means the instance EXACT"):
        _ = sql(expected, server={"instance_name": answered}).server
    assert sql(expected, server={"instance_name": "exact"}).server


@pytest.mark.parametrize("state", ["OFFLINE", "SUSPECT", "RESTORING"])
def test_a_database_that_is_not_online_says_nothing_of_rights(state: str) -> None:
    """Even where an answer about it stands in the evidence."""
    with pytest.raises(UnreadError, match=state):
        sql(database={"state": state}).can_read("Synergy")


def test_what_not_even_a_sysadmin_can_open_is_no_lack_of_rights() -> None:
    """HAS_DBACCESS is 0 for a busy single-user database too."""
    closed = {"databases": [{"name": "Synergy", "accessible": 0}]}
    with pytest.raises(UnreadError, match="even a sysadmin"):
        sql(rights=closed).can_read("Synergy")


def test_a_column_that_is_denied_leaves_a_doubt_but_to_a_sysadmin() -> None:
    """The answer about the table does not tell of it;
    who cannot be denied anything need not care.
    """
    denied = {"denied_columns": 1}
    assert not sql(access=denied).can_read("Synergy").doubt
    plain = sql(access=denied, rights={"is_sysadmin": 0}).can_read("Synergy")
    assert plain.enough
    assert str(plain.doubt).endswith("perhaps to this account: 1")
    assert sql(access={"denied_columns": None}, rights={"is_sysadmin": 0}).can_read("Synergy").doubt


def test_replicas_count_until_each_was_asked() -> None:
    """By the names that they give themselves."""
    group = {"hadr": 1, "replicas": [{"name": "SQL01"}, {"name": "SQL02"}, {"name": "SQL03"}]}
    assert sql(server=group).replicas_elsewhere(["sql02"]) == ["SQL03"]
    assert sql(server={"hadr": 1}).replicas_elsewhere([]) == []
    for hidden in ({"hadr": None}, {"hadr": 1, "sees_replicas": 0}):
        with pytest.raises(UnreadError, match="other replicas"):
            sql(server=hidden).replicas_elsewhere([])


@pytest.mark.parametrize(
    ("name", "tables", "exact"),
    [
        ("Payroll", 1, True),
        ("021", 0, False),  # looked at: it has none of Exact's tables
        ("021", None, True),
        ("Synergy_test", None, True),
        ("Payroll", None, False),
        ("Payroll2024", None, False),
        ("master", 1, False),
        ("Synergy", 1, False),  # named by the inventory
    ],
)
def test_a_database_that_the_inventory_does_not_name(
    name: str, tables: int | None, exact: bool
) -> None:
    """Its tables decide where they could be looked for, else its name."""
    found = sql(database={"name": name, "exact_tables": tables}).unnamed_databases()
    assert found == ([name] if exact else [])


def test_a_database_that_may_be_hidden_may_be_exacts() -> None:
    """What is seen and not named is told first."""
    with pytest.raises(UnreadError, match="may be hidden from the asking login"):
        sql(listing={"sees_all": 0}).unnamed_databases()
    seen = sql(listing={"sees_all": 0}, database={"name": "Archive"})
    assert seen.unnamed_databases() == ["Archive"]


def test_names_of_databases_compare_as_the_server_says() -> None:
    section = DatabasesSection.model_validate(
        {"sees_all": 1, "case_sensitive": 1, "databases": [DATABASE]}
    )
    assert section.named("synergy") == []
    assert section.misspelt("synergy") == ["Synergy"]
    either = section.model_copy(update={"case_sensitive": 0})
    assert [one.name for one in either.named("synergy")] == ["Synergy"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"connect_sql": "GRANT"}, ""),
        ({"connect_sql": None}, "CONNECT SQL is not granted"),
        ({"connect_sql": None, "connect_by_role": 1}, ""),
        ({"connect_sql": "DENY", "connect_by_role": 1}, "CONNECT SQL is denied"),
        ({"connect_sql": "DENY", "sysadmin": 1}, ""),  # no DENY stops a sysadmin
        ({"connect_sql": None, "sysadmin": 1}, ""),
    ],
)
def test_connect_sql_counts_as_it_works_not_as_it_was_granted(
    changes: dict[str, Any], why: str
) -> None:
    login = {"name": "BACO", "type": "SQL_LOGIN", "is_disabled": 0, "default_database": "master"}
    unknown = {"is_locked": None, "is_expired": None, "is_must_change": None}
    assert BacoLogin.model_validate(login | unknown | changes).connect == why
