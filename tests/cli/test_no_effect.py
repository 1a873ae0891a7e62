"""What an inventory says and can never, not any more or not yet have an effect: told with its
line, as an error where it never can.
"""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acceptance.catalogue.judges import rules
from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import load_catalogue
from acceptance.catalogue.rules import RULES
from acceptance.cli.without_effect import IDLE, judges
from acceptance.inventory.connection import Connection
from tests.cli.test_check_says import checked
from tests.findings.test_page_answers import ENTRIES, lay, sample
from tests.fixtures.conftest import run_pytest

GOOD = r"""customers:
  acme:
    title: ACME
    databases: {exact: ["020", "Synergy"], synergy: Synergy, clickker: Clickker}
    globe: false
    hosts:
      web01:
        roles: [web]
        connection: {address: web01, backend: local}
      db01:
        roles: [database]
        sql: {server: db01}
"""
DB01 = GOOD[GOOD.index("      db01:") :]
TODAY = datetime.now(UTC).date()
WAIVER = """    waivers:
      - requirement: {id}
        {scope}
        reason: r
        requested_by: A
        approved_by: B
        approver_role: C
        agreed_on: {begin}
        until: {end}
"""


def waiver(id: str = "SQL-04", scope: str = "# everywhere", begin: int = -1, end: int = 9) -> str:
    """From and until so many days after today; its first key is in line 14."""
    days = {"begin": TODAY + timedelta(begin), "end": TODAY + timedelta(end)}
    return GOOD + WAIVER.format(id=id, scope=scope, **days)


def placed(*databases: str) -> str:
    """Two SQL Servers that say which databases they have."""
    named = [f"{{server: db, databases: [{one}]}}" for one in databases]
    more = f"      db02:\n        roles: [database]\n        sql: {named[1]}\n"
    return GOOD.replace("{server: db01}", named[0]) + more


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (waiver("IIS-07", 'databases: ["020"]'), 15, "IIS-07 is not asked database by database"),
        (waiver("SQL-01", 'databases: ["020"]'), 15, "SQL-01 is not asked database by database"),
        (waiver(scope="databases: [Clickker]"), 15, "only of databases.exact"),
        (waiver("SQL-05", 'databases: ["020"]'), 15, "only of databases.clickker"),
        (waiver(scope="databases: [O20]"), 15, "no database 'O20'; known: 020, Synergy, Clickker"),
        (waiver(scope="hosts: [web01]"), 15, "has not the role database: what is agreed of it"),
        (waiver("IIS-07", "hosts: [db01]"), 15, "has not the role web: what is agreed of it"),
        (
            GOOD.replace("{server: db01}", "{server: db01, databases: [O20]}"),
            12,
            "no database 'O20",
        ),
        (placed("'020', Synergy", "'020'"), 4, "Clickker is on no SQL Server: sql.databases of d"),
        (
            waiver(scope="databases: [Synergy]").replace(
                "db01}", "db01, databases: ['020', Clickker]}"
            ),
            4,
            "Synergy is on no SQL Server: sql.databases of db01 leaves it out",
        ),
    ],
)
def test_what_can_never_have_an_effect_is_an_error(
    tmp_path: Path, text: str, line: int, told: str
) -> None:
    status, said = checked(tmp_path, text)
    assert (status, said.partition(":")[0]) == (2, str(line)), said
    assert told in said


@pytest.mark.parametrize("kind", ["attestations", "promises"])
def test_hosts_are_held_for_every_kind_of_agreement(tmp_path: Path, kind: str) -> None:
    rest = {
        "attestations": f"name: A, role: B, on: {TODAY}, document: C",
        "promises": f"who: A, by: {TODAY}",
    }[kind]
    text = f"{GOOD}    {kind}:\n      - {{requirement: SQL-04, hosts: [db01, web01], {rest}}}\n"
    status, said = checked(tmp_path, text)
    assert status == 2
    assert said.startswith("14: SQL-04 is not asked of web01"), said


