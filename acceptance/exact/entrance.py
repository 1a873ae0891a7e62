"""Where https://<external name> enters this server,
as IIS's bindings and HTTP.SYS's entries say it.

Which binding takes a request is told by its name before its address;
which certificate is shown, by HTTP.SYS, which may hold entries for single addresses that IIS does
not list. Behind a router nobody knows from here which address a visitor's connection reaches,
so several answers leave the question open.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from acceptance.errors import UnreadError
from acceptance.evidence.connections import SeenSite
from acceptance.evidence.windows import AddressEntry, Binding, Certificate, Site
from acceptance.hosts import network
from acceptance.text import NOTHING, Sentence, said

PORT = 443
STOPPED = "Stopped"  # appcmd's word in every language
NAT64 = IPv6Network("64:ff9b::/96")
CENTRAL = 2  # of a binding's sslFlags: its certificate comes from the central store
# IPv6 has a wildcard entry of its own, which may show another certificate.
EVERYWHERE = ("0.0.0.0", "*", "")  # noqa: S104 - read, not bound


class Endpoint(NamedTuple):
    """A binding's `ip:port:host`. `address` "*": every one; `host` "": every name."""

    address: str
    port: int
    host: str


class Entrance(NamedTuple):
    """What may be shown to a visitor: the bindings that take the name,
    and what leaves it open which certificate it is.

    `foreign`: a site without Synergy that takes the name. `doubt`: "" where nothing does.
    """

    bindings: list[Binding]
    foreign: str
    doubt: Sentence

    @property
    def certificates(self) -> list[Certificate | None]:
        """One per binding; None: a binding without one.

        Raises UnreadError for one that could not be read.
        """
        shown = [binding.certificate for binding in self.bindings]
        for binding, one in zip(self.bindings, shown, strict=True):
            source = "central" if binding.ssl_flags & CENTRAL else one.source if one else ""
            if source in UNREAD:
                raise UnreadError(UNREAD[source], "Look at the certificate on the server.")
        return shown

    @property
    def in_store(self) -> list[Certificate]:
        """Those that the server's store holds."""
        return [one for one in self.certificates if one and one.found]


UNREAD = {
    "central": "the Synergy site's certificate is in a central store, which was not read.",
    "unread": "a binding of the Synergy site could not be read.",
}


def endpoint_of(information: str) -> Endpoint | None:
    """`*:443:`, `[::1]:443:host` -> its parts; None: not of that form.

    >>> endpoint_of("198.51.100.10:443:a.example.test")
    Endpoint(address='198.51.100.10', port=443, host='a.example.test')
    """
    rest, _, host = information.rpartition(":")
    address, _, port = rest.rpartition(":")
    if not port.isascii() or not port.isdigit():
        return None
    return Endpoint(address, int(port), host.casefold())


def is_loopback(information: str) -> bool:
    """Whether only the server itself reaches the binding, by its address.

    >>> is_loopback("127.0.0.1:80:"), is_loopback("[::1]:80:"), is_loopback("*:80:localhost")
    (True, True, False)
    """
    endpoint = endpoint_of(information)
    try:
        return endpoint is not None and ip_address(endpoint.address.strip("[]")).is_loopback
    except ValueError:
        return False


def entrance(
    sites: Sequence[Site],
    synergys: Iterable[Site],
    entries: list[AddressEntry] | None,
    name: str | None,
) -> Entrance:
    """What a visitor of `name` meets; without a name, every https binding of the Synergy sites."""
    carrying = {site.id for site in synergys}
    # Another site that is stopped takes no request: what it lists is not registered.
    sites = [site for site in sites if site.id in carrying or site.state != STOPPED]
    own = [
        binding
        for site in sites
        for binding in site.bindings
        if binding.protocol.casefold() == "https"
        and site.id in carrying
        and not is_loopback(binding.information)
    ]
    if name is None:
        return Entrance(own, "", said("the inventory sets no external_host"))
    if not own:
        return Entrance([], "", NOTHING)
    at_port, taking = _at_port(sites), _taking(sites, name)
    mine = [binding for site, binding, _ in taking if site.id in carrying]
    others = [site.name for site, _, _ in taking if site.id not in carrying]
    if not taking:
        return Entrance(
            own, "", said("no binding on port {port} takes {name}", port=PORT, name=name)
        )
    if not mine:
        return Entrance([], others[0], NOTHING)
    if others:
        text = "{name} is also taken by the site {other}"
        return Entrance(mine, "", said(text, name=name, other=others[0]))
    single = any(endpoint.address != "*" for _, _, endpoint in taking)
    strangers = [site.name for site, _, _ in at_port if site.id not in carrying]
    if single and strangers:
        text = (
            "{name} is taken on single addresses only, and the site {other} may take it on the rest"
        )
        return Entrance(mine, "", said(text, name=name, other=strangers[0]))
    if all(endpoint.address.startswith("[") for _, _, endpoint in taking):
        return Entrance(mine, "", said("{name} is taken on IPv6 addresses only", name=name))
    # Which certificate HTTP.SYS takes of a name and a wildcard is documented nowhere.
    shown = [*mine, *(binding for _, binding, _ in _named(at_port, name))]
    return Entrance(mine, "", _other_answers(shown, entries))


