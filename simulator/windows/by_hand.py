"""A person at the simulated server, who runs the script in a folder there, unchanged.

Without a PowerShell on PATH the answer is put together from the twin's recording, as the script
would write it.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.runner import STAND_IN, ReplayRunner, environment, state_of
from acceptance.simulator.windows.twin import Twin

SCRIPT = "Read-Server.ps1"
LONGEST = 300  # seconds


def run_script(
    twin: Twin,
    endpoints: Endpoints,
    folder: Path,
    *words: str,
    shell: str = "pwsh",
    before: str = "",
    **variables: str,
) -> subprocess.CompletedProcess[str]:
    """`.\\Read-Server.ps1 words` in `folder`, in a real PowerShell; `before`: typed first."""
    with tempfile.TemporaryDirectory() as place:
        session = _session(twin, endpoints, Path(place))
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
            env=_session(twin, endpoints, Path(place)) | {"TERM": "dumb"},
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
    line = f"Import-Module -Name '{STAND_IN}'; {before}& '{script}' {' '.join(words)}"
    return [shell, "-NoProfile", "-NonInteractive", "-Command", line]


def _session(twin: Twin, endpoints: Endpoints, place: Path) -> dict[str, str]:
    state = place / "state.json"
    state.write_text(state_of(twin, endpoints), encoding="utf-8")
    return os.environ | environment(state) | session_of(twin, endpoints)


def session_of(twin: Twin, endpoints: Endpoints) -> dict[str, str]:
    """The variables of whoever is logged on at the server, and whom the server trusts."""
    domain, _, user = str(twin.accounts["reader"]["account"]).partition("\\")
    computer = twin.cim["Win32_ComputerSystem"][0]["Name"]
    return {
        "USERDOMAIN": domain,
        "USERNAME": user,
        "COMPUTERNAME": computer,
        "SESSIONNAME": "RDP-Tcp#3",
        "USERDNSDOMAIN": "DEMO.EXAMPLE.TEST",
        "SSL_CERT_FILE": str(endpoints.ca_file),
    }


def answer(twin: Twin, endpoints: Endpoints, folder: Path) -> None:
    """Every question in `folder` answered beside it. Raises RuntimeError where that failed."""
    for question in sorted(folder.glob("*.ask.json")):
        if shutil.which("pwsh") is None:
            _replay(twin, endpoints, question)
            continue
        done = run_script(twin, endpoints, folder, "-Question", f"'./{question.name}'")
        if not _answer_of(question).is_file():
            raise RuntimeError(done.stdout + done.stderr)


def _answer_of(question: Path) -> Path:
    return question.with_name(question.name.replace(".ask.json", ".answer.json"))


def _replay(twin: Twin, endpoints: Endpoints, question: Path) -> None:
    asked = json.loads(question.read_bytes())
    line = json.dumps({"sections": asked["sections"]}).encode() + b"\n"
    told = ReplayRunner(twin, endpoints).run(_any_script(), line, lambda *_: None).stdout
    facts = json.loads(told.partition(b"@@FACT@@")[2].partition(b"@@END@@")[0])["data"]["sections"]
    session = session_of(twin, endpoints)
    text = (question.parent / SCRIPT).read_bytes()
    answered: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(),
        "script_sha256": hashlib.sha256(text).hexdigest(),
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
    _answer_of(question).write_text(json.dumps(data, separators=(",", ":")), encoding="ascii")


def _any_script() -> str:
    return "powershell.exe -EncodedCommand IAA="