def test_a_waiver_is_for_databases_of_its_own_hosts(tmp_path: Path) -> None:
    two = placed("'020', Clickker", "Synergy")
    agreed = waiver(scope="{scope}").removeprefix(GOOD)
    for host, status in (("db01", 0), ("db02", 2)):
        text = two + agreed.replace("{scope}", f'hosts: [{host}]\n        databases: ["020"]')
        ended, said = checked(tmp_path, text)
        assert ended == status, said
        assert ("020 is on none of the hosts" in said) is bool(status)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (waiver(begin=-9, end=-1), 21, "ended with {yesterday} and covers nothing any more"),
        (waiver(begin=1), 20, "is agreed only from {tomorrow} on and covers nothing yet"),
        (waiver("SYN-04"), 14, "globe is false in the inventory"),
        (
            waiver().replace(DB01, ""),
            11,
            "is asked of no host here: none has the role database",
        ),
        (GOOD.replace("local}", "local, username: a}"), 9, "username has no effect with backend"),
        (
            GOOD.replace("        connection: {address: web01, backend: local}\n", "").replace(
                "    globe", "    connection: {auth: kerberos}\n    globe"
            ),
            5,
            "connection holds for no host",
        ),
    ],
)  # fmt: skip
def test_what_has_no_effect_now_is_told(tmp_path: Path, text: str, line: int, told: str) -> None:
    """A run takes it: an agreement of last year may stay where it is."""
    day = {"yesterday": TODAY - timedelta(1), "tomorrow": TODAY + timedelta(1)}
    status, said = checked(tmp_path, text)
    assert (status, said.partition(":")[0]) == (0, str(line)), said
    assert told.format(**day) in said


def test_what_has_an_effect_is_not_told(tmp_path: Path) -> None:
    shared = GOOD.replace("    globe", "    connection: {username: a, auth: kerberos}\n    globe")
    for text in (GOOD, shared, waiver(scope='databases: ["020"]'), waiver("IIS-07")):
        status, said = checked(tmp_path, text)
        assert (status, said) == (0, " 1 customer, nothing wrong.\n"), said


def test_answers_that_were_laid_in_are_checked_too(tmp_path: Path) -> None:
    """A run would refuse them, with the name of their file."""
    folder = tmp_path / "answers" / "acme"
    folder.mkdir(parents=True)
    path = lay(folder, sample(ENTRIES["done"] | {"requirement": "OS-77"}))
    status, said = checked(tmp_path, GOOD)
    assert status == 2
    assert f"{path}: speaks of OS-77, which is no requirement" in said


def test_every_key_of_a_connection_is_of_some_way() -> None:
    """A new one is either looked at by every backend or stands in the table."""
    keys = Connection.model_fields.keys()
    assert all(idle <= keys for idle in IDLE.values())
    assert set(IDLE) == {"winrm", "ssh", "local", "script"}


def test_a_rule_says_that_its_judge_tells_database_by_database() -> None:
    """`Record.concerns` in the judge, `databases` in the rule's class, and the same key of the
    inventory.
    """
    for rule in rules(own_tests()):
        module = ast.parse(rule.file.read_text(encoding="utf-8"))
        [judge] = [one for one in module.body if getattr(one, "name", "") == rule.function]
        tells = "record.concerns(" in ast.unparse(judge)
        asks = ast.unparse(judge.decorator_list[0])  # type: ignore[attr-defined]
        kinds = tuple(kind for kind in ("exact", "clickker") if f"databases.{kind}" in asks)
        assert RULES[rule.name].databases == (kinds if tells else ()), rule.name


def test_what_only_a_person_confirms_cannot_be_waived() -> None:
    """A waiver covers what is not met, and such a judge never says that."""
    never = {
        name
        for name, nodes in judges(own_tests())
        if not any(isinstance(one, ast.Assert) for one in nodes)
    }
    of_them = [one for one in load_catalogue(own_tests() / "requirements") if one.rule in never]
    assert of_them
    assert [one.id for one in of_them if one.waivable] == []


@pytest.mark.slow
def test_a_run_tells_it_too(tmp_path: Path) -> None:
    """Before any server is asked."""
    (tmp_path / "hosts.yaml").write_text(waiver("IIS-07", 'databases: ["020"]'), encoding="utf-8")
    ran = run_pytest("--hosts=acme", where=tmp_path)
    assert ran.status == 4
    assert "hosts.yaml:15: IIS-07 is not asked database by database" in ran.output
