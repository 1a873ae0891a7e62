"""The same addresses asked from where the suite runs: evidence beside the server's own answers, never instead of them."""

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cryptography import x509

from acceptance.evidence.connections import SeenPort, SeenTarget, Step

Where = Callable[[str, int], tuple[str, int]]


def as_named(host: str, port: int) -> tuple[str, int]:
    """Where a name leads: to itself. A simulated customer's names lead to loopback instead."""
    return host, port


def see_targets(
    targets: Sequence[Mapping[str, Any]],
    *,
    seconds: float,
    where: Where = as_named,
    context: ssl.SSLContext | None = None,
) -> list[SeenTarget]:
    """Ask all TLS targets side by side, each with its own time; never raises for an address that does not answer."""
    wanted = [target for target in targets if target["tls"]]
    trust = context or ssl.create_default_context()
    with ThreadPoolExecutor(max_workers=max(1, len(wanted))) as pool:
        return list(pool.map(lambda target: _see(target, seconds, where, trust), wanted))


def _see(
    target: Mapping[str, Any], seconds: float, where: Where, trust: ssl.SSLContext
) -> SeenTarget:
    name, host, port = target["name"], target["host"], target["port"]
    step: Step = "dns"
    try:
        address, real_port = where(host, port)
        socket.getaddrinfo(address, real_port, type=socket.SOCK_STREAM)
        step = "tcp"
        with socket.create_connection((address, real_port), timeout=seconds) as connection:
            step = "tls"
            with trust.wrap_socket(connection, server_hostname=host) as tls:
                certificate = x509.load_der_x509_certificate(
                    tls.getpeercert(binary_form=True) or b""
                )
    except (OSError, ValueError) as error:
        return SeenTarget(name=name, step=step, failure=_text(error), issuer=None)
    return SeenTarget(
        name=name, step="done", failure="", issuer=certificate.issuer.rfc4514_string()
    )


def see_port(host: str, port: int, *, seconds: float, where: Where = as_named) -> SeenPort:
    """Whether a TCP port of a server answers from here; never raises for one that does not."""
    try:
        with socket.create_connection(where(host, port), timeout=seconds):
            return SeenPort(port=port, reached=True, failure="")
    except OSError as error:
        return SeenPort(port=port, reached=False, failure=_text(error))


def _text(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not accepted: {error.verify_message}"
    return str(error) or type(error).__name__
