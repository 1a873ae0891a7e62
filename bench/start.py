"""What a run costs before and beside its work: `python bench/start.py [runs]`.

CPU of whole processes, children included, side by side:
an empty pytest file with as many parametrized tests and without the plug-in; the same suite judging
stored evidence; the whole demo with its simulated servers.
The best of several runs each, then a table of where the time of judging goes.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
WITHOUT = ["-p", "no:acceptance.fixtures.plugin", "-p", "no:testinfra"]
EMPTY = "import pytest\n@pytest.mark.parametrize('n', range({count}))\ndef test_it(n): pass\n"
# As on a user's machine, where modules are compiled once.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
LIMITS = {"judging": 1.5, "demo": 2.2}
# The rest of a process is what is in none of these groups.
GROUPS = (
    "hypothesis",
    "sqlglot",
    "acceptance.simulator",
    "cryptography",
    "jinja2",
    "pyodbc",
    "winrm",
)
GROUPS += (
    "requests",
    "pydantic",
    "rich",
    "keyring",
    "acceptance",
    "pytest_html",
    "_pytest",
    "yaml",
)


def cpu(command: list[str], folder: Path) -> float:
    """Seconds of user and system time of a command and its children."""
    before = os.times()
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, check=False)
    after = os.times()
    if done.returncode not in (0, 1):
        sys.exit(done.stdout.decode() + done.stderr.decode())
    return (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )


def best(commands: dict[str, list[str]], folder: Path, runs: int) -> dict[str, float]:
    """The least CPU of each, in turns: what else the machine does strikes them alike."""
    found: dict[str, float] = {}
    for _ in range(runs):
        for name, command in commands.items():
            report = (
                [f"--report-dir={tempfile.mkdtemp(dir=folder)}"] if "--hosts" in command[-1] else []
            )
            found[name] = min(
                found.get(name, 1e9), cpu([*command[:-1], *report, command[-1]], folder)
            )
    return found


def imports(command: list[str], folder: Path) -> Counter[str]:
    """Milliseconds of import by group, of `python -X importtime`."""
    command = [command[0], "-X", "importtime", *command[1:]]
    done = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    said = done.stderr
    spent: Counter[str] = Counter()
    for own, module in re.findall(r"import time: +(\d+) \| +\d+ \| +(\S+)", said):
        spent[group_of(module)] += int(own) / 1000
    return spent


def group_of(module: str) -> str:
    return next((one for one in GROUPS if module == one or module.startswith(f"{one}.")), "others")


def lines(found: dict[str, float]) -> Iterable[str]:
    yield "| run | CPU | of the empty file's | at most |"
    yield "| --- | --- | --- | --- |"
    for name, seconds in found.items():
        limit = LIMITS.get(name, "")
        yield f"| {name} | {seconds:.2f} s | {seconds / found['empty file']:.2f} | {limit} |"


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
            "judging": [*PYTEST, f"--evidence={evidence}", "--hosts=demo"],
            "demo": [*PYTEST, "--hosts=demo"],
        }
        print(f"{tests} tests, the best of {runs} runs each\n")
        print("\n".join(lines(best(commands, folder, runs))))
        print("\n| imported | empty file, ms | judging, ms | demo, ms |\n| --- | --- | --- | --- |")
        spent = [imports(command, folder) for command in commands.values()]
        for group in (*GROUPS, "others"):
            print(f"| {group} | {' | '.join(f'{one[group]:.0f}' for one in spent)} |")


if __name__ == "__main__":
    main()
