"""One fault, one finding, for what is judged on the web server with Synergy's database beside it:
a customer of two hosts each.

Windows is asked in a real PowerShell, the SQL Server over the real driver;
then the judges are called on both.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
from acceptance.simulator.certificates import Authority
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import Twin as SqlTwin
from acceptance.simulator.sqlserver.state import load_twin as load_sql_twin
from acceptance.simulator.windows.twin import Twin, load_twin

from acceptance.catalogue.requirements import load_catalogue
from acceptance.evidence.file import Evidence
from acceptance.findings.outcome import Outcome
from acceptance.inventory.supported import SUPPORTED, load_supported
from tests.catalogue.faults_sql import table
from tests.catalogue.test_sql_faults import judged
from tests.evidence.without_pytest import Pair, judges
from tests.sql_twins import CUSTOMER, PASSWORD, as_evidence, ask_server, customer_of, needs_driver
from tests.surgery import rewrite
from tests.twins import OnePowerShell, ask

CONFIG = r"C:\Windows\System32\inetsrv\config\applicationHost.config"
SYNERGY = r"C:\Program Files\Exact Synergy Enterprise"
OLD = r"C:\Program Files (x86)\Exact Synergy Enterprise"
UNINSTALL = r"HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\ExactSynergyEnterprise"
POOL = (
    '<add name="Clickker">'
    r'<processModel identityType="SpecificUser" userName="demo\SVC-Clickker" />'
    "</add>"
)


@dataclass(frozen=True)
class Change:
    """What is done to the web server and to its database, and what becomes of the findings."""

    name: str
    windows: Callable[[Twin], None] | None = None
    database: Callable[[SqlTwin], None] | None = None
    becomes: dict[str, str] = field(default_factory=dict)
    sql_asked: bool = True


def release(number: int | None) -> Callable[[SqlTwin], None]:
    """All places of the database state this release; None: no place states any."""

    def breaks(twin: SqlTwin) -> None:
        table(twin, "bedryf").rows[0].update({"VersionMajor": number or 5, "batchlevel": number})
        table(twin, "BacoSettings").rows[0]["StringValue"] = str(number or "5.0.0.512")
        table(twin, "LicenseWSCallLog").rows[:] = (
            [{"ID": 1, "Release": str(number)}] if number else []
        )

    return breaks


def _installed_as(name: str) -> Callable[[Twin], None]:
    return lambda twin: twin.registry[UNINSTALL].update(DisplayName=name)


def _files_state(release: int | None) -> Callable[[Twin], None]:
    """None: as the twin comes, whose library bears a version that is no release."""
    version = f"{release}.0.1.2" if release else "5.0.0.737"

    def breaks(twin: Twin) -> None:
        twin.files[rf"{SYNERGY}\bin\Exact.Core.dll"] = {
            "file_version": version,
            "product_version": version,
        }

    return breaks


def _old_copy_beside(twin: Twin) -> None:
    """In the folder that Exact's installer takes on its own; no application of IIS serves it."""
    version = {"file_version": "501.0.1.2", "product_version": "501.0.1.2"}
    twin.files[rf"{OLD}\bin\Exact.Core.dll"] = version


def _only_the_old_copy_states(twin: Twin) -> None:
    """And Windows' list does not say which copy it means."""
    _files_state(None)(twin)
    _installed_as("Exact Synergy Enterprise 503")(twin)
    version = {"file_version": "503.0.1.2", "product_version": "503.0.1.2"}
    twin.files[rf"{OLD}\bin\Exact.Core.dll"] = version


def _no_pool(twin: Twin) -> None:
    rewrite(twin, CONFIG, POOL, "")


def _pool_of_another(twin: Twin) -> None:
    rewrite(twin, CONFIG, "SVC-Clickker", "svc-synergy")


def _pool_as_upn(twin: Twin) -> None:
    rewrite(twin, CONFIG, "demo\\SVC-Clickker", "svc-clickker@demo.example.test")


def _pool_called_otherwise(twin: Twin) -> None:
    rewrite(twin, CONFIG, 'name="Clickker"', 'name="ClickkerAPI"')


SERVER = "server2019"
AWAITS, NOT_MET = "awaiting confirmation", "not met"
WORDS = {
    Outcome.MET: "met",
    Outcome.NOT_MET: NOT_MET,
    Outcome.UNPROVABLE: AWAITS,
    Outcome.UNREAD: "could not be checked",
}
ON_THE_WEB_SERVER = ("SYN-01", "SYN-02", "SYN-03", "SYN-08", "SYN-09")
REQUIREMENTS = Path(__file__).parents[2] / "tests_infra" / "requirements"
BOTH = ("SYN-02", "SYN-03")
CHANGES = [
    Change("release-501", _files_state(501), release(501), dict.fromkeys(BOTH, NOT_MET)),
    Change("release-505", _files_state(505), release(505), {"SYN-03": AWAITS}),
    Change("release-of-the-programs-alone", None, release(None), dict.fromkeys(BOTH, AWAITS)),
    Change(
        "release-of-the-database-alone", _files_state(None), becomes=dict.fromkeys(BOTH, AWAITS)
    ),
    Change(
        "release-contradicted",
        _installed_as("Exact Synergy Enterprise 502"),
        becomes=dict.fromkeys(BOTH, AWAITS),
    ),
    Change("release-501-of-a-copy-beside", _old_copy_beside),
    Change(
        "release-of-a-copy-beside-alone",
        _only_the_old_copy_states,
        becomes=dict.fromkeys(BOTH, AWAITS),
    ),
    Change(
        "database-not-asked", becomes=dict.fromkeys(BOTH, "could not be checked"), sql_asked=False
    ),
    Change(  # files and database are updated apart: the database may say otherwise
        "database-not-asked-though-files-agree",
        _installed_as("Exact Synergy Enterprise 503"),
        becomes=dict.fromkeys(BOTH, "could not be checked"),
        sql_asked=False,
    ),
    Change("no-pool", _no_pool, becomes={"SYN-08": NOT_MET}),
    Change("pool-called-otherwise", _pool_called_otherwise, becomes={"SYN-08": AWAITS}),
    Change("pool-account-in-another-spelling", _pool_as_upn, becomes={"SYN-08": AWAITS}),
    Change("pool-of-another", _pool_of_another, becomes={"SYN-08": NOT_MET}),
]
LISTED = {one for change in CHANGES for one in change.becomes}
FORM = """    attestations:
      - {requirement: SYN-09, name: C. Customer, role: managing director, on: 2026-11-01,
         document: form.pdf}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a folder for each change: an inventory, and the evidence."""
    return tmp_path_factory.mktemp("synergy")


