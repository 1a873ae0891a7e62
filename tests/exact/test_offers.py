"""What was found is shown beside the question that it may answer, and is never the answer."""

from pathlib import Path

import pytest

from acceptance.evidence.envelope import SectionError, Unread
from acceptance.evidence.file import FORMAT, Evidence, read_evidence
from acceptance.exact.offers import FINDERS, offers
from acceptance.findings.questions import QUESTIONS, ask
from acceptance.inventory.models import Customer
from acceptance.text import said

KEPT = Path(__file__).parents[1] / "evidence" / "kept"
HOSTS = {"web01": {"roles": ["web"]}, "db01": {"roles": ["database"]}}


def found() -> dict[str, Evidence]:
    return {name: read_evidence(KEPT / f"format_{FORMAT}-{name}.json") for name in HOSTS}


def offered(key: str, servers: dict[str, Evidence]) -> list[str]:
    databases = {"exact": ["Synergy", "020"]}
    customer = Customer.model_validate({"title": "Acme", "databases": databases, "hosts": HOSTS})
    return [str(one) for one in offers(key, customer, servers)]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("databases.exact", ["020, Synergy on db01"]),
        ("databases.clickker", ["Clickker on db01"]),
        ("service_account", [r"DEMO\svc-synergy (application pool Synergy on web01)"]),
        ("external_host", ["web01.demo.example.test on web01"]),
        ("external_access", ["web01.demo.example.test on web01"]),
        ("globe", ["020: looks like Globe (dagbk, gbkmut, grtbk)"]),
        ("phase", []),
        ("writes_back", []),
        ("hosts.web01.connection", []),
    ],
)
def test_what_was_found_is_offered(key: str, expected: list[str]) -> None:
    assert offered(key, found()) == expected


def test_what_is_offered_stands_in_the_questions_sentence() -> None:
    assert str(ask("globe", [said("020 on db01")]).text) == (
        "Is Exact Globe+ used beside Synergy (true, false)? Found: 020 on db01."
    )


def test_each_of_the_exact_databases_is_shown_with_what_it_looks_like() -> None:
    synergy, other = offered("databases.synergy", found())
    assert synergy.startswith("Synergy: looks like Synergy")
    assert other == "020: looks like Globe (dagbk, gbkmut, grtbk)"


@pytest.mark.parametrize("key", FINDERS)
def test_what_was_not_read_offers_nothing(key: str) -> None:
    assert key in QUESTIONS
    unread = Unread(status="error", error=SectionError(type="x", message="denied"))
    servers = found()
    for name, one in servers.items():
        nothing = one.sections.model_copy(
            update=dict.fromkeys(type(one.sections).model_fields, unread)
        )
        servers[name] = one.model_copy(update={"sections": nothing, "sql": None})
    assert offered(key, servers) == []
