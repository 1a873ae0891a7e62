"""Which binding takes the external name, which certificate it shows, and what leaves that open."""

from typing import Any

import pytest

from acceptance.evidence.connections import SeenSite
from acceptance.evidence.windows import AddressEntry, Binding, Certificate, Site
from acceptance.exact.entrance import as_served, entrance

NAME = "api.example.test"
UNREAD: dict[str, Any] = dict.fromkeys(
    ["subject", "issuer", "not_before", "not_after", "dns_names", "has_private_key", "chain"]
)


def certificate(thumbprint: str) -> Certificate:
    return Certificate(
        source="ip",
        thumbprint=thumbprint,
        store="MY",
        found=True,
        raw=f"bytes of {thumbprint}",
        **UNREAD | {"subject": "CN=x"},
    )


def binding(information: str, thumbprint: str = "AA") -> Binding:
    return Binding(
        protocol="https", information=information, ssl_flags=0, certificate=certificate(thumbprint)
    )


def site(number: int, *bindings: Binding) -> Site:
    return Site(
        name=f"site {number}",
        id=number,
        state="Started",
        applications=[],
        bindings=list(bindings),
    )


def entry(endpoint: str, thumbprint: str) -> AddressEntry:
    return AddressEntry(endpoint=endpoint, certificate=certificate(thumbprint))


SYNERGYS = 1
EVERY_ADDRESS = [entry("0.0.0.0:443", "AA")]


def seen(sites: list[Site], entries: list[AddressEntry] | None = EVERY_ADDRESS) -> str:
    """foreign: <site>, sure or open: <why>."""
    found = entrance(sites, [one for one in sites if one.id == SYNERGYS], entries, NAME)
    if found.foreign:
        return f"foreign: {found.foreign}"
    if not found.bindings:
        return "none"
    return f"open: {found.doubt}" if found.doubt else "sure"


STRANGER = site(2, binding("*:443:", "BB"))


@pytest.mark.parametrize(
    ("sites", "entries", "expected"),
    [
        ([site(SYNERGYS, binding("*:443:"))], EVERY_ADDRESS, "sure"),
        ([site(SYNERGYS, binding(f"*:443:{NAME}"))], EVERY_ADDRESS, "sure"),
        ([site(SYNERGYS, binding(f"*:443:{NAME}")), STRANGER], EVERY_ADDRESS, "sure"),
        ([site(SYNERGYS, binding("*:443:"))], None, "open: HTTP.SYS's entries"),
        # Every kind of entry that HTTP.SYS may answer from before IIS's own.
        (
            [site(SYNERGYS, binding("*:443:"))],
            [entry("10.0.0.5:443", "BB")],
            "open: HTTP.SYS shows",
        ),
        ([site(SYNERGYS, binding("*:443:"))], [entry("[::]:443", "BB")], "open: HTTP.SYS shows"),
        ([site(SYNERGYS, binding("*:443:"))], [entry("[fe80::1]:443", "BB")], "open: HTTP.SYS"),
        ([site(SYNERGYS, binding("*:443:"))], [entry("10.0.0.5:443", "AA")], "sure"),
        ([site(SYNERGYS, binding("*:443:"))], [entry("10.0.0.5:8443", "BB")], "sure"),
        # Another site may take the name where Synergy's binding does not.
        ([site(SYNERGYS, binding("*:8443:")), STRANGER], EVERY_ADDRESS, "foreign: site 2"),
        (
            [site(SYNERGYS, binding(f"10.0.0.5:443:{NAME}")), STRANGER],
            EVERY_ADDRESS,
            "open: api.example.test is taken on single addresses only",
        ),
        (
            [site(SYNERGYS, binding("10.0.0.5:443:")), STRANGER],
            EVERY_ADDRESS,
            "open: api.example.test is also taken by the site site 2",
        ),
        ([site(SYNERGYS, binding(f"10.0.0.5:443:{NAME}"))], EVERY_ADDRESS, "sure"),
        ([site(SYNERGYS, binding("*:8443:"))], EVERY_ADDRESS, "open: no binding on port 443"),
        (
            [site(SYNERGYS, binding(f"*:443:{NAME}"), binding("*:443:*.example.test", "CC"))],
            EVERY_ADDRESS,
            "open: several bindings take the name",
        ),
        # A site of that very name takes it before one of a wildcard; certificates may still differ.
        (
            [
                site(SYNERGYS, binding(f"*:443:{NAME}")),
                site(2, binding("*:443:*.example.test", "AA")),
            ],
            EVERY_ADDRESS,
            "sure",
        ),
        (
            [
                site(SYNERGYS, binding(f"*:443:{NAME}")),
                site(2, binding("*:443:*.example.test", "BB")),
            ],
            EVERY_ADDRESS,
            "open: several bindings take the name",
        ),
        (
            [site(SYNERGYS, binding("*:443:*.example.test")), site(2, binding(f"*:443:{NAME}"))],
            EVERY_ADDRESS,
            "foreign: site 2",
        ),
        # What only the server itself reaches is no way in.
        ([site(SYNERGYS, binding("127.0.0.1:443:"))], EVERY_ADDRESS, "none"),
        ([site(SYNERGYS, binding(f"[::1]:443:{NAME}"))], EVERY_ADDRESS, "none"),
        ([site(SYNERGYS, binding("127.0.0.1:443:"), binding("*:443:"))], EVERY_ADDRESS, "sure"),
        ([site(SYNERGYS, binding("127.0.0.1:443:")), STRANGER], EVERY_ADDRESS, "none"),
        ([site(SYNERGYS, binding("[::]:443:"))], EVERY_ADDRESS, "open: api.example.test is taken"),
        # A stopped site takes nothing: Windows' own, which many stop beside Synergy's.
        (
            [site(SYNERGYS, binding("*:443:")), STRANGER.model_copy(update={"state": "Stopped"})],
            EVERY_ADDRESS,
            "sure",
        ),
        # HTTP.SYS's entry for every address is what a binding by address shows.
        (
            [site(SYNERGYS, binding("*:443:"))],
            [entry("0.0.0.0:443", "BB")],
            "open: HTTP.SYS shows",
        ),
    ],
)
def test_what_a_visitor_meets(
    sites: list[Site], entries: list[AddressEntry] | None, expected: str
) -> None:
    assert seen(sites, entries).startswith(expected)


