"""What can go wrong in a conversation over WinRM, each in a sentence of its own with what to do."""

from collections.abc import Callable, Iterator

import requests
from winrm.exceptions import (
    InvalidCredentialsError,
    WinRMError,
    WinRMOperationTimeoutError,
    WinRMTransportError,
    WSManFaultError,
)

from acceptance.backends.winrm.challenge import Challenge
from acceptance.backends.winrm.faults import OPERATION_TIMED_OUT, meaning
from acceptance.backends.winrm.replies import UnacceptableAnswerError
from acceptance.backends.winrm.words import BROKEN, HTTP_REMEDIES, KERBEROS, ODD_ANSWERS, TLS
from acceptance.errors import (
    HostError,
    LoginError,
    ProtocolError,
    RemoteFaultError,
    TlsError,
    UnreachableError,
)
from acceptance.inventory.connection import Connection
from acceptance.text import one_line, said

LONGEST = 300  # characters of a server's or a library's own words
NOT_WINRM = (
    "Is it WinRM that listens on that port, and nothing between? Look at the service's event log."
)


def told(host: str, connection: Connection, error: Exception, challenge: Challenge) -> HostError:
    """Any exception of the conversation as one sentence about this host."""
    for kind, sentence in SENTENCES.items():
        if isinstance(error, kind):
            return sentence(host, connection, error, challenge)
    name = type(error).__name__
    if any(word in name for word in ("Kerberos", "GSS", "Spnego", "Authentication", "CredSSP")):
        return _before_the_server(host, connection, error, challenge)
    for kind, words in ODD_ANSWERS.items():
        if isinstance(error, kind):
            return ProtocolError(
                host, "the answer is not as WS-Man has it: {what}.", NOT_WINRM, what=said(words)
            )
    return ProtocolError(
        host,
        "the conversation broke off: {kind}: {words}.",
        "Run again; if it stays so, report it with this sentence.",
        kind=name,
        words=one_line(str(error), LONGEST) or said("no reason told"),
    )


def refused(host: str, connection: Connection) -> LoginError:
    """The server was sent credentials and does not take them."""
    if connection.auth == "kerberos":
        return LoginError(
            host,
            "the server refused the Kerberos ticket; it is not tried again in this run.",
            "Is the address the server's full DNS name, and may the account log on there?",
        )
    return LoginError(
        host,
        "the server refused {who} ({auth}); it is not tried again in this run.",
        "Check user name, password and authentication in the inventory, "
        "and that the account is not locked.",
        who=connection.username or said("the account"),
        auth=connection.auth,
    )


def not_offered(host: str, connection: Connection, challenge: Challenge) -> LoginError:
    """Nothing was sent: the server does not offer the inventory's way."""
    return LoginError(
        host,
        "the server does not offer {auth}; it offers {offered}. No password was sent.",
        "Set connection.auth in the inventory to what it offers, or switch {auth} on there: "
        "winrm get winrm/config/service/auth.",
        auth=connection.auth,
        offered=", ".join(challenge.offered) or said("nothing"),
    )


def _credentials(
    host: str, connection: Connection, error: Exception, challenge: Challenge
) -> HostError:
    if challenge.tried:
        return refused(host, connection)
    if challenge.offered and not challenge.offers(connection.auth):
        return not_offered(host, connection, challenge)
    if not challenge.offered:
        return LoginError(
            host,
            "the server asks for a log-in and names no way to do it. No password was sent.",
            "Is it WinRM that listens on that port? Is every way switched off there: "
            "winrm get winrm/config/service/auth?",
        )
    return LoginError(
        host,
        "the server asks for a log-in and took none ({auth}): {words}.",
        "Is there a proxy between that asks for one of its own?",
        auth=connection.auth,
        words=one_line(str(error), LONGEST),
    )


def _before_the_server(
    host: str, connection: Connection, error: Exception, challenge: Challenge
) -> HostError:
    """A library gave up before it sent anything that the server could refuse."""
    if challenge.offered and not challenge.offers(connection.auth):
        return not_offered(host, connection, challenge)
    words = str(error).casefold()
    for signs, (problem, mend) in KERBEROS.items():
        if any(sign in words for sign in signs):
            return LoginError(host, "{problem}.", mend, problem=said(problem))
    return LoginError(
        host,
        "{auth} failed before the server was asked: {words}.",
        "For Kerberos: run kinit, and use the server's full DNS name.",
        auth=connection.auth,
        words=one_line(str(error), LONGEST) or type(error).__name__,
    )


