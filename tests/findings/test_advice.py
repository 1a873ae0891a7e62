"""Advice: each piece from one fact, none from what was not read,
and never a change of the verdict.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from acceptance.simulator.windows.runner import recorded

from acceptance.evidence.file import Evidence
from acceptance.evidence.reached import Reached
from acceptance.evidence.windows import Sections
from acceptance.findings.advice import ADVISERS, Advice, advise
from acceptance.inventory.file import load_inventory
from acceptance.report.build import About, Found, build_results
from acceptance.report.results import Scope

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
Change = Callable[[dict[str, Any]], Any]


def _nothing(_sections: dict[str, Any]) -> None:
    """The server as it is."""


def evidence(change: Change = _nothing) -> Evidence:
    """The demo's recorded server without its own advice, changed in one place."""
    sections = recorded("demo-web01-delegated")
    sections["os"]["value"]["utc_now"] = (AT + timedelta(seconds=2)).isoformat()
    sections["upkeep"]["value"]["updates_pending"] = False
    change(sections)
    return Evidence(
        customer="acme",
        host="web01",
        collected_at=AT,
        seconds=5,
        suite_version="1",
        collector_sha256="0",
        reached=Reached("winrm", "web01", "https", "ntlm", "verified"),
        simulated=True,
        sections=Sections.model_validate(sections),
        failure=None,
    )


def value(section: str, **changes: Any) -> Change:
    return lambda sections: sections[section]["value"].update(changes)


def _old_tls(sections: dict[str, Any]) -> None:
    for one in sections["schannel"]["value"]["protocols"]:
        one.update(enabled=None, disabled_by_default=None)


def _smb1(sections: dict[str, Any]) -> None:
    next(one for one in sections["features"]["value"]["features"] if one["name"] == "FS-SMB1")[
        "state"
    ] = "Installed"


def _certificate(sections: dict[str, Any]) -> None:
    certificate = sections["iis"]["value"]["sites"][0]["bindings"][0]["certificate"]
    certificate["not_after"] = (AT + timedelta(days=29)).isoformat()


def _disk(sections: dict[str, Any]) -> None:
    sections["os"]["value"]["disks"][0]["free_bytes"] = 1024**3


def test_a_server_in_good_order_gets_no_advice() -> None:
    assert advise([evidence()]) == []


@pytest.mark.parametrize(
    ("change", "topic", "words"),
    [
        (value("upkeep", components_pending=True), "pending restart", "components"),
        (value("upkeep", updates_pending=True), "pending restart", "updates"),
        (value("upkeep", rename_pending=True), "pending restart", "renamed"),
        (value("upkeep", files_pending=2), "pending restart", "2 file operations"),
        (
            value("os", utc_now=(AT - timedelta(minutes=7)).isoformat()),
            "clock",
            "at least 7 minutes behind",
        ),
        (
            value("os", utc_now=(AT + timedelta(minutes=9)).isoformat()),
            "clock",
            "at least 8 minutes ahead of",
        ),
        (_old_tls, "old TLS", "TLS 1.0 (servers), TLS 1.1 (servers)"),
        (_smb1, "SMB 1", "installed and not switched off"),
        (_certificate, "certificate", "ends on 2026-12-23"),
        (_disk, "disk", "C: has 1.0 of 127.0 GiB free"),
        (value("os", build=9600), "support", "2012 R2 ended on 2023-10-10"),
    ],
)
def test_each_piece_of_advice_has_its_fact(change: Change, topic: str, words: str) -> None:
    """One fact, one piece of advice, with what to do."""
    [advice] = advise([evidence(change)])
    assert advice.topic == topic
    assert words in advice.text
    assert advice.remedy


def test_what_was_not_read_gives_no_advice() -> None:
    """Nothing is guessed from a section that failed, or was not asked for."""

    def fail(sections: dict[str, Any]) -> None:
        for name in list(sections):
            sections[name] = {
                "status": "error",
                "error": {"type": "x", "message": "y"},
                "milliseconds": 1,
            }

    assert advise([evidence(fail)]) == []
    assert advise([evidence(lambda sections: sections.clear())]) == []


def test_advice_never_changes_the_verdict() -> None:
    """It stands apart, in results.json under `advice`."""

    about = About(
        document="d",
        document_version="1",
        catalogue_sha256="0",
        supported_sha256="0",
        customer_name="customer01",
        customer=load_inventory(ROOT / "hosts.yaml").customers["customer01"],
        phase="prepare",
        simulated=True,
        run_by="nobody",
        started=AT,
        suite_version="1",
    )
    scope = Scope(hosts_left_out=[], requirements_left_out=[], clauses_to_come=0)
    quiet, advised = (
        build_results(
            about,
            Found([], scope, advice=advise([evidence(change)])),
            state="finished",
            finished=AT,
        )
        for change in (_nothing, _disk)
    )
    assert (quiet.verdict, quiet.counts) == (advised.verdict, advised.counts)
    assert all(isinstance(one, Advice) for one in advised.advice)
    assert len(advised.advice) == 1
    assert set(ADVISERS) == {
        "pending restart",
        "clock",
        "old TLS",
        "SMB 1",
        "certificate",
        "disk",
        "support",
    }