def test_without_a_name_nothing_is_sure() -> None:
    """Which binding the developers reach depends on the name that they use."""
    found = entrance([one := site(SYNERGYS, binding("*:443:"))], [one], EVERY_ADDRESS, None)
    assert found.bindings
    assert "external_host" in str(found.doubt)


def served(thumbprint: str | None, *addresses: str, name: str = NAME) -> SeenSite:
    raw = f"bytes of {thumbprint}" if thumbprint else None
    return SeenSite(
        name=name,
        addresses=list(addresses),
        step="done" if raw else "tcp",
        failure="" if raw else "no answer",
        certificate=raw,
    )


OUTSIDE = "8.8.8.8"
TWO_ANSWERS = [entry("0.0.0.0:443", "AA"), entry("10.0.0.5:443", "BB")]


@pytest.mark.parametrize(
    ("seen", "shown", "open_"),
    [
        (None, "AA", True),
        (served("AA", OUTSIDE), "AA", False),
        (served("BB", OUTSIDE), "BB", False),  # the entry that IIS does not list is really shown
        (served("CC", OUTSIDE), "AA", True),  # a reverse proxy's, or another server's
        (served(None, OUTSIDE), "AA", True),
        (served("AA", OUTSIDE, name="other.example.test"), "AA", True),
        # From inside the company a name leads elsewhere than from outside.
        (served("AA", "192.168.1.5"), "AA", True),
        (served("AA", "127.0.0.1"), "AA", True),
        (served("AA", "fd00::1"), "AA", True),
        # An address of IPv4 inside one of IPv6: NAT64, mapped, 6to4; and nobody's own.
        (served("AA", "64:ff9b::a00:5"), "AA", True),
        (served("AA", "64:ff9b::808:808"), "AA", False),
        (served("AA", "::ffff:10.0.0.5"), "AA", True),
        (served("AA", "2002:a00:5::1"), "AA", True),
        (served("AA", "224.0.0.5"), "AA", True),
        (served("AA", OUTSIDE).model_copy(update={"step": "tls"}), "AA", True),
        (served("AA", OUTSIDE, "10.0.0.5"), "AA", True),
        (served("AA"), "AA", True),
    ],
)
def test_what_is_really_served_decides(seen: SeenSite | None, shown: str, open_: bool) -> None:
    own = site(SYNERGYS, binding("*:443:"))
    listed = entrance([own], [own], TWO_ANSWERS, NAME)
    found = as_served(listed, TWO_ANSWERS, seen, NAME)
    [certificate_shown] = found.certificates
    assert certificate_shown
    assert (certificate_shown.thumbprint, bool(found.doubt)) == (shown, open_)


def test_a_sure_entrance_is_open_again_where_another_certificate_is_served() -> None:
    own = site(SYNERGYS, binding("*:443:"))
    listed = entrance([own], [own], EVERY_ADDRESS, NAME)
    assert not listed.doubt
    assert as_served(listed, EVERY_ADDRESS, served("CC", OUTSIDE), NAME).doubt
