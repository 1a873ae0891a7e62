"""What runs a received command: a real PowerShell beside the stand-in, or a recording.

Both get the same bytes and give the same: the WinRM service does not know which of them it has.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

from acceptance.simulator.certificates import in_store
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.twin import Twin
from cryptography import x509

STAND_IN = Path(__file__).with_name("Windows.psm1")
RECORDINGS = Path(__file__).parents[1] / "recordings"
# Every runspace that the received script makes has the twin's Windows.
WITH_STAND_IN = (
    f"[runspace]::DefaultRunspace.InitialSessionState.ImportPSModule([string[]]@('{STAND_IN}'))\n"
)
NOW = "@now@"  # stands in a recording for the moment of the replay
LONGEST_RUN = 600  # seconds; a hanging process must not outlive the tests

POWERSHELL = re.compile(r'^"?(?:\S*\\)?powershell(?:\.exe)?"?\s', re.IGNORECASE)
ENCODED = re.compile(r"\s-EncodedCommand\s+([A-Za-z0-9+/=]+)\s*$", re.IGNORECASE)


class Result(NamedTuple):
    """What a program left behind."""

    stdout: bytes
    stderr: bytes
    exit_code: int


Emit = Callable[[str, bytes], None]  # ("stdout" or "stderr", bytes)


class Runner(Protocol):
    """Runs one command line of the remote shell."""

    def run(self, line: str, stdin: Iterator[bytes], emit: Emit) -> Result:
        """Starts at once; its input is handed on as it comes.

        Waits for the end; what the command writes before goes to `emit`, the rest is returned.
        """


def choose_runner(twin: Twin, endpoints: Endpoints | None = None) -> Runner:
    """A real PowerShell 7 where one is on PATH, else the twin's recording."""
    runner = PowerShellRunner if shutil.which("pwsh") else ReplayRunner
    return runner(twin, endpoints)


def encoded_command(line: str) -> str | None:
    """The script behind `powershell.exe … -EncodedCommand …`; None for any other command line."""
    match = ENCODED.search(line) if POWERSHELL.match(line) else None
    return base64.b64decode(match[1]).decode("utf-16-le") if match else None


def unknown_command(line: str) -> Result:
    """cmd.exe's answer to a program that does not exist."""
    program = line.split(maxsplit=1)[0] if line.strip() else ""
    text = f"'{program}' is not recognized as an internal or external command,\r\n"
    text += "operable program or batch file.\r\n"
    return Result(b"", text.encode(), 1)


@dataclass
class PowerShellRunner:
    """Runs the received script unchanged in a `pwsh` process, with the twin's Windows beside it.

    `endpoints`: the servers that the twin reaches, started already; without, they live for one run.
    `trusts`: files of more authorities whose certificates are in its machine's store.
    `at_once`: the first runspace has the twin's Windows too, for commands of other clients; half a
    second that the suite's own script, which makes its runspaces, does not need.
    """

    twin: Twin
    endpoints: Endpoints | None = None
    trusts: Sequence[Path] = ()
    at_once: bool = field(default=False, kw_only=True)

    def run(self, line: str, stdin: Iterator[bytes], emit: Emit) -> Result:
        """Nothing is written before the end."""
        script = encoded_command(line)
        if script is None:
            return unknown_command(line)
        with ExitStack() as stack:
            endpoints = self.endpoints or stack.enter_context(Endpoints(self.twin.network))
            variables = stack.enter_context(beside_windows(self.twin, endpoints, self.trusts))
            words = ["-NoLogo", "-NoProfile", "-NonInteractive", "-EncodedCommand"]
            process = subprocess.Popen(  # noqa: S603 - a simulator's purpose
                ["pwsh", *words, self._encoded(script)],  # noqa: S607
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=variables,
            )
            sink, process.stdin = process.stdin, None
            threading.Thread(target=_feed, args=(sink, stdin), daemon=True).start()
            try:
                stdout, stderr = process.communicate(timeout=LONGEST_RUN)
            finally:
                process.kill()
        return Result(stdout, stderr, process.returncode)

    def _encoded(self, script: str) -> str:
        before = WITH_STAND_IN
        if self.at_once:
            before += f"Import-Module -Name '{STAND_IN}'\n"
        mode = self.twin.powershell["language_mode"]
        if mode != "FullLanguage":
            before += f"$ExecutionContext.SessionState.LanguageMode = '{mode}'\n"
        return base64.b64encode((before + script).encode("utf-16-le")).decode("ascii")


