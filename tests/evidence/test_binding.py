"""Evidence of something else is judged as nothing:
each claim differs once, and what rests on it is unread.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acceptance.errors import EvidenceError
from acceptance.evidence.access import AccountsSection
from acceptance.evidence.binding import Bond, bound, differences, refuse_strange
from acceptance.evidence.connections import SchannelSection
from acceptance.evidence.envelope import Read, Unread
from acceptance.evidence.exact import ReleaseSection
from acceptance.evidence.file import Evidence, read_evidence
from acceptance.evidence.reached import Reached
from acceptance.evidence.sql import DatabaseSections, ServerSections, SqlEvidence
from acceptance.evidence.sqlserver import BacoSection, RightsSection
from acceptance.evidence.windows import Sections

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BOND = Bond("acme", "web01", "ACME\\svc", False, "web01:5986", "db01:1433", NOW)


REACHED = Reached("winrm", "web01:5986", "https", "ntlm", "verified")


def ok(value: Any) -> Read[Any]:
    return Read[Any](status="ok", value=value)


UNASKED = Unread.model_validate({"status": "error", "error": {"message": "x"}})
ACCOUNTS = AccountsSection(
    service_account="ACME\\svc",
    computer_name="WEB01",
    domain="acme.example.test",
    domain_role=3,
    secure_channel=None,
    account=UNASKED,
    tokens=[],
    directory=None,
    administrators=UNASKED,
    rights=[],
)
SCHANNEL = SchannelSection(protocols=[], frameworks=[], powershell="x")
RIGHTS = RightsSection(
    asked_as="ACME\\svc",
    is_sysadmin=1,
    control_server=1,
    connect_sql=1,
    tokens=[],
    databases=[],
)
RELEASE = ReleaseSection(name="Synergy", divisions=[], settings=[], logged=[])


def evidence(**changes: Any) -> Evidence:
    data: dict[str, Any] = {
        "customer": "acme",
        "host": "web01",
        "collected_at": NOW,
        "seconds": 1,
        "suite_version": "1",
        "collector_sha256": "c" * 64,
        "reached": REACHED,
        "simulated": False,
        "parameters": {"service_account": "acme\\SVC"},
        "sections": Sections(accounts=ok(ACCOUNTS), schannel=ok(SCHANNEL)),
        "failure": None,
        "sql": sql(),
    }
    return Evidence(**(data | changes))


def sql(**changes: Any) -> SqlEvidence:
    data: dict[str, Any] = {
        "collected_at": NOW,
        "seconds": 1,
        "collector_sha256": "c" * 64,
        "reached": Reached("odbc", "db01:1433", "tds", "sql", "verified"),
        "sections": ServerSections(rights=ok(RIGHTS), baco=ok(BacoSection.model_construct())),
        "databases": {"Synergy": DatabaseSections(release=ok(RELEASE))},
        "failure": None,
    }
    return SqlEvidence(**(data | changes))


def unread(made: Evidence) -> set[str]:
    """The sections that are not read, `sql.` and the database's name in front."""
    assert made.sql is not None
    found = {name for name, one in made.sections if isinstance(one, Unread)}
    found |= {f"sql.{name}" for name, one in made.sql.sections if isinstance(one, Unread)}
    for database, sections in made.sql.databases.items():
        found |= {f"{database}.{name}" for name, one in sections if isinstance(one, Unread)}
    return found


WINDOWS = {"accounts", "schannel"}
SQL = {"sql.rights", "sql.baco", "Synergy.release"}
LATER, OTHER_RUN = NOW + timedelta(minutes=11), NOW - timedelta(days=2)


def test_evidence_of_the_same_stays_as_it_is() -> None:
    assert bound(evidence(), BOND) == evidence()


