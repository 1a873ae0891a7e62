"""What a requirement can say: a class per rule, whose fields are the rule's parameters in `requirements/*.yaml`.

An expectation that everything would satisfy (an empty name, no threshold) does not load.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, StringConstraints, TypeAdapter, field_validator

from acceptance.remedies import INVENTORY_NAMES, check_template

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Owner = Literal["ICT administrator", "Exact partner", "customer"]
Version = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)*$")]


class Base(BaseModel):
    """What every requirement has. `roles` and `phases`: where and when it holds.

    `remedy` is a template (acceptance/remedies.py); `remedy_names` are the names that the rule's test fills in.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    remedy_names: ClassVar[tuple[str, ...]] = ()

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z]+-\d\d$")]
    title: Text
    clause: Text
    roles: Annotated[tuple[Literal["web", "database"], ...], Field(min_length=1)]
    phases: Annotated[tuple[Literal["prepare", "installed"], ...], Field(min_length=1)] = ("prepare", "installed")
    waivable: bool = True
    owner: Owner = "ICT administrator"  # who must mend it
    remedy: Text

    @field_validator("remedy")
    @classmethod
    def _remedy_can_be_filled(cls, template: str) -> str:
        check_template(template, (*INVENTORY_NAMES, *cls.remedy_names))
        return template

    @property
    def marker(self) -> str:
        """The marker of the catalogue file that holds this requirement."""
        return PREFIXES[self.id.split("-")[0]]


PREFIXES = {"OS": "os", "IIS": "iis", "SQL": "sql", "NET": "network", "SYN": "synergy", "LIC": "licence"}


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
    version: Text


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
    version: Text


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
)

REQUIREMENT: TypeAdapter[Requirement] = TypeAdapter(Annotated[Requirement, Field(discriminator="rule")])
