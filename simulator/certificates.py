"""Certificates for the simulator's TLS: authorities, and servers that are good or wrong in one way.

What is good passes strict verification (ssl.VERIFY_X509_STRICT, which Python 3.13 turns on): an
authority says what its key may do, and every certificate names its own key and its issuer's.
"""

import base64
import ssl
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

LAX_AUTHORITY = "lax-authority"  # a path length without key usage, as companies' own CAs have it
KINDS = ("good", "self-signed", "expired", "wrong-name", LAX_AUTHORITY)
LIFE = timedelta(days=30)
# A client shows one too, where WinRM maps certificates to accounts.
PURPOSES = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER


class ServerCertificate(NamedTuple):
    """PEM files: the server's chain and key, and the CA that a client may trust."""

    chain: Path
    key: Path
    ca: Path

    def context(self) -> ssl.SSLContext:
        """For a server that shows it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context

    @property
    def shown(self) -> list[bytes]:
        """The chain as TLS shows it (DER)."""
        chain = x509.load_pem_x509_certificates(self.chain.read_bytes())
        return [one.public_bytes(DER) for one in chain]


def make_certificate(folder: Path, kind: str = "good") -> ServerCertificate:
    """A server certificate for localhost, of one of KINDS."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; known: {KINDS}")
    names = ["other.example.test"] if kind == "wrong-name" else ["localhost", "127.0.0.1"]
    authority = Authority("Simulator CA", lax=kind == LAX_AUTHORITY)
    issuer = Authority(names[0], own=False) if kind == "self-signed" else authority
    made = issuer.issue(folder, names, expired=kind == "expired", whole=False)
    made.ca.write_bytes(authority.pem)  # which a self-signed certificate is not from
    return made


class Authority:
    """A certificate authority by name. `pem`: what a client may trust.

    `lax`: without key usage. `own=False`: none of its own, a server signs for itself with this key.
    """

    def __init__(self, name: str, *, lax: bool = False, own: bool = True) -> None:
        self.name = _name(f"CN={name}")
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._own = own
        extensions: list[x509.ExtensionType] = [x509.BasicConstraints(ca=True, path_length=0)]
        extensions += [] if lax else [_key_usage(authority=True)]
        self.pem = self._sign(self.name, self._key, datetime.now(UTC) + LIFE, extensions)

    def issue(
        self, folder: Path, names: Sequence[str], *, expired: bool = False, whole: bool = True
    ) -> ServerCertificate:
        """The files in `folder` for a server with these names and addresses.

        `whole`: the chain ends with the authority itself.
        """
        key = ec.generate_private_key(ec.SECP256R1()) if self._own else self._key
        end = datetime.now(UTC) + (timedelta(days=-1) if expired else LIFE)
        extensions = [
            x509.BasicConstraints(ca=False, path_length=None),
            _key_usage(authority=False),
            x509.ExtendedKeyUsage(PURPOSES),
            _alternative_names(names),
        ]
        leaf = self._sign(_name(f"CN={names[0]}"), key, end, extensions)
        chain, private = folder / f"{names[0]}.pem", folder / f"{names[0]}.key"
        chain.write_bytes(leaf + self.pem if whole else leaf)
        clear = serialization.NoEncryption()
        private.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, clear))
        ca = folder / "ca.pem"
        ca.write_bytes(self.pem)
        return ServerCertificate(chain, private, ca)

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        end: datetime,
        extensions: Sequence[x509.ExtensionType],
    ) -> bytes:
        named = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        by = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        unsigned = _unsigned(subject, self.name, end - 2 * LIFE, end, key, (named, by, *extensions))
        return unsigned.sign(self._key, hashes.SHA256()).public_bytes(PEM)


def _unsigned(
    subject: x509.Name,
    issuer: x509.Name,
    start: datetime,
    end: datetime,
    key: ec.EllipticCurvePrivateKey,
    extensions: Sequence[x509.ExtensionType],
) -> x509.CertificateBuilder:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )
    for extension in extensions:
        critical = isinstance(extension, x509.BasicConstraints | x509.KeyUsage)
        builder = builder.add_extension(extension, critical=critical)
    return builder


def _name(text: str) -> x509.Name:
    return x509.Name.from_rfc4514_string(text.replace(", ", ","))


def _alternative_names(names: Sequence[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
        for name in names
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority, key_cert_sign=authority, crl_sign=authority,
        content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


@cache
def _one_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def in_store(facts: Mapping[str, Any]) -> str:
    """A twin's certificate as bytes (DER as base64): its names and dates; its thumbprint is made
    up.

    `purposes` (extended key usage, dotted) and `signs_only` (key usage of an authority) where the
    facts name them.

    >>> len(in_store({"subject": "CN=a", "issuer": "CN=b", "not_before": "2026-01-01T00:00:00Z",
    ...     "not_after": "2028-01-01T00:00:00Z", "dns_names": ["a.example.test"]})) > 100
    True
    """

    extensions: list[x509.ExtensionType] = []
    if facts["dns_names"]:
        extensions.append(_alternative_names(facts["dns_names"]))
    if facts.get("purposes"):
        purposes = [x509.ObjectIdentifier(one) for one in facts["purposes"]]
        extensions.append(x509.ExtendedKeyUsage(purposes))
    if "signs_only" in facts:
        extensions.append(_key_usage(authority=facts["signs_only"]))
    subject, issuer = _name(facts["subject"]), _name(facts["issuer"])
    start, end = (datetime.fromisoformat(facts[key]) for key in ("not_before", "not_after"))
    unsigned = _unsigned(subject, issuer, start, end, _one_key(), extensions)
    made = unsigned.sign(_one_key(), hashes.SHA256())
    return base64.b64encode(made.public_bytes(DER)).decode("ascii")
