"""The rules of the marker `os`: the server itself: Windows, .NET, PowerShell, resources, the
service account. A class per rule, its fields are its parameters in the catalogue.
"""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from acceptance.catalogue.rules.base import Base, Comparison, Text, Version
from acceptance.inventory.models import Thresholds


class WindowsServer(Base):
    rule: Literal["os.windows_server"]
    minimum_build: PositiveInt


class Dotnet(Base):
    """`minimum_release`: the registry's Release number; `minimum_version`: the same for people."""

    rule: Literal["os.dotnet"]
    minimum_release: PositiveInt
    minimum_version: Version

    def comparisons(self, _agreed: Thresholds) -> tuple[Comparison, ...]:
        return (Comparison("dotnet", ("release",), "at least", self.minimum_release),)


class Powershell(Base):
    rule: Literal["os.powershell"]
    minimum_version: Version
    language_mode: Text


class Cores(Base):
    rule: Literal["os.cores"]

    def comparisons(self, agreed: Thresholds) -> tuple[Comparison, ...]:
        if agreed.cores is None:
            return ()
        return (Comparison("os", ("cores",), "at least", agreed.cores),)


class Memory(Base):
    rule: Literal["os.memory"]
    tolerance_percent: Annotated[float, Field(ge=0, le=10)]


class FreeDisk(Base):
    rule: Literal["os.free_disk"]


class DatabaseServer(Base):
    """`resource`: which of the inventory's thresholds of the database server."""

    rule: Literal["os.database_server"]
    resource: Literal["cores", "memory_gb", "free_disk_gb"]
    tolerance_percent: Annotated[float, Field(ge=0, le=10)] = 0


class DomainAccount(Base):
    rule: Literal["os.domain_account"]


class AccountUsable(Base):
    asks_directory = True

    rule: Literal["os.account_usable"]


class PasswordValid(Base):
    asks_directory = True

    rule: Literal["os.password_valid"]


class LocalAdministrator(Base):
    causes = ("domain_controller",)  # it has no local groups

    rule: Literal["os.local_administrator"]


class LogonRight(Base):
    """`right`: the constant's name (ntsecapi.h), the same in every language."""

    asks_rights = True

    rule: Literal["os.logon_right"]
    right: Literal["SeBatchLogonRight", "SeServiceLogonRight"]


class IisAdministrator(Base):
    causes = ("no_iis", "no_administrator", "no_administrator_of_domain_controller")

    rule: Literal["os.iis_administrator"]


class Restart(Base):
    rule: Literal["os.restart"]


class Clock(Base):
    rule: Literal["os.clock"]


class OldTls(Base):
    rule: Literal["os.old_tls"]


class Smb1(Base):
    rule: Literal["os.smb1"]


class Disks(Base):
    rule: Literal["os.disks"]


class Support(Base):
    """supported.yaml says until when."""

    rule: Literal["os.support"]
