"""Ask one host once: backend -> evidence. Knows no requirement."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib import metadata
from typing import Any

from acceptance.backends.base import Output, StreamingBackend
from acceptance.collecting.output import parse_output
from acceptance.collecting.script import (
    DEADLINE,
    END,
    POWERSHELL,
    arguments,
    digest,
    stdin_payload,
)
from acceptance.errors import DeadlineError, HostError
from acceptance.evidence.connections import FromHere
from acceptance.evidence.envelope import Failure
from acceptance.evidence.file import Evidence
from acceptance.evidence.windows import Sections


def suite_version() -> str:
    """The installed suite's version: part of every evidence and report."""
    try:
        return metadata.version("clickker-acceptance")
    except metadata.PackageNotFoundError:
        return "0.0.0+unknown"


def collect(
    backend: StreamingBackend,
    *,
    customer: str,
    host: str,
    sections: Sequence[str],
    simulated: bool,
    now: Callable[[], datetime],
    parameters: Mapping[str, Any] | None = None,
    from_here: FromHere | None = None,
    deadline: float = DEADLINE,
) -> Evidence:
    """Run the sections' collectors on `host`. A HostError becomes the evidence's `failure`;
    the backend is closed.

    `deadline`: the host's, in seconds; a section has its part of it.

    `parameters`: data for the collectors, such as the service account's name; part of the evidence.
    """
    started = now()
    read, failure = Sections(), None
    try:
        output, late = output_of(backend, stdin_payload(sections, parameters, deadline))
        read = parse_output(host, output, sections, late)
        # In ConstrainedLanguage every section answers; keep those that were asked for.
        read = Sections(**{name: getattr(read, name) for name in sections})
    except HostError as error:
        failure = Failure.of(error)
    finally:
        backend.close()
    return Evidence(
        customer=customer,
        host=host,
        collected_at=started,
        seconds=(now() - started).total_seconds(),
        suite_version=suite_version(),
        collector_sha256=digest(sections),
        reached=backend.reached(),
        simulated=simulated,
        parameters=dict(parameters or {}),
        sections=read,
        from_here=from_here,
        failure=failure,
    )


def output_of(backend: StreamingBackend, stdin: bytes) -> tuple[Output, str]:
    """What the host wrote; where its deadline passed, what had come whole by then,
    and that it passed.
    """
    try:
        return backend.stream(POWERSHELL, arguments(), stdin), ""
    except DeadlineError as error:
        if END.encode() not in error.read:
            raise
        return Output(
            error.read, b"", -1
        ), "the host's deadline passed before this section was read"


def not_asked(*, customer: str, host: str, simulated: bool, at: datetime) -> Evidence:
    """Evidence of a host whose Windows was not asked:
    only its SQL Server is of interest, or reachable.
    """
    return Evidence(
        customer=customer,
        host=host,
        collected_at=at,
        seconds=0,
        suite_version=suite_version(),
        collector_sha256=None,
        reached=None,
        simulated=simulated,
        sections=Sections(),
        failure=None,
    )
