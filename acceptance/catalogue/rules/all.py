"""What a requirement can say: a class per rule, whose fields are the rule's parameters in `requirements/*.yaml`.

An expectation that everything would satisfy (an empty name, no threshold) does not load.
"""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, StringConstraints, TypeAdapter

from acceptance.catalogue.rules.base import PREFIXES, Base, Text, Version
from acceptance.catalogue.rules.sql import (
    Baco,
    BacoUsable,
    BacoUser,
    ClickkerPool,
    ConnectivityModule,
    GlobeRelease,
    PermissionsForm,
    ReadDatabases,
    ReadWriteDatabase,
    ServiceAccountLogin,
    SqlAnswers,
    SqlVersion,
    SynergyRelease,
    SynergyRole,
    SynergySupported,
    SynergyUser,
    Sysadmin,
    UserLicence,
)

__all__ = ["PREFIXES", "REQUIREMENT", "Requirement"]


class Component(Base):
    """A server feature, by Get-WindowsFeature's language-neutral name."""

    rule: Literal["iis.component"]
    feature: Text


class ServiceRuns(Base):
    """A Windows service, by its name (never its display name)."""

    rule: Literal["iis.service"]
    service: Text


class SynergySite(Base):
    rule: Literal["iis.synergy_site"]


class SynergyPoolStarted(Base):
    remedy_names = ("pool",)

    rule: Literal["iis.synergy_pool_started"]


class SynergyPoolRuntime(Base):
    """`runtime`: managedRuntimeVersion of applicationHost.config."""

    remedy_names = ("pool",)

    rule: Literal["iis.synergy_pool_runtime"]
    runtime: Text


class WindowsServer(Base):
    rule: Literal["os.windows_server"]
    minimum_build: PositiveInt


class Dotnet(Base):
    """`minimum_release`: the registry's Release number; `minimum_version`: the same for people."""

    rule: Literal["os.dotnet"]
    minimum_release: PositiveInt
    minimum_version: Version


class Powershell(Base):
    rule: Literal["os.powershell"]
    minimum_version: Version
    language_mode: Text


class Cores(Base):
    rule: Literal["os.cores"]


class Memory(Base):
    rule: Literal["os.memory"]
    tolerance_percent: Annotated[float, Field(ge=0, le=10)]


class FreeDisk(Base):
    rule: Literal["os.free_disk"]


class DomainAccount(Base):
    rule: Literal["os.domain_account"]


class AccountUsable(Base):
    rule: Literal["os.account_usable"]


class PasswordValid(Base):
    rule: Literal["os.password_valid"]


class LocalAdministrator(Base):
    rule: Literal["os.local_administrator"]


class LogonRight(Base):
    """`right`: the constant's name (ntsecapi.h), the same in every language."""

    rule: Literal["os.logon_right"]
    right: Literal["SeBatchLogonRight", "SeServiceLogonRight"]


class IisAdministrator(Base):
    rule: Literal["os.iis_administrator"]


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
    days: PositiveInt


class TlsServer(SslAccess):
    rule: Literal["network.tls_server"]
    version: Literal["TLS 1.2"]  # on unless switched off; other versions have other defaults


class NoPlainHttp(SslAccess):
    rule: Literal["network.no_plain_http"]


class Vpn(Base):
    """Holds only where external developers connect over VPN."""

    rule: Literal["network.vpn"]
    external_access: Literal["vpn"]


Requirement = (
    Component
    | ServiceRuns
    | SynergySite
    | SynergyPoolStarted
    | SynergyPoolRuntime
    | WindowsServer
    | Dotnet
    | Powershell
    | Cores
    | Memory
    | FreeDisk
    | DomainAccount
    | AccountUsable
    | PasswordValid
    | LocalAdministrator
    | LogonRight
    | IisAdministrator
    | RemoteAccess
    | Outbound
    | TlsClient
    | NoInterception
    | DatabaseReached
    | HttpsBinding
    | CertificateName
    | CertificateTrusted
    | CertificateLasts
    | TlsServer
    | NoPlainHttp
    | Vpn
    | SqlAnswers
    | ServiceAccountLogin
    | Sysadmin
    | ReadDatabases
    | ReadWriteDatabase
    | Baco
    | BacoUsable
    | BacoUser
    | SqlVersion
    | SynergyRelease
    | SynergySupported
    | GlobeRelease
    | SynergyUser
    | SynergyRole
    | ClickkerPool
    | PermissionsForm
    | UserLicence
    | ConnectivityModule
)

REQUIREMENT: TypeAdapter[Requirement] = TypeAdapter(
    Annotated[Requirement, Field(discriminator="rule")]
)
