"""A certificate's names come from its bytes, whatever the display text's language."""

from typing import Any

import pytest
from acceptance.simulator.certificates import in_store

from acceptance.errors import UnreadError
from acceptance.hosts.certificates import names_of

NAMES = ["a.example.test", "*.example.test"]


def raw(**changes: Any) -> str:
    facts = {
        "subject": "CN=a.example.test",
        "issuer": "CN=CA, O=Demo",
        "not_before": "2026-01-01T00:00:00Z",
        "not_after": "2028-01-01T00:00:00Z",
        "dns_names": NAMES,
    }
    return in_store(facts | changes)


@pytest.mark.parametrize(
    "shown",
    [
        None,
        NAMES,
        ["DNS-naam=a.example.test", "DNS-naam=*.example.test"],
        ["DNS-Name=A.EXAMPLE.test, DNS-Name=*.example.test"],
    ],
)
def test_the_bytes_decide_in_every_language(shown: list[str] | None) -> None:
    assert names_of(raw(), "x", shown) == NAMES


def test_a_certificate_without_names_holds_for_none() -> None:
    """Browsers look at the alternative names only: a subject is no name."""
    assert names_of(raw(dns_names=[]), "x", ["a.example.test"]) == []


@pytest.mark.parametrize(
    ("data", "shown", "words"),
    [
        (None, NAMES, "were not read"),
        ("AAAA", NAMES, "cannot be read"),
        ("no base64", NAMES, "cannot be read"),
        (raw(), ["other.example.test"], "contradicts itself"),
        (raw(), [], "contradicts itself"),
    ],
)
def test_what_is_not_read_or_contradicts_itself_decides_nothing(
    data: str | None, shown: list[str], words: str
) -> None:
    with pytest.raises(UnreadError, match=words):
        names_of(data, "x", shown)