def state_of(twin: Twin, endpoints: Endpoints) -> str:
    """What the stand-in module reads: the twin, and where its network's addresses lead here."""
    network = twin.network | {"routes": endpoints.routes, "roots": endpoints.roots}
    certificates = {
        thumbprint: {**facts, "raw": in_store(facts)}
        for thumbprint, facts in twin.certificates.items()
    }
    return replace(twin, network=network, certificates=certificates).to_json()


@contextmanager
def beside_windows(
    twin: Twin, endpoints: Endpoints, trusts: Sequence[Path] = ()
) -> Iterator[dict[str, str]]:
    """The variables of a PowerShell beside the twin's Windows, which it has for as long.

    `trusts`: files of more authorities in the machine's store.
    """
    with tempfile.TemporaryDirectory() as folder:
        state, store = Path(folder) / "state.json", Path(folder) / "store.pem"
        state.write_text(state_of(twin, endpoints), encoding="utf-8")
        files = (endpoints.ca_file, *trusts)
        store.write_bytes(b"\n".join(file.read_bytes() for file in files))
        yield os.environ | environment(state) | {"SSL_CERT_FILE": str(store)}


def environment(state: Path) -> dict[str, str]:
    """A Windows server's variables; `state`: the file that the stand-in module reads."""
    return {
        "TWIN_STATE": str(state),
        "windir": r"C:\Windows",
        "SystemRoot": r"C:\Windows",
        "SystemDrive": "C:",
        "TZ": "UTC",
        "NO_COLOR": "1",
    }


def _feed(sink: IO[bytes] | None, pieces: Iterator[bytes]) -> None:
    assert sink is not None
    with suppress(OSError), sink:  # the program may have ended before its input
        for piece in pieces:
            sink.write(piece)
            sink.flush()


def recorded(name: str) -> dict[str, Any]:
    """A twin's sections, by name; its file may `extends` another one's."""
    text = (RECORDINGS / f"{name}.json").read_text(encoding="utf-8")
    sections: dict[str, Any] = json.loads(text)
    base = sections.pop("extends", None)
    return recorded(base) | sections if base else sections


def recorded_sql(host: str) -> dict[str, Any]:
    """What SqlClient said of a demo's SQL Server, by "section database"."""
    file = RECORDINGS / f"sqlclient-{host}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="ascii"))
    return found


class ReplayRunner:
    """Answers the collectors from `recordings/<twin>.json`; runs nothing else.

    Certificates are made for a run: with `endpoints` the recorded addresses show theirs, else none.
    """

    def __init__(self, twin: Twin, endpoints: Endpoints | None = None) -> None:
        self._twin = twin
        self._endpoints = endpoints
        self._sections = recorded(twin.name)

    def run(self, line: str, stdin: Iterator[bytes], emit: Emit) -> Result:
        if encoded_command(line) is None:
            return unknown_command(line)
        wanted = json.loads(b"".join(stdin).split(b"\n", 1)[0])["sections"]
        found = self.sections(wanted).items()
        lines = [json.dumps({"section": name, "answer": one}) for name, one in found]
        text = "".join(f"@@FACT@@{line}@@END@@\r\n" for line in lines) + "\n@@DONE@@0\r\n"
        return Result(text.encode("ascii"), b"", 0)

    def sections(self, wanted: Sequence[str]) -> dict[str, Any]:
        """The recorded sections of these names, as if read now. Raises KeyError."""
        text = json.dumps({name: self._sections[name] for name in wanted})
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
        found: dict[str, Any] = json.loads(text.replace(NOW, now))
        if self._endpoints is not None:
            if "outbound" in found:
                _show_certificates(found["outbound"]["value"]["targets"], self._endpoints)
            if "iis" in found:
                _show_roots(found["iis"]["value"], self._twin, self._endpoints)
        return found


def _show_certificates(targets: list[dict[str, Any]], endpoints: Endpoints) -> None:
    for target in targets:
        if target["certificate"]:
            chain = endpoints.shown_by(target["host"], target["port"])
            end = x509.load_der_x509_certificate(chain[0]).not_valid_after_utc
            target["certificate"] |= {
                "thumbprint": hashlib.sha1(chain[0]).hexdigest().upper(),  # noqa: S324 - Windows' own
                "not_after": f"{end:%Y-%m-%dT%H:%M:%S}.0000000Z",
                "chain": [base64.b64encode(one).decode("ascii") for one in chain],
            }


def _show_roots(iis: dict[str, Any], twin: Twin, endpoints: Endpoints) -> None:
    shown = [binding for site in iis["sites"] for binding in site["bindings"]]
    for one in (*shown, *iis["entries"]):
        if one["certificate"]:
            held = twin.certificates.get(one["certificate"]["thumbprint"], {})
            one["certificate"]["root"] = endpoints.roots.get(held.get("root", ""))
            one["certificate"]["raw"] = in_store(held) if held else None
