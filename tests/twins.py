"""How tests ask a twin: the suite's own collecting, in a real PowerShell, without the network between."""

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.runner import Runner

from acceptance.backends.base import Output, StreamingBackend
from acceptance.collecting.collect import collect
from acceptance.collecting.from_here import View, as_named, see_port
from acceptance.collecting.script import SECTIONS
from acceptance.evidence.connections import FromHere, SeenPort, SeenTarget
from acceptance.evidence.file import Evidence
from acceptance.evidence.reached import Reached


def no_output_yet(_stream: str, _data: bytes) -> None:
    """For runners that give all their output at the end."""
    raise AssertionError("a twin answers at its end")


class RunnerBackend(StreamingBackend):
    """Hands the command line to a simulator's runner, as the WinRM service would."""

    NAME = "winrm"

    def __init__(self, runner: Runner) -> None:
        super().__init__("twin")
        self.runner = runner

    def stream(self, command: str, arguments: Sequence[str], stdin: bytes) -> Output:
        result = self.runner.run(" ".join([command, *arguments]), stdin, no_output_yet)
        return Output(result.stdout, result.stderr, result.exit_code)

    def reached(self) -> Reached:
        return Reached(
            backend=self.NAME,
            address="twin",
            transport="https",
            authentication="ntlm",
            tls="verified",
        )

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
    """What a run beside the twin sees: the addresses' own issuers, and whether the twin's Remote Desktop answers."""
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
    [own, *_] = endpoints.issue(name, issuer)
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
    """The evidence of one twin."""
    return collect(
        RunnerBackend(runner),
        customer=customer,
        host=host,
        sections=sections,
        simulated=True,
        now=lambda: datetime.now(UTC),
        parameters=parameters,
        from_here=from_here,
    )
