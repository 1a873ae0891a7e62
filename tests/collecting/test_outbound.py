"""Section `outbound` in a real PowerShell against real servers on loopback:
each step, each failure, and the time it costs.
"""

import time
from typing import Any

import pytest
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.runner import PowerShellRunner
from acceptance.simulator.windows.twin import Twin, load_twin

from acceptance.evidence.connections import OutboundSection, Target
from acceptance.evidence.envelope import Read
from acceptance.evidence.file import Evidence
from acceptance.hosts.targets import target_text
from tests.twins import PARAMETERS, WEB, ask

pytestmark = [pytest.mark.slow, pytest.mark.pwsh]

WWW, AZURE, API = "203.0.113.11:443", "203.0.113.12:443", "203.0.113.13:443"


def outbound(twin: Twin, **parameters: Any) -> OutboundSection:
    return section(
        ask(PowerShellRunner(twin), sections=["outbound"], parameters=PARAMETERS | parameters)
    )


def section(evidence: Evidence) -> OutboundSection:
    assert isinstance(evidence.sections.outbound, Read), evidence
    return evidence.sections.outbound.value


def by_host(answers: OutboundSection) -> dict[str, Target]:
    return {target.host: target for target in answers.targets}


def test_each_failure_names_its_step() -> None:
    """One run, a failure of every kind: the step, and a reason for people."""
    twin = load_twin("server2019")
    network = twin.network
    names = ["unknown", "refused", "expired", "another", "untrusted", "garbage"]
    targets = [
        {"name": name, "host": f"{name}.example.test", "port": 443, "tls": True} for name in names
    ]
    for number, name in enumerate(names[1:], 60):
        network["names"][f"{name}.example.test"] = [f"203.0.113.{number}"]
    kinds = {
        "refused": "refused",
        "expired": "expired",
        "another": "wrong-name",
        "untrusted": "good",
        "garbage": "open",
    }
    for number, (name, kind) in enumerate(kinds.items(), 60):
        issuer = "Nobody's CA" if name == "untrusted" else "Public CA A"
        network["endpoints"][f"203.0.113.{number}:443"] = {
            "kind": kind,
            "name": f"{name}.example.test",
            "issuer": issuer,
        }
    found = by_host(outbound(twin, targets=targets, timeout_seconds=30))
    steps = {host.partition(".")[0]: target.step for host, target in found.items()}
    assert steps == {
        "unknown": "dns",
        "refused": "tcp",
        "expired": "tls",
        "another": "tls",
        "untrusted": "tls",
        "garbage": "tls",
    }
    assert all(target.status == "failed" for target in found.values())
    texts = {host.partition(".")[0]: str(target_text(target)) for host, target in found.items()}
    assert "DNS (name to address): the name is unknown" in texts["unknown"]
    assert "TCP (connecting): refused" in texts["refused"]
    assert "not trusted or out of date" in texts["expired"]
    assert "for another name" in texts["another"]
    assert "not trusted" in texts["untrusted"]
    assert "CN=Nobody's CA" in texts["untrusted"]


@pytest.mark.parametrize("kind", ["silent", "blocked"])
def test_three_silent_addresses_cost_their_time_once(kind: str) -> None:
    """They are waited for side by side, whether TCP or TLS is not answered;
    the database beside them is reached meanwhile.
    """
    twin = load_twin("server2019")
    for address in (WWW, AZURE, API):
        twin.network["endpoints"][address]["kind"] = kind
    seconds = 4
    started = time.monotonic()
    answers = outbound(twin, timeout_seconds=seconds)
    spent = time.monotonic() - started
    silent = [target for target in answers.targets if target.host in WEB]
    assert {(target.status, target.step) for target in silent} == {
        ("silent", "tls" if kind == "silent" else "tcp")
    }
    assert all(seconds - 0.1 <= target.milliseconds / 1000 < 2 * seconds for target in silent)
    assert by_host(answers)["db01.demo.example.test"].status == "ok"
    # One after another they would cost 12 seconds and a start; a busy machine gets the difference.
    assert spent < 3 * seconds
    assert f"no answer at {'TLS' if kind == 'silent' else 'TCP'}" in str(target_text(silent[0]))


def test_a_proxy_is_asked_by_name_and_tunnels() -> None:
    """CONNECT carries names, so a server that resolves nothing outside still gets through;
    the route is told.
    """
    twin = load_twin("server2019")
    twin.network["endpoints"]["198.51.100.5:3128"] = {"kind": "proxy"}
    with Endpoints(twin.network) as endpoints:
        evidence = ask(
            PowerShellRunner(twin, endpoints),
            sections=["outbound"],
            parameters=PARAMETERS
            | {"proxy": "proxy.demo.example.test:3128", "timeout_seconds": 30},
        )
        assert sorted(endpoints.connects) == sorted(f"{name}:443" for name in WEB)
    found = by_host(section(evidence))
    assert {found[name].status for name in WEB} == {"ok"}
    assert {found[name].proxy for name in WEB} == {"proxy.demo.example.test:3128"}
    assert found["db01.demo.example.test"].proxy is None
    assert "through the proxy proxy.demo.example.test:3128" in str(
        target_text(found["www.clickker.nl"])
    )


def test_a_proxy_that_wants_credentials_is_named() -> None:
    """407: a session without credentials of its own cannot give any (second hop)."""
    twin = load_twin("server2019")
    twin.network["system_proxy"] = "proxy.demo.example.test:3128"
    twin.network["endpoints"]["198.51.100.5:3128"] = {"kind": "proxy", "status": 407}
    found = by_host(outbound(twin, timeout_seconds=30))["www.clickker.nl"]
    assert (found.step, found.status) == ("proxy", "failed")
    assert "the proxy answers 407 (it wants credentials)" in str(target_text(found))


def test_nothing_is_asked_of_a_peer_that_is_not_trusted() -> None:
    """The handshake ends so that the certificate can be read, but no request follows."""
    twin = load_twin("server2019")
    twin.network["endpoints"][WWW]["issuer"] = "Nobody's CA"
    found = by_host(outbound(twin, timeout_seconds=30))["www.clickker.nl"]
    assert found.http_status is None
    assert found.certificate is not None
    assert found.certificate.issuer == "CN=Nobody's CA"
    assert found.certificate.policy_errors & 4
