"""The script by hand: the same bytes for every server of a release. The question lies beside it."""

import json
import re
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

from acceptance.collecting.by_hand.fields import field_list
from acceptance.collecting.script import OWN, SECTIONS, source
from acceptance.evidence.envelope import Strict
from acceptance.evidence.shapes import Moment

NAME = "Read-Server.ps1"
SQL = "sqlclient"  # the section that asks SQL Servers, and its key among the facts


class Compared(Strict):
    """A fact, and what it is to be (catalogue.rules.Comparison)."""

    section: str
    way: tuple[str, ...]
    operator: str
    value: str | int


class OpenPoint(Strict):
    """A requirement that was open in a report; `compared` (): a person cannot see it at once."""

    requirement: str
    title: str
    compared: tuple[Compared, ...] = ()


class Question(Strict):
    """What a script is asked: `customer01-web01.ask.json`.

    `requirements`: by section, what stays open without it;
    `elevated`: what stays open where whoever runs it is no elevated administrator;
    `directory`: what stays open where the directory does not answer.
    `open`: what a report found open, for whoever mended it and wants to see at once.
    All four are for the person at the server and decide nothing here.
    `sql`: by host, what SQL Servers are asked from there (collecting/sqlclient.py).
    """

    customer: str
    host: str
    simulated: bool
    asked_at: Moment
    sections: tuple[str, ...]
    parameters: dict[str, Any]
    requirements: dict[str, tuple[str, ...]] = {}
    elevated: tuple[str, ...] = ()
    directory: tuple[str, ...] = ()
    open: tuple[OpenPoint, ...] = ()
    sql: dict[str, dict[str, Any]] = {}


@cache  # each answer is compared with it
def script_by_hand() -> bytes:
    """The head, the prelude, all collectors as they stand, and what asks them. ASCII, `\\r\\n`."""
    prelude = source("prelude").split("\n")
    # Its parameter is the bootstrap's way; here the question file carries the parameters.
    prelude = [line for line in prelude if not line.startswith("param(")]
    parts = [
        own_source("head"),
        "\n".join(prelude),
        *map(source, (*SECTIONS, OWN, SQL)),
        _tables(),
        own_source("tail"),
    ]
    text = "\n".join(part.strip("\n") + "\n" for part in parts)
    return text.replace("\n", "\r\n").encode("ascii")


def _tables() -> str:
    """What the script knows of the sections:
    their functions, and every field.
    """
    functions = [
        f"    {section} = ${{function:Get-{section.capitalize()}Section}}"
        for section in (*SECTIONS, OWN)
    ]
    lines = [
        "$collectors = [ordered]@{",
        *functions,
        "}",
        "$sqlSection = ${function:Get-SqlclientSection}",
        "$fields = @'",
        *field_list(),
        "'@",
    ]
    return "\n".join(lines) + "\n"


def needs_administrator(section: str) -> bool:
    """Whether a collector says on top that nothing of it is read on the server itself without an
    elevated administrator.
    """
    head = [line[2:] for line in source(section).splitlines() if line.startswith("# ")]
    said = re.search(r"Needs local administrator( over the network| for )?", " ".join(head))
    return said is not None and said[1] is None


def script_digest() -> str:
    """SHA-256 of the script of this release."""
    return sha256(script_by_hand()).hexdigest()


def question_file(asked: Question) -> bytes:
    """The question file. ASCII, as consoles' code pages differ."""
    return json.dumps(asked.model_dump(mode="json"), indent=2).encode("ascii")


def own_source(name: str) -> str:
    """The script's head or tail, as it stands in the repository."""
    file = resources.files("acceptance.collecting.by_hand").joinpath(f"{name}.ps1")
    return file.read_text(encoding="ascii")


if __name__ == "__main__":  # the line of CHANGELOG.md
    print(f"- `{NAME}` of this version: SHA-256 `{script_digest()}`.")
