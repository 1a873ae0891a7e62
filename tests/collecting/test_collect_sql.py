"""What one SQL Server says, over the real driver:
what goes wrong costs its own section, and what is hidden is never absent.
"""

from pathlib import Path
from typing import Any

import pytest
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import Database, Login, Twin, User, load_twin

from acceptance.collecting.collect_sql import Targets, with_needed
from acceptance.errors import UnreadError
from acceptance.evidence.envelope import Read, SectionError, Unread
from acceptance.evidence.sql import SQL_SECTIONS, DatabaseSections, SqlEvidence
from acceptance.hosts.sql_checks import Expected
from acceptance.hosts.sql_instance import SqlInstance
from tests.catalogue.faults_sql import ACCOUNT, table, without_sysadmin
from tests.sql_twins import CUSTOMER, PASSWORD, ask_server, needs_driver

ODD = "O'Brien]s [Zürich] 漢"
READER = "acceptance-reader"


@pytest.fixture(autouse=True)
def _driver() -> None:
    needs_driver()


@pytest.fixture
def twin() -> Twin:
    return load_twin("sql-compliant")


def ask(folder: Path, twin: Twin, login: str = "acceptance", text: str = CUSTOMER) -> SqlEvidence:
    with SqlServer(twin, logins={login: PASSWORD}) as server:
        evidence = ask_server(folder, server, username=login, text=text)
        assert len(server.logins) == 1
    assert evidence.failure is None
    return evidence


def instance(evidence: SqlEvidence) -> SqlInstance:
    return SqlInstance("db01", evidence, Expected(("Synergy", "020"), "Clickker"))


def unread(sections: DatabaseSections) -> dict[str, Unread]:
    return {name: value for name, value in dict(sections).items() if isinstance(value, Unread)}


def test_a_missing_column_costs_its_section_only(tmp_path: Path, twin: Twin) -> None:
    """207, with the column's name: "could not be checked", and every other section stands."""
    humres = table(twin, "humres")
    del humres.columns["UserLicenseType"]
    for row in humres.rows:
        row.pop("UserLicenseType", None)
    evidence = ask(tmp_path, twin)
    assert unread(evidence.databases["020"]) == {}
    [(section, found)] = unread(evidence.databases["Synergy"]).items()
    assert (section, found.status, found.error.number) == ("person", "error", 207)
    with pytest.raises(UnreadError, match="207: Invalid column name 'UserLicenseType'"):
        instance(evidence).person("Synergy")


@pytest.mark.parametrize(
    ("missing", "sections"),
    [
        ("HRRoleDefs", {"roles"}),
        ("ExactLicense", {"licence"}),
        ("ExactOptions", {"options"}),
        ("LicenseWSCallLog", set()),
        ("bedryf", set()),
        ("BacoSettings", set()),
    ],
)
def test_a_missing_table_costs_its_section_only(
    tmp_path: Path, twin: Twin, missing: str, sections: set[str]
) -> None:
    """208; a place that may hold the release is one place fewer."""
    del twin.databases["Synergy"].tables[missing]
    found = unread(ask(tmp_path, twin).databases["Synergy"])
    assert set(found) == sections
    assert {one.error.number for one in found.values()} <= {208}


def test_what_is_no_exact_database_is_recognised_first(tmp_path: Path, twin: Twin) -> None:
    """Other vendors have a humres too: nothing of it is read."""
    humres = table(twin, "humres")
    del humres.columns["res_id"]
    for row in humres.rows:
        del row["res_id"]
    found = unread(ask(tmp_path, twin).databases["Synergy"])
    assert set(found) == {"person", "roles", "release", "licence", "options"}
    assert {one.status for one in found.values()} == {"absent"}


@pytest.mark.parametrize("state", ["OFFLINE", "RESTORING", "SUSPECT"])
def test_a_database_that_is_not_online(tmp_path: Path, twin: Twin, state: str) -> None:
    """Its sections say so; the other databases are whole."""
    twin.databases["Synergy"].state = state  # type: ignore[assignment]
    evidence = ask(tmp_path, twin)
    found = unread(evidence.databases["Synergy"])
    assert set(found) == set(DatabaseSections.model_fields)
    assert {one.error.message for one in found.values()} == {f"the database Synergy is {state}"}
    assert unread(evidence.databases["020"]) == {}
    with pytest.raises(UnreadError, match=state):
        instance(evidence).can_read("Synergy")


