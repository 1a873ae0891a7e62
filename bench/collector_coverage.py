"""Which statements of the collectors run in a PowerShell, over the tests' twins and leaves.

    PATH=…/pwsh:$PATH python -m bench.collector_coverage

Each statement is found by PowerShell's own parser and leaves its number behind when it runs;
nothing else of the collectors is changed. Prints the numbers per collector, and what never ran.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from acceptance.simulator.certificates import Authority
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.runner import Emit, Result, Runner
from acceptance.simulator.windows.twin import Twin, load_twin

from acceptance.collecting.script import SECTIONS, source
from tests.catalogue.faults import FAULTS
from tests.catalogue.faults_access import ACCESS_FAULTS
from tests.twins import PARAMETERS, OnePowerShell, ask

STEMS = ("prelude", *SECTIONS)
HITS = "COLLECTOR_HITS"  # the variable that names the file of numbers
TWINS = ("server2019", "server2019-delegated", "server2019-dc", "server2019-workgroup")
LEAVES = ("tests/collecting/test_leaves.py", "tests/collecting/test_leaves_called.py")
FIND = r"""
$found = @{}
foreach ($file in [IO.Directory]::GetFiles($env:COLLECTORS, '*.ps1')) {
    $tree = [Management.Automation.Language.Parser]::ParseFile($file, [ref]$null, [ref]$null)
    $kind = [Management.Automation.Language.StatementAst]
    $statements = $tree.FindAll({ $args[0] -is $kind }, $true)
    $stem = [IO.Path]::GetFileNameWithoutExtension($file)
    $found[$stem] = @($statements | Where-Object -FilterScript {
            $list = $_.Parent.GetType().Name
            (($list -eq 'NamedBlockAst') -or ($list -eq 'StatementBlockAst')) -and
            ($_.GetType().Name -ne 'FunctionDefinitionAst')
        } | ForEach-Object -Process { $_.Extent.StartOffset } | Sort-Object -Unique)
}
[Console]::Out.Write((ConvertTo-Json -InputObject $found -Compress -Depth 3))
"""


@dataclass(frozen=True)
class Statement:
    """Where it begins."""

    stem: str
    offset: int

    @property
    def line(self) -> str:
        text = source(self.stem)
        start = text.rfind("\n", 0, self.offset) + 1
        return text[start : text.index("\n", self.offset)].strip()


def statements(folder: Path) -> list[Statement]:
    """Of the collectors in a folder; a statement's place in the list is its number."""
    for stem in STEMS:
        (folder / f"{stem}.ps1").write_text(source(stem), encoding="ascii", newline="\n")
    done = subprocess.run(
        ["pwsh", "-NoProfile", "-NonInteractive", "-Command", FIND],
        capture_output=True, text=True, check=True, env=os.environ | {"COLLECTORS": str(folder)},
    )  # fmt: skip
    offsets = json.loads(done.stdout)
    return [Statement(stem, offset) for stem in STEMS for offset in offsets[stem]]


def counting(stem: str, every: list[Statement]) -> str:
    """A collector whose statements say that they ran."""
    text = source(stem)
    own = [(number, one.offset) for number, one in enumerate(every) if one.stem == stem]
    for number, offset in reversed(own):
        says = f"[IO.File]::AppendAllText($env:{HITS}, '{number} '); "
        text = text[:offset] + says + text[offset:]
    return text


@dataclass(frozen=True)
class Counting:
    """A runner whose collectors count."""

    runner: Runner
    texts: dict[str, str]

    def run(self, line: str, stdin: bytes, emit: Emit) -> Result:
        script = stdin.decode("ascii").replace("\r\n", "\n")
        for stem, text in self.texts.items():
            script = script.replace(source(stem), text)
        return self.runner.run(line, script.replace("\n", "\r\n").encode("ascii"), emit)


def twins() -> Iterator[Twin]:
    for name in TWINS:
        yield load_twin(name)
    for fault in [*FAULTS[-20:], *ACCESS_FAULTS]:  # those that change what is read, not its value
        twin = load_twin("server2019-delegated")
        fault.breaks(twin)
        yield twin


def collect(texts: dict[str, str]) -> None:
    """Every twin in one PowerShell; what the faults cannot reach is asked all the same."""
    trusted = load_twin(TWINS[0]).network["trusted"]
    authorities = {name: Authority(name) for name in trusted}
    parameters = PARAMETERS | {"timeout_seconds": 1}
    with OnePowerShell(trusted, authorities) as shell:
        for twin in twins():
            if twin.network["trusted"] == trusted:
                with Endpoints(twin.network, authorities) as endpoints:
                    ask(Counting(shell.runner(twin, endpoints), texts), parameters=parameters)


def call_leaves(folder: Path, texts: dict[str, str]) -> None:
    """The leaves' own tests, over collectors that count."""
    for stem, text in texts.items():
        (folder / f"{stem}.ps1").write_text(text, encoding="ascii", newline="\n")
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "pwsh", "-p", "no:cacheprovider", *LEAVES],
        env=os.environ | {"COLLECTORS_FROM": str(folder)}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def never_ran() -> tuple[list[Statement], list[Statement]]:
    """(all statements, those that never ran)."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        hits = folder / "hits"
        hits.touch()
        os.environ[HITS] = str(hits)
        every = statements(folder)
        texts = {stem: counting(stem, every) for stem in STEMS}
        collect(texts)
        call_leaves(folder, texts)
        ran = {int(number) for number in hits.read_text(encoding="ascii").split()}
    return every, [one for number, one in enumerate(every) if number not in ran]


def main() -> None:
    if shutil.which("pwsh") is None:
        sys.exit("this measurement needs PowerShell 7 on PATH (pwsh)")
    every, missed = never_ran()
    for stem in STEMS:
        own = [one for one in every if one.stem == stem]
        print(f"{stem:12} {len(own) - sum(one.stem == stem for one in missed):4} of {len(own):4}")
    print(f"{'all':12} {len(every) - len(missed):4} of {len(every):4}")
    for one in missed:
        print(f"  not run: {one.stem}: {one.line[:100]}")


if __name__ == "__main__":
    main()
