"""A person at the simulated server, who runs the script in a folder there, unchanged.

Without a PowerShell on PATH the answer is put together from recordings.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.runner import (
    NOW,
    STAND_IN,
    ReplayRunner,
    beside_windows,
    recorded_sql,
)
from acceptance.simulator.windows.twin import Twin

SCRIPT = "Read-Server.ps1"
LONGEST = 300  # seconds
# What a person does at the prompt for a password; it stands in a file, for as long as that lasts.
TYPES = """function Get-Credential {
    [CmdletBinding()] param([string] $UserName, [string] $Message)
    $password = [IO.File]::ReadAllText($env:TYPED_AT_THE_PROMPT)
    New-Object -TypeName PSObject | Add-Member -MemberType ScriptMethod -Name GetNetworkCredential `
        -Value { @{ Password = $password } }.GetNewClosure() -PassThru
}
"""


@dataclass(frozen=True)
class Person:
    """Who sits at a twin's server. `trusts`: files of more authorities in its store;
    `types`: the password, where one is asked for.
    """

    twin: Twin
    endpoints: Endpoints
    trusts: Sequence[Path] = ()
    types: str = ""

    def run(
        self, folder: Path, *words: str, shell: str = "pwsh", before: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """`.\\Read-Server.ps1 words` in `folder`, in a real PowerShell; `before`: typed first."""
        with self._logged_on() as session:
            return subprocess.run(  # noqa: S603 - a simulator's purpose
                _command(shell, folder, before, words),
                env=session | variables,
                cwd=folder if folder.is_dir() else None,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=LONGEST,
                check=False,
            )

    @contextmanager
    def start(
        self, folder: Path, *, shell: str = "pwsh"
    ) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
        """The same at a terminal, while it runs: the process, and the terminal's other end."""
        ours, theirs = os.openpty()
        with self._logged_on() as session:
            process = subprocess.Popen(  # noqa: S603 - a simulator's purpose
                _command(shell, folder, "", ()),
                env=session | {"TERM": "dumb"},
                cwd=folder,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                preexec_fn=partial(os.login_tty, theirs),  # Ctrl-C goes to who has it
            )
            os.close(theirs)
            try:
                yield process, ours
            finally:
                process.kill()
                process.wait()
                os.close(ours)

    def answer(self, folder: Path) -> None:
        """Every question in `folder` answered beside it. Raises RuntimeError where that failed."""
        for question in sorted(folder.glob("*.ask.json")):
            answered = question.with_name(question.name.replace(".ask.json", ".answer.json"))
            if shutil.which("pwsh") is None:
                text = self.replayed((folder / SCRIPT).read_bytes(), question.read_bytes())
                answered.write_text(text, encoding="ascii")
                continue
            done = self.run(folder, "-Question", f"'./{question.name}'")
            if not answered.is_file():
                raise RuntimeError(done.stdout + done.stderr)

    def replayed(self, script: bytes, question: bytes) -> str:
        """The answer's text, from recordings. Raises KeyError for what was never recorded."""
        twin, session, asked = self.twin, session_of(self.twin), json.loads(question)
        now = datetime.now(UTC)
        facts = ReplayRunner(twin, self.endpoints).sections(asked["sections"])
        for target in facts.get("outbound", {}).get("value", {}).get("targets", []):
            # Where a demo's own servers listen differs from run to run.
            named = [one for one in asked["parameters"]["targets"] if one["name"] == target["name"]]
            target |= {key: named[0][key] for key in ("host", "port") if named}
        if asked["sql"]:
            facts["sqlclient"] = {name: _sql(name, one, now) for name, one in asked["sql"].items()}
        answered: dict[str, Any] = {
            "at": now.isoformat(),
            "script_sha256": hashlib.sha256(script).hexdigest(),
            "reader": {"status": "ok", "value": twin.accounts["reader"], "milliseconds": 0},
            "user": twin.accounts["reader"]["account"],
            "computer": session["COMPUTERNAME"],
            "domain": session["USERDNSDOMAIN"],
            "session": session["SESSIONNAME"],
            "language_mode": "FullLanguage",
            "version": twin.powershell["version"],
            "complete": True,
        }
        data = {"question": asked, "answered": answered, "facts": facts}
        return json.dumps(data, separators=(",", ":"))

    @contextmanager
    def _logged_on(self) -> Iterator[dict[str, str]]:
        windows = beside_windows(self.twin, self.endpoints, self.trusts)
        with windows as variables, tempfile.NamedTemporaryFile("w", encoding="utf-8") as typed:
            typed.write(self.types)
            typed.flush()
            yield variables | session_of(self.twin) | {"TYPED_AT_THE_PROMPT": typed.name}


def _command(shell: str, folder: Path, before: str, words: Sequence[str]) -> list[str]:
    script = str(folder / SCRIPT).replace("'", "''")
    line = f"{TYPES}Import-Module -Name '{STAND_IN}'; {before}& '{script}' {' '.join(words)}"
    return [shell, "-NoProfile", "-NonInteractive", "-Command", line]


def session_of(twin: Twin) -> dict[str, str]:
    """The variables of whoever is logged on at the server."""
    domain, _, user = str(twin.accounts["reader"]["account"]).partition("\\")
    return {
        "USERDOMAIN": domain,
        "USERNAME": user,
        "COMPUTERNAME": twin.cim["Win32_ComputerSystem"][0]["Name"],
        "SESSIONNAME": "RDP-Tcp#3",
        "USERDNSDOMAIN": "DEMO.EXAMPLE.TEST",
    }


def _sql(host: str, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    known = recorded_sql(host)
    answers = [known[f"{one['section']} {one['database']}"] for one in asked["batches"]]
    clock = now.replace(tzinfo=None).isoformat(timespec="microseconds")  # as Get-SqlValue writes it
    text = json.dumps({"failure": None, "answers": answers}).replace(NOW, clock)
    return {"status": "ok", "value": json.loads(text), "milliseconds": 0}
