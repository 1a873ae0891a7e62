"""What was entered in a report's page: refused with a reason, or folded into the inventory."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import load_catalogue
from acceptance.errors import EvidenceError
from acceptance.findings.answers import READ, answerable, read_answers, sentences, with_answers
from acceptance.findings.questions import QUESTIONS
from acceptance.inventory.models import Customer

CATALOGUE = load_catalogue(own_tests() / "requirements")
OF = {"requirement": "OS-08", "host": "web01"}
ENTRIES: dict[str, dict[str, Any]] = {
    "done": {"kind": "done", **OF, "name": "Jan", "on": "2026-11-20"},
    "planned": {"kind": "planned", **OF, "who": "Jan", "by": "2026-12-01", "remark": "at night"},
    "confirmed": {
        "kind": "confirmed",
        **OF,
        "name": "Jan",
        "role": "administrator",
        "on": "2026-11-20",
        "document": "mail",
    },
    "told": {"kind": "told", "key": "globe", "answer": "nee", "name": "Jan"},
}


def sample(*entries: dict[str, Any], at: str = "2026-11-21T10:00:00Z") -> dict[str, Any]:
    """A file as the page saves it."""
    return {
        "question": {"customer": "acme", "results_sha256": "0" * 64},
        "answered": {"at": at},
        "agreements": list(entries),
    }


def lay(folder: Path, data: Any, name: str = "acme.1.answers.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def customer(**more: Any) -> Customer:
    """A customer of whom hardly anything is known."""
    host = {"roles": ["web"], "connection": {"backend": "script", "address": "web01.acme.example"}}
    about = {"title": "Acme", "service_account": "ACME\\svc", "hosts": {"web01": host}}
    return Customer.model_validate(about | more)


def test_entries_count_as_the_inventorys_own(tmp_path: Path) -> None:
    """Promises, attestations and answers, each with the file that it came in; never a waiver."""
    lay(tmp_path, sample(*ENTRIES.values()))
    made = with_answers("acme", customer(), tmp_path, CATALOGUE)
    assert made.globe is False
    (attested,) = made.attestations
    assert (attested.requirement, attested.hosts) == ("OS-08", ("web01",))
    assert attested.on == date(2026, 11, 20)
    assert "acme.1.answers.json, identity not verified by us" in attested.document
    done, planned = made.promises
    assert (done.who, done.by, planned.by) == ("Jan", date(2026, 11, 20), date(2026, 12, 1))
    assert (planned.note or "").startswith("at night; received by mail in acme.1.answers.json")
    assert made.waivers == ()


def test_the_inventory_stands_over_every_page_and_later_pages_over_earlier(tmp_path: Path) -> None:
    """An answer never changes what the inventory says."""
    no, yes = ENTRIES["told"], ENTRIES["told"] | {"answer": "yes"}
    lay(tmp_path, sample(yes, at="2026-11-22T10:00:00Z"), "acme.a.answers.json")
    lay(tmp_path, sample(no), "acme.b.answers.json")
    assert with_answers("acme", customer(), tmp_path, CATALOGUE).globe is True
    assert with_answers("acme", customer(globe=False), tmp_path, CATALOGUE).globe is False


@pytest.mark.parametrize(
    ("key", "answer", "value"),
    [
        ("external_access", "ssl, vpn", ("ssl", "vpn")),
        ("external_access", "none", "none"),
        ("external_host", "portal.acme.example", "portal.acme.example"),
        ("writes_back", "ja", True),
        ("phase", "installed", "installed"),
        ("tls_ends", "proxy", "proxy"),
        ("administrations", "001, 020", ("001", "020")),
        ("synergy_site", "Default Web Site/Synergy", "Default Web Site/Synergy"),
        ("databases.exact", "020, Synergy", ("020", "Synergy")),
        ("databases.clickker", "Clickker", "Clickker"),
    ],
)
def test_each_question_is_read_as_the_inventory_reads_it(
    tmp_path: Path, key: str, answer: str, value: Any
) -> None:
    """Numbers and lists of names included."""
    lay(tmp_path, sample(ENTRIES["told"] | {"key": key, "answer": answer}))
    made: Any = with_answers("acme", customer(), tmp_path, CATALOGUE)
    for part in key.split("."):
        made = getattr(made, part)
    assert made == value


@pytest.mark.parametrize(
    ("key", "answer"), [("globe", "perhaps"), ("external_access", "modem"), ("phase", "soon")]
)
def test_what_is_no_answer_is_refused(tmp_path: Path, key: str, answer: str) -> None:
    """With its key and its text, in one line."""
    lay(tmp_path, sample(ENTRIES["told"] | {"key": key, "answer": answer}))
    with pytest.raises(EvidenceError, match=f"the answer to {key} cannot be used: {answer}"):
        with_answers("acme", customer(), tmp_path, CATALOGUE)


def test_answers_do_not_depend_on_their_order(tmp_path: Path) -> None:
    """Which database is Synergy's may stand before which there are."""
    told = {"databases.synergy": "Syn", "databases.exact": "Syn, 020"}
    lay(tmp_path, sample(*(ENTRIES["told"] | {"key": k, "answer": v} for k, v in told.items())))
    databases = with_answers("acme", customer(), tmp_path, CATALOGUE).databases
    assert (databases.synergy, databases.exact) == ("Syn", ("Syn", "020"))


