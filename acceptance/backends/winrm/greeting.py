"""What a WinRM service tells anybody who connects:
its certificate, and the ways to log in that it offers.
"""

import socket
import ssl
from typing import NamedTuple

import certifi
import requests
from cryptography import x509
from cryptography.x509.oid import NameOID

from acceptance.backends.winrm.challenge import Challenge
from acceptance.backends.winrm.guard import GuardedAdapter
from acceptance.backends.winrm.sentences import told
from acceptance.errors import ProtocolError
from acceptance.inventory.connection import Connection


class Tls(NamedTuple):
    """An agreed TLS: its version, and whom the certificate is for and until when."""

    version: str
    subject: str
    until: str


def tls_of(host: str, connection: Connection) -> Tls:
    """Agree on TLS as the inventory wants it. Raises a HostError."""
    trusted = str(connection.ca_file) if connection.ca_file else certifi.where()
    context = ssl.create_default_context(cafile=trusted)
    if not connection.verify_tls:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    place = (connection.address, connection.effective_port)
    try:
        with (
            socket.create_connection(place, timeout=connection.connect_seconds) as one,
            context.wrap_socket(one, server_hostname=connection.address) as tls,
        ):
            shown = x509.load_der_x509_certificate(tls.getpeercert(binary_form=True) or b"")
            version = tls.version() or ""
    except (OSError, ValueError) as error:
        raise told(host, connection, _as_requests(error), Challenge()) from None
    names = shown.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    subject = str(names[0].value) if names else ""
    return Tls(version, subject, shown.not_valid_after_utc.date().isoformat())


def _as_requests(error: Exception) -> Exception:
    """The same error as the conversation would meet it."""
    if isinstance(error, ssl.SSLError):
        return requests.exceptions.SSLError(str(error))
    if isinstance(error, TimeoutError):
        return requests.exceptions.Timeout(str(error))
    return requests.exceptions.ConnectionError(str(error)) if isinstance(error, OSError) else error


def offered(host: str, connection: Connection) -> list[str]:
    """The schemes of a 401 to a message without credentials, as the server spells them.

    Raises a HostError.
    """
    challenge = Challenge()
    with requests.Session() as session:
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, GuardedAdapter(challenge))
        session.verify = str(connection.ca_file or certifi.where())
        if not connection.verify_tls:
            session.verify = False
        try:
            answer = session.post(
                f"{connection.scheme}://{connection.place}/wsman",
                headers={"Content-Type": "application/soap+xml;charset=UTF-8"},
                timeout=connection.connect_seconds,
            )
        except Exception as error:  # whatever a strange server makes of it has a sentence
            raise told(host, connection, error, challenge) from None
    if answer.status_code != 401:
        raise ProtocolError(
            host,
            "the server does not ask for a log-in as WinRM does (HTTP status {status}).",
            "Is it WinRM that listens on that port?",
            status=answer.status_code,
        )
    return challenge.offered
