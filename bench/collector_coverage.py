"""Which statements of the collectors run in a PowerShell, over the twins, faults and leaves of the tests.

    PATH=…/pwsh:$PATH python -m bench.collector_coverage [-v]

Each statement is found by PowerShell's own parser and given a number that it leaves behind when it runs; nothing else
of the collectors is changed. `-v` names what did not run.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.runner import PowerShellRunner
from acceptance.simulator.windows.twin import Twin, load_twin

from acceptance.collecting.script import POWERSHELL, SECTIONS, arguments, stdin_payload
from tests.catalogue.faults import FAULTS
from tests.catalogue.faults_access import ACCESS_FAULTS
from tests.collecting.leaves import LEAF_SCRIPTS
from tests.twins import PARAMETERS, no_output_yet

FOLDER = Path(__file__).parents[1] / "acceptance" / "collecting" / "powershell"
STEMS = ("prelude", *SECTIONS)
HITS = "COLLECTOR_HITS"  # the variable that names the file of numbers
KEEP = f"[IO.File]::AppendAllText($env:{HITS}, '{{}} ')"
FIND = r"""
$found = @{}
foreach ($file in Get-ChildItem -LiteralPath $env:COLLECTORS -Filter '*.ps1') {
    $tree = [Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref]$null, [ref]$null)
    $statements = $tree.FindAll({ param($one) $one -is [Management.Automation.Language.StatementAst] }, $true)
    $found[$file.BaseName] = @($statements | Where-Object -FilterScript {
            $list = $_.Parent.GetType().Name
            (($list -eq 'NamedBlockAst') -or ($list -eq 'StatementBlockAst')) -and
            ($_.GetType().Name -ne 'FunctionDefinitionAst')
        } | ForEach-Object -Process { $_.Extent.StartOffset } | Sort-Object -Unique)
}
[Console]::Out.Write((ConvertTo-Json -InputObject $found -Compress -Depth 3))
"""


@dataclass(frozen=True)
class Statement:
    """Where it begins, and its first line."""

    stem: str
    line: int
    text: str


def statements() -> dict[int, Statement]:
    """By number."""
    done = subprocess.run(
        ["pwsh", "-NoProfile", "-Command", FIND], capture_output=True, text=True, check=True,
        env=os.environ | {"COLLECTORS": str(FOLDER)},
    )  # fmt: skip
    found: dict[int, Statement] = {}
    offsets = json.loads(done.stdout)
    for stem in STEMS:
        text = (FOLDER / f"{stem}.ps1").read_text(encoding="ascii")
        for offset in offsets[stem]:
            line = text.count("\n", 0, offset)
            shown = text.split("\n")[line].strip()
            found[1000 * STEMS.index(stem) + len(found) % 1000] = Statement(stem, line + 1, shown)
    return found
