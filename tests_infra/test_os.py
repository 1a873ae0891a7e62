"""The Windows server itself, .NET, PowerShell and the server's resources."""

from fixtures.selection import requirements

GIB = 1024**3
WORKSTATION = 1  # Win32_OperatingSystem.ProductType


@requirements(
    "os.windows_server", sections=["os"], expected="Windows Server with build {minimum_build} (2016) or later"
)
def test_windows_server_version(requirement, host, record):
    kind = "a workstation" if host.os.product_type == WORKSTATION else "a server"
    record.found(f"{host.os.product_name}, build {host.os.build}, {kind} (product type {host.os.product_type})")
    assert host.os.product_type != WORKSTATION
    assert host.os.build >= requirement.minimum_build


@requirements(
    "os.dotnet",
    sections=["dotnet"],
    expected=".NET Framework {minimum_version} or later (Release >= {minimum_release})",
)
def test_dotnet_framework(requirement, host, record):
    release = host.dotnet.release
    record.found(f"Release {release} (version {host.dotnet.version})" if release else "no .NET Framework 4.5 or later")
    assert release is not None
    assert release >= requirement.minimum_release


@requirements(
    "os.powershell",
    sections=["powershell"],
    expected="Windows PowerShell {minimum_version} or later in {language_mode}",
)
def test_powershell_is_usable(requirement, host, record):
    powershell = host.powershell
    record.found(f"version {powershell.version}, {powershell.language_mode}")
    assert version(powershell.version) >= version(requirement.minimum_version)
    assert powershell.language_mode == requirement.language_mode


@requirements("os.cores", sections=["os"], expected="processor cores as agreed in the inventory (thresholds.cores)")
def test_processor_cores(requirement, host, customer, record):
    record.found(f"{host.os.cores} cores, {host.os.logical_processors} logical processors")
    wanted = record.threshold("cores", customer.thresholds.cores, "cores")
    assert host.os.cores >= wanted


@requirements("os.memory", sections=["os"], expected="memory as agreed in the inventory (thresholds.memory_gb)")
def test_memory(requirement, host, customer, record):
    memory = host.os.memory_bytes / GIB
    record.found(f"{memory:.1f} GiB")
    wanted = record.threshold("memory_gb", customer.thresholds.memory_gb, "GiB")
    assert memory >= wanted * (1 - requirement.tolerance_percent / 100)


@requirements(
    "os.free_disk", sections=["os"], expected="free disk space as agreed in the inventory (thresholds.free_disk_gb)"
)
def test_free_disk_space(requirement, host, customer, record):
    free = host.free_bytes(host.os.system_drive) / GIB
    record.found(f"{free:.1f} GiB free on {host.os.system_drive}")
    wanted = record.threshold("free_disk_gb", customer.thresholds.free_disk_gb, "GiB")
    assert free >= wanted


def version(text):
    return tuple(int(part) for part in text.split("."))