def test_a_database_that_is_not_there(tmp_path: Path, twin: Twin) -> None:
    """Absent only where nothing can be hidden."""
    del twin.databases["Clickker"]
    evidence = ask(tmp_path, twin)
    assert not instance(evidence).has_database("Clickker")
    assert not instance(evidence).can_write("Clickker").enough
    twin.server.view_any_database = False
    twin.logins[READER].grant = [
        "CONNECT ANY DATABASE"
    ]  # VIEW ANY DEFINITION would include VIEW ANY DATABASE
    evidence = ask(tmp_path, twin, READER)
    with pytest.raises(UnreadError, match="may be hidden"):
        instance(evidence).has_database("Clickker")


def test_without_view_any_definition_nothing_is_absent(tmp_path: Path, twin: Twin) -> None:
    """Hidden logins and users could not be checked, whether they are there or not."""
    twin.logins[READER].grant = ["CONNECT ANY DATABASE"]
    twin.logins[READER].impersonate = []  # a right on a login makes it visible
    del twin.logins["BACO"]
    sql = instance(ask(tmp_path, twin, READER))
    for ask_it in (
        sql.baco_logins,
        sql.own_login,
        sql.rights,
        lambda: sql.baco_principals("Synergy"),
    ):
        with pytest.raises(UnreadError):
            ask_it()


def test_hidden_tables_are_not_counted_as_read(tmp_path: Path, twin: Twin) -> None:
    """Whoever sees no table cannot say that the service account reads them all."""
    without_sysadmin(twin)
    twin.logins[READER].grant = ["CONNECT ANY DATABASE", "VIEW ANY DATABASE"]
    sql = instance(ask(tmp_path, twin, READER))
    with pytest.raises(UnreadError):
        sql.can_read("Synergy")


def test_an_unnamed_database_whose_tables_may_be_hidden_is_judged_by_its_name(
    tmp_path: Path, twin: Twin
) -> None:
    """OBJECT_ID is NULL for a table that the asking login may not see, as for one that is not."""
    twin.databases["Synergy_503"] = twin.databases["Synergy"].model_copy(deep=True)
    twin.databases["Wages"] = Database()
    twin.logins[READER].grant = ["CONNECT ANY DATABASE", "VIEW ANY DATABASE"]
    found = instance(ask(tmp_path, twin, READER))
    tables = {one.name: one.exact_tables for one in found.databases.databases}
    assert (tables["Synergy_503"], tables["Wages"]) == (None, None)
    assert "Synergy_503" in found.unnamed_databases()
    assert "Wages" not in found.unnamed_databases()


def test_a_reader_without_sysadmin_reads_all_but_what_others_are_allowed(
    tmp_path: Path, twin: Twin
) -> None:
    """VIEW ANY DEFINITION, SELECT ALL USER SECURABLES and IMPERSONATE on the service account
    are enough.
    """
    evidence = ask(tmp_path, twin, READER)
    sql = instance(evidence)
    rights = sql.rights()
    assert rights is not None
    assert rights.is_sysadmin
    assert sql.baco_logins()
    assert sql.can_read("Synergy").enough


def changed(evidence: SqlEvidence, section: str, **values: Any) -> SqlInstance:
    """The evidence with other values in a section of the server."""
    found = getattr(evidence.sections, section)
    value = found.value.model_copy(update=values)
    sections = evidence.sections.model_copy(
        update={section: found.model_copy(update={"value": value})}
    )
    return instance(evidence.model_copy(update={"sections": sections}))


def test_what_sql_server_does_not_answer_is_no_no(tmp_path: Path, twin: Twin) -> None:
    """IS_SRVROLEMEMBER and HAS_PERMS_BY_NAME have a third answer, NULL."""
    evidence = ask(tmp_path, twin)
    for values in ({"is_sysadmin": None}, {"connect_sql": None}):
        with pytest.raises(UnreadError, match="could not say"):
            changed(evidence, "rights", **values).rights()


