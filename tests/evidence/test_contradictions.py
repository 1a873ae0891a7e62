"""What one evidence says twice and differently is believed in neither place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acceptance.evidence.binding import Bond, agreeing, bound
from acceptance.evidence.contradictions import contradictions
from acceptance.evidence.envelope import Unread
from acceptance.evidence.file import Evidence

KEPT = Path(__file__).parent / "kept"
TABLES = ("tables", "tables_select", "tables_insert", "tables_update", "tables_delete")
RIGHTS = ("can_select", "can_insert", "can_update", "can_delete", "is_owner", "is_datareader")
ACCESS = (
    dict.fromkeys(TABLES, 15)
    | dict.fromkeys((*RIGHTS, "is_datawriter", "sees_all"), 1)
    | {"user_name": "dbo"}
)
OTHER_SID = "S-1-5-21-1000000001-1000000002-1000000003-9999"


def kept(host: str, change: Callable[[Any], None] | None = None) -> Evidence:
    """A server's evidence of an earlier day, changed in one place."""
    data = json.loads((KEPT / f"format_1-{host}.json").read_text(encoding="utf-8"))
    if host == "db01":
        data["sql"]["databases"]["Synergy"]["access"] = {"status": "ok", "value": dict(ACCESS)}
    if change is not None:
        change(data)
    return Evidence.model_validate(data)


def of(section: str, **values: Any) -> Callable[[Any], None]:
    """A change of fields of a section of Windows."""
    return lambda told: told["sections"][section]["value"].update(values)


def of_sql(section: str, **values: Any) -> Callable[[Any], None]:
    return lambda told: told["sql"]["sections"][section]["value"].update(values)


def of_database(section: str, **values: Any) -> Callable[[Any], None]:
    return lambda told: told["sql"]["databases"]["Synergy"][section]["value"].update(values)


def named(name: str) -> Callable[[Any], None]:
    return lambda told: told["sections"]["accounts"]["value"]["account"]["value"].update(name=name)


def no_administrators(told: Any) -> None:
    told["sections"]["accounts"]["value"]["administrators"]["value"]["members"] = []


def second_token(told: Any) -> None:
    tokens = told["sections"]["accounts"]["value"]["tokens"]
    answer = json.loads(json.dumps(tokens[0]["answer"]))
    answer["value"]["groups"].append(OTHER_SID)
    tokens[1]["answer"] = answer


def was_stopped(told: Any) -> None:
    for one in told["sections"]["iis"]["value"]["services"]:
        one["state"] = "Stopped" if one["name"] == "WAS" else one["state"]


def own_login(**values: Any) -> Callable[[Any], None]:
    def change(told: Any) -> None:
        sections = told["sql"]["sections"]
        sections["rights"]["value"]["is_sysadmin"] = 0
        sections["logins"]["value"]["logins"][0].update(values)

    return change


def closed(told: Any) -> None:
    rights = told["sql"]["sections"]["rights"]["value"]
    rights["is_sysadmin"] = 0
    for one in rights["databases"]:
        one["accessible"] = 0 if one["name"] == "Synergy" else one["accessible"]


