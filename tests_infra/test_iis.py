"""Internet Information Services and the Synergy web site."""

from acceptance.fixtures.selection import requirements


@requirements("iis.component", sections=["features"], expected="the feature {feature} is Installed")
def test_component_is_installed(requirement, host, record):
    feature = host.windows_feature(requirement.feature)
    record.found(feature.state)
    assert feature.installed


@requirements(
    "iis.service",
    sections=["iis"],
    expected="the service {service} is Running and starts automatically",
)
def test_service_runs(requirement, host, record):
    service = host.windows_service(requirement.service)
    record.found(
        f"{service.state}, start mode {service.start_mode}" if service else "no such service"
    )
    assert service
    assert service.state == "Running"
    assert service.start_mode == "Auto"


@requirements(
    "iis.synergy_site",
    sections=["iis"],
    expected="an IIS application with Synergy's files in its folder",
)
def test_synergy_site_is_here(requirement, host, record):
    applications = host.synergy_applications()
    record.found("; ".join(map(str, applications)) or "no application with Synergy's files")
    assert applications


@requirements(
    "iis.synergy_pool_started",
    sections=["iis"],
    expected="the Synergy site's application pool is Started",
)
def test_synergy_pool_is_started(requirement, host, record):
    applications = host.synergy_applications()
    record.found_each(f"{one.address}: {pool_text(one)}, {one.pool_state}" for one in applications)
    stopped = [one for one in applications if one.pool_state != "Started"]
    record.remedy_values(pool=pools_of(stopped))
    assert applications
    assert not stopped


@requirements(
    "iis.synergy_pool_runtime",
    sections=["iis"],
    expected="the Synergy site's application pool runs on CLR {runtime}",
)
def test_synergy_pool_runtime(requirement, host, record):
    applications = host.synergy_applications()
    record.found_each(
        f"{one.address}: {pool_text(one)}, CLR {one.pool.runtime if one.pool else 'unknown'}"
        for one in applications
    )
    other = [one for one in applications if not one.pool or one.pool.runtime != requirement.runtime]
    record.remedy_values(pool=pools_of(other))
    assert applications
    assert not other


def pools_of(applications):
    return ", ".join(sorted({one.application.pool for one in applications}))


def pool_text(application):
    return f"pool {application.application.pool}"
