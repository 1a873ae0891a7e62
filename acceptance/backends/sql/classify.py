"""Which cause a driver's error has, by state, number and text;
and its words without what only a machine reads.

The worker's process asks here, before it masks the password:
what is masked can no longer be recognised.
Imports nothing heavy, as that process starts once for each server.

SQL Server's numbers are its own (sys.messages, Microsoft Learn).
The driver gives TLS failures no number on Linux, where the text is OpenSSL's and always English; on
Windows the number is Schannel's (SEC_E_…, winerror.h).
"""

import re

# The last bracket before the words says whose they are (ODBC, "Diagnostic Messages").
SERVERS_OWN = re.compile(r"^(\[[^\]]*\]\s*)*\[SQL Server\]")
PREFIX = re.compile(r"^(\[(?!error:)[^\]]*\]\s*)+")
OPENSSL = re.compile(r"\[error:[0-9A-Fa-f]*:[^:\]]*:[^:\]]*:([^\]]*)\]?")
CODE = re.compile(r"Error code 0x([0-9A-Fa-f]+)")
NO_TRUST_FOLDER = "search only supported for directories"  # of SSL_CERT_DIR, no failure

SYSTEM_CODES = {  # errno of Linux, and Winsock's
    0x20: "the connection was closed",
    0x68: "the connection was reset",
    0x6E: "the connection timed out",
    0x6F: "the connection was refused",
    0x2745: "the connection was aborted",
    0x2746: "the connection was reset",
    0x274C: "the connection timed out",
    0x274D: "the connection was refused",
}
ENDED = frozenset({26, 104, 32, 10053, 10054})  # a driver's own numbers: the other side went away

SERVER_NUMBERS = {
    18456: "REFUSED",
    18452: "UNTRUSTED_DOMAIN",
    18450: "WINDOWS_ONLY",
    18486: "LOCKED",
    18487: "PASSWORD_EXPIRED",
    18488: "MUST_CHANGE",
    18470: "DISABLED",
    4060: "NO_DATABASE",
    4064: "NO_DATABASE",
    17142: "PAUSED",
    17147: "STOPPING",
    17148: "STOPPING",
    6005: "STOPPING",
    17187: "STARTING",
    18401: "UPGRADING",
    18461: "SINGLE_USER",
    18451: "ADMINISTRATORS_ONLY",
    17892: "LOGON_TRIGGER",
    17809: "FULL",
    10928: "FULL",
    10929: "FULL",
    17835: "MUST_ENCRYPT",
    40615: "FIREWALL",
    40914: "FIREWALL",
    47073: "FIREWALL",
    40613: "UNAVAILABLE",
    40197: "UNAVAILABLE",
    40501: "UNAVAILABLE",
    976: "REPLICA",
    978: "READ_ONLY_REPLICA",
    979: "NO_READ_ONLY",
    983: "REPLICA",
}
DRIVER_NUMBERS = {
    -2146893019: "UNTRUSTED",  # SEC_E_UNTRUSTED_ROOT
    -2146893017: "UNTRUSTED",  # SEC_E_CERT_UNKNOWN
    -2146893022: "WRONG_NAME",  # SEC_E_WRONG_PRINCIPAL
    -2146893016: "EXPIRED",  # SEC_E_CERT_EXPIRED
    -2146893007: "OLD_TLS",  # SEC_E_ALGORITHM_MISMATCH
    -2146893018: "OLD_TLS",  # SEC_E_ILLEGAL_MESSAGE
}
DRIVER_TEXTS = (  # the first that is contained, in lower case
    ("key too weak", "WEAK"),
    ("key too small", "WEAK"),
    ("md too weak", "WEAK"),
    ("certificate has expired", "EXPIRED"),
    ("subject name does not match", "WRONG_NAME"),
    ("hostname mismatch", "WRONG_NAME"),
    ("hostname validation", "WRONG_NAME"),
    ("certificate verify failed", "UNTRUSTED"),
    ("encryption not supported", "NO_ENCRYPTION"),
    ("unsupported protocol", "OLD_TLS"),
    ("legacy sigalg", "OLD_TLS"),
    ("alert protocol version", "OLD_TLS"),
    ("no protocols available", "OLD_TLS"),
    ("no shared cipher", "OLD_TLS"),
    ("not found in kerberos database", "SPN"),
    ("cannot generate sspi context", "SPN"),
    ("sspi provider", "KERBEROS"),
    ("kerberos", "KERBEROS"),
    ("gss", "KERBEROS"),
    ("did not supply an error", "NO_REASON"),
)
STATES = {"HYT00": "SILENT", "HYT01": "SILENT", "28000": "REFUSED"}


def cause_of(state: str, number: int | None, text: str, *, strict: bool = False) -> str:
    """The name of a failed connect's cause. `text` is the driver's, with its brackets."""
    if SERVERS_OWN.match(text) and number:
        return SERVER_NUMBERS.get(number, "SERVER_SAYS")
    lower = text.lower()
    if number == -2146893022 and "sspi" in lower:
        return "SPN"  # the same number for a certificate's name and for a service's
    if strict and (number in ENDED or "wrong version number" in lower):
        return "NO_STRICT"
    by_text = next((name for words, name in DRIVER_TEXTS if words in lower), None)
    found = DRIVER_NUMBERS.get(number or 0) or by_text or STATES.get(state)
    if found:
        return found
    return "ENDED" if number in ENDED else "NO_TDS"


def words_of(text: str) -> str:
    """The first message as a sentence: no brackets, no codes of OpenSSL's or the system's.

    >>> words_of("[Microsoft][ODBC Driver 18 for SQL Server]TCP Provider: Error code 0x2746")
    'TCP Provider: the connection was reset'
    """
    reasons = [reason for reason in OPENSSL.findall(text) if reason != NO_TRUST_FOLDER]
    first = PREFIX.sub("", text.split("; [")[0])
    if reasons:
        first = f"{OPENSSL.split(first)[0]}{reasons[-1].replace(':', ': ')}"
    first = CODE.sub(_system, OPENSSL.sub("", first))
    if "did not supply an error" in first:
        first = "the ODBC driver gave no reason"
    return " ".join(first.split()) or "it gave no reason"


def _system(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return SYSTEM_CODES.get(number, f"error {number} of the system")