WEB = {
    "two machines": (of("os", computer_name="WEB99"), {"os", "accounts"}),
    "two domains": (of("os", domain="other.example.test"), {"os", "accounts"}),
    "in a domain and not": (of("os", part_of_domain=False), {"os", "accounts"}),
    "a client's edition": (of("os", edition="Enterprise"), {"os"}),
    "multi-session": (of("os", edition="ServerRdsh"), {"os"}),
    "an older name": (of("os", product_name="Windows Server 2012 R2 Standard"), {"os"}),
    "a client's name": (of("os", product_name="Windows 10 Enterprise"), {"os"}),
    "an older .NET": (of("dotnet", release=461814, version="4.5.51209"), {"dotnet"}),
    "another account": (named(r"DEMO\another"), {"accounts"}),
    "nobody leads there": (no_administrators, {"accounts"}),
    "two tokens": (second_token, {"accounts"}),
    "started by nothing": (was_stopped, {"iis"}),
}
DATABASE = {
    "sysadmin without control": (of_sql("rights", control_server=0), {"rights"}),
    "no login of its own": (of_sql("logins", logins=[]), {"rights", "logins"}),
    "a SQL login": (own_login(type="SQL_LOGIN"), {"rights", "logins"}),
    "denied and granted": (own_login(connect_sql="DENY"), {"rights", "logins"}),
    "closed and asked": (closed, {"Synergy.access"}),
    "more than there are": (of_database("access", tables_select=99), {"Synergy.access"}),
    "no table at all": (of_database("access", **dict.fromkeys(TABLES, 0)), {"Synergy.access"}),
    "replicas of no group": (of_sql("server", replicas=[{"name": "SQL01"}]), {"server"}),
    "case": (of_sql("server", collation="Latin1_General_CS_AS"), {"server", "databases"}),
    "bytes": (of_sql("server", collation="Latin1_General_BIN2"), {"server", "databases"}),
    "an old clock": (of_database("person", local_now="2010-01-01T00:00:00"), {"Synergy.person"}),
    "an early clock": (of_database("person", local_now="2040-01-01T00:00:00"), {"Synergy.person"}),
}
PLAIN = {
    "fewer processors in use than cores": of("os", logical_processors=1),
    "a client": of("os", product_name="Windows 10 Enterprise", installation_type="Client"),
    "no edition": of("os", edition=""),
    "no version": of("dotnet", version=None),
    "an old build": of("os", build=9600),
}


@pytest.mark.parametrize("host", ["web01", "db01"])
def test_a_server_contradicts_itself_nowhere(host: str) -> None:
    assert contradictions(kept(host)) == []


@pytest.mark.parametrize(("change", "sections"), WEB.values(), ids=WEB)
def test_a_web_server_that_contradicts_itself(
    change: Callable[[Any], None], sections: set[str]
) -> None:
    assert {name for name, _ in contradictions(kept("web01", change))} == sections


@pytest.mark.parametrize(("change", "sections"), DATABASE.values(), ids=DATABASE)
def test_a_database_server_that_contradicts_itself(
    change: Callable[[Any], None], sections: set[str]
) -> None:
    assert {name for name, _ in contradictions(kept("db01", change))} == sections


def test_what_is_contradicted_is_unread_with_both_values() -> None:
    evidence = kept("db01", of_database("person", local_now="2010-01-01T00:00:00"))
    assert evidence.sql is not None
    now = evidence.sql.collected_at
    bond = Bond(evidence.customer, evidence.host, None, True, None, None, now)
    made = bound(evidence, bond).sql
    assert made is not None
    person = made.databases["Synergy"].person
    assert isinstance(person, Unread)
    assert "its clock says 2010-01-01" in person.error.message
    assert f"asked on {now:%Y-%m-%d}" in person.error.message
    assert made.databases["Synergy"].roles == evidence.sql.databases["Synergy"].roles


def sid(value: str) -> Callable[[Any], None]:
    def change(told: Any) -> None:
        account = told["sections"]["accounts"]["value"]["account"]["value"]
        account["sid"] = value

    return change


def test_two_servers_know_the_account_by_one_number() -> None:
    """One of them looked in another domain of that name, or kept a deleted account's."""
    both = {"web01": kept("web01"), "web02": kept("web01")}
    assert agreeing(both) == both
    apart = agreeing({**both, "web02": kept("web01", sid(OTHER_SID))})
    for one in apart.values():
        assert isinstance(one.sections.accounts, Unread)
        assert OTHER_SID in one.sections.accounts.error.message
        assert one.sections.os == both["web01"].sections.os


def test_a_servers_own_account_is_another_on_each() -> None:
    def local(told: Any) -> None:
        accounts = told["sections"]["accounts"]["value"]
        accounts["account"]["value"] |= {"sid": OTHER_SID, "name": r"WEB01\svc-clickker"}

    both = {"web01": kept("web01"), "web02": kept("web01", local)}
    assert agreeing(both) == both


@pytest.mark.parametrize("change", PLAIN.values(), ids=PLAIN)
def test_what_only_fails_is_no_contradiction(change: Callable[[Any], None]) -> None:
    """Their judges have a plain answer, which is not taken from them."""
    assert contradictions(kept("web01", change)) == []
