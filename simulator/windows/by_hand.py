"""A person at the simulated server, who runs the script in a folder there, unchanged.

Without a PowerShell on PATH the answer is put together from recordings (by_hand_replay.py).
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows import by_hand_replay
from acceptance.simulator.windows.runner import STAND_IN, beside_windows
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
                script, session = (folder / SCRIPT).read_bytes(), session_of(self.twin)
                text = by_hand_replay.answer(
                    self.twin, self.endpoints, session, script, question.read_bytes()
                )
                answered.write_text(text, encoding="ascii")
                continue
            done = self.run(folder, "-Question", f"'./{question.name}'")
            if not answered.is_file():
                raise RuntimeError(done.stdout + done.stderr)

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
