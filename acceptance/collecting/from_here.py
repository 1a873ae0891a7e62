"""The same addresses asked from where the suite runs:
evidence beside the server's own answers, never instead of them.
"""

import base64
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from acceptance.backends.waiting import in_background
from acceptance.collecting.parameters import web_targets
from acceptance.collecting.server import Server
from acceptance.evidence.connections import FromHere, SeenPort, SeenSite, SeenTarget, Step
from acceptance.evidence.envelope import Read
from acceptance.evidence.file import Evidence
from acceptance.text import in_ascii

HTTPS = 443
Where = Callable[[str, int], tuple[str, int]]


def as_named(host: str, port: int) -> tuple[str, int]:
    """Where a name leads: to itself. A simulated customer's names lead to loopback instead."""
    return host, port


class View(NamedTuple):
    """Where names lead from here, and whose certificates are public there;
    `ca_file` "": the real internet's.
    """

    where: Where
    ca_file: str

    @property
    def context(self) -> ssl.SSLContext:
        """Whom to trust."""
        return ssl.create_default_context(cafile=self.ca_file or certifi.where())

    @property
    def authorities(self) -> list[str]:
        """The public roots of a simulated internet; none for the real one."""
        if not self.ca_file:
            return []
        roots = x509.load_pem_x509_certificates(Path(self.ca_file).read_bytes())
        return [_text_of(one.public_bytes(Encoding.DER)) for one in roots]


THE_INTERNET = View(as_named, "")


def see_targets(
    targets: Sequence[Mapping[str, Any]], *, seconds: float, view: View = THE_INTERNET
) -> list[SeenTarget]:
    """Ask all TLS targets side by side, each with its own time;
    never raises for an address that does not answer.

    Only public authorities are trusted, not this machine's own store:
    what a company put there proves no address.
    """
    wanted = [target for target in targets if target["tls"]]
    trust = view.context
    seen = [in_background(partial(_see, target, seconds, view.where, trust)) for target in wanted]
    return [one.result() for one in seen]


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
                shown = tls.getpeercert(binary_form=True) or b""
                certificate = x509.load_der_x509_certificate(shown)
    except (OSError, ValueError) as error:
        return SeenTarget(name=name, step=step, failure=_text(error), issuer=None)
    return SeenTarget(
        name=name,
        step="done",
        failure="",
        issuer=certificate.issuer.rfc4514_string(),
        certificate=_text_of(shown),
    )


def see_site(name: str, *, seconds: float, view: View = THE_INTERNET) -> SeenSite:
    """What https://name shows from here, whoever vouches for it;
    and whether a public authority does.
    """
    addresses: list[str] = []
    step: Step = "dns"
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    try:
        asked = in_ascii(name)  # Python's own way asks strasse.example for straße.example
        address, port = view.where(asked, HTTPS)
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        step = "tcp"
        with socket.create_connection((address, port), timeout=seconds) as connection:
            step = "tls"
            with anyone.wrap_socket(connection, server_hostname=asked) as tls:
                shown, protocol = tls.getpeercert(binary_form=True) or b"", tls.version()
    except (OSError, ValueError) as error:
        return SeenSite(name=name, addresses=addresses, step=step, failure=_text(error))
    trusted, distrust = _trust(asked, (address, port), seconds, view)
    return SeenSite(
        name=name,
        addresses=addresses,
        step="done",
        failure="",
        certificate=_text_of(shown),
        trusted=trusted,
        distrust=distrust,
        protocol=protocol,
    )


def _trust(
    name: str, place: tuple[str, int], seconds: float, view: View
) -> tuple[bool | None, str]:
    """Whether the certificate's chain is a public authority's, and why not.

    The name is judged elsewhere.
    """
    try:
        context = view.context
        context.check_hostname = False
        with (
            socket.create_connection(place, timeout=seconds) as connection,
            context.wrap_socket(connection, server_hostname=name),
        ):
            return True, ""
    except ssl.SSLCertVerificationError as error:
        return False, error.verify_message
    except (OSError, ValueError) as error:
        return None, _text(error)


def see_port(host: str, port: int, *, seconds: float, where: Where = as_named) -> SeenPort:
    """Whether a TCP port of a server answers from here; never raises for one that does not."""
    try:
        with socket.create_connection(where(host, port), timeout=seconds):
            return SeenPort(port=port, reached=True, failure="")
    except OSError as error:
        return SeenPort(port=port, reached=False, failure=_text(error))


class Outside(NamedTuple):
    """What is the same for all servers of a run.

    `site` None: no external name, or no web server asked.
    """

    targets: list[SeenTarget]
    site: SeenSite | None


def look_outside(servers: Sequence[Server], view: View) -> Outside:
    """The addresses that servers are asked for, and the external name, asked from here too;
    once per run.
    """
    asked = {section for server in servers for section in server.needed.windows}
    sites = [server.site for server in servers if server.site.customer.look_from_here]
    if not sites or not asked & {"outbound", "iis"}:
        return Outside([], None)
    customer, catalogue = sites[0].customer, sites[0].catalogue
    seconds = max(
        server.host.connection.connect_seconds for server in servers if server.host.connection
    )
    name = customer.external_host if "ssl" in (customer.ways_in or ()) else None
    targets: list[SeenTarget] = []
    if "outbound" in asked:
        targets = see_targets(web_targets(catalogue), seconds=seconds, view=view)
    site = None
    if name and "iis" in asked:
        site = see_site(name, seconds=seconds, view=view)
    return Outside(targets, site)


def with_view(
    evidence: Evidence, outside: Outside, view: View, *, address: str, seconds: float
) -> Evidence:
    """The evidence with what was seen from here:
    the addresses, and the server's own port of Remote Desktop.
    """
    remote = evidence.sections.remote
    ports = []
    if isinstance(remote, Read):
        ports = [see_port(address, remote.value.port, seconds=seconds, where=view.where)]
    here = FromHere(
        targets=outside.targets, ports=ports, site=outside.site, authorities=view.authorities
    )
    return evidence.model_copy(update={"from_here": here})


def _text_of(certificate: bytes) -> str:
    return base64.b64encode(certificate).decode("ascii")


def _text(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not accepted: {error.verify_message}"
    return str(error) or type(error).__name__
