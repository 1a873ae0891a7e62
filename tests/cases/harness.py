"""What the cases stand on: a changed twin (Windows or SQL Server) or changed evidence,
judged by the product's own pytest run.

A case runs by itself: PROJ=/path/to/clone PYTHONPATH=/path/to/clone/tests/cases python3
NN-name/run.py (python of the clone's venv; pwsh on PATH for Windows twins).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJ = Path(os.environ.get("PROJ", Path(__file__).parents[2]))
sys.path.insert(0, str(PROJ))
os.chdir(PROJ)

from acceptance.collecting.script import SECTIONS
from acceptance.evidence.file import Evidence

CACHE = (
    Path(tempfile.gettempdir())
    / f"acceptance-compliant-{os.getuid() if hasattr(os, 'getuid') else 0}-{os.getppid()}.json"
)
INVENTORY = """customers:
  twins:
    title: Case
    phase: prepare
    service_account: DEMO\\svc-clickker
    external_access: ssl
    external_host: {external_host}
    thresholds: {{cores: 4, memory_gb: 16, free_disk_gb: 40}}
    required_hints: [NET-06, NET-07, IIS-27]
    connection: {{username: DEMO\\acceptance, password: env:UNUSED}}
    hosts:
      web01: {{roles: [web], connection: {{address: web01.example.test}}}}
      db01: {{roles: [database], connection: {{address: db01.demo.example.test}}}}
"""


def web(breaks=lambda twin: None, sections=SECTIONS, base="server2019-delegated"):
    """The evidence of a Windows twin in which one thing was changed;
    sections not asked come from the compliant one.
    """
    from acceptance.simulator.internet import Endpoints
    from acceptance.simulator.windows.runner import PowerShellRunner
    from acceptance.simulator.windows.twin import load_twin

    from tests.twins import PARAMETERS, ask, seen_from_here

    twin = load_twin(base)
    breaks(twin)
    with Endpoints(twin.network) as endpoints:
        here = seen_from_here(endpoints)
        got = ask(
            PowerShellRunner(twin, endpoints),
            host="web01",
            sections=list(sections),
            parameters=PARAMETERS | {"timeout_seconds": 30},
            from_here=here,
        )
    if set(sections) == set(SECTIONS):
        return got
    own = {name: getattr(got.sections, name) for name in sections}
    base_evidence = compliant()
    # What was seen from here belongs to the same certificates;
    # each twin has authorities of its own.
    roots = [*base_evidence.from_here.authorities, *here.authorities]
    here = here if "outbound" in sections else base_evidence.from_here
    here = here.model_copy(update={"authorities": roots})
    return got.model_copy(
        update={"sections": base_evidence.sections.model_copy(update=own), "from_here": here}
    )


def compliant():
    if not CACHE.exists():
        CACHE.write_text(web().model_dump_json(), encoding="utf-8")
    return Evidence.model_validate_json(CACHE.read_text(encoding="utf-8"))


def changed(change):
    """The compliant evidence as JSON, changed by a function, and read again."""
    data = json.loads(compliant().model_dump_json())
    change(data)
    return Evidence.model_validate(data)


def judge(
    evidence,
    ids,
    *,
    external_host="web01.demo.example.test",
    marker="os or iis or network",
    extra=(),
):
    """{id: (kind, found)} for the asked requirements on web01."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "evidence").mkdir()
        (folder / "evidence" / "web01.json").write_text(
            evidence.model_dump_json(), encoding="utf-8"
        )
        (folder / "hosts.yaml").write_text(
            INVENTORY.format(external_host=external_host), encoding="utf-8"
        )
        return _run(folder, ["--hosts=twins/web01", "-m", marker, *extra], "web01", ids)


def sql(
    breaks=lambda twin: None,
    ids=(),
    *,
    phase="prepare",
    secret=None,
    text=None,
    marker="sql or synergy or licence",
    **other,
):
    """{id: (kind, found)} of a SQL Server twin in which one thing was changed."""
    from acceptance.simulator.sqlserver.server import SqlServer
    from acceptance.simulator.sqlserver.state import load_twin

    from tests.sql_twins import CUSTOMER, PASSWORD, as_evidence, ask_server, customer_of

    twin = load_twin("sql-compliant")
    breaks(twin)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "evidence").mkdir()
        (folder / "db01").mkdir()
        logins = {"acceptance": PASSWORD} | (
            {other["username"]: PASSWORD} if "username" in other else {}
        )
        with SqlServer(twin, logins=logins) as server:
            evidence = as_evidence(
                "db01", ask_server(folder / "db01", server, text=text or CUSTOMER, **other)
            )
        (folder / "evidence" / "db01.json").write_text(evidence.model_dump_json(), encoding="utf-8")
        customer_of(
            folder,
            {"db01": {"roles": ["database"], "sql": {"server": "localhost", "auth": "windows"}}},
            text or CUSTOMER,
        )
        return _run(
            folder, ["--hosts=twins/db01", f"--phase={phase}", "-m", marker], "db01", ids
        ), evidence


def _run(folder, arguments, host, ids):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *arguments,
            f"--inventory={folder / 'hosts.yaml'}",
            f"--evidence={folder / 'evidence'}",
            f"--report-dir={folder / 'report'}",
            "-q",
            "--tb=no",
            "-p",
            "no:cacheprovider",
        ],
        cwd=PROJ,
        capture_output=True,
        text=True,
        check=False,
    )
    file = folder / "report" / "results.json"
    if not file.exists():
        raise SystemExit(done.stdout + done.stderr)
    results = json.loads(file.read_text(encoding="utf-8"))
    keep = os.environ.get("KEEP")
    if keep:
        shutil.copytree(folder, keep, dirs_exist_ok=True)
    return {
        f["requirement"]: (f["kind"], str(f.get("found") or f.get("reason") or ""))
        for f in results["findings"]
        if f["host"] == host and (not ids or f["requirement"] in ids)
    }


def verdict(answer, right):
    """Print what came out beside what is right; exit 1 where they differ.

    right: {id: kind or tuple of kinds that are all right}.
    """
    bad = 0
    for key, kinds in right.items():
        kinds = (kinds,) if isinstance(kinds, str) else kinds
        kind, found = answer.get(key, ("(no finding)", ""))
        ok = kind in kinds
        bad += not ok
        print(
            f"{'HOLDS' if ok else 'FAILS'} {key}: {kind!r}, right: "
            f"{' or '.join(map(repr, kinds))}\n      found: {found}"
        )
    raise SystemExit(1 if bad else 0)