def sites_taking(sites: Sequence[Site], name: str) -> list[Site]:
    """The sites with a binding that takes https://name."""
    return [site for site, _, _ in _taking(sites, name)]


Bound = tuple[Site, Binding, Endpoint]


def _at_port(sites: Sequence[Site]) -> list[Bound]:
    """What only the server itself reaches is nobody's way in."""
    return [
        (site, binding, endpoint)
        for site in sites
        for binding in site.bindings
        if binding.protocol.casefold() == "https"
        and (endpoint := endpoint_of(binding.information))
        and endpoint.port == PORT
        and not is_loopback(binding.information)
    ]


def _taking(sites: Sequence[Site], name: str) -> list[Bound]:
    """A binding of that name takes it before one of a wildcard, and that before one of every name
    (learn.microsoft.com, "Wildcard host headers", IIS 10).
    """
    at_port = _at_port(sites)
    named = _named(at_port, name)
    exactly = [one for one in named if not one[2].host.startswith("*")]
    return exactly or named or [one for one in at_port if not one[2].host]


def _named(bound: list[Bound], name: str) -> list[Bound]:
    return [one for one in bound if one[2].host and network.matches(name, [one[2].host])]


def as_served(
    listed: Entrance, entries: Iterable[AddressEntry], seen: SeenSite | None, name: str | None
) -> Entrance:
    """What IIS and HTTP.SYS list, decided by the certificate
    that a connection from here was really shown.

    A name that leads to a private address from here may lead elsewhere from outside,
    and decides nothing.
    """
    shown_here = seen is not None and seen.step == "done" and seen.certificate is not None
    if seen is None or not shown_here or not listed.bindings:
        return listed
    same_name = name is not None and seen.name.casefold() == name.casefold()
    if not same_name or not leads_outside(seen):
        return listed
    shown = [one for one in listed.bindings if _bytes_of(one.certificate) == seen.certificate]
    if shown:
        return Entrance(shown, listed.foreign, NOTHING)
    for entry in entries:
        if _bytes_of(entry.certificate) == seen.certificate:
            binding = listed.bindings[0].model_copy(update={"certificate": entry.certificate})
            return Entrance([binding], listed.foreign, NOTHING)
    doubt = said(
        "a connection to {name} from here was shown a certificate that is none of this server's",
        name=seen.name,
    )
    return Entrance(listed.bindings, listed.foreign, doubt)


def leads_outside(seen: SeenSite) -> bool:
    """Whether the name leads to public addresses only:
    from inside a company it may lead elsewhere.
    """
    return bool(seen.addresses) and all(map(_is_public, seen.addresses))


def _bytes_of(certificate: Certificate | None) -> str | None:
    return certificate.raw if certificate else None


def _is_public(address: str) -> bool:
    """Also of an IPv4 address that stands in an IPv6 one (RFC 4291 2.5.5.2, 6052, 3056, 4380)."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner: list[IPv4Address | None] = []
    if isinstance(found, IPv6Address):
        inner = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
        inner += [IPv4Address(int(found) & 0xFFFFFFFF)] if found in NAT64 else []
    every = [found, *filter(None, inner)]
    return all(one.is_global and not one.is_multicast for one in every)


def _other_answers(bindings: list[Binding], entries: list[AddressEntry] | None) -> Sentence:
    """Why another certificate than the bindings' may be shown."""
    prints = {one.thumbprint for binding in bindings if (one := binding.certificate)}
    if entries is None:
        return said("HTTP.SYS's entries for single addresses were not read")
    by_address = any(
        binding.certificate and binding.certificate.source == "ip" for binding in bindings
    )
    for entry in entries:
        address, _, port = entry.endpoint.rpartition(":")
        every = address in EVERYWHERE
        # Of every address it is shown to who sends no name; a binding by address shows it to all.
        counts = port == str(PORT) and (not every or by_address)
        if counts and entry.certificate.thumbprint not in prints:
            return said(
                "HTTP.SYS shows {subject} to connections to {address}, whatever IIS lists",
                subject=entry.certificate.subject or said("another certificate"),
                address=address,
            )
    if len(prints) > 1:
        return said("several bindings take the name, each with a certificate of its own")
    return NOTHING
