"""Certificates made anew with other names: the same dates, uses and chain, another key.

Public authorities stay as they are, and certificates under them that name nobody but the suite's
own addresses: everybody can see them, and who vouches for a certificate is decided by their bytes.
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha1

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from acceptance.hosts.chains import ends_in, public_roots

Rename = Callable[[str], str]


class Certificates:
    """All certificates of a redaction; a new one is signed by the new key of its old issuer."""

    def __init__(self, rename: Rename) -> None:
        self._rename = rename
        self._known: dict[bytes, x509.Certificate] = {}
        self._keys: dict[bytes, ec.EllipticCurvePrivateKey] = {}
        self._made: dict[bytes, bytes] = {}
        self.thumbprints: dict[str, str] = {}  # old -> new, upper case

    def add(self, der: bytes) -> None:
        """Take notice of one. What is no certificate is left for `anew` to refuse."""
        with suppress(ValueError):
            self._known[der] = x509.load_der_x509_certificate(der)

    def make(self) -> None:
        """All that were added, so that their thumbprints are known."""
        for der in self._known:
            self.thumbprints[_thumbprint(der)] = _thumbprint(self.anew(der))

    def anew(self, der: bytes) -> bytes:
        """Its like, under other names. Raises ValueError for what is no certificate."""
        if der not in self._made:
            old = x509.load_der_x509_certificate(der)
            self._made[der] = der if self._everybodys(old) else self._build(old)
        return self._made[der]

    def _everybodys(self, one: x509.Certificate) -> bool:
        named = self._name(one.subject) != one.subject or self._alternative_names(one) != _names(
            one
        )
        others = [other for other in self._known.values() if other != one]
        return (_is_authority(one) or not named) and ends_in([one, *others], public_roots())

    def _build(self, old: x509.Certificate) -> bytes:
        key = self._key(old.subject)
        signer = key if old.subject == old.issuer else self._key(old.issuer)
        builder = (
            x509.CertificateBuilder()
            .subject_name(self._name(old.subject))
            .issuer_name(self._issuer(old.issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(old.not_valid_before_utc)
            .not_valid_after(old.not_valid_after_utc)
        )
        for kind in (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage):
            try:
                found = old.extensions.get_extension_for_class(kind)
            except x509.ExtensionNotFound:
                continue
            builder = builder.add_extension(found.value, found.critical)
        names = self._alternative_names(old)
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER)

    def _key(self, name: x509.Name) -> ec.EllipticCurvePrivateKey:
        whose = name.public_bytes()
        if whose not in self._keys:
            self._keys[whose] = ec.generate_private_key(ec.SECP256R1())
        return self._keys[whose]

    def _name(self, name: x509.Name) -> x509.Name:
        parts = [x509.NameAttribute(one.oid, self._value(one)) for one in name]
        return x509.Name(parts)

    def _issuer(self, name: x509.Name) -> x509.Name:
        kept = any(one.subject == name and self._everybodys(one) for one in self._known.values())
        return name if kept else self._name(name)

    def _value(self, one: x509.NameAttribute[str | bytes]) -> str:
        text = one.value if isinstance(one.value, str) else one.value.decode("utf-8", "replace")
        return text if one.oid == x509.NameOID.COUNTRY_NAME else self._rename(text)

    def _alternative_names(self, old: x509.Certificate) -> x509.SubjectAlternativeName | None:
        found = _names(old)
        if found is None:
            return None
        names = [x509.DNSName(self._rename(one)) for one in found.get_values_for_type(x509.DNSName)]
        return x509.SubjectAlternativeName(names) if names else None


def _names(one: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None


def _is_authority(one: x509.Certificate) -> bool:
    try:
        return bool(one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def _thumbprint(der: bytes) -> str:
    return sha1(der, usedforsecurity=False).hexdigest().upper()