def test_of_baco_only_a_login_counts_and_what_is_hidden_of_it_is_unread(
    tmp_path: Path, twin: Twin
) -> None:
    """A server role may be called BACO too;
    without VIEW ANY DEFINITION "not locked" may be "not told".
    """
    evidence = ask(tmp_path, twin)
    assert isinstance(evidence.sections.baco, Read)
    [login] = evidence.sections.baco.value.logins
    role = login.model_copy(update={"type": "SERVER_ROLE", "connect_sql": None})
    assert changed(evidence, "baco", logins=[role]).baco_logins() == []
    assert changed(evidence, "baco", logins=[login, role]).baco_logins() == [login]
    with pytest.raises(UnreadError, match="may be hidden"):
        changed(evidence, "baco", sees_all=0, logins=[role]).baco_logins()
    for name in ("is_locked", "is_expired", "is_must_change", "connect_sql"):
        hidden = login.model_copy(update={name: None})
        with pytest.raises(UnreadError, match="is hidden"):
            changed(evidence, "baco", sees_all=0, logins=[hidden]).baco_logins()


def test_a_hidden_place_of_the_release_is_no_empty_one(tmp_path: Path, twin: Twin) -> None:
    """OBJECT_ID of a hidden table is NULL, as of one that is not there."""
    evidence = ask(tmp_path, twin)
    database = evidence.databases["Synergy"]
    assert isinstance(database.product, Read)
    tables = [one for one in database.product.value.tables if one.name != "LicenseWSCallLog"]

    def seen(sees_all: int) -> SqlInstance:
        assert isinstance(database.product, Read)
        value = database.product.value.model_copy(update={"sees_all": sees_all, "tables": tables})
        product = database.product.model_copy(update={"value": value})
        databases = {"Synergy": database.model_copy(update={"product": product})}
        return instance(evidence.model_copy(update={"databases": databases}))

    assert seen(1).release("Synergy").divisions
    with pytest.raises(UnreadError, match="LicenseWSCallLog may be hidden"):
        seen(0).release("Synergy")


def test_a_licence_option_is_the_one_that_was_asked_for(tmp_path: Path, twin: Twin) -> None:
    """The inventory's number may have changed since the evidence was collected."""
    sql = instance(ask(tmp_path, twin))
    assert sql.options("Synergy", 600).options
    with pytest.raises(UnreadError, match="the option 600 was read, not 601"):
        sql.options("Synergy", 601)


def test_two_databases_that_differ_in_case_are_no_missing_one(tmp_path: Path, twin: Twin) -> None:
    """The inventory's spelling is neither's: nothing says which of them is meant."""
    twin.server.collation = "Latin1_General_CS_AS"
    twin.databases["SYNERGY"] = twin.databases["Synergy"].model_copy(deep=True)
    text = CUSTOMER.replace("Synergy", "synergy")
    found = ask(tmp_path, twin, text=text).databases["synergy"].principals
    assert isinstance(found, Unread)
    assert (found.status, "SYNERGY, Synergy" in found.error.message) == ("error", True)


@pytest.mark.parametrize(("collation", "there"), [("CS", False), ("CI", True)])
def test_names_compare_as_the_server_compares_them(
    tmp_path: Path, twin: Twin, collation: str, there: bool
) -> None:
    """`synergy` is Synergy on one server and another, missing database on the next."""
    twin.server.collation = f"Latin1_General_{collation}_AS"
    sql = instance(ask(tmp_path, twin))
    assert sql.databases.case_sensitive == (not there)
    if there:
        assert sql.has_database("synergy")
    else:
        with pytest.raises(UnreadError, match="no database synergy, but Synergy"):
            sql.has_database("synergy")


def test_a_domain_that_cannot_be_read(tmp_path: Path, twin: Twin) -> None:
    """15404: "not determinable", never "no such login"."""
    twin.windows.users[ACCOUNT].readable = False
    sql = instance(ask(tmp_path, twin))
    with pytest.raises(UnreadError, match="15404"):
        sql.rights()
    with pytest.raises(UnreadError):
        sql.access("Synergy")


def test_15406_says_no_such_account_only_to_a_sysadmin(tmp_path: Path, twin: Twin) -> None:
    """To anyone else it may mean a missing right."""
    del twin.logins[ACCOUNT]
    evidence = ask(tmp_path, twin)
    refused = Unread(
        status="denied",
        error=SectionError(number=15406, message="Cannot execute as the server principal"),
    )
    sections = evidence.sections.model_copy(update={"rights": refused})
    as_sysadmin = instance(evidence.model_copy(update={"sections": sections}))
    assert as_sysadmin.rights() is None
    assert not as_sysadmin.can_read("Synergy").enough
    assert isinstance(sections.logins, Read)
    logins = sections.logins.model_copy(
        update={"value": sections.logins.value.model_copy(update={"is_sysadmin": 0})}
    )
    as_reader = instance(
        evidence.model_copy(update={"sections": sections.model_copy(update={"logins": logins})})
    )
    with pytest.raises(UnreadError, match="15406"):
        as_reader.rights()


