"""Shapes of what concerns connections: the sections `outbound`, `schannel` and `upkeep`,
and what was measured from here.
"""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from acceptance.evidence.envelope import Read, Strict, Unread
from acceptance.evidence.shapes import Count, Hexadecimal, once

SAFE = ("Tls12", "Tls13")  # .NET's words; the collector offers TLS 1.2
Step = Literal["dns", "tcp", "proxy", "tls", "http", "done"]


class AccountProxy(Strict):
    """What .NET would use for the account that collects; `proxy` None: none."""

    host: str
    proxy: str | None


class Proxies(Strict):
    """The proxies that are set. `winhttp`: the bytes of WinHttpSettings as hex; None: never set."""

    winhttp: Hexadecimal | None
    policy_per_user: int | None
    policy_proxy: str | None
    machine_enabled: int | None
    machine_proxy: str | None
    this_account: list[AccountProxy]


class PeerCertificate(Strict):
    """What the peer showed. `policy_errors`: SslPolicyErrors' bits:
    1 none shown, 2 other name, 4 chain not trusted; 0 accepted.

    `chain`: the DER bytes as base64, the peer's own certificate first, as Windows put it together;
    []: not read.
    """

    subject: str
    issuer: str
    thumbprint: str
    not_after: AwareDatetime
    policy_errors: Annotated[int, Field(ge=0, le=7, strict=True)]
    chain: list[str] = []


class TargetFailure(Strict):
    """Why a step failed: the exception's type, a socket's error, an HTTP status or SslPolicyErrors;
    `message` in the server's language.
    """

    type: str
    code: int | None
    message: str | None


class Target(Strict):
    """One address that the server was asked to reach. `step`: where it ended;
    `proxy`: host:port, None = directly.

    ok: `step` is done; silent: no answer in `step` before the time was over; failed: see `failure`.
    """

    name: str
    host: str
    port: int
    proxy: str | None
    addresses: list[str] | None
    step: Step
    status: Literal["ok", "silent", "failed"]
    failure: TargetFailure | None
    certificate: PeerCertificate | None
    protocol: str | None
    http_status: Annotated[int, Field(ge=100, le=599, strict=True)] | None
    milliseconds: Count

    @model_validator(mode="after")
    def _ended_where_it_says(self) -> Self:
        """ok, done and no failure go together; who has shown a certificate has spoken TLS."""
        if (self.status == "ok") != (self.step == "done") or (
            self.status == "ok" and self.failure is not None
        ):
            raise ValueError(f"{self.name} is {self.status} at step {self.step}")
        if self.status == "failed" and self.failure is None:
            raise ValueError(f"{self.name} failed, and nothing did")
        answered = self.http_status is not None
        if answered and (self.certificate is None or self.protocol not in SAFE):
            raise ValueError(f"{self.name} answered over {self.protocol or 'no TLS'}")
        return self


class OutboundSection(Strict):
    """`{"proxies": {"status": "ok", ...}, "targets": [{"name": "https://www.clickker.nl", "step":
    "done", ...}]}`
    """

    proxies: Read[Proxies] | Unread
    targets: Annotated[list[Target], once("name")]


class Protocol(Strict):
    """A TLS version for one side. None: not set, so Windows' own default holds."""

    version: str
    side: Literal["Client", "Server"]
    enabled: int | None
    disabled_by_default: int | None

    @property
    def switched_off(self) -> bool:
        """Whether the registry switches it off;
        Windows' default is on for TLS 1.2 since Server 2016.
        """
        return self.enabled == 0 or bool(self.disabled_by_default)


class Framework(Strict):
    """One registry view of .NET Framework 4; None: not set."""

    path: str
    strong_crypto: int | None
    system_defaults: int | None


class SchannelSection(Strict):
    """`{"protocols": [{"version": "TLS 1.2", "side": "Client", ...}], "frameworks": [...],
    "powershell": "SystemDefault"}`
    """

    protocols: Annotated[list[Protocol], once("version", "side")]
    frameworks: list[Framework]
    powershell: str


class UpkeepSection(Strict):
    """`{"components_pending": false, "updates_pending": false, ...}`;
    `smb1_server` None: not set, Windows' default.
    """

    components_pending: bool
    updates_pending: bool
    rename_pending: bool
    files_pending: Count
    smb1_server: int | None


class SeenTarget(Strict):
    """The same address asked from where the suite runs.
    `step` done: reached, under a public authority's certificate.

    `certificate`: its DER bytes as base64; `issuer`: for people.
    """

    name: str
    step: Step
    failure: str
    issuer: str | None
    certificate: str | None = None


class SeenPort(Strict):
    """Whether a TCP port of the host was reached from where the suite runs."""

    port: int
    reached: bool
    failure: str


class SeenSite(Strict):
    """The external name's https, asked from where the suite runs;
    `step` done: it showed a certificate.

    `addresses`: where the name leads from here.
    `certificate`: DER as base64, whoever vouches for it.
    `trusted`: a public authority vouches for it and its time has not passed, `distrust` why not;
    `protocol`: the TLS version that was agreed. None: not tried.
    """

    name: str
    addresses: list[str]
    step: Step
    failure: str
    certificate: str | None = None
    trusted: bool | None = None
    distrust: str = ""
    protocol: str | None = None


class FromHere(Strict):
    """What was measured from the machine that the suite runs on:
    beside the server's own answers, never instead of them.

    `authorities`: the public roots of a simulated internet, as base64; []:
    the real ones, which come with the suite.
    """

    targets: Annotated[list[SeenTarget], once("name")]
    ports: Annotated[list[SeenPort], once("port")]
    site: SeenSite | None = None
    authorities: list[str] = []
