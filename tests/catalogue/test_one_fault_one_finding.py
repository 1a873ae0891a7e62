"""One fault, one finding: the compliant twin meets every requirement;
break one thing, and exactly that is found.

Every fault is a host of one simulated customer:
each twin is asked in a real PowerShell, then one pytest run judges them all.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from acceptance.simulator.certificates import Authority
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.runner import PowerShellRunner
from acceptance.simulator.windows.twin import load_twin

from acceptance.catalogue.requirements import load_catalogue
from acceptance.collecting.by_hand.script import script_by_hand
from acceptance.collecting.script import SECTIONS
from acceptance.evidence.file import Evidence
from acceptance.inventory.models import Thresholds
from tests.catalogue.faults import FAULTS as SERVER_FAULTS
from tests.catalogue.faults import Fault
from tests.catalogue.faults_access import ACCESS_FAULTS
from tests.twins import PARAMETERS, OnePowerShell, ask, seen_from_here

ROOT = Path(__file__).parents[2]
COMPLIANT = "compliant"
OVER_SQL = ("sql", "synergy", "licence")  # their faults: test_sql_faults.py, test_synergy_faults.py
FAULTS = [*SERVER_FAULTS, *ACCESS_FAULTS]
UNPROVABLE = {
    "NET-14"
}  # no machine can prove it: it is attested or awaits confirmation, and never fails
INVENTORY = """customers:
  twins:
    title: One fault each
    phase: prepare
    service_account: DEMO\\svc-clickker
    globe: false
    writes_back: false
    external_access: ssl
    external_host: web01.demo.example.test
    thresholds: {cores: 4, memory_gb: 16, free_disk_gb: 40}
    required_hints: [NET-06, NET-07, IIS-27]
    connection: {username: DEMO\\acceptance, password: env:UNUSED}
    hosts:
      db01: {roles: [database], connection: {address: db01.demo.example.test}}
