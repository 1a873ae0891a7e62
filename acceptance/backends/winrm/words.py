"""The words for what can go wrong over WinRM, by what tells it:
an exception's type, a library's own text, a status.

The libraries' texts are English, whatever the server's language.
"""

import binascii
import http.client
import struct
from xml.parsers.expat import ExpatError

# What libraries raise while they read an answer -> what is wrong with the answer.
ODD_ANSWERS: dict[type[Exception], str] = {
    UnicodeDecodeError: "it is no text in UTF-8",
    binascii.Error: "its output is no base64",
    ExpatError: "it is no XML",
    SyntaxError: "it is no XML",  # ElementTree.ParseError
    KeyError: "it lacks a part that WS-Man asks for",
    StopIteration: "it lacks a part that WS-Man asks for",
    IndexError: "it lacks a part that WS-Man asks for",
    AttributeError: "it lacks a part that WS-Man asks for",
    TypeError: "a part of it is of another kind than WS-Man has it",
    ValueError: "a part of it has another value than WS-Man has it",
    http.client.HTTPException: "it is no HTTP",
    struct.error: "its log-in message is damaged",
}
# Why a connection broke, by the cause that requests wraps; the first that fits.
BROKEN: dict[type[Exception], tuple[str, str]] = {
    http.client.RemoteDisconnected: (
        "the server closed the connection without an answer.",
        "Is the port the right one for this scheme (https 5986, http 5985)? Does something between "
        "cut connections?",
    ),
    http.client.HTTPException: (
        "what answers on that port is no WinRM: it speaks no HTTP that could be read.",
        "Check port and address in the inventory: another service listens there.",
    ),
    ConnectionResetError: (
        "the server or something between reset the connection.",
        "Is the port the right one for this scheme (https 5986, http 5985)? Look at firewalls "
        "between.",
    ),
}
# Kerberos: words of the libraries' own texts (English,
# whatever the server's language) -> what is wrong, what to do.
KERBEROS: dict[tuple[str, ...], tuple[str, str]] = {
    ("ticket expired", "credentials have expired"): (
        "the Kerberos ticket has expired",
        "Run kinit again.",
    ),
    ("no credentials cache", "no kerberos credentials", "credentials cache file"): (
        "there is no Kerberos ticket on this machine",
        "Run kinit first.",
    ),
    ("cannot find kdc", "cannot contact any kdc", "unknown realm", "cannot resolve"): (
        "the Kerberos realm or its domain controller is not known on this machine",
        "Look at /etc/krb5.conf, DNS and the VPN; the realm is written in capitals.",
    ),
    ("server not found in kerberos", "s_principal_unknown", "unknown server"): (
        "the domain knows no service of that name (SPN)",
        "Use the server's full DNS name as address, or set kerberos_hostname.",
    ),
    ("clock skew",): (
        "the clock of this machine differs too much from the domain's",
        "Set the clock: Kerberos takes five minutes at most.",
    ),
    ("preauthentication failed", "password incorrect"): (
        "the domain refused the password",
        "Run kinit with the right password.",
    ),
}
TLS: dict[tuple[str, ...], tuple[str, str]] = {
    ("Hostname mismatch", "doesn't match", "IP address mismatch"): (
        "the certificate is not for {address}.",
        "Use the name that stands in the certificate, or renew it.",
    ),
    ("expired",): (
        "the certificate has expired.",
        "Renew the certificate of the WinRM listener.",
    ),
    ("self-signed", "self signed"): (
        "the certificate is self-signed.",
        "Give its own certificate as ca_file, or one from the customer's CA to the server.",
    ),
    ("unable to get local issuer", "unable to get issuer"): (
        "the certificate comes from a CA that is not trusted here.",
        "Give the CA's certificate as ca_file in the inventory.",
    ),
    # OpenSSL's strict verification (RFC 5280), which Python switches on since 3.13.
    ("Path length given without key usage", "CA cert does not include key usage"): (
        "the certificate's CA has no key usage keyCertSign, which Python 3.13 and later require.",
        "Have the CA's certificate renewed with that key usage; until then give the server's own"
        " certificate as ca_file.",
    ),
    ("Missing Authority Key Identifier", "Missing Subject Key Identifier", "not marked critical"): (
        "the certificate or its CA lacks what RFC 5280 requires, and so do Python 3.13 and later.",
        "Renew both with key identifiers and critical basic constraints; until then give the"
        " server's own certificate as ca_file.",
    ),
    ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "alert protocol version"): (
        "the server speaks only versions of TLS that are no longer safe.",
        "Switch TLS 1.2 on for the server (SCHANNEL\\Protocols).",
    ),
}
HTTP_REMEDIES = {
    400: "The server could not decrypt the message or knows no such host name, or something "
    "between changed it: check the address, and run again without a proxy.",
    403: "Something between refuses: a proxy, or an IP filter of the WinRM service (winrm get "
    "winrm/config).",
    404: "Another web server answers on that port: check port and address in the inventory.",
    407: "A proxy between asks for a log-in of its own: reach the server without it.",
    500: "The service failed; or, with basic over http, it refuses unencrypted messages: look at "
    "its event log, or use https.",
    503: "The WinRM service is stopped or overloaded: restart it (Restart-Service WinRM).",
}
