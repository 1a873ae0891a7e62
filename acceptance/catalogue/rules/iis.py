"""The rules of the marker `iis`: Internet Information Services and the Synergy site.

A class per rule, its fields are its parameters in the catalogue.
"""

from typing import Literal

from acceptance.catalogue.remedies import Remedy
from acceptance.catalogue.rules.base import Base, Comparison, Text
from acceptance.inventory.models import Thresholds
from acceptance.inventory.types import Days


class Component(Base):
    """A server feature, by Get-WindowsFeature's language-neutral name."""

    remedy_names = ("feature",)
    causes = ("Removed", "InstallPending", "UninstallPending")  # Get-WindowsFeature's InstallState

    remedy = Remedy(feature="{feature}", stops=True)
    remedies = {
        "Removed": Remedy(
            powershell="Install-WindowsFeature -Name {feature:ps} -Source "
            "'wim:D:\\sources\\install.wim:1' "
            "# its files are not on this server: name the installation medium, and the image in it",
            by_hand=True,
        ),
        "InstallPending": Remedy(
            powershell="Restart-Computer # its installation ends with a restart", restart=True
        ),
        "UninstallPending": Remedy(
            powershell="Restart-Computer # its removal ends with a restart; "
            "then: Install-WindowsFeature -Name {feature:ps}",
            restart=True,
        ),
    }

    rule: Literal["iis.component"]
    feature: Text

    def comparisons(self, _agreed: Thresholds) -> tuple[Comparison, ...]:
        way = ("features", f"={self.feature}", "state")
        return (Comparison("features", way, "is", "Installed"),)


class ServiceRuns(Base):
    """A Windows service, by its name (never its display name)."""

    remedy_names = ("service",)

    rule: Literal["iis.service"]
    service: Text

    def comparisons(self, _agreed: Thresholds) -> tuple[Comparison, ...]:
        service = ("services", f"={self.service}")
        return (
            Comparison("iis", (*service, "state"), "is", "Running"),
            Comparison("iis", (*service, "start_mode"), "is", "Auto"),
        )


class SynergySite(Base):
    rule: Literal["iis.synergy_site"]


class SynergyPoolStarted(Base):
    remedy_names = ("pool",)

    rule: Literal["iis.synergy_pool_started"]


class SynergyPoolRuntime(Base):
    """`runtime`: managedRuntimeVersion of applicationHost.config."""

    remedy_names = ("pool", "runtime")

    rule: Literal["iis.synergy_pool_runtime"]
    runtime: Text


class CertificatesLast(Base):
    rule: Literal["iis.certificates_last"]
    days: Days