def test_a_form_is_told_in_words(tmp_path: Path) -> None:
    lay(tmp_path, sample(ENTRIES["told"] | {"key": "service_account", "answer": "svc"}))
    with pytest.raises(EvidenceError, match=r"must be DOMAIN\\user"):
        with_answers("acme", customer(service_account="unknown"), tmp_path, CATALOGUE)


def test_every_question_can_be_answered_in_the_page() -> None:
    """All that a customer is asked; how servers are reached is the inventory's alone."""
    assert set(READ) == set(QUESTIONS)
    assert answerable(customer()) == set(READ) - {"service_account"}
    assert "service_account" in answerable(customer(service_account="unknown"))


REFUSED: dict[str, Any] = {
    "yes and no": sample(ENTRIES["told"], ENTRIES["told"] | {"answer": "ja"}),
    "waiver": sample(ENTRIES["done"] | {"kind": "waiver"}),
    "facts": sample(ENTRIES["done"]) | {"facts": {}},
    "digest": sample(ENTRIES["done"]) | {"question": {"customer": "acme", "results_sha256": "x"}},
    "nothing": sample(),
    "no name": sample({key: one for key, one in ENTRIES["done"].items() if key != "name"}),
    "blank name": sample(ENTRIES["done"] | {"name": "  "}),
    "long": sample(ENTRIES["done"] | {"remark": "x" * 501}),
    "no zone": sample(ENTRIES["done"], at="2026-11-21T10:00:00"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_form_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    path = lay(tmp_path, REFUSED[name])
    with pytest.raises(EvidenceError) as refused:
        read_answers(path)
    assert "\n" not in str(refused.value)
    assert "Value error" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "[" * 100_000, '{"question": 1, "question": 2}', "<b>"])
def test_hostile_files_are_refused(tmp_path: Path, text: str) -> None:
    """A sparse file of 1 GB is not read at all."""
    path = tmp_path / "acme.answers.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError):
        read_answers(path)
    with path.open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(EvidenceError, match="larger than"):
        read_answers(path)


def test_another_customers_answers_are_refused(tmp_path: Path) -> None:
    lay(tmp_path, sample(ENTRIES["done"]))
    with pytest.raises(EvidenceError, match="another customer: acme, not corp"):
        with_answers("corp", customer(), tmp_path, CATALOGUE)


@pytest.mark.parametrize("kind", ["done", "planned", "confirmed"])
def test_what_the_catalogue_no_longer_asks_is_told_with_its_file(tmp_path: Path, kind: str) -> None:
    """SYN-01 was replaced by IIS-25: an answer to the one says nothing of the other."""
    path = lay(tmp_path, sample(ENTRIES[kind] | {"requirement": "SYN-01"}))
    with pytest.raises(EvidenceError, match=f"{path}: speaks of SYN-01, which is no requirement"):
        with_answers("acme", customer(), tmp_path, CATALOGUE)


def test_every_entry_is_said_in_a_sentence(tmp_path: Path) -> None:
    """Hostile text stays on its line."""
    entries = [one | {"name": "a\nb\u202e", "who": "a\nb"} for one in ENTRIES.values()]
    for one in entries:
        one.pop("who" if one["kind"] != "planned" else "name")
    answers = read_answers(lay(tmp_path, sample(*entries)))
    lines = [str(one) for one in sentences(answers)]
    assert len(lines) == len(ENTRIES)
    assert not [line for line in lines if "\n" in line or "\u202e" in line]
