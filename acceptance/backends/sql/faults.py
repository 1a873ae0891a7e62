"""What the ODBC driver's and SQL Server's errors mean: one cause each, told in one line.

SQL Server's numbers are its own (sys.messages). The driver gives TLS failures no number of their own on Linux, where the text is
OpenSSL's and always English; on Windows the number is Schannel's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from acceptance.errors import HostError, LoginError, ProtocolError, TlsError, UnreachableError


@dataclass(frozen=True)
class Cause:
    """`error` is the class of the suite's error; `{address}`, `{login}`, `{database}` are filled in."""

    error: Callable[[str, str, str], HostError]
    message: str
    remedy: str


UNTRUSTED = Cause(
    TlsError,
    "the certificate of {address} is not trusted: {message}",
    "Give the CA's PEM file as sql.ca_file (on Windows: import it), or let the server have a certificate of a known CA.",
)
EXPIRED = Cause(
    TlsError, "the certificate of {address} has expired.", "Renew the SQL Server's certificate."
)
WRONG_NAME = Cause(
    TlsError,
    "the certificate of {address} was made out for another name.",
    "Use the name that stands in the certificate as sql.server, or give it as sql.certificate_name.",
)
NO_ENCRYPTION = Cause(
    TlsError,
    "{address} offers no encryption.",
    "Give the SQL Server a certificate (SQL Server Configuration Manager), or set sql.encrypt: optional, which stands in the report.",
)
REFUSED = Cause(
    LoginError,
    "the server refused the login {login}; it is not tried again in this run.",
    "Check user name, password and auth in the inventory, that the login exists, is enabled and not locked.",
)
KERBEROS = Cause(
    LoginError,
    "Windows authentication did not work from here: {message}",
    "Get a ticket first (kinit user@DOMAIN) and use the server's full name, or set sql.auth: sql with a login of SQL Server.",
)
NO_DATABASE = Cause(
    LoginError,
    "the server let {login} in, but not into the database {database}.",
    "Let the login connect to that database; master is open to every login unless that was withdrawn.",
)
SILENT = Cause(
    UnreachableError,
    "{address} took the connection, but did not answer as a SQL Server in time.",
    "Is this the SQL Server's port? Check it and the server's load, then run again.",
)
NO_TDS = Cause(
    ProtocolError,
    "{address} does not answer as a SQL Server does: {message}",
    "Is this the SQL Server's port?",
)

BY_NUMBER = {
    18456: REFUSED,  # login failed
    18452: REFUSED,  # login is from an untrusted domain
    18486: REFUSED,  # locked out
    18487: REFUSED,  # password expired
    18488: REFUSED,  # password must be changed
    18470: REFUSED,  # account disabled
    4060: NO_DATABASE,  # cannot open database
    4064: NO_DATABASE,  # cannot open the login's default database
    -2146893019: UNTRUSTED,  # SEC_E_UNTRUSTED_ROOT
    -2146893022: WRONG_NAME,  # SEC_E_WRONG_PRINCIPAL
    -2146893016: EXPIRED,  # SEC_E_CERT_EXPIRED
}
BY_TEXT = (  # the first that is contained, in lower case
    ("certificate has expired", EXPIRED),
    ("subject name does not match", WRONG_NAME),
    ("hostname mismatch", WRONG_NAME),
    ("hostname validation", WRONG_NAME),
    ("certificate verify failed", UNTRUSTED),
    ("encryption not supported", NO_ENCRYPTION),
    ("sspi provider", KERBEROS),
    ("kerberos", KERBEROS),
    ("gss", KERBEROS),
)
BY_STATE = {"HYT00": SILENT, "HYT01": SILENT, "28000": REFUSED}


def connecting(host: str, error: dict[str, Any], **names: str) -> HostError:
    """The cause of a failed connect. `error` is what the worker said; `names` fill the sentences."""
    text = error["message"].lower()
    by_text = next((cause for words, cause in BY_TEXT if words in text), None)
    cause = BY_NUMBER.get(error["number"]) or by_text or BY_STATE.get(error["state"]) or NO_TDS
    message = error["message"].rstrip(".") + "."
    return cause.error(host, cause.message.format(message=message, **names), cause.remedy)
