"""DSSE envelopes with one Ed25519 signature (github.com/secure-systems-lab/dsse, v1.0.2),
read strictly.

An envelope's file has exactly one spelling:
what is read is written again and compared byte by byte. So duplicate keys, white space, trailing
bytes and other spellings of the same base64 are changes like any other.
"""

import base64
import binascii
import json
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"


class EnvelopeError(Exception):
    """An envelope is damaged; the message says how, in words that follow the file's name."""


class Envelope(NamedTuple):
    """`payload`: the signed bytes.

    `keyid`: the fingerprint of the key; a hint that DSSE does not protect.
    """

    payload: bytes
    keyid: str
    signature: bytes


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding, the bytes that are really signed.

    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, key: Ed25519PrivateKey, keyid: str) -> Envelope:
    """Sign `payload`."""
    return Envelope(payload, keyid, key.sign(pae(PAYLOAD_TYPE, payload)))


def check(envelope: Envelope, key: Ed25519PublicKey) -> None:
    """Raises EnvelopeError where the signature is not that of `key` over the payload."""
    try:
        key.verify(envelope.signature, pae(PAYLOAD_TYPE, envelope.payload))
    except InvalidSignature:
        raise EnvelopeError("was changed: its signature does not fit its content") from None


def dump(envelope: Envelope) -> bytes:
    """The one spelling of an envelope's file."""
    signature = {"keyid": envelope.keyid, "sig": _base64(envelope.signature)}
    content = {
        "payload": _base64(envelope.payload),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [signature],
    }
    return json.dumps(content, indent=2).encode("ascii") + b"\n"


def load(data: bytes) -> Envelope:
    """Read an envelope's file.

    Raises EnvelopeError for anything but the one spelling of a valid envelope.
    """
    try:
        content = json.loads(data.decode("ascii"))
        [signature] = content["signatures"]
        if content["payloadType"] != PAYLOAD_TYPE:
            raise EnvelopeError("was changed: its payload type is not that of an in-toto statement")
        envelope = Envelope(
            _decoded(content["payload"]), str(signature["keyid"]), _decoded(signature["sig"])
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise EnvelopeError("was changed: it is no DSSE envelope with one signature") from None
    if dump(envelope) != data:
        raise EnvelopeError("was changed: it is not spelt as it was written")
    return envelope


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
