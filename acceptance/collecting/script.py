"""One script for a host's whole run: what is sent over stdin. What comes back: output.py.

stdin: line 1 is the parameters as JSON, then the prelude and, after a line of its own,
each section's text. The bootstrap, which is always the same and stands on the command line, runs
the sections one by one, each under a clock, and writes each answer as one line as soon as it is
there. All of it is ASCII, since consoles' code pages differ.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib import resources
from typing import Any

from acceptance.evidence.windows import Sections

POWERSHELL = r"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe"
OWN = "own"  # what an engineer's checks name: asked only where there are some
OWN_FACTS = "ACCEPTANCE_OWN_FACTS"  # a file into which a collection of tests writes that
SECTIONS = tuple(name for name in Sections.model_fields if name != OWN)
START, END = "@@FACT@@", "@@END@@"
DEADLINE = 300  # seconds, where nobody says otherwise


def source(name: str) -> str:
    """A collector, the prelude or the bootstrap, as it stands in the repository."""
    return (
        resources.files("acceptance.collecting")
        .joinpath("powershell", f"{name}.ps1")
        .read_text(encoding="ascii")
    )


def arguments() -> list[str]:
    """powershell.exe's arguments: the bootstrap reads stdin and writes a line between sentinels
    for each section.
    """
    encoded = base64.b64encode(source("bootstrap").encode("utf-16-le")).decode("ascii")
    switches = ["-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass"]
    return [*switches, "-EncodedCommand", encoded]


def collector_script(sections: Sequence[str]) -> str:
    """The prelude, the functions of these sections only, and the calls. ASCII, `\\r\\n`."""
    return "\n".join([source("prelude"), *map(_text, sections)]).replace("\n", "\r\n")


def _text(section: str) -> str:
    """A section's own text, compiled by itself:
    antivirus refuses a whole text before its first line runs.
    """
    function = f"${{function:Get-{section.capitalize()}Section}}"
    call = f"Invoke-Section -Section {function} -Parameters $Parameters"
    return f"#@@ {section}\n{source(section)}\n{call}"


def section_seconds(deadline: float) -> float:
    """What one section may take of a host's time: two that hang leave the others theirs.

    >>> section_seconds(300)
    100.0
    """
    return max(1.0, deadline / 3)


def stdin_payload(
    sections: Sequence[str],
    parameters: Mapping[str, Any] | None = None,
    deadline: float = DEADLINE,
) -> bytes:
    """What the bootstrap reads: the sections' names and their parameters as one line of JSON,
    then the script.
    """
    asked = {"sections": list(sections), "seconds": section_seconds(deadline)}
    line = json.dumps({**asked, **(parameters or {})})
    return f"{line}\r\n{collector_script(sections)}\r\n".encode("ascii")


def digest(sections: Sequence[str]) -> str:
    """SHA-256 of everything that was run on the host: part of the evidence."""
    return sha256("\n".join([*arguments(), collector_script(sections)]).encode("ascii")).hexdigest()
