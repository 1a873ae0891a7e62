"""testinfra's nouns for an engineer's own checks: services, files, registry keys, ports.

>>> host.service("Spooler").is_running
True
>>> host.file(r"C:\\Clickker\\web.config").contains("debug")
False

What was not named in the test's `@facts` was not asked, and raises: it is never "absent".
"""

from typing import Generic, TypeVar

from acceptance.errors import UnreadError
from acceptance.evidence.own import OwnFile, OwnKey, OwnPort, OwnSection, OwnService
from acceptance.hosts.reading import read

Fact = TypeVar("Fact")
NOUNS = ("service", "file", "registry", "port")


def unasked(host: str, noun: str, name: object) -> UnreadError:
    """Nobody has named it before the servers were asked."""
    return UnreadError(
        "{host} was not asked for the {noun} {name}.",
        "Name it above the test: @facts({noun}=[…]); stored evidence has to be collected again.",
        host=host,
        noun=noun,
        name=str(name),
    )


class OwnNoun(Generic[Fact]):
    """What all have in common: the failure line names the thing."""

    def __init__(self, host: str, name: str, fact: Fact) -> None:
        self.host, self.name, self.fact = host, name, fact

    def __repr__(self) -> str:
        return f"<{type(self).__name__.removesuffix('Noun').lower()} {self.name}>"


class ServiceNoun(OwnNoun[OwnService]):
    """A Windows service."""

    @property
    def exists(self) -> bool:
        return self.fact.exists

    @property
    def is_running(self) -> bool:
        return self.fact.state == "Running"

    @property
    def is_enabled(self) -> bool:
        """It starts by itself, or when something asks for it."""
        return self.fact.exists and self.fact.start_mode != "Disabled"


class FileNoun(OwnNoun[OwnFile]):
    """A file or a folder; what a file holds never travels."""

    @property
    def exists(self) -> bool:
        return self.fact.exists

    @property
    def is_file(self) -> bool:
        return self.fact.is_file

    @property
    def is_directory(self) -> bool:
        return self.fact.exists and not self.fact.is_file

    @property
    def size(self) -> int | None:
        return self.fact.size

    @property
    def version(self) -> str | None:
        return self.fact.version

    @property
    def sha256(self) -> str | None:
        return self.fact.sha256.lower() if self.fact.sha256 else None

    @property
    def sha256sum(self) -> str | None:
        """testinfra's name for it."""
        return self.sha256

    def contains(self, text: str) -> bool:
        """Whether a line of it has this text, as it stands; looked up on the server."""
        for one in self.fact.contains:
            if one.text == text:
                return one.found
        if not self.fact.is_file:
            return False
        raise unasked(self.host, "file", f"{self.name}, and {text!r} in it")


class RegistryNoun(OwnNoun[OwnKey]):
    """A registry key below HKLM."""

    @property
    def exists(self) -> bool:
        return self.fact.exists

    def value(self, name: str) -> str | int | list[str | int] | None:
        """None: the key has no such value."""
        for one in self.fact.values:
            if one.name.casefold() == name.casefold():
                return one.value
        raise unasked(self.host, "registry", f"{self.name}, and its value {name}")


class PortNoun(OwnNoun[OwnPort]):
    """A TCP port of the server."""

    @property
    def is_listening(self) -> bool:
        return self.fact.listening


def service(section: OwnSection, host: str, name: str) -> ServiceNoun:
    for one in section.services:
        if one.name.casefold() == name.casefold():
            return ServiceNoun(host, name, one)
    raise unasked(host, "service", name)


def file(section: OwnSection, host: str, path: str) -> FileNoun:
    for one in section.files:
        if one.path.casefold() == path.casefold():
            return FileNoun(host, path, read(one.fact, f"file {path}", host))
    raise unasked(host, "file", path)


def registry(section: OwnSection, host: str, key: str) -> RegistryNoun:
    for one in section.registry:
        if one.key.casefold() == key.casefold():
            return RegistryNoun(host, key, read(one.fact, f"registry {key}", host))
    raise unasked(host, "registry", key)


def port(section: OwnSection, host: str, number: int) -> PortNoun:
    for one in section.ports:
        if one.port == number:
            return PortNoun(host, str(number), one)
    raise unasked(host, "port", number)
