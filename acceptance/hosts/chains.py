"""Certificates by their bytes: whose they are, and whether their chain ends in a public root.

Names that two libraries print never compare (`S=` and `ST=`, quotes, order): DER does.
Dates and names were the asking side's to check; here it is only asked who vouches.
"""

import base64
import hashlib
import re
import warnings
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import Certificate

PIECE = re.compile(b"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
Issuer = tuple[bytes, bytes | None]


def decoded(chain: Sequence[str]) -> list[Certificate]:
    """A chain of base64 texts, the server's own certificate first.

    Raises ValueError for anything else.
    """
    return [x509.load_der_x509_certificate(base64.b64decode(one, validate=True)) for one in chain]


@cache
def public_roots() -> tuple[Certificate, ...]:
    """The authorities that browsers trust (Mozilla's list, which certifi brings).

    Some old roots break RFC 5280 (a serial number of zero):
    the library warns, and will refuse them one day.
    """
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        for piece in PIECE.findall(Path(certifi.where()).read_bytes()):
            with suppress(ValueError):
                found.append(x509.load_pem_x509_certificate(piece))
    return tuple(found)


def is_public(root: str, authorities: Sequence[str] = ()) -> bool:
    """Whether a chain's last certificate is a public authority's, or signed by one.
    Raises ValueError.

    `authorities`: the public ones of a simulated internet; none for the real one.
    """
    return ends_in(decoded([root]), decoded(authorities) if authorities else public_roots())


def ends_in(chain: Sequence[Certificate], roots: Sequence[Certificate]) -> bool:
    """Whether some way of signatures leads from the first certificate to one of the roots."""
    known = {_identity(root) for root in roots}
    if _identity(chain[0]) in known:
        return True
    waiting, seen = [chain[0]], set[bytes]()
    while waiting:
        one = waiting.pop()
        seen.add(one.public_bytes(Encoding.DER))
        for issuer in (*chain[1:], *roots):
            if not _signed(one, issuer):
                continue
            if _identity(issuer) in known:
                return True
            if issuer.public_bytes(Encoding.DER) not in seen:
                waiting.append(issuer)
    return False


def is_whole(chain: Sequence[Certificate]) -> bool:
    """Whether it ends with a certificate that vouches for itself: no other can come above it."""
    return _signed(chain[-1], chain[-1])


def issuer_of(certificate: Certificate) -> Issuer:
    """Who signed it: the name's bytes, and the key that it names,
    since two authorities may share a name.
    """
    try:
        named = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except (x509.ExtensionNotFound, ValueError):
        return certificate.issuer.public_bytes(), None
    return certificate.issuer.public_bytes(), named.value.key_identifier


def fits(certificate: Certificate, thumbprint: str, issuer: str, end: datetime) -> bool:
    """Whether what was said beside the bytes is of the same certificate:
    its SHA-1, the values of its issuer, and its end.
    """
    same = hashlib.sha1(  # noqa: S324 - Windows' thumbprint, no proof of anything
        certificate.public_bytes(Encoding.DER)
    ).hexdigest()
    values = [str(part.value).replace('"', "") for part in certificate.issuer]
    shown = issuer.replace('"', "")
    same_end = abs(certificate.not_valid_after_utc - end) < timedelta(seconds=1)
    return same_end and same == thumbprint.casefold() and all(value in shown for value in values)


def _identity(certificate: Certificate) -> tuple[bytes, bytes]:
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return certificate.subject.public_bytes(), key


def _signed(certificate: Certificate, issuer: Certificate) -> bool:
    if certificate.issuer.public_bytes() != issuer.subject.public_bytes():
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True
