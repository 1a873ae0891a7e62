"""How tests ask a twin: the suite's own collecting, in a real PowerShell,
without the network between.
"""

import atexit
import base64
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from acceptance.simulator.certificates import Authority
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.runner import (
    WITH_STAND_IN,
    Emit,
    Result,
    Runner,
    encoded_command,
    environment,
    state_of,
)
from acceptance.simulator.windows.twin import Twin

from acceptance.backends.base import Output, StreamingBackend
from acceptance.collecting.collect import collect
from acceptance.collecting.from_here import View, as_named, see_port
from acceptance.collecting.script import SECTIONS
from acceptance.evidence.connections import FromHere, SeenPort, SeenTarget
from acceptance.evidence.file import Evidence
from acceptance.evidence.reached import Reached

MANY_TWINS = Path(__file__).with_name("many_twins.ps1")


def no_output_yet(_stream: str, _data: bytes) -> None:
    """For runners that give all their output at the end."""
    raise AssertionError("a twin answers at its end")


class RunnerBackend(StreamingBackend):
    """Hands the command line to a simulator's runner, as the WinRM service would."""

    NAME = "winrm"

    def __init__(self, runner: Runner, host: str = "web01") -> None:
        super().__init__(host)
        self.runner = runner
        self.name = host

    def stream(self, command: str, arguments: Sequence[str], stdin: bytes) -> Output:
        result = self.runner.run(" ".join([command, *arguments]), iter([stdin]), no_output_yet)
        return Output(result.stdout, result.stderr, result.exit_code)

    def reached(self) -> Reached:
        return Reached(
            backend=self.NAME,
            address=f"{self.name}.example.test:5986",
            transport="https",
            authentication="ntlm",
            tls="verified",
        )

    def leave(self) -> None:
        """A twin answers at its end: nothing is under way."""

    def close(self) -> None:
        """Nothing stays open."""


WEB = ("www.clickker.nl", "sense-applications.visualstudio.com", "api.cloud.clickker.nl")
PARAMETERS: dict[str, Any] = {
    "service_account": r"DEMO\svc-clickker",
    "proxy": "",
    "timeout_seconds": 5,
    "targets": [
        *({"name": f"https://{name}", "host": name, "port": 443, "tls": True} for name in WEB),
        {"name": "database db01", "host": "db01.demo.example.test", "port": 1433, "tls": False},
    ],
}


# What the three addresses show to who is not behind the customer's firewall.
ISSUERS = {
    "www.clickker.nl": "Public CA A",
    "sense-applications.visualstudio.com": "Public CA B",
    "api.cloud.clickker.nl": "Public CA A",
}


def seen_from_here(endpoints: Endpoints) -> FromHere:
    """What a run beside the twin sees: the addresses' own issuers,
    and whether the twin's Remote Desktop answers.
    """
    port = endpoints.routes_by_name("twin").get("twin:3389")
    targets = [seen(endpoints, name, issuer) for name, issuer in ISSUERS.items()]
    desktop = see_port("127.0.0.1", port, seconds=2) if isinstance(port, int) else None
    reached = SeenPort(
        port=3389, reached=bool(desktop and desktop.reached), failure="" if desktop else "no answer"
    )
    authorities = View(as_named, str(endpoints.public_file)).authorities
    return FromHere(targets=targets, ports=[reached], authorities=authorities)


def seen(endpoints: Endpoints, name: str, issuer: str) -> SeenTarget:
    """An address that shows a certificate by one of the twin's authorities."""
    with TemporaryDirectory() as folder:
        [own, *_] = endpoints.authority(issuer).issue(Path(folder), [name]).shown
    return SeenTarget(
        name=f"https://{name}",
        step="done",
        failure="",
        issuer=f"CN={issuer}",
        certificate=base64.b64encode(own).decode("ascii"),
    )


def ask(
    runner: Runner,
    *,
    customer: str = "twins",
    host: str = "web01",
    sections: Sequence[str] = SECTIONS,
    parameters: Mapping[str, Any] = PARAMETERS,
    from_here: FromHere | None = None,
) -> Evidence:
    """The evidence of one twin, as of a real server of that name:
    only so can it be judged as a customer's.
    """
    return collect(
        RunnerBackend(runner, host),
        customer=customer,
        host=host,
        sections=sections,
        simulated=False,
        now=lambda: datetime.now(UTC),
        parameters=parameters,
        from_here=from_here,
    )


class OnePowerShell:
    """Asks many twins in one PowerShell process, each in a runspace of its own:
    compiled code stays compiled.

    A context manager. `authorities`: those of all its twins' networks.
    A process reads once whom it trusts, so a twin that trusts others needs a process
    of its own (PowerShellRunner).
    """

    def __init__(self, trusted: Sequence[str], authorities: dict[str, Authority]) -> None:
        self.trusted = list(trusted)
        self.authorities = authorities

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._folder = Path(stack.enter_context(TemporaryDirectory()))
            ca_file = self._folder / "trusted.pem"
            ca_file.write_bytes(b"".join(self.authorities[name].pem for name in self.trusted))
            self._state = self._folder / "state.json"
            words = ["-NoLogo", "-NoProfile", "-NonInteractive", "-File"]
            self._process = stack.enter_context(
                subprocess.Popen(
                    ["pwsh", *words, MANY_TWINS, WITH_STAND_IN.strip()],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=os.environ | environment(self._state) | {"SSL_CERT_FILE": str(ca_file)},
                )
            )
            stack.callback(self._process.kill)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def runner(self, twin: Twin, endpoints: Endpoints) -> Runner:
        """A twin's runner; one runs at a time."""
        return _InOnePowerShell(self, state_of(twin, endpoints))

    def answer(self, state: str, bootstrap: str, stdin: bytes) -> bytes:
        """What the bootstrap wrote to stdout."""
        self._state.write_text(state, encoding="utf-8")
        lines = stdin.decode("ascii").replace("\r\n", "\n")
        question = {"state": str(self._state), "bootstrap": bootstrap, "stdin": lines}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        self._process.stdin.flush()
        return base64.b64decode(self._process.stdout.readline().rstrip(), validate=True)


def ask_quickly(twin: Twin, sections: Sequence[str]) -> Evidence:
    """A twin without its network, in the one PowerShell of this process."""
    with Endpoints({}) as nowhere:
        return ask(_one_for_all().runner(twin, nowhere), sections=sections)


@cache
def _one_for_all() -> OnePowerShell:
    shell = OnePowerShell([], {}).__enter__()
    atexit.register(shell.__exit__)
    return shell


@dataclass(frozen=True)
class _InOnePowerShell:
    shell: OnePowerShell
    state: str

    def run(self, line: str, stdin: Iterator[bytes], _emit: Emit) -> Result:
        script = encoded_command(line)
        assert script is not None
        return Result(self.shell.answer(self.state, script, b"".join(stdin)), b"", 0)
