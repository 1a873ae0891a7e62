"""Shapes of what a Windows server says, section by section.

Every section is one object. What was not read has no default: a missing key is an error, `None`
means "the server says there is none", and a failed section has no value at all.
"""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, PositiveInt, model_validator

from acceptance.errors import UnreadError
from acceptance.evidence.access import AccountsSection, Program, RemoteSection
from acceptance.evidence.connections import (
    OutboundSection,
    SchannelSection,
    UpkeepSection,
)
from acceptance.evidence.envelope import Read, Strict, Unread
from acceptance.evidence.own import OwnSection
from acceptance.evidence.shapes import Count, EachCostsItself, once

# Win32_Service's and appcmd's words, English on every server.
ServiceState = Literal[
    "Stopped",
    "Start Pending",
    "Stop Pending",
    "Running",
    "Continue Pending",
    "Pause Pending",
    "Paused",
    "Unknown",
]
StartMode = Literal["Boot", "System", "Auto", "Manual", "Disabled", "Unknown"]
IisState = Literal["Started", "Stopped", "Starting", "Stopping", "Unknown"]


class Disk(Strict):
    """A fixed disk. Source: Win32_LogicalDisk, DriveType=3. Sizes in bytes."""

    device: str
    file_system: str | None
    size_bytes: Count | None
    free_bytes: Count | None

    @model_validator(mode="after")
    def _holds_what_it_has_room_for(self) -> Self:
        if self.size_bytes is not None and (self.free_bytes or 0) > self.size_bytes:
            raise ValueError(f"more is free on {self.device} than there is")
        return self


class OsSection(Strict):
    """`{"build": 17763, "revision": 1234, "product_type": 3, "memory_bytes": 17179869184, ...}`

    `product_type`: 1 workstation, 2 domain controller, 3 server (Win32_OperatingSystem).
    `memory_bytes`: Win32_ComputerSystem.TotalPhysicalMemory, a little below the nominal size.
    A zero is no answer: PowerShell makes one of what it could not read.
    """

    computer_name: str
    build: PositiveInt
    revision: int | None
    edition: str
    installation_type: str
    product_name: str
    product_type: Literal[1, 2, 3]
    system_drive: str
    memory_bytes: PositiveInt
    cores: PositiveInt
    logical_processors: PositiveInt
    disks: Annotated[list[Disk], once("device")]
    part_of_domain: bool
    domain: str
    time_zone: str
    utc_now: AwareDatetime


class DotnetSection(Strict):
    """`{"release": 461808, "version": "4.7.03190"}`;
    `release` None: no .NET Framework 4.5 or later.

    Source: HKLM:\\SOFTWARE\\Microsoft\\NET Framework Setup\\NDP\\v4\\Full.
    """

    release: Count | None
    version: str | None


class ExecutionPolicy(Strict):
    """One scope of Get-ExecutionPolicy -List; our own process's Bypass is left out."""

    scope: str
    policy: str


class PowershellSection(Strict):
    """`{"version": "5.1.17763.1", "edition": "Desktop", "language_mode": "FullLanguage", ...}`

    Outside FullLanguage only `version` and `language_mode` can be told; the rest is None.
    """

    version: str
    edition: str | None
    language_mode: str
    is_64_bit: bool | None
    execution_policies: list[ExecutionPolicy] | None


class Feature(Strict):
    """A server feature."""

    name: str
    state: Literal["Installed", "Available", "Removed", "InstallPending", "UninstallPending"]

    @property
    def installed(self) -> bool:
        return self.state == "Installed"


class FeaturesSection(Strict):
    """`{"features": [{"name": "Web-Server", "state": "Installed"}, ...]}`.

    Source: Get-WindowsFeature.
    """

    features: Annotated[list[Feature], once("name")]


class Certificate(Strict):
    """A binding's certificate: where HTTP.SYS says it is, and what the store holds.

    `found` False: HTTP.SYS names a thumbprint that its store does not hold.
    `chain`: why Windows does not trust it (X509ChainStatusFlags, without revocation); []: it does.
    `root`: the last certificate of its chain, DER as base64: who vouches for it; None: not read.
    `source` unread: the binding could not be read. `raw`: its own bytes, DER as base64;
    `dns_names`: Windows' display text, which decides nothing.
    """

    source: Literal["ip", "sni", "central", "unread"]
    thumbprint: str | None
    store: str | None
    found: bool | None
    subject: str | None
    issuer: str | None
    not_before: AwareDatetime | None
    not_after: AwareDatetime | None
    dns_names: list[str] | None
    has_private_key: bool | None
    chain: list[str] | None
    root: str | None = None
    raw: str | None = None

    def distrust(self, at: datetime) -> list[str]:
        """Why Windows does not trust it at that instant, its own dates left aside;
        an issuer's dates count.

        Raises UnreadError where its chain was not read.
        """
        if self.chain is None or self.not_before is None or self.not_after is None:
            raise UnreadError(
                "whether Windows trusts the certificate {subject} was not read.",
                subject=str(self.subject),
            )
        own = not self.not_before <= at <= self.not_after
        if own and "NotTimeValid" not in self.chain:
            raise UnreadError(
                "what was read of the certificate {subject} contradicts itself: "
                "Windows finds nothing "
                "wrong with its dates, {start} to {end}.",
                subject=str(self.subject),
                start=f"{self.not_before:%Y-%m-%d}",
                end=f"{self.not_after:%Y-%m-%d}",
            )
        return [why for why in self.chain if not (why == "NotTimeValid" and own)]


