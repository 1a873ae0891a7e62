"""`WindowsHost`: one server's evidence as testinfra's Host, with typed properties over it.

>>> host.windows_feature("Web-Http-Logging").installed
True
>>> host.os.build
17763
"""

from pathlib import PureWindowsPath
from typing import cast

from testinfra.host import Host

from acceptance.errors import UnreadError
from acceptance.evidence.access import AccountsSection, RemoteSection
from acceptance.evidence.connections import (
    FromHere,
    OutboundSection,
    SchannelSection,
    UpkeepSection,
)
from acceptance.evidence.envelope import Unread
from acceptance.evidence.windows import (
    Application,
    Binding,
    Certificate,
    DotnetSection,
    Evidence,
    ExactSection,
    Feature,
    FeaturesSection,
    IisSection,
    OsSection,
    Pool,
    PowershellSection,
    Service,
    Site,
)
from acceptance.hosts import network
from acceptance.hosts.accounts import ServiceAccount
from acceptance.hosts.backend import EvidenceBackend


class WindowsHost(Host):  # type: ignore[misc]  # testinfra has no types
    """The evidence of one server. Connects nowhere; what was not read raises, it is never "absent"."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(EvidenceBackend(evidence.host))
        self.evidence = evidence

    def __repr__(self) -> str:
        return f"<windows host {self.evidence.host}>"

    def require(self, section: str) -> None:
        """Raise UnreadError unless `section` was read, or the server has no such thing."""
        self._value(section, absent_is_an_answer=section == "iis")

    def _value(self, section: str, *, absent_is_an_answer: bool = False) -> object | None:
        evidence = self.evidence
        if evidence.failure is not None:
            raise UnreadError(evidence.failure.message, evidence.failure.remedy)
        if evidence.reached is None:
            raise UnreadError(
                f"{evidence.host}: Windows was not asked on this host in this run.",
                "Give the host a connection in the inventory.",
            )
        result = getattr(evidence.sections, section)
        if result is None:
            raise UnreadError(
                f"{evidence.host}: section {section} is not in the evidence of {evidence.collected_at:%Y-%m-%d %H:%M %Z}.",
                "Collect again with the tests that need it selected.",
            )
        if not isinstance(result, Unread):
            value: object = result.value
            return value
        if result.status == "absent" and absent_is_an_answer:
            return None
        rights = (
            "Run with an account that is a local administrator. "
            if result.status == "denied"
            else ""
        )
        raise UnreadError(
            f"{evidence.host}: section {section} could not be read ({result.status}): "
            f"{result.error.type}: {result.error.message}",
            f"{rights}The error stands in evidence/{evidence.host}.json.",
        )

    @property
    def os(self) -> OsSection:
        """From section `os`."""
        return cast(OsSection, self._value("os"))

    def free_bytes(self, device: str) -> int:
        """From section `os`: free space of a fixed disk such as "C:". Raises UnreadError where it is unknown."""
        for disk in self.os.disks:
            if disk.device == device and disk.free_bytes is not None:
                return disk.free_bytes
        raise UnreadError(f"{self.evidence.host}: the free space of {device} was not read.")

    @property
    def dotnet(self) -> DotnetSection:
        """From section `dotnet`."""
        return cast(DotnetSection, self._value("dotnet"))

    @property
    def powershell(self) -> PowershellSection:
        """From section `powershell`."""
        return cast(PowershellSection, self._value("powershell"))

    @property
    def iis(self) -> IisSection | None:
        """From section `iis`; None: IIS is not on this server at all."""
        return cast(IisSection | None, self._value("iis", absent_is_an_answer=True))

    @property
    def exact(self) -> ExactSection:
        """From section `exact`."""
        return cast(ExactSection, self._value("exact"))

    def windows_feature(self, name: str) -> Feature:
        """From section `features`. An unknown name raises UnreadError: it is not "absent".

        Get-WindowsFeature lists every feature that this Windows version knows, installed or not.
        """
        section = cast(FeaturesSection, self._value("features"))
        for feature in section.features:
            if feature.name == name:
                return feature
        raise UnreadError(
            f"{self.evidence.host}: Get-WindowsFeature lists no feature {name}.",
            "Is this Windows Server? Does the catalogue spell the name right?",
        )

    def windows_service(self, name: str) -> Service | None:
        """From section `iis`, which reads W3SVC and WAS; None: the service does not exist."""
        iis = self.iis
        return (
            next((service for service in iis.services if service.name == name), None)
            if iis
            else None
        )

    def pool(self, name: str) -> Pool | None:
        """From section `iis`: the application pool of that name; None: there is none."""
        iis = self.iis
        return (
            next((one for one in iis.pools if one.name.casefold() == name.casefold()), None)
            if iis
            else None
        )

    def synergy_applications(self) -> list["SynergyApplication"]:
        """From section `iis`: the applications whose folder, or its parent, holds Synergy's files (facts-exact 5).

        Raises UnreadError when none was found and a folder could not be looked at.
        """
        iis = self.iis
        if iis is None:
            return []
        pools = {
            pool.name.casefold(): pool for pool in iis.pools
        }  # IIS compares names without case
        found = [
            SynergyApplication(self, site, application, pools.get(application.pool.casefold()))
            for site in iis.sites
            for application in site.applications
            if any(
                folder.marks is not None and folder.marks.synergy for folder in application.folders
            )
        ]
        unread = [
            folder
            for site in iis.sites
            for application in site.applications
            for folder in application.folders
            if folder.exists is None or (folder.exists and folder.marks is None)
        ]
        if not found and unread:
            raise UnreadError(
                f"{self.evidence.host}: no Synergy web site found, but {unread[0].path} could not be looked at: "
                f"{unread[0].error}.",
                "Let the account read that folder, or run on the server itself.",
            )
        return found

    def synergy_bindings(self, protocol: str) -> list[Binding]:
        """From section `iis`: the bindings of one protocol ("http", "https") of the sites that carry Synergy."""
        return [
            one
            for found in self.synergy_applications()
            for one in found.bindings
            if one.protocol == protocol
        ]

    @property
    def synergy_certificates(self) -> list[Certificate | None]:
        """From section `iis`: one per https binding of the Synergy sites; None: a binding without one.

        Raises UnreadError for a central certificate store: its files cannot be looked at.
        """
        certificates = [binding.certificate for binding in self.synergy_bindings("https")]
        if any(one is not None and one.source == "central" for one in certificates):
            raise UnreadError(
                f"{self.evidence.host}: the Synergy site's certificate is in a central store, which was not read.",
                "Look at the certificate in the store's share.",
            )
        return certificates

    def certificate_for(self, name: str) -> bool:
        """From section `iis`: whether a certificate of the Synergy sites holds for a host name."""
        known = [one for one in self.synergy_certificates if one is not None and one.found]
        return any(network.matches(name, one.dns_names or []) for one in known)

    @property
    def proxies_text(self) -> str:
        """From section `outbound`: the proxies that are set, for people."""
        return network.proxies_text(self.outbound)

    @property
    def service_account(self) -> ServiceAccount:
        """From section `accounts`."""
        return ServiceAccount(self.evidence.host, cast(AccountsSection, self._value("accounts")))

    @property
    def remote(self) -> RemoteSection:
        """From section `remote`."""
        return cast(RemoteSection, self._value("remote"))

    @property
    def outbound(self) -> OutboundSection:
        """From section `outbound`."""
        return cast(OutboundSection, self._value("outbound"))

    @property
    def schannel(self) -> SchannelSection:
        """From section `schannel`."""
        return cast(SchannelSection, self._value("schannel"))

    @property
    def upkeep(self) -> UpkeepSection:
        """From section `upkeep`."""
        return cast(UpkeepSection, self._value("upkeep"))

    @property
    def seen_from_here(self) -> FromHere | None:
        """What was measured from where the suite ran; None: nothing was."""
        return self.evidence.from_here

    @property
    def remote_desktop(self) -> network.Answer:
        """From section `remote`, and whether the port was reached from here."""
        return network.remote_desktop(self.remote, self.seen_from_here)

    @property
    def teamviewer(self) -> network.Answer:
        """From section `remote`."""
        return network.teamviewer(self.remote)

    def reaches(self, name: str) -> network.Answer:
        """From section `outbound`: whether the server reached a target, and where it ended. Raises UnreadError: it was not asked."""
        target = network.target_named(self.outbound, name)
        if target is None:
            raise UnreadError(
                f"{self.evidence.host} was not asked for {name}.",
                "Collect again with this catalogue and inventory.",
            )
        return network.Answer(target.status == "ok", network.target_text(target))

    @property
    def interception(self) -> network.Answer:
        """From section `outbound`: whether certificates come from another issuer than seen from here; None: not comparable."""
        return network.interception(self.outbound, self.seen_from_here)

    def tls_switched_off(self, version: str, side: str) -> list[str]:
        """From section `schannel`: what in the registry keeps a TLS version from `Client` or `Server`; []: nothing."""
        return network.switched_off(self.schannel, version, side)

    @property
    def tls_left_to_programs(self) -> list[str]:
        """From section `schannel`: what in .NET's registry values leaves TLS 1.2 to what a program was built for; []: nothing."""
        return network.left_to_programs(self.schannel)


class SynergyApplication:
    """An IIS application that carries Exact Synergy, with its pool (None: the pool does not exist)."""

    def __init__(
        self, host: WindowsHost, site: Site, application: Application, pool: Pool | None
    ) -> None:
        self._host = host
        self.application = application
        self.bindings = site.bindings
        self.pool = pool
        self.address = f"{site.name}{application.path}"

    @property
    def pool_state(self) -> str:
        """Started, Stopped, ... as appcmd says it. Raises UnreadError where it did not say anything of this pool."""
        if self.pool is None:
            return "missing"
        if self.pool.state is not None:
            return self.pool.state
        activation = self._host.windows_service("WAS")
        if activation is None or activation.state != "Running":
            return "not running, since the service WAS is not"
        raise UnreadError(
            f"{self._host.evidence.host}: appcmd did not list the pool {self.pool.name}.",
            "Look at it in IIS Manager, or run on the server itself: appcmd list apppool /xml",
        )

    def __str__(self) -> str:
        folder = PureWindowsPath(self.application.physical_path or "")
        return f"{self.address} in {folder}"