def _fault(host: str, _: Connection, error: Exception, __: Challenge) -> HostError:
    assert isinstance(error, WSManFaultError)
    code = next(
        (one for one in (error.wsman_fault_code, error.wmierror_code) if one is not None), None
    )
    own_words = one_line(str(error.reason or error.fault_subcode or ""), LONGEST)
    known = meaning(code) if code is not None else None
    if known is not None:
        return RemoteFaultError(
            host,
            code or 0,
            "{meaning} (fault {number}).",
            known.remedy,
            meaning=said(known.message),
            number=code or 0,
        )
    # Its words are in its own language: shown, never decided on.
    words = said("; the server says: {words}", words=own_words) if own_words else said("")
    number = said("a fault without a number")
    if code is not None:
        number = said("fault {code} (0x{hexadecimal})", code=code, hexadecimal=f"{code:08X}")
    return RemoteFaultError(
        host,
        code or 0,
        "WinRM answered with {number}{words}.",
        "Look the number up in wsmerror.h; the server's event log has more.",
        number=number,
        words=words,
    )


def _timed_out(host: str, _: Connection, __: Exception, ___: Challenge) -> HostError:
    known = meaning(OPERATION_TIMED_OUT)
    assert known is not None
    return RemoteFaultError(
        host,
        OPERATION_TIMED_OUT,
        "{meaning} (fault {number}).",
        known.remedy,
        meaning=said(known.message),
        number=OPERATION_TIMED_OUT,
    )


def _status(host: str, _: Connection, error: Exception, __: Challenge) -> HostError:
    assert isinstance(error, WinRMTransportError)
    remedy = HTTP_REMEDIES.get(error.code, "Is there a proxy or another service on that port?")
    return ProtocolError(
        host, "HTTP status {code} instead of a WS-Man answer.", remedy, code=error.code
    )


def _tls(host: str, connection: Connection, error: Exception, _: Challenge) -> HostError:
    text = str(error)  # OpenSSL's own words, in English whatever the server's language
    for signs, (problem, mend) in TLS.items():
        if any(sign in text for sign in signs):
            return TlsError(host, problem, mend, address=connection.address)
    return TlsError(
        host,
        "TLS could not be agreed.",
        "Is the port an https listener (winrm enumerate winrm/config/listener)?",
    )


def _simple(
    kind: type[HostError], message: str, remedy: str
) -> Callable[[str, Connection, Exception, Challenge], HostError]:
    def sentence(host: str, connection: Connection, _: Exception, __: Challenge) -> HostError:
        return kind(host, message, remedy, address=connection.address, auth=connection.auth)

    return sentence


def _unacceptable(host: str, _: Connection, error: Exception, __: Challenge) -> HostError:
    return ProtocolError(
        host,
        "the answer is not WinRM's: {words}.",
        "Is there a proxy or another service on that port?",
        words=one_line(str(error), LONGEST),
    )


def _broken(host: str, _: Connection, error: Exception, __: Challenge) -> HostError:
    for cause in _causes(error):
        for kind, (message, remedy) in BROKEN.items():
            if isinstance(cause, kind):
                return UnreachableError(host, message, remedy)
    return UnreachableError(
        host,
        "the connection broke.",
        "Is the port the right one for this scheme (https 5986, http 5985)? Run again.",
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What requests and urllib3 have wrapped as arguments."""
    for one in error.args:
        if isinstance(one, BaseException):
            yield one
            yield from _causes(one)


def _library(host: str, _: Connection, error: Exception, __: Challenge) -> HostError:
    remedy = "For Kerberos: pip install '.[kerberos]' and kinit first."
    return ProtocolError(host, "{words}.", remedy, words=one_line(str(error), LONGEST))


# The first kind that an exception is of decides: what is special stands before what is general.
SENTENCES: dict[type[Exception], Callable[[str, Connection, Exception, Challenge], HostError]] = {
    InvalidCredentialsError: _credentials,
    UnacceptableAnswerError: _unacceptable,
    WSManFaultError: _fault,
    WinRMOperationTimeoutError: _timed_out,
    WinRMTransportError: _status,
    requests.exceptions.SSLError: _tls,
    requests.exceptions.InvalidURL: _simple(
        ProtocolError,
        "{address} makes no address of a server.",
        "Correct connection.address in the inventory: a name or an IP address alone.",
    ),
    requests.exceptions.ChunkedEncodingError: _simple(
        UnreachableError,
        "the answer broke off in the middle.",
        "Check the network and what stands between; run again.",
    ),
    requests.exceptions.ContentDecodingError: _simple(
        ProtocolError, "the answer cannot be unpacked.", NOT_WINRM
    ),
    requests.exceptions.Timeout: _simple(
        UnreachableError,
        "the server stopped answering.",
        "Check the network and the server's load, then run again.",
    ),
    requests.exceptions.ConnectionError: _broken,
    UnicodeEncodeError: _simple(
        LoginError,
        "{auth} cannot carry a character of the account's name or password.",
        "Use ntlm or kerberos, or an account with plain letters.",
    ),
    WinRMError: _library,
}