def test_sysadmin_by_a_group_is_told(tmp_path: Path, twin: Twin) -> None:
    """Nested: the account is in a group that is in the group that has the login."""
    del twin.logins[ACCOUNT]
    twin.logins["DEMO\\SG-Applications"] = Login(kind="windows_group", roles=["sysadmin"])
    rights = instance(ask(tmp_path, twin)).rights()
    assert rights is not None
    assert rights.is_sysadmin
    assert [(token.name, token.brings_sysadmin) for token in rights.tokens] == [
        ("DEMO\\SG-Applications", 1)
    ]


def test_odd_names_travel_as_data(tmp_path: Path, twin: Twin) -> None:
    """Quotes, brackets and other alphabets in a database's and an account's name."""
    twin.databases[ODD] = twin.databases.pop("Synergy")
    account = "DEMO\\svc-o'b]rien-é"
    twin.windows.users[account] = twin.windows.users[ACCOUNT]
    twin.logins[account] = twin.logins[ACCOUNT]
    table(twin, "humres", ODD).rows[1]["usr_id"] = "svc-o'b]rien-é"
    text = CUSTOMER.replace("Synergy", '"O\'Brien]s [Zürich] 漢"').replace(
        "svc-clickker", "svc-o'b]rien-é"
    )
    evidence = ask(tmp_path, twin, text=text)
    assert unread(evidence.databases[ODD]) == {}
    person = evidence.databases[ODD].person
    assert isinstance(person, Read)
    assert [row.user_id for row in person.value.persons] == ["svc-o'b]rien-é"]
    roles = evidence.databases[ODD].roles
    assert isinstance(roles, Read)
    assert {role.role_id for role in roles.value.roles} == {0, 92}


@pytest.mark.parametrize(
    "collation", ["Latin1_General_CS_AS", "Latin1_General_BIN2", "SQL_Latin1_General_CP1_CS_AS"]
)
def test_case_sensitive_servers(tmp_path: Path, twin: Twin, collation: str) -> None:
    """Names are spelt as the server spells them; people's names are found in any case."""
    twin.server.collation = collation
    for database in twin.databases.values():
        database.collation = collation
    table(twin, "humres").rows[1]["usr_id"] = "SVC-Clickker"
    evidence = ask(tmp_path, twin)
    everything = [evidence.sections, *evidence.databases.values()]
    assert [
        value for one in everything for value in dict(one).values() if isinstance(value, Unread)
    ] == []
    assert len(instance(evidence).person("Synergy").persons) == 1
    assert instance(evidence).baco_logins()


def test_a_database_in_another_case_is_the_same(tmp_path: Path, twin: Twin) -> None:
    """The inventory's spelling stays the key."""
    twin.databases["SYNERGY"] = twin.databases.pop("Synergy")
    assert unread(ask(tmp_path, twin).databases["Synergy"]) == {}


def test_an_empty_database_decides_by_the_right_on_the_whole(tmp_path: Path, twin: Twin) -> None:
    """No table to count: then only a right on the whole database is enough."""
    without_sysadmin(twin)
    twin.databases["Clickker"] = Database(
        users={ACCOUNT: User(kind="windows_user", roles=["db_datareader"])}
    )
    assert not instance(ask(tmp_path, twin)).can_write("Clickker").enough
    twin.databases["Clickker"].users[ACCOUNT].roles = ["db_owner"]
    assert instance(ask(tmp_path, twin)).can_write("Clickker").enough


def test_sections_bring_what_they_rest_on() -> None:
    assert with_needed(["person"]) == ("server", "databases", "product", "person")
    assert with_needed(["access"]) == ("server", "databases", "rights", "access")
    assert set(with_needed(SQL_SECTIONS)) == set(SQL_SECTIONS)
    assert Targets(("a", "b"), "a", "D\\u", "").databases == ("a", "b")
    assert Targets(("a",), None, "D\\u", "5").values() == ["D\\u", "u", "5"]