"""

COMPONENTS = load_catalogue(ROOT / "tests_infra" / "requirements").by_rule("iis.component")
LISTED = {one for fault in FAULTS for one in (*fault.fails, *fault.others)} | UNPROVABLE
OF_ALL_FAULTS = "test_the_script_never_says_that_something_looks_mended_which_is_not_met"
Findings = dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the evidence of every fault and the report over it."""
    folder = tmp_path_factory.mktemp("faults")
    (folder / "evidence").mkdir()
    wanted = {
        item.callspec.params["fault"].name
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        if isinstance(item.callspec.params.get("fault"), Fault)
    }
    every = any(item.name == OF_ALL_FAULTS for item in request.session.items)
    faults = [fault for fault in FAULTS if every or fault.name in wanted]
    whole = Fault(COMPLIANT, lambda _: None, frozenset(), left_out=frozenset())
    trusted = load_twin(whole.base).network["trusted"]
    authorities = {name: Authority(name) for name in trusted}

    def collect(faults: Sequence[Fault]) -> list[Evidence]:
        with OnePowerShell(trusted, authorities) as shell:
            return [_collect(fault, shell) for fault in faults]

    with ThreadPoolExecutor(max_workers=2) as pool:
        [compliant, *first], second = pool.map(collect, ([whole, *faults[0::2]], faults[1::2]))
    collected = [_rest_from(compliant, evidence) for evidence in (*first, *second)]
    for evidence in (compliant, *collected):
        (folder / "evidence" / f"{evidence.host}.json").write_text(
            evidence.model_dump_json(), encoding="utf-8"
        )
    hosts = [COMPLIANT, *(fault.name for fault in faults)]
    lines = [
        f"      {host}: {{roles: [web], connection: {{address: {host}.example.test}}}}\n"
        for host in hosts
    ]
    (folder / "hosts.yaml").write_text(INVENTORY + "".join(lines), encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            f"--hosts={','.join(f'twins/{host}' for host in hosts)}",
            f"--inventory={folder / 'hosts.yaml'}",
            "-m",
            "iis or os or network",
            "-q",
            "--tb=no",
            f"--evidence={folder / 'evidence'}",
            f"--report-dir={folder / 'report'}",
            "-p",
            "no:cacheprovider",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def findings(judged: Path) -> Findings:
    """`{host: {requirement: finding}}`, the host being the fault's name."""
    results = json.loads((judged / "report" / "results.json").read_text(encoding="utf-8"))
    found: Findings = {path.stem: {} for path in (judged / "evidence").iterdir()}
    for finding in results["findings"]:
        # Hints have tests of their own (tests/hosts/test_upkeep.py): one fault may give several.
        if finding["marker"] not in OVER_SQL and finding["weight"] == "required":
            found[finding["host"]][finding["requirement"]] = finding["kind"]
    return found


def _collect(fault: Fault, shell: OnePowerShell) -> Evidence:
    """In `shell` unless the fault makes the twin trust other authorities:
    a process reads them once.
    """
    twin = load_twin(fault.base)
    fault.breaks(twin)
    alone = twin.network["trusted"] != shell.trusted
    sections = [section for section in SECTIONS if section not in fault.left_out]
    with Endpoints(twin.network, shell.authorities) as endpoints:
        parameters = PARAMETERS | {"timeout_seconds": fault.seconds}
        here = seen_from_here(endpoints)
        runner = PowerShellRunner(twin, endpoints) if alone else shell.runner(twin, endpoints)
        return ask(
            runner, host=fault.name, sections=sections, parameters=parameters, from_here=here
        )


def _rest_from(compliant: Evidence, evidence: Evidence) -> Evidence:
    """The evidence, with the compliant twin's answers for the sections
    that its fault cannot reach.
    """
    own = {
        name: getattr(evidence.sections, name)
        for name in SECTIONS
        if getattr(evidence.sections, name) is not None
    }
    here = evidence.from_here if "outbound" in own else compliant.from_here
    sections = compliant.sections.model_copy(update=own)
    return evidence.model_copy(update={"sections": sections, "from_here": here})


@pytest.mark.pwsh
def test_the_compliant_twin_meets_everything(findings: Findings) -> None:
    """Without this, a fault's finding would prove nothing."""
    assert {one for one, kind in findings[COMPLIANT].items() if kind != "met"} == UNPROVABLE
    assert {findings[COMPLIANT][one] for one in UNPROVABLE} == {"not applicable"}


@pytest.mark.pwsh
@pytest.mark.parametrize(
    "fault",
    [
        *SERVER_FAULTS,
        # As many again, each in a real PowerShell: more than the short tests have time for.
        *(pytest.param(fault, marks=pytest.mark.slow) for fault in ACCESS_FAULTS),
    ],
    ids=lambda fault: fault.name,
)
def test_a_fault_is_found_and_nothing_else(findings: Findings, fault: Fault) -> None:
    """Exactly the listed requirements are not met; every other finding is the compliant twin's."""
    expected = findings[COMPLIANT] | dict.fromkeys(fault.fails, "not met") | dict(fault.others)
    assert listed(findings[fault.name]) == listed(expected)


def listed(found: dict[str, str]) -> dict[str, str]:
    """Without requirements that no fault names: tests/evidence/test_seen_to_fail.py has theirs."""
    return {one: kind for one, kind in found.items() if one in LISTED}


LOOKS = r"""
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2.0
# What collectors return: tables, and not the objects of ConvertFrom-Json.
function ConvertTo-Table($value) {
    if ($value -is [array]) { return , @(foreach ($one in $value) { ConvertTo-Table $one }) }
    if ($value -isnot [Management.Automation.PSCustomObject]) { return $value }
    $table = [ordered]@{}
    foreach ($one in $value.PSObject.Properties) { $table[$one.Name] = ConvertTo-Table $one.Value }
    $table
}
$all = ConvertFrom-Json -InputObject ([Console]::In.ReadToEnd())
foreach ($one in $all) {
    $facts = ConvertTo-Table $one.facts
    foreach ($point in $one.points) {
        $line = Get-PointLine -Point $point -Facts $facts
        '{0} {1}: {2}' -f $one.host, $point.requirement, ($line -split ': ')[-1]
    }
}
"""


@pytest.mark.slow
@pytest.mark.pwsh
def test_the_script_never_says_that_something_looks_mended_which_is_not_met(
    judged: Path, findings: Findings
) -> None:
    """Nor "not yet" of what is met: a comparison is the whole of its rule."""
    text = script_by_hand().decode("ascii")
    functions = text[text.index("function Get-FactAt") : text.index("# The only place that writes")]
    agreed = Thresholds(cores=4, memory_gb=16, free_disk_gb=40)
    points = [
        {"requirement": one.id, "title": "x", "compared": [each._asdict() for each in compared]}
        for one in load_catalogue(ROOT / "tests_infra" / "requirements")
        if one.id in findings[COMPLIANT]
        for compared in [one.parameters.comparisons(agreed)]
    ]
    asked = []
    for host in findings:
        evidence = json.loads((judged / "evidence" / f"{host}.json").read_text(encoding="utf-8"))
        sections = {one["section"] for point in points for one in point["compared"]}
        facts = {name: evidence["sections"][name] for name in sections}
        asked.append({"host": host, "points": points, "facts": facts})
    done = subprocess.run(
        ["pwsh", "-NoProfile", "-NonInteractive", "-Command", functions + LOOKS],
        input=json.dumps(asked), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    words = {"looks mended / lijkt hersteld": True, "not yet / nog niet": False}
    looks: dict[bool, int] = {True: 0, False: 0}
    for line in done.stdout.splitlines():
        (host, requirement), verdict = line.split(": ")[0].split(), line.split(": ")[1]
        if verdict in words:
            looks[words[verdict]] += 1
            assert (findings[host][requirement] == "met") == words[verdict], line
    assert looks[True] > len(COMPONENTS)
    assert looks[False] >= len(COMPONENTS)
