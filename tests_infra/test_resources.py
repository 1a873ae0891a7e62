"""Cores, memory and disk of the customer's servers, beside what was agreed of Exact's own page."""

from acceptance.fixtures.selection import requirements

from acceptance.catalogue.rules.os import DatabaseServer, Memory
from acceptance.findings.record import Record
from acceptance.hosts.windows import WindowsHost
from acceptance.inventory.models import Customer

GIB = 1024**3


@requirements(
    "os.cores",
    sections=["os"],
    expected="processor cores as agreed in the inventory (thresholds.cores)",
)
def test_processor_cores(host: WindowsHost, customer: Customer, record: Record) -> None:
    record.found(
        "{cores} cores, {logical} logical processors",
        cores=host.os.cores,
        logical=host.os.logical_processors,
    )
    wanted = record.threshold("cores", customer.thresholds.cores, "cores")
    assert host.os.cores >= wanted


@requirements(
    "os.memory",
    sections=["os"],
    expected="memory as agreed in the inventory (thresholds.memory_gb)",
)
def test_memory(requirement: Memory, host: WindowsHost, customer: Customer, record: Record) -> None:
    memory = host.os.memory_bytes / GIB
    record.found("{memory} GiB", memory=f"{memory:.1f}")
    wanted = record.threshold("memory_gb", customer.thresholds.memory_gb, "GiB")
    assert memory >= wanted * (1 - requirement.tolerance_percent / 100)


@requirements(
    "os.free_disk",
    sections=["os"],
    expected="free disk space as agreed in the inventory (thresholds.free_disk_gb)",
)
def test_free_disk_space(host: WindowsHost, customer: Customer, record: Record) -> None:
    drive = host.os.system_drive
    free = host.free_bytes(drive) / GIB
    record.found("{free} GiB free on {drive}", free=f"{free:.1f}", drive=drive)
    wanted = record.threshold("free_disk_gb", customer.thresholds.free_disk_gb, "GiB")
    assert free >= wanted


@requirements(
    "os.database_server",
    sections=[],
    windows_sections=["os"],
    expected="a database server as agreed in the inventory (thresholds.database.{resource})",
)
def test_database_server_is_large_enough(
    requirement: DatabaseServer,
    windows_if_asked: WindowsHost | None,
    customer: Customer,
    record: Record,
) -> None:
    name, host = requirement.resource, windows_if_asked
    if host is None:
        record.found("Windows is not asked on this server, only its SQL Server")
        record.cannot_decide(
            "the inventory names no connection to its Windows: "
            "let somebody look, or give the host a connection"
        )
    os, drive = host.os, host.os.system_drive
    found, unit = {
        "cores": (float(os.cores), "cores"),
        "memory_gb": (os.memory_bytes / GIB, "GiB"),
        "free_disk_gb": (host.free_bytes(drive) / GIB, "GiB"),
    }[name]
    record.found("{value} {unit}", value=f"{found:.1f}", unit=unit)
    wanted = record.threshold(f"database.{name}", getattr(customer.thresholds.database, name), unit)
    assert found >= wanted * (1 - requirement.tolerance_percent / 100)