@pytest.fixture(scope="module")
def findings(folder: Path) -> dict[str, dict[str, str]]:
    """`{change: {requirement: finding on the web server}}`."""
    needs_driver()
    changes = [Change("compliant"), *CHANGES]
    trusted = load_twin(SERVER).network["trusted"]
    with OnePowerShell(trusted, {name: Authority(name) for name in trusted}) as shell:
        # Asked once for all changes that leave Windows alone.
        web = {breaks: _web_server(breaks, shell) for breaks in {one.windows for one in changes}}
    return {one.name: _findings(one, web[one.windows], folder / one.name) for one in changes}


def _web_server(breaks: Callable[[Twin], None] | None, shell: OnePowerShell) -> Evidence:
    """What Windows says."""
    windows = load_twin(SERVER)
    rewrite(windows, CONFIG, "<applicationPoolDefaults", f"{POOL}<applicationPoolDefaults")
    _files_state(503)(windows)
    if breaks is not None:
        breaks(windows)
    with Endpoints(windows.network, shell.authorities) as endpoints:
        runner = shell.runner(windows, endpoints)
        return ask(runner, host="web01", sections=["iis", "exact"])


def _findings(change: Change, web: Evidence, folder: Path) -> dict[str, str]:
    """What the judges say of the web server; the evidence is kept in `folder`."""
    (folder / "evidence").mkdir(parents=True)
    database = load_sql_twin("sql-compliant")
    if change.database is not None:
        change.database(database)
    sql = None
    if change.sql_asked:
        with SqlServer(database, logins={"acceptance": PASSWORD}) as server:
            sql = ask_server(folder, server, sections=["product", "release", "person", "roles"])
    hosts = {
        "web01": {
            "roles": ["web"],
            "connection": {"address": "web01.example.test", "auth": "kerberos"},
        },
        "db01": {"roles": ["database"], "sql": {"server": "localhost"}},
    }
    pair = Pair(
        customer_of(folder, hosts),
        web,
        as_evidence("db01", sql),
        load_supported(folder, folder / SUPPORTED),
    )
    for one in (pair.web, pair.database):
        (folder / "evidence" / f"{one.host}.json").write_text(
            one.model_dump_json(), encoding="utf-8"
        )
    rules = judges()
    return {
        name: WORDS[said.outcome]
        for name, said in pair.judged(load_catalogue(REQUIREMENTS), rules)
        if name in ON_THE_WEB_SERVER
    }


@pytest.mark.pwsh
@pytest.mark.parametrize("name", ["compliant", "release-505", "database-not-asked"])
def test_a_run_of_pytest_says_the_same(
    findings: dict[str, dict[str, str]], folder: Path, name: str
) -> None:
    """The judges are called as plain functions here: a process for each change would cost more than
    all of it.
    """
    assert judged(folder / name, "installed", "synergy")["web01"] == findings[name]


@pytest.mark.pwsh
def test_the_compliant_pair_meets_all_that_a_machine_can_prove(
    findings: dict[str, dict[str, str]],
) -> None:
    """The signed form is of paper."""
    compliant = dict(findings["compliant"])
    assert compliant.pop("SYN-09") == AWAITS
    assert set(compliant) >= LISTED
    assert set(compliant.values()) == {"met"}


@pytest.mark.pwsh
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_changes_its_findings_and_no_others(
    findings: dict[str, dict[str, str]], change: Change
) -> None:
    """One place that states a release decides nothing; two that agree do;
    a contradiction awaits confirmation.
    """
    expected = findings["compliant"] | change.becomes
    assert {one: findings[change.name][one] for one in LISTED} == {
        one: expected[one] for one in LISTED
    }


def test_an_attested_document_is_hashed(tmp_path: Path) -> None:
    """A document beside the inventory stands in the results with its SHA-256:
    nobody can exchange it afterwards.
    """
    (tmp_path / "form.pdf").write_bytes(b"signed")
    (tmp_path / "evidence").mkdir()
    hosts = {
        "web01": {
            "roles": ["web"],
            "connection": {"address": "web01.example.test", "auth": "kerberos"},
        }
    }
    customer_of(tmp_path, hosts, CUSTOMER.replace("    hosts:\n", f"{FORM}    hosts:\n"))
    (tmp_path / "evidence" / "web01.json").write_text(
        as_evidence("web01", None).model_dump_json(), encoding="utf-8"
    )
    assert judged(tmp_path, "installed", "synergy")["web01"]["SYN-09"] == "attested"
    results = json.loads(
        (tmp_path / "report-installed" / "results.json").read_text(encoding="utf-8")
    )
    [form] = [finding for finding in results["findings"] if finding["requirement"] == "SYN-09"]
    assert f"form.pdf (SHA-256 {sha256(b'signed').hexdigest()})" in form["reason"]
