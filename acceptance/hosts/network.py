"""What the evidence says of connections: remote access, targets that the server must reach, interception, bindings.

Pure: reads facts, knows no requirement.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from acceptance.errors import UnreadError
from acceptance.evidence.access import RemoteSection
from acceptance.evidence.connections import (
    FromHere,
    OutboundSection,
    SchannelSection,
    SeenPort,
    SeenTarget,
    Target,
)
from acceptance.evidence.envelope import Read

STEPS = {
    "dns": "DNS (name to address)",
    "tcp": "TCP (connecting)",
    "proxy": "the proxy's CONNECT",
    "tls": "TLS (handshake, certificate)",
    "http": "HTTP (an answer)",
    "done": "all",
}
POLICY_ERRORS = {
    1: "no certificate was shown",
    2: "the certificate is for another name",
    4: "the chain is not trusted or out of date",
}
SOCKET_ERRORS = {
    10013: "forbidden",
    10051: "network unreachable",
    10054: "connection reset",
    10060: "no answer",
    10061: "refused",
    10065: "no route",
    11001: "the name is unknown",
    11002: "no name server answers",
    11004: "the name has no address",
}
FIREWALL_PROFILES = {
    "DomainAuthenticated": "Domain",
    "Private": "Private",
    "Public": "Public",
}  # connected network -> profile
STARTED = "Running"


@dataclass(frozen=True)
class Answer:
    """An answer with the words for a finding; `yes` None: what was read does not decide it."""

    yes: bool | None
    text: str


def target_named(outbound: OutboundSection, name: str) -> Target | None:
    """None: the server was not asked for it in this run."""
    return next((target for target in outbound.targets if target.name == name), None)


def target_text(target: Target) -> str:
    """`over proxy:3128: failed at TLS (handshake, certificate): the chain is not trusted; certificate issued by CN=…`"""
    way = f"through the proxy {target.proxy}" if target.proxy else "directly"
    peer = f", certificate issued by {target.certificate.issuer}" if target.certificate else ""
    if target.status == "ok":
        answer = f", HTTP {target.http_status}, {target.protocol}" if target.http_status else ""
        return f"{target.host}:{target.port} reached {way}{answer}{peer}"
    if target.status == "silent":
        return f"{target.host}:{target.port} {way}: no answer at {STEPS[target.step]} within {target.milliseconds / 1000:.0f} s{peer}"
    return f"{target.host}:{target.port} {way}: failed at {STEPS[target.step]}: {_failure_text(target)}{peer}"


def _failure_text(target: Target) -> str:
    failure = target.failure
    if failure is None:
        return "no reason told"
    if failure.type == "SslPolicyErrors":
        return " and ".join(
            text for bit, text in POLICY_ERRORS.items() if (failure.code or 0) & bit
        )
    if failure.type == "ProxyAnswer":
        return f"the proxy answers {failure.code}" + (
            " (it wants credentials)" if failure.code == 407 else ""
        )
    if failure.code is not None:
        return SOCKET_ERRORS.get(failure.code, f"socket error {failure.code}")
    return f"{failure.type}: {failure.message}" if failure.message else failure.type


def seen_target(here: FromHere | None, name: str) -> SeenTarget | None:
    """The same address asked from where the suite ran; None: it was not."""
    return next((one for one in here.targets if one.name == name), None) if here else None


def seen_port(here: FromHere | None, port: int) -> SeenPort | None:
    return next((one for one in here.ports if one.port == port), None) if here else None


def interception(outbound: OutboundSection, here: FromHere | None) -> Answer:
    """Whether something between opens TLS: certificates from another issuer than the one seen from here.

    The same issuer for all three is another sign, which decides nothing by itself.
    """
    shown = [(target, target.certificate) for target in outbound.targets if target.certificate]
    other: list[str] = []
    # An address whose certificate nobody has seen may be intercepted: it leaves the question open.
    uncompared = [
        one.host
        for one in outbound.targets
        if one.name.startswith("https://") and not one.certificate
    ]
    for target, certificate in shown:
        seen = seen_target(here, target.name)
        if seen is None or seen.issuer is None:
            uncompared.append(target.host)
        elif not same_issuer(seen.issuer, certificate.issuer):
            other.append(
                f"{target.host}: issued by {certificate.issuer}, as seen from here by {seen.issuer}"
            )
    issuers = sorted({certificate.issuer for _, certificate in shown})
    everywhere = {*issuers, *(one.issuer for one in (here.targets if here else []) if one.issuer)}
    if other:
        return Answer(True, f"intercepted: {'; '.join(other)}")
    found = f"certificates issued by {' and '.join(issuers) or 'nobody: none was shown'}"
    if len(shown) > 1 and len({_parts(issuer) for issuer in everywhere}) == 1:
        return Answer(
            None, f"{found}: one issuer for all, here and there, may be an interception of both"
        )
    if uncompared or not shown:
        return Answer(
            None, f"{found}; could not be compared from here: {', '.join(uncompared) or 'all'}"
        )
    return Answer(False, f"{found}, the same as seen from here")


def same_issuer(one: str, other: str) -> bool:
    """Distinguished names as sets of their parts: libraries write them in either order."""
    return _parts(one) == _parts(other)


def _parts(name: str) -> frozenset[str]:
    return frozenset(
        part.strip().replace('"', "").casefold() for part in name.split(",") if part.strip()
    )


def rdp_off(remote: RemoteSection) -> str:
    """Why Remote Desktop cannot work on the server itself; "" when it can."""
    if remote.denied_by_policy is not None and remote.denied_by_policy != 0:
        return "switched off by group policy"
    if remote.denied_by_policy is None and remote.denied != 0:
        return "switched off"
    service = next((one for one in remote.services if one.name == "TermService"), None)
    if service is None or service.state != STARTED:
        return f"the service TermService is {service.state if service else 'missing'}"
    return "" if remote.listening else f"nothing listens on port {remote.port}"


def firewall_opens(remote: RemoteSection) -> bool | None:
    """Whether Windows' own rules let Remote Desktop in on every connected network; None: not read, or none is connected."""
    if not isinstance(remote.firewall, Read) or not remote.firewall.value.categories:
        return None
    firewall = remote.firewall.value
    on = {profile.name for profile in firewall.profiles if profile.enabled}
    active = {FIREWALL_PROFILES.get(category, category) for category in firewall.categories}
    opening = [rule for rule in firewall.rules if rule.enabled and rule.inbound and rule.allows]
    open_for = {name.strip() for rule in opening for name in rule.profiles.split(",")}
    return all(name not in on or "Any" in open_for or name in open_for for name in active)


