"""The rules of the marker `network`: connections: remote access, what the server reaches, what
reaches it. A class per rule, its fields are its parameters in the catalogue.
"""

from typing import Annotated, Literal

from pydantic import StringConstraints

from acceptance.catalogue.rules.base import Base
from acceptance.inventory.types import Days


class RemoteAccess(Base):
    rule: Literal["network.remote_access"]


class Outbound(Base):
    """`url`: the address that the server must reach."""

    rule: Literal["network.outbound"]
    url: Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]+$")]


class TlsClient(Base):
    rule: Literal["network.tls_client"]
    version: Literal["TLS 1.2"]  # on unless switched off; other versions have other defaults


class NoInterception(Base):
    rule: Literal["network.no_interception"]


class DatabaseReached(Base):
    """`peer_role`: holds only where the customer has a host of that role."""

    rule: Literal["network.database_reached"]
    peer_role: Literal["database"]


class SslAccess(Base):
    """Holds only where external developers connect over SSL."""

    external_access: Literal["ssl"]


class HttpsBinding(SslAccess):
    rule: Literal["network.https_binding"]


class CertificateName(SslAccess):
    rule: Literal["network.certificate_name"]


class CertificateTrusted(SslAccess):
    rule: Literal["network.certificate_trusted"]


class CertificateLasts(SslAccess):
    rule: Literal["network.certificate_lasts"]
    days: Days


class TlsServer(SslAccess):
    rule: Literal["network.tls_server"]
    version: Literal["TLS 1.2"]  # on unless switched off; other versions have other defaults


class NoPlainHttp(SslAccess):
    rule: Literal["network.no_plain_http"]


class Vpn(Base):
    """Holds only where external developers connect over VPN."""

    rule: Literal["network.vpn"]
    external_access: Literal["vpn"]
