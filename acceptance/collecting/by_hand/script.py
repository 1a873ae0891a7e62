"""The script by hand: the same bytes for every server of a release. The question lies beside it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

from pydantic import AwareDatetime

from acceptance.collecting.script import SECTIONS, source
from acceptance.evidence.envelope import Strict

NAME = "Read-Server.ps1"


class Question(Strict):
    """What a script is asked: `customer01-web01.ask.json`."""

    customer: str
    host: str
    asked_at: AwareDatetime
    sections: tuple[str, ...]
    parameters: dict[str, Any]


@cache  # each answer is compared with it
def script_by_hand() -> bytes:
    """The head, the prelude, all collectors as they stand, and what asks them. ASCII, `\\r\\n`."""
    prelude = source("prelude").split("\n")
    # Its parameter is the bootstrap's way; here the question file carries the parameters.
    prelude = [line for line in prelude if not line.startswith("param(")]
    names = [
        f"    {section} = ${{function:Get-{section.capitalize()}Section}}" for section in SECTIONS
    ]
    table = "$collectors = [ordered]@{\n" + "\n".join(names) + "\n}\n"
    parts = [_own("head"), "\n".join(prelude), *map(source, SECTIONS), table, _own("tail")]
    return "\n".join(parts).replace("\n", "\r\n").encode("ascii")


def script_digest() -> str:
    """SHA-256 of the script of this release."""
    return sha256(script_by_hand()).hexdigest()


def question(
    customer: str, host: str, sections: Sequence[str], parameters: Mapping[str, Any], at: datetime
) -> bytes:
    """The question file. ASCII, as consoles' code pages differ."""
    asked = Question(
        customer=customer,
        host=host,
        asked_at=at,
        sections=tuple(sections),
        parameters=dict(parameters),
    )
    return json.dumps(asked.model_dump(mode="json"), indent=2).encode("ascii")


def _own(name: str) -> str:
    file = resources.files("acceptance.collecting.by_hand").joinpath(f"{name}.ps1")
    return file.read_text(encoding="ascii")