class Binding(Strict):
    """`information` is `ip:port:host` for http and https;
    bit 0 of `ssl_flags` is SNI, bit 1 the central store.
    """

    protocol: str
    information: str
    ssl_flags: int
    certificate: Certificate | None


class Marks(Strict):
    """Which files of Exact Synergy stand in a folder; None: the folder was not readable."""

    core_library: bool
    portal_page: bool
    rest_service: bool

    @property
    def synergy(self) -> bool:
        return self.core_library and (self.portal_page or self.rest_service)


class Folder(Strict):
    """A physical folder that was looked at, with its marks. `exists` None: it could not be told."""

    path: str
    exists: bool | None
    error: str | None
    marks: Marks | None


class Application(Strict):
    """One application of a site. `folders`: its root folder, then that folder's parent."""

    path: str
    pool: str
    physical_path: str | None
    folders: list[Folder]


class Site(Strict):
    """`state`: Started, Stopped, ... as appcmd says it; None: appcmd did not list this site."""

    name: str
    id: int
    state: IisState | None
    bindings: list[Binding]
    applications: list[Application]


class Pool(Strict):
    """An application pool with its defaults applied. `runtime` "" = no managed code."""

    name: str
    state: IisState | None
    runtime: str
    pipeline: str
    enable_32_bit: bool
    identity_type: str
    user_name: str | None
    auto_start: bool
    start_mode: str


class Service(Strict):
    """A Windows service. `state` and `start_mode` in Win32_Service's English words."""

    name: str
    state: ServiceState
    start_mode: StartMode


class AccessEntry(Strict):
    """One entry of a file's access list; `rights`: FileSystemRights' bits."""

    sid: str
    allow: bool
    rights: int


class FileAccess(Strict):
    """A file's access list."""

    entries: list[AccessEntry]


class AddressEntry(Strict):
    """An entry of HTTP.SYS for an address, whether or not IIS lists it.

    `endpoint`: `0.0.0.0:443`, `[::1]:443`.
    """

    endpoint: str
    certificate: Certificate


class IisSection(Strict):
    """`{"services": [...], "version": "10.0", "shared_configuration": null, "sites": [...],
    "pools": [...]}`

    `services`: those of W3SVC and WAS that exist.
    `shared_configuration`: the path, when redirected. `access`: who may change
    applicationHost.config. `entries`: HTTP.SYS's own for addresses; None: not read.
    """

    services: Annotated[list[Service], once("name")]
    version: str | None
    shared_configuration: str | None
    access: Read[FileAccess] | Unread
    sites: Annotated[list[Site], once("name"), once("id")]
    entries: list[AddressEntry] | None = None
    pools: Annotated[list[Pool], once("name")]


class ProgramFile(Strict):
    """A program file's VersionInfo; None: it carries none."""

    path: str
    file_version: str | None
    product_version: str | None


class ExactSection(Strict):
    """`{"files": [{"path": "...\\bin\\Exact.Core.dll", "file_version": "5.0.0.737", ...}],
    "programs": [...]}`

    No field is documented to hold the release;
    a program list without Exact proves nothing, since the updater makes no entry.
    """

    files: list[ProgramFile]
    programs: list[Program]


class Sections(EachCostsItself):
    """The sections that were asked for; None: not asked for in this run."""

    os: Read[OsSection] | Unread | None = None
    dotnet: Read[DotnetSection] | Unread | None = None
    powershell: Read[PowershellSection] | Unread | None = None
    features: Read[FeaturesSection] | Unread | None = None
    iis: Read[IisSection] | Unread | None = None
    accounts: Read[AccountsSection] | Unread | None = None
    remote: Read[RemoteSection] | Unread | None = None
    outbound: Read[OutboundSection] | Unread | None = None
    schannel: Read[SchannelSection] | Unread | None = None
    upkeep: Read[UpkeepSection] | Unread | None = None
    exact: Read[ExactSection] | Unread | None = None
    own: Read[OwnSection] | Unread | None = None
