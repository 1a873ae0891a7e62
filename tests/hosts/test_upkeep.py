"""Hints: each from its one fact; they never count, unless the inventory turns them on."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from acceptance.simulator.windows.runner import recorded
from acceptance.tests_infra import test_upkeep as judges

from acceptance.catalogue import agreed
from acceptance.catalogue.requirements import Catalogue, load_catalogue
from acceptance.errors import CatalogueError, InventoryError
from acceptance.findings.finding import OPEN, Finding, Kind
from acceptance.findings.judge import weighed
from acceptance.findings.outcome import Outcome
from acceptance.findings.record import Record
from acceptance.findings.verdict import count, verdict
from acceptance.hosts import upkeep
from acceptance.hosts.windows import WindowsHost
from acceptance.inventory.file import load_inventory
from acceptance.inventory.supported import load_supported
from acceptance.text import said
from tests.written import written

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "tests_infra" / "requirements"
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
Change = Callable[[dict[str, Any]], Any]
LOOKS: dict[str, Callable[[WindowsHost], list[Any]]] = {
    "restart": lambda host: upkeep.restarts(host.upkeep),
    "clock": lambda host: upkeep.clock_off(host.evidence, host.os),
    "tls": lambda host: upkeep.old_tls(host.schannel),
    "certificate": lambda host: upkeep.ending_certificates(host.iis, AT + timedelta(days=30)),
    "disk": lambda host: upkeep.full_disks(host.os.disks),
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(REQUIREMENTS)


def _nothing(_sections: dict[str, Any]) -> None:
    """The server as it is."""


def host(change: Change = _nothing) -> WindowsHost:
    """The demo's recorded server without what its own hints would say, changed in one place."""
    sections = recorded("demo-web01-delegated")
    sections["os"]["value"]["utc_now"] = (AT + timedelta(seconds=2)).isoformat()
    sections["upkeep"]["value"]["updates_pending"] = False
    change(sections)
    evidence = written("web01", sections, AT)
    return WindowsHost(evidence)


def value(section: str, **changes: Any) -> Change:
    return lambda sections: sections[section]["value"].update(changes)


def _old_tls(sections: dict[str, Any]) -> None:
    for one in sections["schannel"]["value"]["protocols"]:
        one.update(enabled=None, disabled_by_default=None)


def _certificate(sections: dict[str, Any]) -> None:
    certificate = sections["iis"]["value"]["sites"][0]["bindings"][0]["certificate"]
    certificate["not_after"] = (AT + timedelta(days=29)).isoformat()


def _disk(sections: dict[str, Any]) -> None:
    sections["os"]["value"]["disks"][0]["free_bytes"] = 1024**3


def clock(**by: int) -> Change:
    return value("os", utc_now=(AT + timedelta(**by)).isoformat())


def test_a_server_in_good_order_gets_no_hint() -> None:
    assert [name for name, look in LOOKS.items() if look(host())] == []


@pytest.mark.parametrize(
    ("change", "topic", "words"),
    [
        (value("upkeep", components_pending=True), "restart", "components"),
        (value("upkeep", updates_pending=True), "restart", "updates"),
        (value("upkeep", rename_pending=True), "restart", "renamed"),
        (value("upkeep", files_pending=2), "restart", "2 file operations"),
        (clock(minutes=-7), "clock", "at least 7 minutes behind"),
        (clock(minutes=9), "clock", "at least 8 minutes ahead of"),
        (_old_tls, "tls", "TLS 1.0"),
        (_certificate, "certificate", "ends on 2026-12-23"),
        (_disk, "disk", "C: has 1.0 of 127.0 GiB free"),
    ],
)
def test_each_hint_has_its_fact(change: Change, topic: str, words: str) -> None:
    """One fact, one hint, and no other."""
    broken = host(change)
    told = {name: [*map(str, look(broken))] for name, look in LOOKS.items() if look(broken)}
    assert list(told) == [topic]
    assert words in told[topic][0]


@pytest.mark.parametrize(
    ("state", "switched_off", "in_use"),
    [("Installed", None, True), ("Installed", 0, False), ("Available", None, False)],
)
def test_smb1_is_in_use_where_it_is_installed_and_on(
    state: str, switched_off: int | None, in_use: bool
) -> None:
    """Its judge itself: an installed one that is switched off serves nobody."""

    def change(sections: dict[str, Any]) -> None:
        features = sections["features"]["value"]["features"]
        next(one for one in features if one["name"] == "FS-SMB1")["state"] = state
        sections["upkeep"]["value"]["smb1_server"] = switched_off

    record = Record(said("e"))
    with pytest.raises(AssertionError) if in_use else nullcontext():
        judges.test_smb1_is_off(host(change), record)
    assert state in str(record.what)


