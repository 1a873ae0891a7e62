"""Every field of a compliant pair changed: no judge breaks, and a field that changes nothing has a reviewed reason."""

import json
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import load_twin as load_sql_twin
from acceptance.simulator.windows.runner import PowerShellRunner
from acceptance.simulator.windows.twin import load_twin

from acceptance.catalogue.requirements import Catalogue, load_catalogue
from acceptance.findings.outcome import Outcome
from tests.evidence.fuzz import broke, name_of, outcomes, paths
from tests.evidence.without_pytest import Judge, Pair, judges
from tests.sql_twins import CUSTOMER, PASSWORD, as_evidence, ask_server, customer_of, needs_driver
from tests.twins import PARAMETERS, ask, seen_from_here

pytestmark = [pytest.mark.slow, pytest.mark.pwsh]
ROOT = Path(__file__).parents[2]
REASONS: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent / "unjudged.yaml").read_text(encoding="utf-8")
)
TEXT = CUSTOMER.replace(
    '    thresholds: {sql_versions: ["15.0"]}',
    "    external_access: ssl\n    external_host: web01.demo.example.test\n"
    '    thresholds: {sql_versions: ["15.0"], cores: 4, memory_gb: 16, free_disk_gb: 40}',
)
HOSTS = {
    "web01": {
        "roles": ["web"],
        "connection": {"address": "web01.example.test", "auth": "kerberos"},
    },
    "db01": {"roles": ["database"], "sql": {"server": "localhost", "auth": "windows"}},
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "tests_infra" / "requirements")


@pytest.fixture(scope="module")
def rules() -> dict[str, Judge]:
    return judges()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    needs_driver()
    twin, folder = load_twin("server2019-delegated"), tmp_path_factory.mktemp("pair")
    with Endpoints(twin.network) as endpoints:
        runner, here = PowerShellRunner(twin, endpoints), seen_from_here(endpoints)
        web = ask(runner, parameters=PARAMETERS | {"timeout_seconds": 60}, from_here=here)
    with SqlServer(load_sql_twin("sql-compliant"), logins={"acceptance": PASSWORD}) as server:
        database = as_evidence("db01", ask_server(folder, server))
    return Pair(customer_of(folder, HOSTS, TEXT), web, database)


def test_no_change_breaks_a_judge_and_each_field_counts_or_has_a_reason(
    pair: Pair, catalogue: Catalogue, rules: dict[str, Judge]
) -> None:
    """Some 13,000 changed files; a field that no judge minds is named in unjudged.yaml, and only such a one."""
    compliant = {name: one.outcome for name, one in pair.judged(catalogue, rules)}
    assert list(compliant.values()).count(Outcome.MET) > 50
    broken: list[str] = []
    minded: dict[str, bool] = {}
    for which in ("web", "database"):
        for path in paths(json.loads(getattr(pair, which).model_dump_json())):
            name = f"{which}:{name_of(path)}"
            for value, said in outcomes(pair, which, path, catalogue, rules):
                broken += [f"{name} = {value!r}: {one}" for one in broke(said)]
                changed = any(said[one].outcome is not kind for one, kind in compliant.items())
                minded[name] = minded.get(name, False) or changed
    assert broken == []
    unminded = {name for name, changed in minded.items() if not changed}
    patterns = [pattern for some in REASONS.values() for pattern in some]
    unexplained = {name for name in unminded if not any(fnmatchcase(name, one) for one in patterns)}
    assert unexplained == set()
    idle = [one for one in patterns if not any(fnmatchcase(name, one) for name in unminded)]
    assert idle == []
