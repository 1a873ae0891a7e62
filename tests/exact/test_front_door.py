"""Where a proxy ends TLS, what the external name serves from here decides, or nothing does."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from acceptance.simulator.certificates import Authority
from acceptance.tests_infra import test_network as judges

from acceptance.evidence.connections import SeenSite
from acceptance.exact.front_door import front_door
from acceptance.findings.outcome import Unprovable
from acceptance.findings.record import Record
from acceptance.inventory.models import Customer
from acceptance.text import said

NAME, OUTSIDE = "api.example.test", "8.8.8.8"
LASTING = SimpleNamespace(days=10)


def shown(folder: Path, name: str = NAME, *, expired: bool = False) -> str:
    """A certificate's DER as base64."""
    made = Authority("Public CA A").issue(folder, [name], expired=expired)
    return base64.b64encode(made.shown[0]).decode("ascii")


def judged(seen: SeenSite | None, number: int, **answers: Any) -> str:
    """`met`, `not met`, or why it awaits: of NET-08 to NET-13 at a site behind a proxy."""
    about = {"title": "Acme", "tls_ends": "proxy", "external_host": NAME} | answers
    customer = Customer.model_validate(about | {"hosts": {"web01": {"roles": ["web"]}}})
    site: Any = SimpleNamespace(front_door=lambda name: front_door(seen, name), in_use=["one"])
    host: Any = SimpleNamespace(evidence=SimpleNamespace(collected_at=datetime.now(UTC)))
    record = Record(said("expected"))
    rules: dict[int, Callable[[], None]] = {
        8: lambda: judges.test_https_binding(site, customer, record),
        9: lambda: judges.test_certificate_holds_for_the_name(site, customer, record),
        10: lambda: judges.test_certificate_is_trusted(host, site, customer, record),
        11: lambda: judges.test_certificate_is_not_near_its_end(
            LASTING, host, site, customer, record
        ),
        12: lambda: judges.test_tls_is_offered(LASTING, host, site, customer, record),
        13: lambda: judges.test_no_plain_http(site, customer, record),
    }
    try:
        rules[number]()
    except Unprovable as why:
        return ", ".join(why.questions) or str(why)
    except AssertionError:
        return "not met"
    assert record.what
    return "met"


def served(raw: str | None, *addresses: str, **changed: Any) -> SeenSite:
    about = {"name": NAME, "addresses": list(addresses or [OUTSIDE]), "step": "done"}
    good = {"failure": "", "certificate": raw, "trusted": True, "protocol": "TLSv1.3"}
    return SeenSite.model_validate(about | good | changed)


@pytest.mark.parametrize("number", range(8, 13))
def test_what_is_served_outside_decides(tmp_path: Path, number: int) -> None:
    assert judged(served(shown(tmp_path)), number) == "met"


@pytest.mark.parametrize("number", range(8, 13))
@pytest.mark.parametrize("why", ["nobody looked", "no answer", "private", "another name"])
def test_what_was_not_seen_from_outside_decides_nothing(
    tmp_path: Path, number: int, why: str
) -> None:
    raw = shown(tmp_path)
    seen = {
        "nobody looked": None,
        "no answer": served(None, step="tcp", failure="timed out"),
        "private": served(raw, OUTSIDE, "10.0.0.5"),
        "another name": served(raw, name="other.example.test"),
    }[why]
    assert "from outside" in judged(seen, number)


@pytest.mark.parametrize("number", range(8, 13))
def test_without_the_external_name_it_is_asked(tmp_path: Path, number: int) -> None:
    assert judged(served(shown(tmp_path)), number, external_host=None) == "external_host"


def test_a_bad_certificate_at_the_proxy_is_not_met(tmp_path: Path) -> None:
    """IIS may hold the best one: nobody is shown it."""
    assert judged(served(shown(tmp_path, "other.example.test")), 9) == "not met"
    assert judged(served(shown(tmp_path, expired=True)), 11) == "not met"
    distrusted = served(shown(tmp_path), trusted=False, distrust="self-signed certificate")
    assert judged(distrusted, 10) == "not met"
    assert judged(served(shown(tmp_path), protocol="TLSv1.1"), 12) == "not met"


def test_what_was_not_tried_is_neither_met_nor_not(tmp_path: Path) -> None:
    """Evidence of before it was read, and what no look at https can tell."""
    old = served(shown(tmp_path), trusted=None, protocol=None)
    assert "not tried" in judged(old, 10)
    assert "not read" in judged(old, 12)
    assert "plain http" in judged(served(shown(tmp_path)), 13)
