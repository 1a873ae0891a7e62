"""Certificates for the simulator's TLS: a CA of its own, and servers that are good or wrong in one way."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

KINDS = ("good", "self-signed", "expired", "wrong-name")


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
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name, name = _name("Simulator CA"), _name("localhost")
    now = datetime.now(UTC)
    ca = _sign(
        ca_name,
        ca_name,
        ca_key,
        ca_key,
        now + timedelta(days=30),
        x509.BasicConstraints(ca=True, path_length=0),
    )
    names = ["other.example.test"] if kind == "wrong-name" else ["localhost"]
    addresses = [] if kind == "wrong-name" else [x509.IPAddress(ip_address("127.0.0.1"))]
    end = now - timedelta(days=1) if kind == "expired" else now + timedelta(days=30)
    issuer, issuer_key = (name, key) if kind == "self-signed" else (ca_name, ca_key)
    alternative = x509.SubjectAlternativeName([*map(x509.DNSName, names), *addresses])
    certificate = _sign(
        name,
        issuer,
        key,
        issuer_key,
        end,
        x509.BasicConstraints(ca=False, path_length=None),
        alternative,
    )
    result = ServerCertificate(folder / "server.pem", folder / "server.key", folder / "ca.pem")
    result.chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem, pkcs8, clear = (
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    result.key.write_bytes(key.private_bytes(pem, pkcs8, clear))
    result.ca.write_bytes(ca.public_bytes(pem))
    return result


class Authority:
    """A certificate authority by name. `pem`: what a client may trust."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        end = datetime.now(UTC) + timedelta(days=30)
        own = x509.BasicConstraints(ca=True, path_length=0)
        self.pem = _sign(_name(name), _name(name), self._key, self._key, end, own).public_bytes(
            serialization.Encoding.PEM
        )

    def issue(self, folder: Path, names: list[str], *, expired: bool = False) -> tuple[Path, Path]:
        """(chain, key) as PEM files in `folder` for a server with these DNS names."""
        key = ec.generate_private_key(ec.SECP256R1())
        end = datetime.now(UTC) + timedelta(days=-1 if expired else 30)
        alternative = x509.SubjectAlternativeName(list(map(x509.DNSName, names)))
        leaf = x509.BasicConstraints(ca=False, path_length=None)
        certificate = _sign(
            _name(names[0]), _name(self.name), key, self._key, end, leaf, alternative
        )
        chain, private = folder / f"{names[0]}.pem", folder / f"{names[0]}.key"
        chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + self.pem)
        pem, pkcs8, clear = (
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        private.write_bytes(key.private_bytes(pem, pkcs8, clear))
        return chain, private


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _sign(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    end: datetime,
    *extensions: x509.ExtensionType,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=60))
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    for extension in extensions:
        builder = builder.add_extension(
            extension, critical=isinstance(extension, x509.BasicConstraints)
        )
    return builder.sign(issuer_key, hashes.SHA256())
