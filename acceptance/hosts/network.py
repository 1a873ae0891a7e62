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
from acceptance.text import Sentence, Value, said

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
    text: Sentence


def target_named(outbound: OutboundSection, name: str) -> Target | None:
    """None: the server was not asked for it in this run."""
    return next((target for target in outbound.targets if target.name == name), None)


def target_text(target: Target) -> Sentence:
    """`www.x.nl:443 through the proxy p:3128: failed at TLS (…): the chain is not trusted, …`"""
    values: dict[str, Value] = {
        "address": f"{target.host}:{target.port}",
        "way": said("through the proxy {proxy}", proxy=target.proxy)
        if target.proxy
        else said("directly"),
        "peer": said(", certificate issued by {issuer}", issuer=target.certificate.issuer)
        if target.certificate
        else said(""),
    }
    if target.status == "ok":
        answer = (
            said(", HTTP {status}, {protocol}", status=target.http_status, protocol=target.protocol)
            if target.http_status
            else said("")
        )
        return said("{address} reached {way}{answer}{peer}", answer=answer, **values)
    values["step"] = said(STEPS[target.step])
    if target.status == "silent":
        seconds = round(target.milliseconds / 1000)
        return said(
            "{address} {way}: no answer at {step} within {seconds} s{peer}",
            seconds=seconds,
            **values,
        )
    return said(
        "{address} {way}: failed at {step}: {failure}{peer}",
        failure=_failure_text(target),
        **values,
    )


def _failure_text(target: Target) -> Sentence:
    failure = target.failure
    if failure is None:
        return said("no reason told")
    if failure.type == "SslPolicyErrors":
        errors = [said(text) for bit, text in POLICY_ERRORS.items() if (failure.code or 0) & bit]
        return said("{errors}", errors=errors)
    if failure.type == "ProxyAnswer":
        if failure.code == 407:
            return said("the proxy answers 407 (it wants credentials)")
        return said("the proxy answers {code}", code=failure.code or 0)
    if failure.code is not None:
        if failure.code in SOCKET_ERRORS:
            return said(SOCKET_ERRORS[failure.code])
        return said("socket error {code}", code=failure.code)
    if failure.message:
        return said("{type}: {message}", type=failure.type, message=failure.message)
    return said(failure.type)


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
    other: list[Sentence] = []
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
                said(
                    "{host}: issued by {issuer}, as seen from here by {seen}",
                    host=target.host,
                    issuer=certificate.issuer,
                    seen=seen.issuer,
                )
            )
    issuers = sorted({certificate.issuer for _, certificate in shown})
    everywhere = {*issuers, *(one.issuer for one in (here.targets if here else []) if one.issuer)}
    if other:
        return Answer(True, said("intercepted: {other}", other=other))
    found = (
        said("certificates issued by {issuers}", issuers=" and ".join(issuers))
        if issuers
        else said("no certificate was shown")
    )
    if len(shown) > 1 and len({_parts(issuer) for issuer in everywhere}) == 1:
        text = "{found}: one issuer for all, here and there, may be an interception of both"
        return Answer(None, said(text, found=found))
    if uncompared or not shown:
        hosts = ", ".join(uncompared or [target.host for target in outbound.targets])
        text = "{found}; could not be compared from here: {hosts}"
        return Answer(None, said(text, found=found, hosts=hosts))
    return Answer(False, said("{found}, the same as seen from here", found=found))


def same_issuer(one: str, other: str) -> bool:
    """Distinguished names as sets of their parts: libraries write them in either order."""
    return _parts(one) == _parts(other)


def _parts(name: str) -> frozenset[str]:
    return frozenset(
        part.strip().replace('"', "").casefold() for part in name.split(",") if part.strip()
    )


