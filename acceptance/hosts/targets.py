"""What became of each address that a server was asked to reach, in words;
and the proxies on the way (pure).
"""

from acceptance.evidence.connections import OutboundSection, Target
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
            said(
                ", HTTP {status}, {protocol}",
                status=target.http_status,
                protocol=str(target.protocol),
            )
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


def winhttp_proxy(blob: str | None) -> str | None:
    """The proxy in WinHttpSettings' bytes (as hex); None: directly. Layout:
    8 bytes, flags, length, text.

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
