"""A database that cannot be asked is told once, with the place in the inventory and what is there;
another product is none.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import Twin, load_twin

from acceptance.errors import UnreadError
from acceptance.evidence.engines import OTHERS, SQL_SERVER, other_product
from acceptance.evidence.envelope import SectionError, Unread
from acceptance.evidence.sql import DATABASE_SECTIONS, SqlEvidence
from acceptance.hosts.sql_checks import Expected
from acceptance.hosts.sql_instance import SqlInstance
from tests.catalogue.faults_sql import ACCOUNT
from tests.sql_twins import CUSTOMER, PASSWORD, ask_server, needs_driver

EXPECTED = Expected(
    ("Synergi", "020"),
    "Clickker",
    ACCOUNT,
    places={"Synergi": "databases.exact (hosts.yaml:5)", ACCOUNT: "service_account (hosts.yaml:4)"},
)
ASKED: dict[str, Callable[[SqlInstance, str], object]] = {
    "principals": SqlInstance.baco_principals,
    "product": SqlInstance.product,
    "person": SqlInstance.person,
    "roles": SqlInstance.roles,
    "release": SqlInstance.release,
    "licence": SqlInstance.licence,
    "options": lambda sql, database: sql.options(database, 600),
}


def ask(folder: Path, change: Callable[[Twin], object], text: str = CUSTOMER) -> SqlEvidence:
    """What the changed twin says to an inventory that calls Synergy's database `Synergi`."""
    needs_driver()
    twin = load_twin("sql-compliant")
    change(twin)
    with SqlServer(twin, logins={"acceptance": PASSWORD}) as server:
        return ask_server(folder, server, text=text.replace("Synergy", "Synergi"))


def told(evidence: SqlEvidence) -> set[tuple[str, str]]:
    """Sentence and remedy of everything that rests on the database `Synergi`."""
    sql, found = SqlInstance("db01", evidence, EXPECTED), set()
    for question in ASKED.values():
        with pytest.raises(UnreadError) as raised:
            question(sql, "Synergi")
        found.add((raised.value.message, raised.value.remedy))
    return found


def renamed(name: str, **changes: object) -> Callable[[Twin], None]:
    def change(twin: Twin) -> None:
        twin.databases[name] = twin.databases.pop("Synergy").model_copy(update=changes)

    return change


@pytest.fixture(scope="module")
def compliant(tmp_path_factory: pytest.TempPathFactory) -> SqlEvidence:
    """Of a server on which the database is called as in the inventory."""
    return ask(tmp_path_factory.mktemp("compliant"), renamed("Synergi"))


def no_humres(twin: Twin) -> None:
    renamed("Synergi")(twin)
    twin.databases["Archive"] = twin.databases["Synergi"].model_copy(deep=True)
    del twin.databases["Synergi"].tables["humres"]


@pytest.mark.parametrize(
    ("change", "sentence", "words"),
    [
        (
            lambda _: None,
            "the server has no database Synergi.",
            "There are: 020, Clickker, Synergy.",
        ),
        (renamed("Synergi", state="OFFLINE"), "the database Synergi is OFFLINE.", "online"),
        (renamed("Synergi", state="SUSPECT"), "the database Synergi is SUSPECT.", "online"),
    ],
)
def test_one_thing_to_mend_is_one_sentence(
    tmp_path: Path, change: Callable[[Twin], object], sentence: str, words: str
) -> None:
    """The same for every section, so that a report tells it once;
    with the line that is to be corrected.
    """
    assert set(ASKED) | {"access"} == set(DATABASE_SECTIONS)
    [(message, remedy)] = told(ask(tmp_path, change))
    assert message == f"db01: {sentence}"
    assert "databases.exact (hosts.yaml:5)" in remedy
    assert words in remedy


def test_what_may_only_be_hidden_is_not_absent(compliant: SqlEvidence) -> None:
    evidence, databases = compliant, compliant.sections.databases
    update = {"sees_all": 0, "databases": []}
    seen = databases.value.model_copy(update=update)  # type: ignore[union-attr]
    hidden = databases.model_copy(update={"value": seen})  # type: ignore[union-attr]
    sections = evidence.sections.model_copy(update={"databases": hidden})
    [(message, remedy)] = told(evidence.model_copy(update={"sections": sections}))
    assert "it may be hidden" in message
    assert "VIEW ANY DATABASE" in remedy
    assert "databases.exact (hosts.yaml:5)" in remedy