@pytest.mark.parametrize(
    ("changed", "lost"),
    [
        (evidence(reached=replace(REACHED, address="web02:5986")), WINDOWS),
        (evidence(reached=replace(REACHED, address="web01:5985")), WINDOWS),
        (evidence(collected_at=LATER, sql=sql(collected_at=NOW)), WINDOWS),
        (evidence(collector_sha256=None), WINDOWS),
        (evidence(collector_sha256=""), WINDOWS),
        (evidence(parameters={}), {"accounts", "sql.rights"}),
        (
            evidence(
                sections=Sections(
                    accounts=ok(ACCOUNTS.model_copy(update={"service_account": "ACME\\other"})),
                    schannel=ok(SCHANNEL),
                )
            ),
            {"accounts"},
        ),
        (evidence(sql=sql(reached=replace(sql().reached, address="db02:1433"))), SQL),
        (evidence(sql=sql(reached=replace(sql().reached, address="db01:1434"))), SQL),
        (evidence(sql=sql(reached=replace(sql().reached, address="db01\\EXACT"))), SQL),
        (evidence(sql=sql(collected_at=LATER)), SQL),
        (evidence(sql=sql(collected_at=OTHER_RUN)), SQL),
        (evidence(sql=sql(collected_at=datetime(2010, 1, 1, tzinfo=UTC))), SQL),
        (evidence(sql=sql(collector_sha256="")), SQL),
        (
            evidence(
                sql=sql(
                    databases={
                        "Synergy": DatabaseSections(
                            release=ok(RELEASE.model_copy(update={"name": "Other"}))
                        )
                    }
                )
            ),
            {"Synergy.release"},
        ),
    ],
)
def test_what_differs_makes_unread_what_rests_on_it(changed: Evidence, lost: set[str]) -> None:
    made = bound(changed, BOND)
    assert unread(made) == lost
    for name in lost & {"accounts", "schannel"}:
        section = getattr(made.sections, name)
        assert "the evidence is of something else" in section.error.message


def test_the_computers_own_account_is_named_by_the_computer() -> None:
    own = evidence(
        parameters={"service_account": ".\\svc"},
        sections=Sections(
            accounts=ok(ACCOUNTS.model_copy(update={"service_account": "WEB01\\svc"}))
        ),
    )
    assert unread(bound(own, BOND._replace(account=".\\svc"))) == set()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"customer": "other"}, "another customer"),
        ({"host": "web02"}, "another host"),
        ({"parameters": {"service_account": "ACME\\other"}}, "another service account"),
        ({"simulated": True}, "simulated server"),
    ],
)
def test_evidence_of_another_is_refused_whole(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(EvidenceError, match=words):
        refuse_strange(evidence(**changes), BOND, "x.json")


def test_simulated_evidence_is_the_demos() -> None:
    refuse_strange(evidence(simulated=True), BOND._replace(simulated=True), "x.json")


def test_differences_are_found_at_any_depth_and_tell_both_values() -> None:
    [one] = differences({"a": {"b": 1, "c": "X"}}, {"a": {"b": 2, "c": "x", "d": 3}})
    assert (one.path, one.expected, one.found) == ("a.b", 1, 2)
    [gone] = differences({"a": {"b": 1}}, {"a": None})
    assert str(gone) == "a.b is not told, and not 1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"format": 1, "format": 1}', "twice"),
        ('{"seconds": NaN}', "NaN is no number"),
        ('{"seconds": -Infinity}', "no number"),
        ("{", "not readable as evidence"),
        ("[" * 100_000, "not readable as evidence"),
        ("\ufeff{}", "not readable as evidence"),
    ],
)
def test_what_is_no_evidence_is_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "web01.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError, match=words) as caught:
        read_evidence(path)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"collected_at": "2026-11-24T12:00:00"},
        {"collected_at": "9999-99-99T00:00:00Z"},
        {"seconds": -1},
        {"seconds": 1e999},
        {"format": 2},
        {"unknown": 1},
    ],
)
def test_odd_provenance_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    """A time without a zone, a negative duration, another format:
    the file cannot be judged, and says so.
    """
    path = tmp_path / "web01.json"
    data = json.loads(evidence(sql=None).model_dump_json()) | change
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(EvidenceError, match="collect again"):
        read_evidence(path)
