"""Every exception of the libraries under WinRM becomes one sentence of its own,
never "a proxy?" for all.
"""

import base64
import binascii
import http.client
import inspect
import ssl
import struct
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import requests
import urllib3
import winrm.exceptions
from acceptance.simulator.certificates import LAX_AUTHORITY, make_certificate
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WSManFaultError

from acceptance.backends.winrm.challenge import Challenge
from acceptance.backends.winrm.faults import OPERATION_TIMED_OUT, WSMAN_FAULTS, meaning
from acceptance.backends.winrm.sentences import told
from acceptance.errors import HostError, LoginError, RemoteFaultError
from acceptance.inventory.connection import Connection
from tests.simulator.test_certificates import shake_hands

CONNECTION = Connection(address="web01", username="ACME\\a", password="env:X")


class KerberosExchangeError(Exception):
    """As requests-kerberos and pykerberos name theirs."""


def said(error: Exception, connection: Connection = CONNECTION, *offers: str) -> HostError:
    challenge = Challenge()
    challenge.note(offers, None)
    return told("web01", connection, error, challenge)


ODD = [
    StopIteration(),
    KeyError("Body"),
    IndexError(),
    AttributeError("'NoneType' object has no attribute 'text'"),
    TypeError(),
    ValueError("invalid literal"),
    binascii.Error("Incorrect padding"),
    struct.error("unpack requires a buffer of 4 bytes"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    ElementTree.ParseError("not well-formed"),
    requests.exceptions.ChunkedEncodingError("broken"),
    requests.exceptions.ContentDecodingError("gzip"),
    requests.exceptions.InvalidURL("Failed to parse"),
    requests.exceptions.ReadTimeout(),
    requests.exceptions.ConnectionError("reset"),
    OSError("something else"),
    ZeroDivisionError("of a library"),
]


@pytest.mark.parametrize("error", ODD, ids=lambda error: type(error).__name__)
def test_an_odd_answer_is_told_by_what_is_odd(error: Exception) -> None:
    found = said(error)
    assert "proxy" not in f"{found.message} {found.remedy}"
    assert found.remedy
    assert len(found.message.splitlines()) == 1


WRAPPED = {
    "no WinRM: it speaks no HTTP": http.client.BadStatusLine("SSH-2.0-OpenSSH_9.2"),
    "could be read": http.client.LineTooLong("header line"),
    "closed the connection without an answer": http.client.RemoteDisconnected("Remote end closed"),
    "reset the connection": ConnectionResetError(104, "Connection reset by peer"),
    "the connection broke": OSError(5, "x"),
}


@pytest.mark.parametrize("words", WRAPPED)
def test_why_a_connection_broke_is_told(words: str) -> None:
    """requests wraps urllib3's error, which wraps the cause; another service is no broken line."""
    wrapped = urllib3.exceptions.ProtocolError("Connection aborted.", WRAPPED[words])
    assert words in said(requests.exceptions.ConnectionError(wrapped)).message


def test_a_server_that_names_no_way_to_log_in_refused_nothing() -> None:
    """pywinrm's own words say that credentials were rejected."""
    found = said(InvalidCredentialsError("the specified credentials were rejected by the server"))
    assert "names no way to do it. No password was sent." in found.message
    assert "rejected" not in found.message


def test_every_exception_of_pywinrm_has_a_sentence() -> None:
    """Swept by type: a new one of a later release is told too."""
    made = {
        "WinRMTransportError": ("http", 503, "text"),
        "WSManFaultError": (500, "message", "response", "reason"),
    }
    kinds = [
        kind
        for _, kind in inspect.getmembers(winrm.exceptions, inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__ == "winrm.exceptions"
    ]
    assert kinds
    for kind in kinds:
        error = kind(*made.get(kind.__name__, ("words",)))
        assert isinstance(said(error), HostError)


def test_a_login_that_was_never_tried_is_no_refusal() -> None:
    found = said(InvalidCredentialsError("rejected"), CONNECTION, 'Basic realm="WSMAN"')
    assert isinstance(found, LoginError)
    assert "does not offer ntlm; it offers Basic" in found.message
    assert "No password was sent" in found.message


def test_credentials_that_were_sent_are_refused() -> None:
    challenge = Challenge()
    token = base64.b64encode(b"NTLMSSP\0\3\0\0\0").decode()
    challenge.note(["Negotiate"], f"Negotiate {token}")
    found = told("web01", CONNECTION, InvalidCredentialsError("x"), challenge)
    assert "refused ACME\\a" in found.message
    kerberos = CONNECTION.model_copy(update={"auth": "kerberos", "password": None})
    found = told("web01", kerberos, InvalidCredentialsError("x"), challenge)
    assert "password" not in f"{found.message} {found.remedy}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Credentials cache file '/tmp/krb5cc_0' not found", "no Kerberos ticket"),
        ("Ticket expired", "has expired"),
        ('Cannot find KDC for realm "ACME"', "realm"),
        ("Server not found in Kerberos database", "no service of that name"),
        ("Clock skew too great", "clock"),
        ("something new", "something new"),
    ],
)
def test_kerberos_failures_are_told_apart(words: str, expected: str) -> None:
    kerberos = CONNECTION.model_copy(update={"auth": "kerberos", "password": None})
    assert expected in said(KerberosExchangeError(words), kerberos, "Negotiate").message


def test_a_time_out_while_a_shell_opens_is_no_proxy() -> None:
    found = said(WinRMOperationTimeoutError())
    assert isinstance(found, RemoteFaultError)
    assert found.code == OPERATION_TIMED_OUT


@pytest.mark.parametrize("code", [code for code in WSMAN_FAULTS if code < 0x10000])
def test_an_error_of_windows_is_known_as_an_hresult_too(code: int) -> None:
    assert meaning(0x80070000 | code) == meaning(code)


def test_a_ca_without_key_usage_is_named(tmp_path: Path) -> None:
    """Python 3.13 and later verify strictly; companies' own CAs often have that shape."""
    made = make_certificate(tmp_path, LAX_AUTHORITY)
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        shake_hands(made)
    found = said(requests.exceptions.SSLError(caught.value))
    assert "CA has no key usage keyCertSign" in found.message
    assert "ca_file" in (found.remedy or "")


def test_an_unknown_fault_keeps_the_servers_words_on_one_line() -> None:
    words = "Der Dienst\r\nkann nicht\x1b[31m"
    fault = WSManFaultError(500, "m", "r", words, wsman_fault_code=4711)
    found = said(fault)
    assert "4711" in found.message
    assert "Der Dienst kann nicht" in found.message
    assert "\x1b" not in found.message
    without = said(WSManFaultError(500, "m", "r", "own words", fault_subcode="w:Odd"))
    assert "without a number" in without.message
    assert "own words" in without.message
