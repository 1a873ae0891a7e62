"""A certificate's names come from its bytes, whatever the display text's language."""

from datetime import UTC, datetime
from typing import Any

import pytest
from acceptance.simulator.certificates import in_store

from acceptance.errors import UnreadError
from acceptance.evidence.windows import Certificate
from acceptance.hosts.certificates import decode, holds_for_days, names_of

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


@pytest.mark.parametrize(
    "changes", [{"not_after": "2035-01-01T00:00:00Z"}, {"not_before": "2025-01-01T00:00:00Z"}]
)
def test_dates_that_the_bytes_deny_decide_nothing(changes: dict[str, Any]) -> None:
    told: dict[str, Any] = {
        "source": "ip",
        "not_before": "2026-01-01T00:00:00Z",
        "not_after": "2028-01-01T00:00:00Z",
        "raw": raw(),
    }
    names = ["thumbprint", "store", "found", "subject", "issuer"]
    told |= dict.fromkeys([*names, "dns_names", "has_private_key", "chain"])
    at = datetime(2026, 11, 26, tzinfo=UTC)
    assert holds_for_days(Certificate.model_validate(told), at, 30)
    assert not holds_for_days(Certificate.model_validate(told), at, 500)
    with pytest.raises(UnreadError, match="contradicts itself: its bytes hold until 2028-01-01"):
        holds_for_days(Certificate.model_validate(told | changes), at, 30)


@pytest.mark.parametrize("shown", [["xn--mnchen-3ya.example"], ["DNS-Name=münchen.example"]])
def test_a_name_beyond_ascii_is_the_same_in_both_forms(shown: list[str]) -> None:
    """The bytes hold it in ASCII, Windows shows it in letters."""
    named = raw(dns_names=["xn--mnchen-3ya.example"])
    assert names_of(named, "x", shown) == ["xn--mnchen-3ya.example"]


SERVER, CLIENT, ANY = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0"


@pytest.mark.parametrize(
    ("changes", "unfit"),
    [
        ({}, []),
        ({"purposes": [SERVER]}, []),
        ({"purposes": [CLIENT, SERVER]}, []),
        ({"purposes": [ANY]}, []),
        ({"purposes": [CLIENT]}, ["its extended key usage does not name servers"]),
        ({"signs_only": False}, []),
        ({"signs_only": True}, ["its key usage allows no connection"]),
    ],
)
def test_a_certificate_for_something_else_is_told(
    changes: dict[str, Any], unfit: list[str]
) -> None:
    """Windows' chain says nothing of it unless asked for a use; a browser refuses it."""
    assert [str(one) for one in decode(raw(**changes), "x").unfit] == unfit


def test_the_issuer_is_compared_by_its_bytes() -> None:
    """Display texts of one name differ in order and quotes."""
    own = decode(raw(issuer="CN=a.example.test"), "x")
    assert own.own_issuer
    assert own.issuer == "CN=a.example.test"
    assert not decode(raw(), "x").own_issuer