def rdp_off(remote: RemoteSection) -> Sentence:
    """Why Remote Desktop cannot work on the server itself; empty when it can."""
    if remote.denied_by_policy is not None and remote.denied_by_policy != 0:
        return said("switched off by group policy")
    if remote.denied_by_policy is None and remote.denied != 0:
        return said("switched off")
    service = next((one for one in remote.services if one.name == "TermService"), None)
    if service is None:
        return said("the service TermService is missing")
    if service.state != STARTED:
        return said("the service TermService is {state}", state=service.state)
    return (
        said("") if remote.listening else said("nothing listens on port {port}", port=remote.port)
    )


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
        return Answer(False, said("Remote Desktop: {off}", off=off))
    opens = firewall_opens(remote)
    state = said(
        "Remote Desktop: on, listening on port {port}, Windows' firewall rules {rules}",
        port=remote.port,
        rules=said({True: "open", False: "closed", None: "not read"}[opens]),
    )
    seen = seen_port(here, remote.port)
    if seen is None:
        text = said("{state}, not tried from here", state=state)
        return Answer(False if opens is False else None, text)
    if seen.reached:
        return Answer(True, said("{state}, reached from here", state=state))
    text = said("{state}, not reached ({why}) from here", state=state, why=seen.failure)
    return Answer(False, text)


def teamviewer(remote: RemoteSection) -> Answer:
    """Whether TeamViewer is installed and its service runs."""
    # An old release may have left its stopped service beside the new one's.
    services = [one for one in remote.services if one.name.startswith("TeamViewer")]
    service = next(
        (one for one in services if one.state == STARTED), services[0] if services else None
    )
    if not remote.teamviewer:
        return Answer(False, said("TeamViewer: not installed"))
    program = f"{remote.teamviewer[0].name} {remote.teamviewer[0].version or ''}".strip()
    if service is None:
        return Answer(False, said("TeamViewer: {program}, its service is missing", program=program))
    text = "TeamViewer: {program}, its service is {state}"
    return Answer(service.state == STARTED, said(text, program=program, state=service.state))


def switched_off(schannel: SchannelSection, version: str, side: str) -> list[Sentence]:
    """What in the registry keeps a TLS version from `Client` or `Server`; for clients also from .NET Framework 4.

    Raises UnreadError for a version that was not looked at.
    """
    if not any((one.version, one.side) == (version, side) for one in schannel.protocols):
        raise UnreadError(
            "whether {version} is switched off ({side}) was not read.", version=version, side=side
        )
    found = [
        said("{version} is switched off in Schannel ({side})", version=version, side=side)
        for one in schannel.protocols
        if (one.version, one.side) == (version, side) and one.switched_off
    ]
    if side == "Client":
        found += [
            said("SchUseStrongCrypto and SystemDefaultTlsVersions are 0 in {key}", key=one.path)
            for one in schannel.frameworks
            if one.strong_crypto == 0 and one.system_defaults == 0
        ]
    return found


def left_to_programs(schannel: SchannelSection) -> list[Sentence]:
    """Where .NET's registry values leave it to what a program was built for; []: nowhere.

    Without SchUseStrongCrypto only a program for .NET 4.7 and later takes Windows' own
    versions (learn.microsoft.com, "TLS best practices with the .NET Framework").
    """
    return [
        said("SchUseStrongCrypto is 0 in {key}, SystemDefaultTlsVersions is not set", key=one.path)
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


def proxies_text(outbound: OutboundSection) -> Sentence:
    """The proxies that are set, for people: part of what a finding shows."""
    if not isinstance(outbound.proxies, Read):
        return said("proxies not read ({why})", why=outbound.proxies.error.type)
    value = outbound.proxies.value
    own = sorted({one.proxy for one in value.this_account if one.proxy})
    found = {
        "WinHTTP": winhttp_proxy(value.winhttp),
        "policy": value.policy_proxy if value.policy_per_user == 0 else None,
        "machine": value.machine_proxy if value.machine_enabled else None,
        "this account": ", ".join(own) or None,
    }
    shown = [
        said("{name}: {proxy}", name=said(name), proxy=proxy)
        for name, proxy in found.items()
        if proxy
    ]
    return said("{proxies}", proxies=shown) if shown else said("no proxy is set")
