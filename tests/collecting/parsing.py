"""PowerShell's own parser over many scripts at once."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

READER = Path(__file__).with_name("parse.ps1")


def facts_of(scripts: Mapping[str, bytes], folder: Path) -> dict[str, dict[str, Any]]:
    """`{name: what parse.ps1 tells}`, by one pwsh; a name may have folders before it."""
    for name, raw in scripts.items():
        path = folder / f"{name}.ps1"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    command = ["pwsh", "-NoProfile", "-NonInteractive", "-File", str(READER)]
    done = subprocess.run(
        [*command, "-Folder", str(folder)], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return {
        Path(one["file"]).relative_to(folder).with_suffix("").as_posix(): one
        for one in json.loads(done.stdout)
    }
