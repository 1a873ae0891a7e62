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
from acceptance.simulator.windows.runner import STAND_IN, environment, state_of
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


def run_script(
    twin: Twin,
    endpoints: Endpoints,
    folder: Path,
    *words: str,
    shell: str = "pwsh",
    before: str = "",
    trusts: Sequence[Path] = (),
    types: str = "",
    **variables: str,
) -> subprocess.CompletedProcess[str]:
    """`.\\Read-Server.ps1 words` in `folder`, in a real PowerShell; `before`: typed first;
    `trusts`, `types`: as of a Person.
    """
    person = Person(twin, endpoints, trusts, types)
    with tempfile.TemporaryDirectory() as place:
        session = _session(person, Path(place))
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
def started_script(
    twin: Twin, endpoints: Endpoints, folder: Path, *, shell: str = "pwsh"
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The same at a terminal, while it runs: the process, and the terminal's other end."""
    ours, theirs = os.openpty()
    with tempfile.TemporaryDirectory() as place:
        process = subprocess.Popen(  # noqa: S603 - a simulator's purpose
            _command(shell, folder, "", ()),
            env=_session(Person(twin, endpoints), Path(place)) | {"TERM": "dumb"},
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


def _command(shell: str, folder: Path, before: str, words: Sequence[str]) -> list[str]:
    script = str(folder / SCRIPT).replace("'", "''")
    line = f"{TYPES}Import-Module -Name '{STAND_IN}'; {before}& '{script}' {' '.join(words)}"
    return [shell, "-NoProfile", "-NonInteractive", "-Command", line]


def _session(person: Person, place: Path) -> dict[str, str]:
    twin, endpoints = person.twin, person.endpoints
    state, store, typed = place / "state.json", place / "store.pem", place / "typed"
    state.write_text(state_of(twin, endpoints), encoding="utf-8")
    files = (endpoints.ca_file, *person.trusts)
    store.write_bytes(b"\n".join(file.read_bytes() for file in files))
    typed.touch(0o600)
    typed.write_text(person.types, encoding="utf-8")
    here = {"SSL_CERT_FILE": str(store), "TYPED_AT_THE_PROMPT": str(typed)}
    return os.environ | environment(state) | session_of(twin) | here


def session_of(twin: Twin) -> dict[str, str]:
    """The variables of whoever is logged on at the server."""
    domain, _, user = str(twin.accounts["reader"]["account"]).partition("\\")
    computer = twin.cim["Win32_ComputerSystem"][0]["Name"]
    return {
        "USERDOMAIN": domain,
        "USERNAME": user,
        "COMPUTERNAME": computer,
        "SESSIONNAME": "RDP-Tcp#3",
        "USERDNSDOMAIN": "DEMO.EXAMPLE.TEST",
    }


def answer(person: Person, folder: Path) -> None:
    """Every question in `folder` answered beside it. Raises RuntimeError where that failed."""
    for question in sorted(folder.glob("*.ask.json")):
        answered = question.with_name(question.name.replace(".ask.json", ".answer.json"))
        if shutil.which("pwsh") is None:
            script = (folder / SCRIPT).read_bytes()
            session = session_of(person.twin)
            text = by_hand_replay.answer(
                person.twin, person.endpoints, session, script, question.read_bytes()
            )
            answered.write_text(text, encoding="ascii")
            continue
        done = run_script(
            person.twin,
            person.endpoints,
            folder,
            "-Question",
            f"'./{question.name}'",
            trusts=person.trusts,
            types=person.types,
        )
        if not answered.is_file():
            raise RuntimeError(done.stdout + done.stderr)
