"""Why a finding changed: by comparing what it was judged from; nothing unchanged is blamed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from acceptance.findings.finding import AgreementUsed, Finding, Kind
from acceptance.report.build import inventory_digests
from acceptance.report.causes import Basis, causes_of
from acceptance.report.compared import Change
from acceptance.report.results import Results
from acceptance.report.same import todays_key
from tests.report.samples import NOON, customer, finding, results

MET = {"found": "Installed", "kind": Kind.MET, "outcome": "met"}
READS = ("features", "accounts", "*/databases")


def facts(**changed: Any) -> dict[str, Any]:
    """A host's evidence: sections that are read, one that is not, and what it was asked about."""
    sections: dict[str, Any] = {
        "features": ok({"features": [{"name": "Web-Http-Logging", "state": "Available"}]}),
        "accounts": ok({"service_account": "A\\svc", "directory": ok({"flags": 512})}),
        "os": ok({"build": 14393, "utc_now": "2026-11-24T12:00:00Z"}),
    }
    databases: dict[str, Any] = {"Synergy": {"databases": ok({"state": "ONLINE"})}}
    parameters = {"service_account": "A\\svc", "proxy": "", "timeout_seconds": 10}
    return {
        "parameters": parameters | changed.pop("parameters", {}),
        "sql": {"sections": {}, "databases": databases | changed.pop("databases", {})},
        "sections": sections | changed,
    }


def ok(value: Any, milliseconds: int = 1) -> dict[str, Any]:
    return {"status": "ok", "value": value, "milliseconds": milliseconds}


def refused(status: str) -> dict[str, Any]:
    return {"status": status, "error": {"message": "no"}, "milliseconds": 1}


def basis(stored: Mapping[str, Any], told: Results | None = None, **changed: Any) -> Basis:
    about: dict[str, Any] = {"definition_sha256": "1", "reads": READS} | changed
    one: Finding = finding(7, about.pop("kind", Kind.NOT_MET), **about)
    return Basis(one, told or results([one]), lambda _host: stored)


MENDED = facts(features=ok({"features": [{"name": "Web-Http-Logging", "state": "Installed"}]}))
AGREED = AgreementUsed(kind="waiver", index=0)


@pytest.mark.parametrize(
    ("was", "now", "causes"),
    [
        (basis(facts()), basis(facts()), []),
        (basis(facts()), basis(MENDED, **MET), ["server"]),
        # A mended inventory asks of another database, and the server is what it was.
        (
            basis(facts()),
            basis(facts(databases={"Other": {"databases": ok({})}}), found="Other: ONLINE"),
            ["suite"],
        ),
        # Another account was asked about: what its section says is no change of the server's.
        (
            basis(facts()),
            basis(
                facts(
                    parameters={"service_account": "A\\new"},
                    accounts=ok({"service_account": "A\\new", "directory": ok({"flags": 514})}),
                ),
                found="A\\new",
            ),
            ["inventory"],
        ),
        (basis(facts()), basis(facts(), expected="8 cores"), ["inventory"]),
        (basis(facts()), basis(facts(), definition_sha256="2", **MET), ["requirement"]),
        (basis(facts()), basis(facts(), definition_sha256="2", expected="x"), ["requirement"]),
        (
            basis(facts()),
            basis(facts(), kind=Kind.WAIVED, agreement=AGREED),
            ["agreement"],
        ),
        # The directory could be asked this time: that, and not another account, is what differs.
        (
            basis(facts(accounts=ok({"directory": refused("denied")})), found="?"),
            basis(facts(accounts=ok({"directory": ok({"flags": 512})})), **MET),
            ["reachability"],
        ),
        # What is not there any more is a change of the server's.
        (basis(facts()), basis(facts(features=refused("absent")), found="none"), ["server"]),
        # Nothing can be compared: then what was found decides.
        (basis({}), basis(facts(), **MET), ["server"]),
        (
            basis(facts()),
            basis(MENDED, definition_sha256="2", **MET),
            ["server", "requirement"],
        ),
    ],
)
def test_what_differs_is_named_and_nothing_else(was: Basis, now: Basis, causes: list[str]) -> None:
    """Field by field over the sections that the rule reads, and what else decides."""
    assert causes_of(was, now) == causes


