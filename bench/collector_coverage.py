"""Which lines of the collectors run in a real PowerShell,
over the twins and faults of the suite's own tests.

    PATH=…/pwsh:$PATH python -m bench.collector_coverage

PowerShell itself says which statements ran (Set-PSDebug -Trace 1) and, by its parser,
on which lines statements begin. Leaf functions that only Windows has are shadowed by the twin
(docs/adding/section.md), so their lines are counted and cannot run here.
"""

import base64
import html
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from acceptance.simulator.windows.runner import PowerShellRunner
from acceptance.simulator.windows.twin import Twin, load_twin

from acceptance.collecting.script import (
    POWERSHELL,
    SECTIONS,
    arguments,
    collector_script,
    stdin_payload,
)
from tests.catalogue.faults import FAULTS
from tests.catalogue.faults_access import ACCESS_FAULTS
from tests.twins import PARAMETERS, no_output_yet

FOLDER = Path(__file__).parents[1] / "acceptance" / "collecting" / "powershell"
TRACED = re.compile(r'<S S="Debug">\s*(\d+)\+(.*?)</S>', re.DOTALL)  # CLIXML on stderr
STATEMENTS = r"""
$tokens = $null; $errors = $null
$text = [Console]::In.ReadToEnd()
$ast = [Management.Automation.Language.Parser]::ParseInput($text, [ref]$tokens, [ref]$errors)
$kinds = 'PipelineAst', 'AssignmentStatementAst', 'ReturnStatementAst', 'ThrowStatementAst',
    'ContinueStatementAst'
$found = $ast.FindAll({ param($one) $kinds -contains $one.GetType().Name }, $true)
$lines = $found | Where-Object -FilterScript {
    $parent = $_.Parent.GetType().Name
    ($parent -eq 'NamedBlockAst') -or ($parent -eq 'StatementBlockAst')
} | ForEach-Object -Process { $_.Extent.StartLineNumber }
[Console]::Out.Write((ConvertTo-Json -InputObject @($lines | Select-Object -Unique) -Compress))
"""


class TracingRunner(PowerShellRunner):
    """Prints every statement that runs."""

    def _encoded(self, script: str) -> str:
        text = base64.b64decode(super()._encoded(script)).decode("utf-16-le")
        head, _, rest = text.partition("\n")  # the stand-in module itself is not traced
        return base64.b64encode(f"{head}\nSet-PSDebug -Trace 1\n{rest}".encode("utf-16-le")).decode(
            "ascii"
        )


def main() -> None:
    if shutil.which("pwsh") is None:
        sys.exit("this measurement needs PowerShell 7 on PATH (pwsh)")
    script = collector_script(SECTIONS).replace("\r\n", "\n").split("\n")
    with ThreadPoolExecutor(max_workers=2) as pool:
        ran: set[int] = set().union(*pool.map(lambda twin: traced(twin, script), twins()))
    statements = statement_lines("\n".join(script))
    report(script, statements, ran)


def twins() -> Iterator[Twin]:
    for name in ("server2019", "server2019-nl", "server2019-de"):
        yield load_twin(name)
    for fault in [*FAULTS[-16:], *ACCESS_FAULTS]:
        twin = load_twin("server2019")
        fault.breaks(twin)
        yield twin


def traced(twin: Twin, script: list[str]) -> set[int]:
    """The lines of the script, from 1, on which a statement ran."""
    line = " ".join([POWERSHELL, *arguments()])
    result = TracingRunner(twin).run(line, stdin_payload(SECTIONS, PARAMETERS), no_output_yet)
    text = re.sub(
        r"_x([0-9A-F]{4})_",
        lambda match: chr(int(match[1], 16)),
        result.stderr.decode("utf-8", "replace"),
    )
    found = ((int(number), html.unescape(said)) for number, said in TRACED.findall(text))
    return {
        number for number, said in found if number <= len(script) and same(said, script[number - 1])
    }


def same(said: str, line: str) -> bool:
    """PowerShell marks the statement within its line."""
    return said.replace(" >>>> ", "").replace(">>>>", "").split() == line.split()


def statement_lines(script: str) -> set[int]:
    encoded = base64.b64encode(STATEMENTS.encode("utf-16-le")).decode("ascii")
    done = subprocess.run(
        ["pwsh", "-NoProfile", "-EncodedCommand", encoded],
        input=script,
        capture_output=True,
        text=True,
    )
    return set(json.loads(done.stdout))


def report(script: list[str], statements: set[int], ran: set[int]) -> None:
    names = {}
    current = "prelude"
    starts = {
        path.read_text(encoding="ascii").split("\n", 1)[0]: path.stem
        for path in FOLDER.glob("*.ps1")
    }
    for number, line in enumerate(script, 1):
        current = starts.get(line, current)
        names[number] = current
    for name in dict.fromkeys(names.values()):
        lines = {number for number in statements if names[number] == name}
        print(f"{name:12} {len(lines & ran):4} of {len(lines):4}")
    print(f"{'all':12} {len(statements & ran):4} of {len(statements):4}")
    if "-v" in sys.argv:
        for number in sorted(statements - ran):
            print(f"  not run: {names[number]}: {script[number - 1].strip()[:140]}")


if __name__ == "__main__":
    main()
