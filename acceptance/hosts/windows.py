"""`WindowsHost`: one server's evidence as testinfra's Host, with typed properties over it.

>>> host.windows_feature("Web-Http-Logging").installed
True
>>> host.os.build
17763
"""

from typing import Any

from testinfra.host import Host

from acceptance.errors import UnreadError
from acceptance.evidence.access import RemoteSection
from acceptance.evidence.connections import (
    FromHere,
    OutboundSection,
    SchannelSection,
    UpkeepSection,
)
from acceptance.evidence.envelope import Unread
from acceptance.evidence.file import Evidence
from acceptance.evidence.own import OwnSection
from acceptance.evidence.windows import (
    DotnetSection,
    ExactSection,
    Feature,
    IisSection,
    OsSection,
    Pool,
    PowershellSection,
    Sections,
    Service,
)
from acceptance.hosts import interception, network, nouns, remote, targets
from acceptance.hosts.accounts import ServiceAccount
from acceptance.hosts.backend import EvidenceBackend
from acceptance.hosts.reading import read
from acceptance.text import Sentence


class WindowsHost(Host):  # type: ignore[misc]  # testinfra has no types
    """The evidence of one server.

    Connects nowhere; what was not read raises, it is never "absent".
    """

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(EvidenceBackend(evidence.host))
        self.evidence = evidence

    def __repr__(self) -> str:
        return f"<windows host {self.name}>"

    @property
    def name(self) -> str:
        """The host's name in the inventory."""
        return self.evidence.host

    def require(self, section: str) -> None:
        """Raise UnreadError unless `section` was read, or the server has no such thing."""
        if section == "iis" and self.iis is None:
            return
        read(getattr(self._sections, section), section, self.name)

    @property
    def _sections(self) -> Sections:
        evidence = self.evidence
        if evidence.failure is not None:
            raise UnreadError(*evidence.failure.told)
        if evidence.reached is None:
            raise UnreadError(
                "{host}: Windows was not asked on this host in this run.",
                "Give the host a connection in the inventory.",
                host=self.name,
            )
        return evidence.sections

    @property
    def os(self) -> OsSection:
        """From section `os`."""
        return read(self._sections.os, "os", self.name)

    def free_bytes(self, device: str) -> int:
        """From section `os`: free space of a fixed disk such as "C:".

        Raises UnreadError where it is unknown.
        """
        for disk in self.os.disks:
            if disk.device.casefold() == device.casefold() and disk.free_bytes is not None:
                return disk.free_bytes
        raise UnreadError(
            "{host}: the free space of {device} was not read.", host=self.name, device=device
        )

    @property
    def dotnet(self) -> DotnetSection:
        """From section `dotnet`."""
        return read(self._sections.dotnet, "dotnet", self.name)

    @property
    def powershell(self) -> PowershellSection:
        """From section `powershell`."""
        return read(self._sections.powershell, "powershell", self.name)

    @property
    def iis(self) -> IisSection | None:
        """From section `iis`; None: IIS is not on this server at all."""
        found = self._sections.iis
        if isinstance(found, Unread) and found.status == "absent":
            return None
        return read(found, "iis", self.name)

    @property
    def exact(self) -> ExactSection:
        """From section `exact`."""
        return read(self._sections.exact, "exact", self.name)

    def __getattr__(self, name: str) -> Any:
        """testinfra's other nouns ask a server, and this one was asked before the first test."""
        raise AttributeError(
            f"a server that is judged by its evidence has no {name!r}: an own check has the nouns "
            f"{', '.join(nouns.NOUNS)}, of what its @facts names"
        )

    @property
    def own(self) -> OwnSection:
        """From section `own`: what the own checks of this run named."""
        if self._sections.own is None:
            raise UnreadError(
                "{host} was asked for nothing by name.",
                "Name it above the test: @facts(service=[…]).",
                host=self.name,
            )
        return read(self._sections.own, "own", self.name)

    def service(self, name: str) -> nouns.ServiceNoun:
        """From section `own`: a Windows service that the test's `@facts` names."""
        return nouns.service(self.own, self.name, name)

    def file(self, path: str) -> nouns.FileNoun:
        """From section `own`: a file that the test's `@facts` names."""
        return nouns.file(self.own, self.name, path)

    def registry(self, key: str) -> nouns.RegistryNoun:
        """From section `own`: a registry key that the test's `@facts` names."""
        return nouns.registry(self.own, self.name, key)

    def port(self, number: int) -> nouns.PortNoun:
        """From section `own`: a TCP port that the test's `@facts` names."""
        return nouns.port(self.own, self.name, number)

    def windows_feature(self, name: str) -> Feature:
        """From section `features`. An unknown name raises UnreadError: it is not "absent".

        Get-WindowsFeature lists every feature that this Windows version knows, installed or not.
        """
        for feature in read(self._sections.features, "features", self.name).features:
            if feature.name == name:
                return feature
        raise UnreadError(
            "{host}: Get-WindowsFeature lists no feature {feature}.",
            "Is this Windows Server? Does the catalogue spell the name right?",
            host=self.name,
            feature=name,
        )

    def windows_service(self, name: str) -> Service | None:
        """From section `iis`, which reads W3SVC and WAS; None: the service does not exist."""
        services = self.iis.services if self.iis else []
        return next((service for service in services if service.name == name), None)

    @property
    def pools(self) -> list[Pool]:
        """From section `iis`: all application pools."""
        return self.iis.pools if self.iis else []

    def pool(self, name: str) -> Pool | None:
        """From section `iis`: the application pool of that name, which IIS compares without case;
        None: there is none.
        """
        return next((pool for pool in self.pools if pool.name.casefold() == name.casefold()), None)

    @property
    def service_account(self) -> ServiceAccount:
        """From section `accounts`."""
        return ServiceAccount(self.name, read(self._sections.accounts, "accounts", self.name))

    @property
    def remote(self) -> RemoteSection:
        """From section `remote`."""
        return read(self._sections.remote, "remote", self.name)

    @property
    def outbound(self) -> OutboundSection:
        """From section `outbound`."""
        return read(self._sections.outbound, "outbound", self.name)

    @property
    def schannel(self) -> SchannelSection:
        """From section `schannel`."""
        return read(self._sections.schannel, "schannel", self.name)

    @property
    def upkeep(self) -> UpkeepSection:
        """From section `upkeep`."""
        return read(self._sections.upkeep, "upkeep", self.name)

    @property
    def seen_from_here(self) -> FromHere | None:
        """What was measured from where the suite ran; None: nothing was."""
        return self.evidence.from_here

    @property
    def remote_desktop(self) -> network.Answer:
        """From section `remote`, and whether the port was reached from here."""
        return remote.remote_desktop(self.remote, self.seen_from_here)

    @property
    def teamviewer(self) -> network.Answer:
        """From section `remote`."""
        return remote.teamviewer(self.remote)

    def reaches(self, name: str) -> network.Answer:
        """From section `outbound`: whether the server reached a target, and where it ended;
        None: perhaps another answered.

        Raises UnreadError: it was not asked.
        """
        target = targets.target_named(self.outbound, name)
        if target is None:
            raise UnreadError(
                "{host} was not asked for {target}.",
                "Collect again with this catalogue and inventory.",
                host=self.name,
                target=name,
            )
        return interception.reached(target, self.seen_from_here)

    @property
    def proxies_text(self) -> Sentence:
        """From section `outbound`: the proxies that are set, for people."""
        return targets.proxies_text(self.outbound)

    @property
    def interception(self) -> network.Answer:
        """From section `outbound`: whether something between opens TLS;
        None: what was read does not decide it.
        """
        return interception.interception(self.outbound, self.seen_from_here)

    def tls_switched_off(self, version: str, side: str) -> list[Sentence]:
        """From section `schannel`: what in the registry keeps a TLS version from `Client`
        or `Server`; []: nothing.
        """
        return network.switched_off(self.schannel, version, side)

    @property
    def tls_left_to_programs(self) -> list[Sentence]:
        """From section `schannel`: what in .NET's registry values leaves TLS 1.2
        to what a program was built for; []: nothing.
        """
        return network.left_to_programs(self.schannel)
