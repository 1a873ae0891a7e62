"""Every error that the suite raises on purpose; each says in one line what is wrong and what to do.

AcceptanceError
  UsageError                what was asked for on the command line does not exist
  LocatedError              a file that a person wrote cannot be used; names file and line
    InventoryError          hosts.yaml
    CatalogueError          requirements/*.yaml
  SecretError               a secret reference leads nowhere
  ReportError               a report or a signing key cannot be used: none, signed already, damaged
  HostError                 one host could not be asked
    UnreachableError        name unknown, port closed, no answer in time
      RefusedError          the machine is there, and nothing listens on the port
    TlsError                the certificate was not accepted
    LoginError              the server refused the account; never retried in a run
    RemoteFaultError        WinRM answered with a WSManFault
    ProtocolError           the answer is not what WS-Man allows
    DeadlineError           the host's overall deadline has passed
    OutputError             the collector's output could not be read
    DriverMissingError      this machine has no ODBC driver for SQL Server
    StatementError          SQL Server refused one collector; costs its section only
  EvidenceError             stored evidence cannot be judged: damaged, another format or thing
  UnreadError               a fact that a requirement needs was not read
"""

from collections.abc import Mapping
from json import JSONDecodeError
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from acceptance.text import Sentence, Value, printable, said

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails


def misfit(error: "ValidationError", whole: str = "") -> tuple[str, str]:
    """Where a model's first misfit is (`whole`: the model itself), and what; never the value."""
    first = error.errors(include_input=False, include_url=False)[0]
    return ".".join(map(str, first["loc"])) or whole, in_words(first)


WORDS = {  # pydantic's types of errors, in words for people who do not know it
    "missing": "is missing",
    "extra_forbidden": "is not known there",
    "model_type": "must be a mapping (lines of `key: value`)",
    "dict_type": "must be a mapping (lines of `key: value`)",
    "tuple_type": "must be a list, such as [a, b]",
    "list_type": "must be a list, such as [a, b]",
    "too_short": "must not be empty",
    "int_type": "must be a whole number, without quotes",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false, without quotes",
    "string_too_short": "must not be empty",
    "string_type": "must be text; a number, a date, true and false need quotes to be text",
    "string_pattern_mismatch": "has not the form that it must have",
    "union_tag_not_found": "does not say of what kind it is",
    "union_tag_invalid": "is of a kind that is not known",
}


def in_words(detail: "ErrorDetails", forms: Mapping[str, str] = MappingProxyType({})) -> str:
    """One of pydantic's errors as part of a sentence; never the value.

    `forms`: what a pattern asks for.
    """
    if detail["type"] == "string_pattern_mismatch" and detail["ctx"]["pattern"] in forms:
        return forms[detail["ctx"]["pattern"]]
    text = WORDS.get(detail["type"], detail["msg"])
    return text.removeprefix("Value error, ").replace("Input should be", "must be").rstrip(".")


def why_unread(error: OSError | ValueError) -> str:
    """Why a file could not be read, or is no JSON, in words for who named it."""
    if isinstance(error, OSError):
        return (error.strerror or type(error).__name__).lower()
    if isinstance(error, UnicodeDecodeError):
        return f"it is no text in UTF-8 (byte {error.start})"
    if isinstance(error, JSONDecodeError):
        return f"it is no JSON (line {error.lineno}, column {error.colno})"
    return str(error)


class AcceptanceError(Exception):
    """Base of all: `message` says in one line what is wrong, `remedy` what to do about it.

    Both are templates, filled from `values`;
    `problem` and `mend` keep them as sentences for other languages.
    """

    def __init__(
        self, message: str | Sentence, remedy: str | Sentence = "", /, **values: Value
    ) -> None:
        self.problem = _sentence(message, values)
        self.mend = _sentence(remedy, values)
        self.message = printable(str(self.problem))
        self.remedy = printable(str(self.mend))
        super().__init__(f"{self.message} {self.remedy}".strip())


def _sentence(text: str | Sentence, values: dict[str, Value]) -> Sentence:
    return text if isinstance(text, Sentence) else said(text, **values)


class UsageError(AcceptanceError):
    """What was asked for on the command line does not exist or makes no sense."""


def unusable(error: OSError) -> UsageError:
    """What a file or folder that was named on the command line says, where nobody has spoken of it:
    a name that no file can have, a link that leads to itself.
    """
    place = error.filename if isinstance(error.filename, str) else "a file"
    return UsageError("{place}: {why}.", place=place, why=why_unread(error))


class LocatedError(AcceptanceError):
    """An error in a file that a person wrote: begins with `file:line:`."""

    def __init__(
        self, file: Path, line: int, message: str, remedy: str = "", /, **values: Value
    ) -> None:
        self.file = file
        self.line = line
        problem = said(
            "{file}:{line}: {what}", file=str(file), line=line, what=said(message, **values)
        )
        super().__init__(problem, said(remedy, **values))


class InventoryError(LocatedError):
    """The inventory (hosts.yaml) cannot be used."""


class CatalogueError(LocatedError):
    """The catalogue (requirements/*.yaml) cannot be used."""


class SecretError(AcceptanceError):
    """A secret reference (`env:`, `keyring:`, `prompt:`) leads nowhere."""


class ReportError(AcceptanceError):
    """A report or a signing key cannot be used: it is none, is signed already, or is damaged."""


class HostError(AcceptanceError):
    """One host could not be asked; its requirements could not be checked."""

    def __init__(
        self, host: str, message: str | Sentence, remedy: str | Sentence = "", /, **values: Value
    ) -> None:
        self.host = host
        problem = said("{host}: {what}", host=host, what=_sentence(message, values))
        super().__init__(problem, _sentence(remedy, values))


class UnreachableError(HostError):
    """The name is unknown, the port is closed, or nothing answered in time."""


class RefusedError(UnreachableError):
    """The machine is there and refuses the connection: nothing listens on the port."""


class TlsError(HostError):
    """TLS was not agreed, or a server's certificate (over ssh: host key) not accepted."""


class LoginError(HostError):
    """The server refused the account. Never retried in a run: retries lock accounts out."""


class RemoteFaultError(HostError):
    """WinRM answered with a WSManFault; `code` is its number, decided on by number only."""

    def __init__(
        self, host: str, code: int, message: str, remedy: str = "", /, **values: Value
    ) -> None:
        self.code = code
        super().__init__(host, message, remedy, **values)


class ProtocolError(HostError):
    """The host answered, but not as WS-Man does: a proxy, another service, a broken reply."""


class DeadlineError(HostError):
    """The host's overall deadline passed before its answer was complete;
    `read` is what had come by then.
    """

    read: bytes = b""


class OutputError(HostError):
    """The collector ran, but its output could not be read."""


class DriverMissingError(HostError):
    """No ODBC driver for SQL Server, or no unixODBC, on the machine that runs the suite;
    `remedy` is the install command.
    """


class StatementError(HostError):
    """SQL Server refused one batch; `number` is SQL Server's own (sys.messages),
    decided on by number only.
    """

    def __init__(self, host: str, number: int | None, message: str) -> None:
        self.number = number
        self.bare = message
        super().__init__(host, message)


class EvidenceError(AcceptanceError):
    """Stored evidence cannot be judged:
    it is damaged, of another format, or evidence of something else.
    """


class UnreadError(AcceptanceError):
    """A fact that a requirement needs was not read: the requirement could not be checked."""
