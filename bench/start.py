"""What a run costs before and beside its work: `python bench/start.py [runs]`.

CPU of whole processes, children included, side by side:
an empty pytest file with as many parametrized tests and without the plug-in; the same suite judging
stored evidence; the whole demo with its simulated servers, with recorded answers and, where `pwsh`
is on PATH, with a real PowerShell. The best of several runs each, then a table of where the time
goes. The empty file stands there twice: in a development environment, such as the clone's,
hypothesis's plug-in costs every file something, and an engineer's environment has none.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
WITHOUT = ["-p", "no:acceptance.fixtures.plugin", "-p", "no:testinfra"]
BARE = ["-p", "no:hypothesispytest"]
EMPTY = "import pytest\n@pytest.mark.parametrize('n', range({count}))\ndef test_it(n): pass\n"
# As on a user's machine, where modules are compiled once.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
REAL = "demo, real PowerShell"
LIMITS = {"judging": 1.5, "demo": 2.2}
# The rest of a process is what is in none of these groups.
GROUPS = (
    "_pytest",
    "hypothesis",
    "pytest_html",
    "jinja2",
    "pydantic",
    "yaml",
    "cryptography",
    "acceptance.simulator",
    "acceptance",
    "sqlglot",
    "spnego",
    "requests",
    "urllib3",
    "charset_normalizer",
    "winrm",
    "filelock",
    "rich",
    "keyring",
    "pyodbc",
)


def without_pwsh() -> dict[str, str]:
    """An environment in which no PowerShell is found, so that its answers are replayed."""
    folders = ENVIRONMENT["PATH"].split(os.pathsep)
    kept = [one for one in folders if not shutil.which("pwsh", path=one)]
    return ENVIRONMENT | {"PATH": os.pathsep.join(kept)}


def cpu(command: list[str], folder: Path, environment: dict[str, str] = ENVIRONMENT) -> float:
    """Seconds of user and system time of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        sys.exit(done.stdout.decode() + done.stderr.decode())
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def best(commands: dict[str, list[str]], folder: Path, runs: int) -> dict[str, float]:
    """The least CPU of each, in turns: what else the machine does strikes them alike."""
    found: dict[str, float] = {}
    for _ in range(runs):
        for name, command in commands.items():
            report = (
                [f"--report-dir={tempfile.mkdtemp(dir=folder)}"] if "--hosts" in command[-1] else []
            )
            environment = ENVIRONMENT if name == REAL else without_pwsh()
            seconds = cpu([*command[:-1], *report, command[-1]], folder, environment)
            found[name] = min(found.get(name, 1e9), seconds)
    return found


def imports(command: list[str], folder: Path) -> dict[str, float]:
    """Milliseconds of import by group, of `python -X importtime`."""
    command = [command[0], "-X", "importtime", *command[1:]]
    done = subprocess.run(
        command, cwd=folder, env=without_pwsh(), capture_output=True, text=True, check=False
    )
    said = done.stderr
    spent: dict[str, float] = defaultdict(float)
    for own, module in re.findall(r"import time: +(\d+) \| +\d+ \| +(\S+)", said):
        spent[group_of(module)] += int(own) / 1000
    return spent


def group_of(module: str) -> str:
    return next((one for one in GROUPS if module == one or module.startswith(f"{one}.")), "others")


def lines(found: dict[str, float]) -> Iterable[str]:
    yield "| run | CPU | of the empty file's | without hypothesis | at most |"
    yield "| --- | --- | --- | --- | --- |"
    for name, seconds in found.items():
        limit = LIMITS.get(name, "")
        ratios = f"{seconds / found['empty file']:.2f} | {seconds / found['empty, bare']:.2f}"
        yield f"| {name} | {seconds:.2f} s | {ratios} | {limit} |"


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        first = [*PYTEST, f"--report-dir={folder / 'first'}", "--hosts=demo"]
        cpu(first, folder)
        evidence = folder / "first" / "evidence"
        tests = (folder / "first" / "junit.xml").read_text(encoding="utf-8").count("<testcase ")
        (folder / "test_empty.py").write_text(EMPTY.format(count=tests), encoding="utf-8")
        commands = {
            "empty file": [*PYTEST, *WITHOUT, "test_empty.py"],
            "empty, bare": [*PYTEST, *BARE, *WITHOUT, "test_empty.py"],
            "judging": [*PYTEST, f"--evidence={evidence}", "--hosts=demo"],
            "demo": [*PYTEST, "--hosts=demo"],
        }
        real = {REAL: commands["demo"]} if shutil.which("pwsh") else {}
        print(f"{tests} tests, the best of {runs} runs each\n")
        print("\n".join(lines(best(commands | real, folder, runs))))
        print(f"\n| imported, ms | {' | '.join(commands)} |\n{'| --- ' * (len(commands) + 1)}|")
        spent = [imports(command, folder) for command in commands.values()]
        for group in (*GROUPS, "others"):
            print(f"| {group} | {' | '.join(f'{one[group]:.0f}' for one in spent)} |")
        print(f"| all | {' | '.join(f'{sum(one.values()):.0f}' for one in spent)} |")


if __name__ == "__main__":
    main()
