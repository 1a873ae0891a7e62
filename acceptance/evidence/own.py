"""Shapes of the section `own`: what an engineer's own checks named, in the words of Windows."""

from typing import Annotated

from pydantic import NonNegativeInt

from acceptance.evidence.envelope import Read, Strict, Unread
from acceptance.evidence.shapes import once


class OwnService(Strict):
    """A Windows service by its name; `exists` false: there is none."""

    name: str
    exists: bool
    state: str | None
    start_mode: str | None


class Contained(Strict):
    """Whether a text stands in a file; looked up there."""

    text: str
    found: bool


class OwnFile(Strict):
    """A file or a folder; what a file holds never travels."""

    exists: bool
    is_file: bool
    size: NonNegativeInt | None
    version: str | None
    sha256: str | None
    contains: list[Contained]


class OwnValue(Strict):
    """A registry value; None: the key has none of that name."""

    name: str
    value: str | int | list[str | int] | None


class OwnKey(Strict):
    """A registry key below HKLM, and the values of it that were named."""

    exists: bool
    values: Annotated[list[OwnValue], once("name")]


class AskedFile(Strict):
    """A file that was asked for, and what was read of it."""

    path: str
    fact: Read[OwnFile] | Unread


class AskedKey(Strict):
    """A registry key that was asked for, and what was read of it."""

    key: str
    fact: Read[OwnKey] | Unread


class OwnPort(Strict):
    """A TCP port, and whether anything listens on it."""

    port: int
    listening: bool


class OwnSection(Strict):
    """`{"services": [{"name": "Spooler", "exists": true, "state": "Running"}], "ports": []}`"""

    services: Annotated[list[OwnService], once("name")]
    files: Annotated[list[AskedFile], once("path")]
    registry: Annotated[list[AskedKey], once("key")]
    ports: Annotated[list[OwnPort], once("port")]
