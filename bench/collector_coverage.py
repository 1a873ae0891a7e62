"""Which statements of the collectors, of the bootstrap and of the script by hand run in a
PowerShell, over the tests' twins and leaves.

    PATH=…/pwsh:$PATH python -m bench.collector_coverage

Each statement is found by PowerShell's own parser and leaves its number behind when it runs;
nothing else of the collectors is changed. Prints the numbers per collector, and what never ran.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from acceptance.collecting import script
from acceptance.collecting.by_hand import script as by_hand
from acceptance.collecting.by_hand.script import own_source
from acceptance.collecting.script import OWN, SECTIONS, source

BY_HAND = ("head", "tail")  # around the same collectors
STEMS = ("bootstrap", "prelude", *SECTIONS, OWN, "sqlclient", *BY_HAND)
HITS = "HITS"  # the variable that names the file of numbers; short, as each statement says it
TESTS = (
    "tests/collecting/test_leaves.py", "tests/collecting/test_leaves_called.py",
    "tests/collecting/test_rare_answers.py", "tests/collecting/test_broken_configuration.py",
    "tests/collecting/test_exact.py",
    "tests/collecting/test_outbound.py", "tests/collecting/test_script.py",
    "tests/collecting/test_through.py", "tests/collecting/test_asked_besides.py",
    "tests/simulator/test_twins.py", "tests/catalogue/test_one_fault_one_finding.py",
    "tests/collecting/test_bootstrap.py", "tests/by_hand",
)  # fmt: skip
# Where the language is constrained no method may be called, and a file of its own says it.
SAYS = (
    f"[IO.File]::AppendAllText($env:{HITS},'%d ')",
    "if ($ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage') { %s } "
    f"else {{ $null = New-Item -ItemType File -Force -Path ($env:{HITS} + '-%d') }}",
)
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
        text = text_of(self.stem)
        start = text.rfind("\n", 0, self.offset) + 1
        return text[start : text.index("\n", self.offset)].strip()


def text_of(stem: str) -> str:
    """As it stands in the repository."""
    return own_source(stem) if stem in BY_HAND else source(stem)


def statements(folder: Path) -> list[Statement]:
    """Of the collectors in a folder; a statement's place in the list is its number."""
    for stem in STEMS:
        (folder / f"{stem}.ps1").write_text(text_of(stem), encoding="ascii", newline="\n")
    done = subprocess.run(
        ["pwsh", "-NoProfile", "-NonInteractive", "-Command", FIND],
        capture_output=True, text=True, check=True, env=os.environ | {"COLLECTORS": str(folder)},
    )  # fmt: skip
    offsets = json.loads(done.stdout)
    return [Statement(stem, offset) for stem in STEMS for offset in offsets[stem]]


def counting(stem: str, every: list[Statement]) -> str:
    """A collector whose statements say that they ran."""
    text = text_of(stem)
    own = [(number, one.offset) for number, one in enumerate(every) if one.stem == stem]
    for number, offset in reversed(own):
        says = SAYS[0] % number
        if stem in ("bootstrap", *BY_HAND):
            says = SAYS[1] % (says, number)
        says = f"{says}; "
        text = text[:offset] + says + text[offset:]
    return text


def run_tests(folder: Path) -> None:
    """The tests over collectors that count: whatever they ask, they leave numbers behind."""

    def read(name: str) -> str:
        return (folder / f"{name}.ps1").read_text(encoding="ascii")

    script.source = by_hand.source = by_hand.own_source = read  # only here: a run of its own
    words = ["-q", "-m", "pwsh", "--slow", "-p", "no:cacheprovider", "--tb=no", *TESTS]
    pytest.main(words, plugins=[InThisShell()])


class InThisShell:
    """Of tests that run in several PowerShells, those in the one that is on PATH."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        here = Path(shutil.which("pwsh") or "pwsh").resolve().parent.name
        items[:] = [
            one
            for one in items
            if getattr(one, "callspec", None) is None
            or one.callspec.params.get("shell", here) == here
        ]


def never_ran() -> tuple[list[Statement], list[Statement]]:
    """(all statements, those that never ran)."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        hits = folder / "hits"
        hits.touch()
        every = statements(folder)
        for stem in STEMS:
            (folder / f"{stem}.ps1").write_text(counting(stem, every), encoding="ascii")
        given = {HITS: str(hits), "COLLECTORS_FROM": str(folder)}
        subprocess.run(
            [sys.executable, "-m", "bench.collector_coverage", str(folder)],
            env=os.environ | given, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        ran = {int(number) for number in hits.read_text(encoding="ascii").split()}
        ran |= {int(one.name.partition("-")[2]) for one in folder.glob("hits-*")}
    return every, [one for number, one in enumerate(every) if number not in ran]


def main() -> None:
    if len(sys.argv) > 1:
        run_tests(Path(sys.argv[1]))
        return
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