@pytest.mark.parametrize(
    ("product", "found", "within_a_year"),
    [
        ("Windows", 14393, True),  # 2027-01-12
        ("Windows", 9600, True),
        ("Windows", 17763, False),
        ("SQL Server", "13.0.6300.2", True),  # has ended
        ("SQL Server", "14.0.1000.1", True),
        ("SQL Server", "15.0.4385.2", False),
    ],
)
def test_what_microsoft_stops_supporting_within_a_year(
    product: Any, found: str | int, within_a_year: bool
) -> None:
    """The days stand in the catalogue's own supported.yaml."""
    listed = load_supported(REQUIREMENTS / "supported.yaml", Path("nowhere"))
    entry = listed.entry(product, found)
    assert entry is not None
    assert entry.over(AT.date() + timedelta(days=365)) is within_a_year


@pytest.mark.parametrize("kind", Kind)
def test_what_is_open_of_a_hint_is_a_hint_and_counts_nowhere(kind: Kind) -> None:
    """Whatever becomes of a hint, counts and verdict stay what they are without it."""
    now = weighed(kind, "hint")
    assert now is (Kind.HINT if kind in OPEN else kind)
    assert weighed(kind, "required") is kind
    about = {"marker": "os", "title": "t", "clause": "", "host": "web01", "expected": "e"}
    hint = Finding(
        requirement="OS-18", weight="hint", kind=now, outcome=Outcome.NOT_MET, found="f", **about
    )
    met = Finding(requirement="OS-01", kind=Kind.MET, outcome=Outcome.MET, found="f", **about)
    assert count([hint, met]) == count([met])
    assert verdict([hint, met]) == verdict([met])
    assert verdict([hint]) == verdict([])


def test_the_inventory_turns_a_hint_on(catalogue: Catalogue, tmp_path: Path) -> None:
    """Then it is a requirement like any other; a name that is no hint is refused, with its line."""
    counting = catalogue.counting(("OS-18",), AT.date())
    weights = {one.id: one.weight for one in counting}
    assert weights["OS-18"] == "required"
    assert weights["OS-14"] == "hint"
    text = (
        "customers:\n  acme:\n    title: ACME\n    service_account: ACME\\svc\n"
        "    hosts: {db01: {roles: [database], sql: {server: db01}}}\n"
        "    required_hints:\n      - %s\n"
    )
    path = tmp_path / "hosts.yaml"
    path.write_text(text % "OS-18", encoding="utf-8")
    agreed.check(catalogue, load_inventory(path))
    for wrong in ("OS-01", "OS-99"):
        path.write_text(text % wrong, encoding="utf-8")
        with pytest.raises(InventoryError, match=f":7: {wrong} is no hint"):
            agreed.check(catalogue, load_inventory(path))


def test_only_a_hint_stands_for_no_words_of_the_document(tmp_path: Path) -> None:
    (tmp_path / "document.yaml").write_text(
        'title: T\nclauses:\n  - {clause: "A > b", marker: os}\n', encoding="utf-8"
    )
    entry = "- {id: OS-14, title: t, rule: os.restart, roles: [web], remedy: r%s}\n"
    (tmp_path / "os.yaml").write_text(entry % ", weight: hint", encoding="utf-8")
    assert [one.weight for one in load_catalogue(tmp_path)] == ["hint"]
    (tmp_path / "os.yaml").write_text(entry % "", encoding="utf-8")
    with pytest.raises(CatalogueError, match="clause"):
        load_catalogue(tmp_path)


def test_every_sentence_that_leaves_room_has_its_reading(catalogue: Catalogue) -> None:
    """All but the components, which the document names one by one."""
    without = {one.id for one in catalogue if not one.reading and one.weight == "required"}
    assert {catalogue.entries[one].requirement.rule for one in without} == {"iis.component"}
    # What a sentence was read for and does not say.
    beyond = {one.id for one in catalogue if one.reading and one.weight == "hint"}
    assert beyond == {"IIS-27", "NET-06", "NET-07"}
