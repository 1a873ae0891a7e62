"""What a failure of System.Data.SqlClient means, in the words that ODBC's have:
by number, never by a text.

Its texts are in the language of the server that it runs on.
A number of SQL Server is SQL Server's own; below class 20 or with a state it comes from there.
Everything else is the client's: Windows' codes (winerror.h, winsock2.h), which SqlClient gives as
its number on Windows, and as the code of an inner exception elsewhere.
"""

import re
from collections.abc import Iterator
from typing import Any

from acceptance.backends.sql.classify import DRIVER_NUMBERS, SERVER_NUMBERS
from acceptance.evidence.envelope import Strict

LONGEST_MESSAGE = 300
FATAL = 20  # the class from which on the connection has ended
TIMED_OUT = -2  # of a connect, or of a batch
ANONYMOUS = ("anonym",)  # the account's name in every language of Windows begins or ends so
CLIENT_CODES = {
    20: "NO_ENCRYPTION",
    TIMED_OUT: "NO_ANSWER",
    258: "NO_ANSWER",  # WAIT_TIMEOUT
    10060: "NO_ANSWER",
    11001: "NO_NAME",
    11002: "NO_NAME",
    11003: "NO_NAME",
    11004: "NO_NAME",
    10061: "REFUSES",
    1225: "REFUSES",
    2: "NO_WAY",
    53: "NO_WAY",
    1231: "NO_WAY",
    10051: "NO_WAY",
    10065: "NO_WAY",
    64: "ENDED",
    109: "ENDED",
    121: "ENDED",
    232: "ENDED",
    233: "ENDED",
    10053: "ENDED",
    10054: "ENDED",
}
# "(provider: TCP Provider, error: 26 - ...)": SNI's own numbers, which stand in every language.
SNI = re.compile(r"error: (\d+) ")
SNI_ERRORS = {
    25: "NO_BROWSER",  # on Linux, where the browser did not answer
    26: "NO_BROWSER",
    28: "NO_BROWSER",
    31: "OLD_TLS",  # the handshake failed before any certificate was seen
    40: "NO_WAY",
}
REJECTED = "System.Security.Authentication.AuthenticationException"
WRONG_PRINCIPAL = -2146893022  # of a certificate, or of a service


class SqlclientError(Strict):
    """One of SqlException.Errors."""

    number: int
    severity: int
    state: int
    message: str

    @property
    def of_server(self) -> bool:
        return self.number > 0 and (self.severity < FATAL or self.state > 0)


class InnerError(Strict):
    """An exception below it. `code`: Windows' own where it has one, else its HResult."""

    type: str
    code: int
    message: str


class Fault(Strict):
    """What SqlClient threw: SQL Server's errors, and the exceptions below."""

    errors: list[SqlclientError]
    causes: list[InnerError]

    @property
    def timed_out(self) -> bool:
        return any(one.number == TIMED_OUT for one in self.errors)

    @property
    def number(self) -> int | None:
        """SQL Server's number; None: it is the client's failure."""
        return next((one.number for one in self.errors if one.of_server), None)

    @property
    def message(self) -> str:
        """The first words, of whoever said any."""
        said = [*(one.message for one in self.errors), *(one.message for one in self.causes)]
        return " ".join(next(filter(None, said), "no reason told").split())


def described(fault: Fault, secret: str, *, windows: bool) -> dict[str, Any]:
    """A failed connect as `faults.connecting` wants it; the password is masked last."""
    message = fault.message.replace(secret, "***") if secret else fault.message
    cause = cause_of_fault(fault, windows=windows)
    return {"cause": cause, "number": fault.number, "message": message[:LONGEST_MESSAGE]}


def cause_of_fault(fault: Fault, *, windows: bool) -> str:
    """The name of a failed connect's cause.

    `windows`: the asking account was to log in by itself.
    """
    numbers = [one.number for one in fault.errors if one.of_server]
    if numbers:
        if windows and (18452 in numbers or _anonymous(fault)):
            return "NO_SECOND_HOP"
        known = (SERVER_NUMBERS[number] for number in numbers if number in SERVER_NUMBERS)
        return next(known, "SERVER_SAYS")
    if any(one.type == REJECTED for one in fault.causes):
        return "CERTIFICATE"
    for code in _codes(fault):
        if code == WRONG_PRINCIPAL and "sspi" in fault.message.lower():
            return "SPN"
        found = DRIVER_NUMBERS.get(code) or CLIENT_CODES.get(code)
        if found:
            return found
    sni = (int(number) for one in fault.errors for number in SNI.findall(one.message))
    by_sni = next((SNI_ERRORS[number] for number in sni if number in SNI_ERRORS), "")
    return by_sni or ("ENDED" if fault.errors else "NO_TDS")


def _codes(fault: Fault) -> Iterator[int]:
    yield from (one.number for one in fault.errors)
    yield from (one.code for one in fault.causes)


def _anonymous(fault: Fault) -> bool:
    return any(word in one.message.lower() for one in fault.errors for word in ANONYMOUS)
