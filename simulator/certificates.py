"""Certificates for the simulator's TLS: authorities, and servers that are good or wrong in one way.

What is good passes strict verification (ssl.VERIFY_X509_STRICT, which Python 3.13 turns on): an
authority says what its
key may do, and every certificate names its own key and its issuer's.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LAX_AUTHORITY = "lax-authority"  # a path length without key usage, as companies' own CAs have it
KINDS = ("good", "self-signed", "expired", "wrong-name", LAX_AUTHORITY)
LIFE = timedelta(days=30)
# A client shows one too, where WinRM maps certificates to accounts.
PURPOSES = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class ServerCertificate:
    """PEM files: the server's chain and key, and the CA that a client may trust."""

    chain: Path
    key: Path
    ca: Path


def make_certificate(folder: Path, kind: str = "good") -> ServerCertificate:
    """A server certificate for localhost, of one of KINDS."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; known: {KINDS}")
    authority = Authority("Simulator CA", lax=kind == LAX_AUTHORITY)
    names = ["other.example.test" if kind == "wrong-name" else "localhost"]
    addresses = [] if kind == "wrong-name" else ["127.0.0.1"]
    issuer = Authority(names[0], own=False) if kind == "self-signed" else authority
    chain, key = issuer.issue(folder, names, addresses, expired=kind == "expired", whole=False)
    ca = folder / "ca.pem"
    ca.write_bytes(authority.pem)
    return ServerCertificate(chain, key, ca)


class Authority:
    """A certificate authority by name. `pem`: what a client may trust.

    `lax`: without key usage. `own=False`: none of its own, a server signs for itself with this key.
    """

    def __init__(self, name: str, *, lax: bool = False, own: bool = True) -> None:
        self.name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._own = own
        extensions: list[x509.ExtensionType] = [x509.BasicConstraints(ca=True, path_length=0)]
        extensions += [] if lax else [_key_usage(authority=True)]
        self.pem = self._sign(name, self._key, datetime.now(UTC) + LIFE, extensions)

    def issue(
        self,
        folder: Path,
        names: list[str],
        addresses: Sequence[str] = (),
        *,
        expired: bool = False,
        whole: bool = True,
    ) -> tuple[Path, Path]:
        """(chain, key) as PEM files in `folder` for a server with these names and addresses.

        `whole`: the chain ends with the authority itself.
        """
        key = ec.generate_private_key(ec.SECP256R1()) if self._own else self._key
        end = datetime.now(UTC) + (timedelta(days=-1) if expired else LIFE)
        own_names = [x509.DNSName(name) for name in names]
        own_addresses = [x509.IPAddress(ip_address(address)) for address in addresses]
        leaf = self._sign(
            names[0],
            key,
            end,
            [
                x509.BasicConstraints(ca=False, path_length=None),
                _key_usage(authority=False),
                x509.ExtendedKeyUsage(PURPOSES),
                x509.SubjectAlternativeName([*own_names, *own_addresses]),
            ],
        )
        chain, private = folder / f"{names[0]}.pem", folder / f"{names[0]}.key"
        chain.write_bytes(leaf + self.pem if whole else leaf)
        clear = serialization.NoEncryption()
        private.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, clear))
        return chain, private

    def _sign(
        self,
        subject: str,
        key: ec.EllipticCurvePrivateKey,
        end: datetime,
        extensions: list[x509.ExtensionType],
    ) -> bytes:
        public, own = key.public_key(), self._key.public_key()
        named = x509.SubjectKeyIdentifier.from_public_key(public)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(own)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(self.name))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(end - 2 * LIFE)
            .not_valid_after(end)
        )
        for extension in (named, issuer, *extensions):
            critical = isinstance(extension, x509.BasicConstraints | x509.KeyUsage)
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(PEM)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


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

    def name(text: str) -> x509.Name:
        return x509.Name.from_rfc4514_string(text.replace(", ", ","))

    builder = (
        x509.CertificateBuilder()
        .subject_name(name(facts["subject"]))
        .issuer_name(name(facts["issuer"]))
        .public_key(_one_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.fromisoformat(facts["not_before"]))
        .not_valid_after(datetime.fromisoformat(facts["not_after"]))
    )
    if facts["dns_names"]:
        names = x509.SubjectAlternativeName([x509.DNSName(one) for one in facts["dns_names"]])
        builder = builder.add_extension(names, critical=False)
    if facts.get("purposes"):
        purposes = x509.ExtendedKeyUsage([x509.ObjectIdentifier(one) for one in facts["purposes"]])
        builder = builder.add_extension(purposes, critical=False)
    if "signs_only" in facts:
        usage = _key_usage(authority=facts["signs_only"])
        builder = builder.add_extension(usage, critical=True)
    made = builder.sign(_one_key(), hashes.SHA256())
    return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode("ascii")