def test_a_database_that_is_none_of_exacts(tmp_path: Path) -> None:
    """Its name is right, and another's: those that have Exact's tables are named."""
    sql = SqlInstance("db01", ask(tmp_path, no_humres), EXPECTED)
    assert sql.product("Synergi").tables
    for question in (sql.person, sql.roles, sql.release, sql.licence):
        with pytest.raises(UnreadError, match="Synergi is none of Exact's") as raised:
            question("Synergi")
        assert "databases.exact (hosts.yaml:5)" in raised.value.remedy
        assert "Archive" in raised.value.remedy


@pytest.mark.parametrize("edition", [5, 8, 77])
def test_another_product_is_asked_nothing_more_and_decides_nothing(
    tmp_path: Path, edition: int
) -> None:
    """That something answers is all that is known: even its version number means something else."""
    needs_driver()
    twin = load_twin("sql-compliant")
    twin.server.engine_edition = edition
    twin.server.properties["MachineName"] = None
    with SqlServer(twin, logins={"acceptance": PASSWORD}) as server:
        evidence = ask_server(tmp_path, server)
        assert len(server.batches) == 1
    sql = SqlInstance("db01", evidence, Expected(("Synergy", "020"), "Clickker", ACCOUNT))
    assert sql.answering.engine_edition == edition
    _decides_nothing(sql, other_product(edition))


def test_older_evidence_of_another_product_decides_nothing_either(compliant: SqlEvidence) -> None:
    """Everything was read, and none of it counts."""
    evidence, server = compliant, compliant.sections.server
    value = server.value.model_copy(update={"engine_edition": 8})  # type: ignore[union-attr]
    read = server.model_copy(update={"value": value})  # type: ignore[union-attr]
    sections = evidence.sections.model_copy(update={"server": read})
    found = evidence.model_copy(update={"sections": sections})
    _decides_nothing(SqlInstance("db01", found, EXPECTED), "Azure SQL Managed Instance", "Synergi")


def _decides_nothing(sql: SqlInstance, product: str, database: str = "Synergy") -> None:
    of_server = (
        lambda: sql.server, lambda: sql.databases, lambda: sql.logins, sql.own_login, sql.rights,
        sql.baco_logins, sql.unnamed_databases, lambda: sql.replicas_elsewhere([]),
        lambda: sql.can_read(database), lambda: sql.can_write("Clickker"),
    )  # fmt: skip
    of_database = [lambda one=one: one(sql, database) for one in ASKED.values()]
    for question in (*of_server, *of_database):
        with pytest.raises(UnreadError, match=product) as raised:
            question()
        assert "sql.server" in raised.value.remedy


def test_every_edition_of_sql_server_is_one() -> None:
    assert {other_product(one) for one in SQL_SERVER} == {""}
    assert all(map(other_product, OTHERS))
    assert not SQL_SERVER & set(OTHERS)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Could not obtain information about Windows NT group/user 'D\\x', error code 0x534.",
         "service_account (hosts.yaml:4)"),
        ("Informationen über D\\0x5 konnten nicht abgerufen werden, Fehlercode 0x534.",
         "service_account (hosts.yaml:4)"),
        ("… error code 0x5.", "Windows Authorization Access Group"),
        ("… error code 0x54b.", "reaches a domain controller"),
        ("… error code 0x6FD.", "reaches a domain controller"),
        ("… error code 0xabc.", "The error stands in"),
        ("no code at all", "The error stands in"),
    ],
)  # fmt: skip
def test_what_windows_said_of_the_account_is_told_apart(
    compliant: SqlEvidence, message: str, words: str
) -> None:
    """By the number at the end of 15404, in any language."""
    error = SectionError(number=15404, message=message)
    evidence = compliant
    sections = evidence.sections.model_copy(update={"rights": Unread(status="error", error=error)})
    sql = SqlInstance("db01", evidence.model_copy(update={"sections": sections}), EXPECTED)
    with pytest.raises(UnreadError, match="15404") as raised:
        sql.rights()
    assert words in raised.value.remedy
