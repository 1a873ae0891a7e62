"""Internet Information Services and the Synergy web site."""

from collections.abc import Iterable

from acceptance.fixtures.entrance import ask_which_is_in_use
from acceptance.fixtures.selection import requirements

from acceptance.catalogue.rules.iis import Component, ServiceRuns, SynergyPoolRuntime
from acceptance.exact.site import SynergyApplication, SynergySite
from acceptance.findings.record import Record
from acceptance.hosts.windows import WindowsHost
from acceptance.text import said


@requirements("iis.component", sections=["features"], expected="the feature {feature} is Installed")
def test_component_is_installed(requirement: Component, host: WindowsHost, record: Record) -> None:
    feature = host.windows_feature(requirement.feature)
    record.found("its state is {state}", state=feature.state)
    record.mend(feature.state if feature.state in requirement.causes else "")
    assert feature.installed


@requirements(
    "iis.service",
    sections=["iis"],
    expected="the service {service} is Running and starts automatically",
)
def test_service_runs(requirement: ServiceRuns, host: WindowsHost, record: Record) -> None:
    service = host.windows_service(requirement.service)
    record.found("no such service")
    assert service
    record.found("{state}, start mode {mode}", state=service.state, mode=service.start_mode)
    assert service.state == "Running"
    assert service.start_mode == "Auto"


@requirements(
    "iis.synergy_site",
    sections=["iis"],
    expected="an IIS application with Synergy's files in its folder, in a site that is started",
)
def test_synergy_site_is_here(synergy_site: SynergySite, record: Record) -> None:
    applications = synergy_site.applications
    record.found("no application with Synergy's files")
    assert applications
    record.found_each(
        said("{where}, site {state}", where=one.in_words(), state=one.site_state)
        for one in applications
    )
    assert len(synergy_site.stopped) < len(applications)


@requirements(
    "iis.synergy_pool_started",
    sections=["iis"],
    expected="the Synergy site's application pool is Started",
)
def test_synergy_pool_is_started(synergy_site: SynergySite, record: Record) -> None:
    applications = synergy_site.in_use
    text = "{address}: pool {pool}, {state}"
    record.found_each(
        said(text, address=one.address, pool=one.application.pool, state=one.pool_state)
        for one in applications
    )
    stopped = [one for one in applications if one.pool_state != "Started"]
    ask_which_is_in_use(synergy_site, record, doubtful=bool(stopped))
    mend_pools(stopped, record)
    assert applications
    assert not stopped


@requirements(
    "iis.synergy_pool_runtime",
    sections=["iis"],
    expected="the Synergy site's application pool runs on CLR {runtime}",
)
def test_synergy_pool_runtime(
    requirement: SynergyPoolRuntime, synergy_site: SynergySite, record: Record
) -> None:
    applications = synergy_site.in_use
    text = "{address}: pool {pool}, CLR {runtime}"
    record.found_each(
        said(text, address=one.address, pool=one.application.pool, runtime=runtime_of(one))
        for one in applications
    )
    other = [one for one in applications if runtime_of(one) != requirement.runtime]
    ask_which_is_in_use(synergy_site, record, doubtful=bool(other))
    mend_pools(other, record)
    assert applications
    assert not other


def runtime_of(application: SynergyApplication) -> str:
    return application.pool.runtime if application.pool else "unknown"


def mend_pools(applications: Iterable[SynergyApplication], record: Record) -> None:
    """A command for each pool: appcmd takes 'A, B' for one pool of that name."""
    for pool in sorted({one.application.pool for one in applications}):
        record.mend(pool=pool)
