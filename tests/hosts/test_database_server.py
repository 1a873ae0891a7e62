"""The database server's cores, memory and disk: by its Windows where that is asked."""

from datetime import UTC, datetime
from typing import Any

import pytest
from acceptance.simulator.windows.runner import recorded
from acceptance.tests_infra.test_resources import test_database_server_is_large_enough as judge

from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import load_catalogue
from acceptance.findings.outcome import Unprovable
from acceptance.findings.record import Record
from acceptance.hosts.windows import WindowsHost
from acceptance.inventory.models import Customer
from acceptance.text import said
from tests.written import written

GIB = 1024**3
CATALOGUE = load_catalogue(own_tests() / "requirements")
HAS = {"cores": 8, "memory_gb": 32.0, "free_disk_gb": 80.0}
IDS = {"cores": "OS-20", "memory_gb": "OS-21", "free_disk_gb": "OS-22"}


@pytest.fixture(scope="module")
def server() -> WindowsHost:
    """A database server of that size, of whose memory Windows keeps a little back."""
    os = recorded("demo-web01-delegated")["os"]
    os["value"] |= {"utc_now": "2026-11-26T00:00:00Z", "cores": 8}
    os["value"] |= {"memory_bytes": int(31.5 * GIB), "system_drive": "C:"}
    os["value"]["disks"] = [
        {"device": "C:", "file_system": "NTFS", "size_bytes": 200 * GIB, "free_bytes": 80 * GIB},
        {"device": "D:", "file_system": "NTFS", "size_bytes": 900 * GIB, "free_bytes": 900 * GIB},
    ]
    evidence = written("db01", {"os": os}, datetime(2026, 11, 26, tzinfo=UTC))
    return WindowsHost(evidence)


def judged(resource: str, server: WindowsHost | None, database: dict[str, Any]) -> Record:
    hosts = {"db01": {"roles": ["database"]}}
    # The web server's own thresholds are far above, and are none of this one's.
    web = {"cores": 64, "memory_gb": 512, "free_disk_gb": 4000}
    told = {"title": "Acme", "hosts": hosts, "thresholds": web | {"database": database}}
    requirement: Any = CATALOGUE.entries[IDS[resource]].requirement
    record = Record(said("expected"))
    parameters = getattr(requirement, "parameters", requirement)
    judge(parameters, server, Customer.model_validate(told), record)
    return record


def test_a_drive_is_the_same_in_either_case(server: WindowsHost) -> None:
    assert server.free_bytes("c:") == server.free_bytes("C:") == 80 * GIB


@pytest.mark.parametrize("resource", HAS)
def test_exactly_as_much_as_agreed_is_enough(server: WindowsHost, resource: str) -> None:
    record = judged(resource, server, {resource: HAS[resource]})
    assert f"thresholds.database.{resource}" in str(record.expected)
    assert str(record.what)


@pytest.mark.parametrize("resource", HAS)
def test_less_than_agreed_is_not_met(server: WindowsHost, resource: str) -> None:
    with pytest.raises(AssertionError):
        judged(resource, server, {resource: HAS[resource] + 2})


@pytest.mark.parametrize("resource", HAS)
def test_without_a_number_or_a_look_it_awaits(server: WindowsHost, resource: str) -> None:
    """A person's confirmation settles it: neither is a question of the inventory alone."""
    for host, database in ((server, {}), (None, {resource: 1})):
        with pytest.raises(Unprovable) as raised:
            judged(resource, host, database)
        assert raised.value.questions == ()
