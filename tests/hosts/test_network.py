"""What the evidence says of connections: names, issuers, bindings, remote access."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from acceptance.simulator.certificates import Authority
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from acceptance.errors import UnreadError
from acceptance.evidence.access import RemoteSection
from acceptance.evidence.connections import FromHere, OutboundSection, SchannelSection
from acceptance.hosts.interception import interception, reached
from acceptance.hosts.network import left_to_programs, matches, switched_off
from acceptance.hosts.remote import remote_desktop, teamviewer
from acceptance.hosts.targets import winhttp_proxy

Shown = Callable[[str, str], list[str]]
A, B, BOX = "Public A", "Public B", "Firewall"

NAMES = ("www.clickker.nl", "sense-applications.visualstudio.com", "api.cloud.clickker.nl")


@pytest.mark.parametrize(
    ("name", "patterns", "holds"),
    [
        ("a.example.com", ["A.EXAMPLE.com"], True),
        ("a.example.com", ["b.example.com", "*.example.com"], True),
        ("a.b.example.com", ["*.example.com"], False),
        ("example.com", ["*.example.com"], False),
        ("a.example.com", ["*"], False),
        ("a.example.com", ["*.com"], False),
        ("a.example.com", [], False),
        ("a.example.com", ["a.example.com.evil.test"], False),
        ("München.example", ["xn--mnchen-3ya.example"], True),
        ("xn--mnchen-3ya.example", ["münchen.example"], True),
        ("a.münchen.example", ["*.xn--mnchen-3ya.example"], True),
        ("straße.example", ["strasse.example"], False),  # two owners may hold these
        ("straße.example", ["xn--strae-oqa.example"], True),
    ],
)
def test_a_certificates_names(name: str, patterns: list[str], holds: bool) -> None:
    """A wildcard stands for one label (RFC 6125)."""
    assert matches(name, patterns) is holds


@given(
    st.text(alphabet="abcxyz0123456789.-", min_size=1, max_size=60),
    st.text(max_size=20).map(lambda text: text.encode().hex()),
)
def test_winhttp_settings_are_read_back(proxy: str, rest: str) -> None:
    """Version, counter, flags, length, text; then the bypass list, of whatever length."""
    head = "1800000000000000" + "03000000" + len(proxy).to_bytes(4, "little").hex()
    assert winhttp_proxy(head + proxy.encode("ascii").hex() + rest) == proxy


@given(st.binary(max_size=80))
def test_any_bytes_in_winhttp_settings_are_survived(data: bytes) -> None:
    """The value is a server's: it may be cut or strange."""
    assert winhttp_proxy(data.hex()) is None or isinstance(winhttp_proxy(data.hex()), str)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], list[str]]:
    """A chain as base64 for a name by an authority, each made once."""
    folder = tmp_path_factory.mktemp("chains")
    authorities = {name: Authority(name) for name in (A, B, BOX)}

    @cache
    def chain(name: str, issuer: str) -> list[str]:
        own = folder / issuer / name
        own.mkdir(parents=True)
        made = authorities[issuer].issue(own, [name])
        pieces = x509.load_pem_x509_certificates(made.chain.read_bytes() + authorities[issuer].pem)
        return [_text(one) for one in dict.fromkeys(pieces)]

    return chain


