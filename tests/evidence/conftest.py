"""A compliant pair of hosts, asked once:
the evidence that tests change and judge without pytest.
"""

from pathlib import Path

import pytest
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import load_twin as load_sql_twin
from acceptance.simulator.windows.runner import PowerShellRunner
from acceptance.simulator.windows.twin import load_twin

from acceptance.catalogue.requirements import Catalogue, load_catalogue
from acceptance.inventory.supported import SUPPORTED, load_supported
from tests.evidence.without_pytest import Judge, Pair, judges
from tests.sql_twins import CUSTOMER, PASSWORD, as_evidence, ask_server, customer_of, needs_driver
from tests.twins import PARAMETERS, ask, seen_from_here

ROOT = Path(__file__).parents[2]
TEXT = CUSTOMER.replace(
    "external_access: none",
    "external_access: ssl\n    external_host: web01.demo.example.test",
).replace(
    "writes_back: true\n",
    "writes_back: true\n    thresholds: {cores: 4, memory_gb: 16, free_disk_gb: 40}\n",
)
LIBRARY = r"C:\Program Files\Exact Synergy Enterprise\bin\Exact.Core.dll"
HOSTS = {
    "web01": {
        "roles": ["web"],
        "connection": {"address": "web01.example.test", "auth": "kerberos"},
    },
    "db01": {"roles": ["database"], "sql": {"server": "localhost", "auth": "windows"}},
}


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "tests_infra" / "requirements")


@pytest.fixture(scope="session")
def rules() -> dict[str, Judge]:
    return judges()


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    needs_driver()
    twin, folder = load_twin("server2019-delegated"), tmp_path_factory.mktemp("pair")
    twin.files[LIBRARY] = {"file_version": "503.0.1.2", "product_version": "503.0.1.2"}
    with Endpoints(twin.network) as endpoints:
        runner, here = PowerShellRunner(twin, endpoints), seen_from_here(endpoints)
        web = ask(runner, parameters=PARAMETERS | {"timeout_seconds": 60}, from_here=here)
    with SqlServer(load_sql_twin("sql-compliant"), logins={"acceptance": PASSWORD}) as server:
        database = as_evidence("db01", ask_server(folder, server))
    customer = customer_of(folder, HOSTS, TEXT)
    return Pair(customer, web, database, load_supported(folder, folder / SUPPORTED))
