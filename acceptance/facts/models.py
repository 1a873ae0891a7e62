"""Shapes of facts and evidence: what crosses the border between collecting and judging.

Every section is one object. What was not read has no default: a missing key is an error, `None`
means "the server says there is none", and a failed section has no value at all.
"""

from datetime import datetime
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from acceptance.backends.base import Reached
from acceptance.facts.models_sql import SqlEvidence

FORMAT: Literal[1] = 1  # of evidence files; raised when an old file can no longer be judged


class Strict(BaseModel):
    """Unknown keys are errors, and nothing changes once it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Disk(Strict):
    """A fixed disk. Source: Win32_LogicalDisk, DriveType=3. Sizes in bytes."""

    device: str
    file_system: str | None
    size_bytes: int | None
    free_bytes: int | None


class OsSection(Strict):
    """`{"build": 17763, "revision": 1234, "product_type": 3, "memory_bytes": 17179869184, ...}`

    `product_type`: 1 workstation, 2 domain controller, 3 server (Win32_OperatingSystem).
    `memory_bytes`: Win32_ComputerSystem.TotalPhysicalMemory, a little below the nominal size.
    """

    computer_name: str
    build: int
    revision: int | None
    edition: str
    installation_type: str
    product_name: str
    product_type: int
    system_drive: str
    memory_bytes: int
    cores: int
    logical_processors: int
    disks: list[Disk]
    part_of_domain: bool
    domain: str
    time_zone: str
    utc_now: datetime


class DotnetSection(Strict):
    """`{"release": 461808, "version": "4.7.03190"}`; `release` None: no .NET Framework 4.5 or later.

    Source: HKLM:\\SOFTWARE\\Microsoft\\NET Framework Setup\\NDP\\v4\\Full.
    """

    release: int | None
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
    """A server feature. `state`: Installed, Available, Removed, InstallPending, UninstallPending."""

    name: str
    state: str

    @property
    def installed(self) -> bool:
        return self.state == "Installed"


class FeaturesSection(Strict):
    """`{"features": [{"name": "Web-Server", "state": "Installed"}, ...]}`. Source: Get-WindowsFeature."""

    features: list[Feature]


class Certificate(Strict):
    """A binding's certificate: where HTTP.SYS says it is, and what the store holds.

    `found` False: HTTP.SYS names a thumbprint that its store does not hold.
    """

    source: Literal["ip", "sni", "central"]
    thumbprint: str | None
    store: str | None
    found: bool | None
    subject: str | None
    issuer: str | None
    not_before: datetime | None
    not_after: datetime | None
    dns_names: list[str] | None
    has_private_key: bool | None


class Binding(Strict):
    """`information` is `ip:port:host` for http and https; bit 0 of `ssl_flags` is SNI, bit 1 the central store."""

    protocol: str
    information: str
    ssl_flags: int
    certificate: Certificate | None


class Marks(Strict):
    """Which files of Exact Synergy stand in a folder (facts-exact 5); None: the folder was not readable."""

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
    state: str | None
    bindings: list[Binding]
    applications: list[Application]


class Pool(Strict):
    """An application pool with its defaults applied. `runtime` "" = no managed code."""

    name: str
    state: str | None
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
    state: str
    start_mode: str


class IisSection(Strict):
    """`{"services": [...], "version": "10.0", "shared_configuration": null, "sites": [...], "pools": [...]}`

    `services`: those of W3SVC and WAS that exist. `shared_configuration`: the path, when redirected.
    """

    services: list[Service]
    version: str | None
    shared_configuration: str | None
    sites: list[Site]
    pools: list[Pool]


class ProgramFile(Strict):
    """A program file's VersionInfo; None: it carries none."""

    path: str
    file_version: str | None
    product_version: str | None


class Program(Strict):
    """An entry of the Uninstall hives."""

    name: str
    version: str | None
    publisher: str | None


class ExactSection(Strict):
    """`{"files": [{"path": "...\\bin\\Exact.Core.dll", "file_version": "5.0.0.737", ...}], "programs": [...]}`

    No field is documented to hold the release; a program list without Exact proves nothing, since the updater makes no entry.
    """

    files: list[ProgramFile]
    programs: list[Program]


class SectionError(Strict):
    """Why a section has no value. `type` and `hresult` are the exception's; `message` is in the server's language."""

    type: str
    message: str
    hresult: int | None = None
    line: int | None = None
    id: str | None = None


class Unread(Strict):
    """A section without a value. absent: the thing itself is not on this server; denied: no rights."""

    status: Literal["absent", "denied", "error"]
    error: SectionError
    milliseconds: int


Value = TypeVar("Value")


class Read(Strict, Generic[Value]):
    """A section that was read, and how long that took on the server."""

    status: Literal["ok"]
    value: Value
    milliseconds: int


class Sections(Strict):
    """The sections that were asked for; None: not asked for in this run."""

    os: Read[OsSection] | Unread | None = None
    dotnet: Read[DotnetSection] | Unread | None = None
    powershell: Read[PowershellSection] | Unread | None = None
    features: Read[FeaturesSection] | Unread | None = None
    iis: Read[IisSection] | Unread | None = None
    exact: Read[ExactSection] | Unread | None = None


class Failure(Strict):
    """Why a whole host could not be asked: the error's class name, its sentence and its remedy."""

    kind: str
    message: str
    remedy: str


class Evidence(Strict):
    """The facts of one host with their provenance: `evidence/<host>.json`.

    `reached` None: Windows was not asked, only its SQL Server, whose part stands under `sql`.
    """

    format: Literal[1] = FORMAT
    customer: str
    host: str
    collected_at: datetime
    seconds: float
    suite_version: str
    collector_sha256: str | None
    reached: Reached | None
    simulated: bool
    sections: Sections
    failure: Failure | None
    sql: SqlEvidence | None = None
