"""Microsoft's T-SQL parser (shared/tsql), run by the PowerShell that brings it along."""

import json
import subprocess
from pathlib import Path
from typing import Any


def parse_tsql(shared: Path, folder: Path, version: str | None = None) -> dict[str, dict[str, Any]]:
    """What it says of each *.sql in `folder`, by the file's stem; `version`: of the language.

    The parser lies in shared/pwsh, whichever PowerShell is on PATH.
    """
    command = [str(shared / "pwsh" / "pwsh"), "-NoProfile", "-File"]
    command += [str(shared / "tsql" / "Read-TSql.ps1"), "-Path", str(folder / "*.sql")]
    if version is not None:
        command += ["-Version", version]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    decoder, parsed = json.JSONDecoder(), {}
    while text:
        one, end = decoder.raw_decode(text)
        for answer in one if isinstance(one, list) else [one]:
            parsed[Path(answer["file"]).stem] = answer
        text = text[end:].strip()
    return parsed