def remote_desktop(remote: RemoteSection, here: FromHere | None) -> Answer:
    """Whether Remote Desktop can be used: on, running, listening, and its port reached from here."""
    off = rdp_off(remote)
    if off:
        return Answer(False, f"Remote Desktop: {off}")
    opens = firewall_opens(remote)
    firewall = {True: "open", False: "closed", None: "not read"}[opens]
    state = (
        f"Remote Desktop: on, listening on port {remote.port}, Windows' firewall rules {firewall}"
    )
    seen = seen_port(here, remote.port)
    if seen is None:
        return Answer(False if opens is False else None, f"{state}, not tried from here")
    return Answer(
        seen.reached,
        f"{state}, {'reached' if seen.reached else f'not reached ({seen.failure})'} from here",
    )


def teamviewer(remote: RemoteSection) -> Answer:
    """Whether TeamViewer is installed and its service runs."""
    # An old release may have left its stopped service beside the new one's.
    services = [one for one in remote.services if one.name.startswith("TeamViewer")]
    service = next(
        (one for one in services if one.state == STARTED), services[0] if services else None
    )
    if not remote.teamviewer:
        return Answer(False, "TeamViewer: not installed")
    program = f"{remote.teamviewer[0].name} {remote.teamviewer[0].version or ''}".strip()
    state = service.state if service else "missing"
    return Answer(state == STARTED, f"TeamViewer: {program}, its service is {state}")


def switched_off(schannel: SchannelSection, version: str, side: str) -> list[str]:
    """What in the registry keeps a TLS version from `Client` or `Server`; for clients also from .NET Framework 4.

    Raises UnreadError for a version that was not looked at.
    """
    if not any((one.version, one.side) == (version, side) for one in schannel.protocols):
        raise UnreadError(f"whether {version} is switched off for {side.lower()}s was not read.")
    found = [
        f"{version} is switched off for {side.lower()}s in Schannel"
        for one in schannel.protocols
        if (one.version, one.side) == (version, side) and one.switched_off
    ]
    if side == "Client":
        found += [
            f"SchUseStrongCrypto and SystemDefaultTlsVersions are 0 in {one.path}"
            for one in schannel.frameworks
            if one.strong_crypto == 0 and one.system_defaults == 0
        ]
    return found


def left_to_programs(schannel: SchannelSection) -> list[str]:
    """Where .NET's registry values leave it to what a program was built for; []: nowhere.

    Without SchUseStrongCrypto only a program for .NET 4.7 and later takes Windows' own versions (facts-windows 3.14).
    """
    return [
        f"SchUseStrongCrypto is 0 in {one.path}, and SystemDefaultTlsVersions is not set"
        for one in schannel.frameworks
        if one.strong_crypto == 0 and one.system_defaults is None
    ]


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether a certificate with these DNS names holds for `name`: exactly, or a wildcard for one label (RFC 6125)."""
    wanted = name.casefold().rstrip(".")
    for pattern in (one.casefold().rstrip(".") for one in patterns):
        head, _, rest = pattern.partition(".")
        if pattern == wanted or (
            head == "*" and rest and wanted.partition(".")[2] == rest and wanted.partition(".")[0]
        ):
            return True
    return False


def winhttp_proxy(blob: str | None) -> str | None:
    """The proxy in WinHttpSettings' bytes (as hex); None: directly. Layout: 8 bytes, flags, length, text.

    >>> winhttp_proxy("1800000000000000010000000000000000000000") is None
    True
    """
    data = bytes.fromhex(blob or "")
    if len(data) < 16 or not int.from_bytes(data[8:12], "little") & 2:
        return None
    length = int.from_bytes(data[12:16], "little")
    return data[16 : 16 + length].decode("ascii", "replace") or None


def proxies_text(outbound: OutboundSection) -> str:
    """The proxies that are set, for people: part of what a finding shows."""
    if not isinstance(outbound.proxies, Read):
        return f"proxies not read ({outbound.proxies.error.type})"
    value = outbound.proxies.value
    own = sorted({one.proxy for one in value.this_account if one.proxy})
    found = {
        "WinHTTP": winhttp_proxy(value.winhttp),
        "policy": value.policy_proxy if value.policy_per_user == 0 else None,
        "machine": value.machine_proxy if value.machine_enabled else None,
        "this account": ", ".join(own) or None,
    }
    return (
        "; ".join(f"{name}: {proxy}" for name, proxy in found.items() if proxy) or "no proxy is set"
    )
