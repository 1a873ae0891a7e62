"""Whether the addresses themselves answered, or something between that opens TLS:
decided by certificates' bytes (pure).
"""

from enum import Enum

from acceptance.evidence.connections import (
    FromHere,
    OutboundSection,
    PeerCertificate,
    SeenTarget,
    Target,
)
from acceptance.hosts.network import Answer, matches
from acceptance.hosts.targets import target_text
from acceptance.text import Sentence, said

PREFIX = "https://"  # of the targets that speak TLS
OTHER_NAME = 2  # of SslPolicyErrors: the certificate is for another name


class Peer(Enum):
    """Who showed the certificate, in words for a finding."""

    PUBLIC = "its certificate is a public authority's"
    PRIVATE = "its certificate is of no public authority"
    OTHER = "its certificate is another public authority's than the one seen from here"
    PARTIAL = "its certificate's issuer was not shown"
    UNREAD = "its certificate was not read whole"
    CONTRADICTING = "what was read of its certificate contradicts itself"
    UNSEEN = "it could not be compared from here"


def seen_target(here: FromHere | None, name: str) -> SeenTarget | None:
    """The same address asked from where the suite ran; None: it was not."""
    return next((one for one in here.targets if one.name == name), None) if here else None


def peer_of(target: Target, here: FromHere | None) -> Peer:
    """Who answered the server: only a chain that ends
    in a public root proves the address itself.
    """
    # Only a target with a certificate needs the library.
    from acceptance.hosts import chains

    shown, seen = target.certificate, seen_target(here, target.name)
    if shown is None or not shown.chain:
        return Peer.UNREAD
    try:
        chain = chains.decoded(shown.chain)
        roots = chains.decoded(here.authorities) if here and here.authorities else None
        own = chains.decoded([seen.certificate])[0] if seen and seen.certificate else None
    except ValueError:
        return Peer.UNREAD
    if not chains.fits(chain[0], shown.thumbprint, shown.issuer, shown.not_after):
        return Peer.CONTRADICTING
    if not chains.ends_in(chain, roots or chains.public_roots()):
        return Peer.PRIVATE if chains.is_whole(chain) or own else Peer.PARTIAL
    if not _holds(target, shown):
        return Peer.CONTRADICTING
    if own is not None and chains.issuer_of(own) != chains.issuer_of(chain[0]):
        return Peer.OTHER
    return Peer.PUBLIC


def _holds(target: Target, shown: PeerCertificate) -> bool:
    """Whether its bytes hold for the address's name, unless the server itself says that they
    do not.
    """
    from acceptance.hosts.certificates import decode

    names = decode(shown.chain[0], shown.subject).names
    return bool(shown.policy_errors & OTHER_NAME) or matches(target.host, names)


def reached(target: Target, here: FromHere | None) -> Answer:
    """Whether the address itself was reached:
    a filter's page is an answer too, under the filter's certificate.
    """
    text = target_text(target)
    if target.status != "ok":
        return Answer(False, text)
    if not target.name.startswith(PREFIX):
        return Answer(True, text)
    peer = peer_of(target, here)
    if peer in (Peer.PUBLIC, Peer.OTHER) and target.certificate and target.http_status:
        accepted = target.certificate.policy_errors == 0
        return Answer(True if accepted else None, text)
    return Answer(None, said("{answer}; {peer}", answer=text, peer=said(peer.value)))


def interception(outbound: OutboundSection, here: FromHere | None) -> Answer:
    """Whether something between opens TLS:
    where a chain that the server saw ends in no public root.

    Two public authorities for one name are no proof of it, and no proof of the contrary.
    """
    peers: dict[Peer, list[Sentence]] = {}
    for target in outbound.targets:
        if target.name.startswith(PREFIX):
            peers.setdefault(_compared(target, here), []).append(_told(target, here))
    intercepted = peers.pop(Peer.PRIVATE, [])
    if intercepted:
        return Answer(True, said("intercepted: {hosts}", hosts=intercepted))
    proven = peers.pop(Peer.PUBLIC, [])
    if peers or not proven:
        open_points = [
            said("{host}: {why}", host=host, why=said(peer.value))
            for peer, hosts in peers.items()
            for host in hosts
        ]
        return Answer(None, said("{points}", points=open_points or said("nothing was asked")))
    return Answer(False, said("as seen from here: {hosts}", hosts=proven))


def _compared(target: Target, here: FromHere | None) -> Peer:
    """For a proof it takes both: a public authority's certificate,
    and the same authority seen from here.
    """
    peer, seen = peer_of(target, here), seen_target(here, target.name)
    if peer is Peer.PUBLIC and (seen is None or seen.certificate is None):
        return Peer.UNSEEN
    return peer


def _told(target: Target, here: FromHere | None) -> Sentence:
    if target.certificate is None:
        return said("{host} showed no certificate", host=target.host)
    text = "{host}, certificate issued by {issuer}"
    seen = seen_target(here, target.name)
    if seen is not None and seen.issuer is not None:
        text = "{host}, certificate issued by {issuer}, as seen from here by {seen}"
        return said(text, host=target.host, issuer=target.certificate.issuer, seen=seen.issuer)
    return said(text, host=target.host, issuer=target.certificate.issuer)