def test_what_the_rule_does_not_read_is_no_cause() -> None:
    """Nor what changes by itself: the time of the server, how long a section took."""
    other = facts(
        os=ok({"build": 20348, "utc_now": "2026-11-25T12:00:00Z"}, 99),
        features=ok({"features": [{"name": "Web-Http-Logging", "state": "Available"}]}, 99),
    )
    assert causes_of(basis(facts()), basis(other, found="otherwise")) == ["suite"]


def test_another_inventory_is_told_where_the_facts_are_the_same() -> None:
    """By the inventory's keys: databases that were named otherwise, a switch that was answered."""
    told = results([finding(7)])
    changed = told.model_copy(update={"inventory": told.inventory | {"databases": "other"}})
    assert causes_of(basis(facts(), told), basis(facts(), changed, **MET)) == ["inventory"]


def test_an_inventorys_digests_hold_no_agreement_and_no_way_in() -> None:
    """These have causes of their own; a mended key changes its own digest alone."""
    before = inventory_digests(customer())
    assert not {"waivers", "attestations", "promises", "title"} & set(before)
    after = inventory_digests(customer().model_copy(update={"globe": True, "waivers": ()}))
    assert {key for key in before if before[key] != after[key]} == {"globe"}
    [host] = customer().hosts.values()
    assert host.connection is not None
    elsewhere = host.connection.model_copy(update={"address": "10.0.0.1"})
    moved = customer().model_copy(
        update={"hosts": {"web01": host.model_copy(update={"connection": elsewhere})}}
    )
    assert inventory_digests(moved) == before


def test_another_way_and_another_suite_are_told() -> None:
    """A script by hand sees what a session over WinRM does not; a new suite reads otherwise."""
    told = results([finding(7)])
    [host] = told.hosts
    by_hand = host.model_copy(
        update={"reached": host.reached.__class__("script", "x", "file", "J", "none")}
    )
    other = told.model_copy(update={"hosts": [by_hand]})
    assert causes_of(basis({}, told), basis({}, other, **MET)) == ["server", "reachability"]
    newer = told.model_copy(update={"suite_version": "9"})
    assert causes_of(basis(facts(), told), basis(facts(), newer, **MET)) == ["suite"]
    collected = host.model_copy(update={"collector_sha256": "d" * 64})
    other = told.model_copy(update={"hosts": [collected]})
    assert causes_of(basis(facts(), told), basis(facts(), other, **MET)) == ["suite"]


def test_what_could_not_be_checked_is_its_own_group_and_has_no_cause() -> None:
    """It is neither newly met nor newly open."""
    unread = finding(7, Kind.COULD_NOT_BE_CHECKED, found="", reason="silence")
    before = results([finding(7)], started=NOON - timedelta(days=1))
    changes = results([unread], earlier=[("a", before)]).changes
    assert changes is not None
    assert not changes.newly_met
    assert [one.causes for one in changes.not_checked] == [[]]


def test_a_report_of_before_is_read_in_todays_words() -> None:
    """`catalogue` and `collector` are the requirement and the suite."""
    change = Change.model_validate(
        {"requirement": "A", "host": "h", "title": "t", "before": None, "now": "met"}
        | {"causes": ["server", "catalogue", "collector"]}
    )
    assert change.causes == ["server", "requirement", "suite"]


def test_a_host_that_is_called_otherwise_is_the_one_at_its_address() -> None:
    """Its old points stay old; where two share an address, or a name stays, nobody is renamed."""
    before = results([finding(7)], started=NOON - timedelta(days=1))
    [host] = before.hosts

    def today(*names: str) -> Results:
        made = results([finding(7, host=name) for name in names])
        return made.model_copy(
            update={"hosts": [host.model_copy(update={"host": name}) for name in names]}
        )

    def named(*names: str) -> tuple[str, str]:
        return todays_key(before, today(*names))(before.findings[0])

    assert named("app01") == ("IIS-07", "app01")
    assert named("app01", "app02") == ("IIS-07", "web01")
    assert named("app01", "web01") == ("IIS-07", "web01")
    elsewhere = host.reached.__class__("winrm", "app01:5986", "https", "ntlm", "verified")
    moved = [host.model_copy(update={"host": "app01", "reached": elsewhere})]
    other = today("app01").model_copy(update={"hosts": moved})
    assert todays_key(before, other)(before.findings[0]) == ("IIS-07", "web01")
