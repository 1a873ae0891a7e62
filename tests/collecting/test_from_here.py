"""The addresses asked from where the suite runs: side by side, and with the step that failed."""

import base64
import time

import pytest
from acceptance.simulator.internet import Endpoints

from acceptance.collecting.from_here import View, see_port, see_site, see_targets

TARGETS = [
    {"name": name, "host": name, "port": 443, "tls": True}
    for name in ("one.test", "two.test", "three.test")
]


def network(kind: str) -> dict[str, object]:
    return {
        "trusted": ["Public CA"],
        "names": {target["name"]: [f"203.0.113.{number}"] for number, target in enumerate(TARGETS)},
        "endpoints": {
            f"203.0.113.{number}:443": {"kind": kind, "name": target["name"], "issuer": "Public CA"}
            for number, target in enumerate(TARGETS)
        },
    }


def seen(kind: str, seconds: float) -> list[tuple[str, str | None, str]]:
    with Endpoints(network(kind)) as endpoints:

        def where(host: str, port: int) -> tuple[str, int]:
            found = endpoints.port_of(host, port)
            if not isinstance(found, int):
                raise ConnectionRefusedError("refused")
            return "127.0.0.1", found

        found = see_targets(
            [*TARGETS, {"name": "sql", "tls": False}],
            seconds=seconds,
            view=View(where, str(endpoints.ca_file)),
        )
    return [(one.step, one.issuer, one.failure) for one in found]


def test_the_issuer_is_seen() -> None:
    """What a finding compares with the server's."""
    assert seen("good", 20) == [("done", "CN=Public CA", "")] * 3


@pytest.mark.parametrize(
    ("kind", "step", "words"),
    [
        ("expired", "tls", "certificate not accepted"),
        ("wrong-name", "tls", "certificate not accepted"),
        ("refused", "dns", "refused"),
    ],
)
def test_a_failure_names_its_step_and_has_no_issuer(kind: str, step: str, words: str) -> None:
    """A certificate that is not accepted proves no issuer."""
    for found_step, issuer, failure in seen(kind, 20):
        assert (found_step, issuer) == (step, None)
        assert words in failure


def test_three_silent_addresses_are_waited_for_side_by_side() -> None:
    started = time.monotonic()
    assert {step for step, _, _ in seen("silent", 1)} == {"tls"}
    assert time.monotonic() - started < 2.5


def test_a_port_is_reached_or_not() -> None:
    with Endpoints({"endpoints": {"10.0.0.1:3389": {"kind": "open"}}}) as endpoints:
        port = endpoints.routes["10.0.0.1:3389"]
        assert isinstance(port, int)
        assert see_port("127.0.0.1", port, seconds=5).reached
    gone = see_port("127.0.0.1", port, seconds=5)
    assert not gone.reached
    assert gone.failure


@pytest.mark.parametrize("kind", ["good", "expired", "wrong-name"])
def test_a_site_is_seen_whoever_vouches_for_it(kind: str) -> None:
    """What it shows is judged with the server's own evidence; nothing is sent."""
    with Endpoints(network(kind)) as endpoints:
        port = endpoints.port_of("one.test", 443)
        assert isinstance(port, int)
        trusting = [str(endpoints.ca_file), *[""] * (kind == "good")]
        seen = [
            see_site("one.test", seconds=5, view=View(lambda *_: ("127.0.0.1", port), file))
            for file in trusting
        ]
        own = base64.b64encode(endpoints.shown_by("one.test", 443)[0]).decode("ascii")
    for found in seen:
        assert (found.step, found.addresses, found.certificate) == ("done", ["127.0.0.1"], own)
        assert found.protocol in ("TLSv1.2", "TLSv1.3")
    # Its time has passed, or nobody public vouches for it; another name is judged by its bytes.
    assert [one.trusted for one in seen] == [kind != "expired", False][: len(seen)]
    assert [bool(one.distrust) for one in seen] == [not one.trusted for one in seen]


@pytest.mark.parametrize("kind", ["silent", "refused"])
def test_a_site_that_does_not_answer_shows_nothing(kind: str) -> None:
    with Endpoints(network(kind)) as endpoints:
        port = endpoints.port_of("one.test", 443)
        found = see_site(
            "one.test",
            seconds=0.5,
            view=View(lambda *_: ("127.0.0.1", port if isinstance(port, int) else 1), ""),
        )
    assert found.certificate is None
    assert found.failure


def test_a_name_beyond_ascii_is_asked_by_its_own_spelling() -> None:
    """straße.example is another name than strasse.example, which Python's own way would ask."""
    asked: list[str] = []

    def where(host: str, _port: int) -> tuple[str, int]:
        asked.append(host)
        return "127.0.0.1", 1

    found = see_site("straße.example.test", seconds=0.5, view=View(where, ""))
    assert asked == ["xn--strae-oqa.example.test"]
    assert found.name == "straße.example.test"