def _text(certificate: x509.Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def outbound(shown: Shown, *issuers: str | None) -> OutboundSection:
    targets = []
    for name, issuer in zip(NAMES, issuers, strict=True):
        end = {"step": "done", "status": "ok"} if issuer else {"step": "tcp", "status": "silent"}
        common = {
            "host": name,
            "port": 443,
            "proxy": None,
            "addresses": None,
            "failure": None,
            "protocol": "Tls12" if issuer else None,
            "http_status": 200 if issuer else None,
        }
        certificate = peer(shown(name, issuer)) if issuer else None
        targets.append(
            common
            | end
            | {"name": f"https://{name}", "certificate": certificate, "milliseconds": 1}
        )
    unread = {"status": "error", "error": {"type": "x", "message": "y"}, "milliseconds": 1}
    return OutboundSection.model_validate({"proxies": unread, "targets": targets})


def peer(chain: list[str]) -> dict[str, Any]:
    own = x509.load_der_x509_certificate(base64.b64decode(chain[0]))
    return {
        "subject": own.subject.rfc4514_string(),
        "issuer": own.issuer.rfc4514_string(),
        "thumbprint": own.fingerprint(SHA1()).hex().upper(),
        "not_after": own.not_valid_after_utc.isoformat(),
        "policy_errors": 0,
        "chain": chain,
    }


def here(shown: Shown, *issuers: str | None) -> FromHere:
    seen = [
        {
            "name": f"https://{name}",
            "step": "done" if issuer else "tcp",
            "failure": "" if issuer else "timed out",
            "issuer": f"CN={issuer}" if issuer else None,
            "certificate": shown(name, issuer)[0] if issuer else None,
        }
        for name, issuer in zip(NAMES, issuers, strict=True)
    ]
    roots = [shown(NAMES[0], issuer)[-1] for issuer in (A, B)]
    return FromHere.model_validate({"targets": seen, "ports": [], "authorities": roots})


@pytest.mark.parametrize(
    ("there", "seen", "yes"),
    [
        ((A, B, A), (A, B, A), False),
        ((A, A, A), (A, A, A), False),
        ((BOX, BOX, BOX), (A, B, A), True),
        ((A, BOX, A), (A, B, A), True),  # one address only
        ((A, None, A), (A, B, A), None),  # what nobody has seen may be intercepted
        ((A, None, BOX), (A, B, A), True),
        ((B, B, A), (A, B, A), None),  # two public authorities for one name: no proof of either
        ((BOX, BOX, BOX), (None, None, None), True),  # no public root, whatever is seen from here
        ((A, B, A), (None, None, None), None),
        ((A, B, A), (A, None, A), None),
        ((None, None, None), (A, B, A), None),
    ],
)
def test_interception_is_decided_by_bytes_and_never_guessed(
    shown: Shown,
    there: tuple[str | None, ...],
    seen: tuple[str | None, ...],
    yes: bool | None,
) -> None:
    answer = interception(outbound(shown, *there), here(shown, *seen))
    assert answer.yes is yes, answer.text
    assert answer.text


def test_without_a_look_from_here_nothing_public_is_proved(shown: Shown) -> None:
    """The real internet's roots do not know the twin's authorities;
    a box of one's own is found all the same.
    """
    assert interception(outbound(shown, A, B, A), None).yes is True
    assert interception(outbound(shown, None, None, None), None).yes is None


def test_the_filters_own_page_is_not_the_address(shown: Shown) -> None:
    """A web filter that Windows trusts answers with a page of its own:
    reached is only who shows a public certificate.
    """
    view = here(shown, A, B, A)
    [blocked, free, _] = outbound(shown, BOX, B, A).targets
    assert reached(blocked, view).yes is None
    assert reached(free, view).yes is True


@pytest.mark.parametrize(
    "change",
    [
        {"chain": []},
        {"chain": ["AAAA"]},
        {"chain": ["no base64"]},
        {"thumbprint": "00"},
        {"issuer": "CN=Public CA of another"},
        {"not_after": datetime(2020, 1, 1, tzinfo=UTC)},
    ],
)
def test_a_certificate_that_cannot_be_read_or_contradicts_itself_proves_nothing(
    shown: Shown, change: dict[str, Any]
) -> None:
    there = outbound(shown, A, B, A)
    [first, *rest] = there.targets
    assert first.certificate is not None
    odd = first.model_copy(update={"certificate": first.certificate.model_copy(update=change)})
    view = here(shown, A, B, A)
    assert interception(there.model_copy(update={"targets": [odd, *rest]}), view).yes is None
    assert reached(odd, view).yes is None


def test_a_public_certificate_for_another_name_is_not_the_address(shown: Shown) -> None:
    """Windows accepted it, and its bytes hold for another: one of the two is not true."""
    there, view = outbound(shown, A, B, A), here(shown, A, B, A)
    [first, second, third] = there.targets
    odd = first.model_copy(update={"certificate": third.certificate})
    assert reached(odd, view).yes is None
    assert reached(first, view).yes is True
    swapped = there.model_copy(update={"targets": [odd, second, third]})
    assert interception(swapped, view).yes is None


def remote(**changes: Any) -> RemoteSection:
    rule = {
        "name": "RemoteDesktop-UserMode-In-TCP",
        "enabled": True,
        "inbound": True,
        "allows": True,
        "profiles": "Domain, Private",
    }
    data = {
        "denied": 0,
        "denied_by_policy": None,
        "port": 3390,
        "listening": True,
        "services": [{"name": "TermService", "state": "Running", "start_mode": "Manual"}],
        "firewall": {
            "status": "ok",
            "milliseconds": 1,
            "value": {
                "profiles": [{"name": "Domain", "enabled": True}],
                "categories": ["DomainAuthenticated"],
                "rules": [rule],
            },
        },
        "teamviewer": [],
    }
    return RemoteSection.model_validate(data | changes)


def port(reached: bool, number: int = 3390) -> FromHere:
    return FromHere.model_validate(
        {
            "targets": [],
            "ports": [{"port": number, "reached": reached, "failure": "" if reached else "x"}],
        }
    )


FIREWALL_UNREAD = {"status": "error", "error": {"type": "x", "message": "y"}, "milliseconds": 1}


@pytest.mark.parametrize(
    ("section", "seen", "yes"),
    [
        (remote(), port(True), True),
        (remote(), port(False), False),
        (remote(), None, None),
        (remote(), port(True, 3389), None),  # another port than the server's own says nothing
        (remote(denied=1), port(True), False),
        (remote(denied=None), port(True), False),
        (remote(denied=1, denied_by_policy=0), port(True), True),  # a policy wins
        (remote(denied=0, denied_by_policy=1), port(True), False),
        (remote(services=[]), port(True), False),
        (remote(listening=False), port(True), False),
        (remote(firewall=FIREWALL_UNREAD), port(True), True),  # it was reached
        (remote(firewall=FIREWALL_UNREAD), None, None),
    ],
)
def test_remote_desktop(section: RemoteSection, seen: FromHere | None, yes: bool | None) -> None:
    """On, running, listening, reached from here; what was not tried is open."""
    assert remote_desktop(section, seen).yes is yes


def test_a_firewall_that_closes_decides_where_nothing_was_tried() -> None:
    closed = remote().firewall.model_dump()
    closed["value"]["rules"][0]["profiles"] = "Public"
    assert remote_desktop(remote(firewall=closed), None).yes is False
    closed["value"]["categories"] = []  # no network is known: nothing is decided
    assert remote_desktop(remote(firewall=closed), None).yes is None


@pytest.mark.parametrize(
    ("state", "installed", "yes"),
    [
        ("Running", True, True),
        ("Stopped", True, None),
        ("Running", False, False),
        (None, True, None),
    ],
)
def test_teamviewer(state: str | None, installed: bool, yes: bool | None) -> None:
    """Installed, and its service runs; one that does not, somebody at the server may start."""
    services = [{"name": "TeamViewer15", "state": state, "start_mode": "Auto"}] if state else []
    programs = (
        [{"name": "TeamViewer Host", "version": "15.1", "publisher": "TeamViewer"}]
        if installed
        else []
    )
    assert teamviewer(remote(services=services, teamviewer=programs)).yes is yes


def test_an_old_teamviewer_beside_the_running_one() -> None:
    """An earlier release's stopped service says nothing of the one that runs."""
    services = [
        {"name": name, "state": state, "start_mode": "Auto"}
        for name, state in (("TeamViewer9", "Stopped"), ("TeamViewer", "Running"))
    ]
    programs = [{"name": "TeamViewer", "version": "15.1", "publisher": "TeamViewer"}]
    assert teamviewer(remote(services=services, teamviewer=programs)).yes is True


def schannel(**framework: int | None) -> SchannelSection:
    protocols = [
        {"version": "TLS 1.2", "side": side, "enabled": None, "disabled_by_default": None}
        for side in ("Client", "Server")
    ]
    values = {"path": "HKLM:", "strong_crypto": None, "system_defaults": None} | framework
    return SchannelSection.model_validate(
        {"protocols": protocols, "frameworks": [values], "powershell": "Tls12"}
    )


def test_a_tls_version_that_was_not_looked_at_is_not_on() -> None:
    """A misspelt version, or one that the collector does not read,
    would otherwise be "not switched off".
    """
    assert switched_off(schannel(), "TLS 1.2", "Client") == []
    for version in ("TLS1.2", "TLS 1.4"):
        with pytest.raises(UnreadError, match="was not read"):
            switched_off(schannel(), version, "Client")


@pytest.mark.parametrize(
    ("values", "left_open"),
    [
        ({}, False),
        ({"strong_crypto": 0}, True),
        ({"strong_crypto": 0, "system_defaults": 1}, False),
        ({"strong_crypto": 1}, False),
    ],
)
def test_what_dotnets_values_leave_to_programs(values: dict[str, int], left_open: bool) -> None:
    """SchUseStrongCrypto = 0 alone: programs for 4.7 take Windows' versions, older ones TLS 1.0."""
    assert bool(left_to_programs(schannel(**values))) is left_open
