"""What a requirement can say: a class per rule, whose fields are the rule's parameters in `requirements/*.yaml`.

An expectation that everything would satisfy (an empty name, no threshold) does not load.
"""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, TypeAdapter

from acceptance.rulebase import PREFIXES, Base, Text, Version
from acceptance.sqlrules import (
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

REQUIREMENT: TypeAdapter[Requirement] = TypeAdapter(Annotated[Requirement, Field(discriminator="rule")])
