"""Ed25519 keys: making them, reading them from a PEM file or the keyring,
and the list of trusted ones.
"""

import base64
import os
import re
from pathlib import Path
from typing import NamedTuple

import keyring
import keyring.errors
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from acceptance.errors import ReportError
from acceptance.report.files import digest, read
from acceptance.secrets import Ask, resolve

KEYRING = "keyring:"
PRIME = 2**255 - 19  # of the field of curve25519
# y of the points of order 1, 2, 4 and 8.
SMALL_ORDER = {
    0,
    1,
    PRIME - 1,
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
}


def make_key(target: str, passphrase: str | None) -> Ed25519PublicKey:
    """Make a key in a new PEM file (its public half in `<file>.pub`) or as `keyring:service/user`.

    `passphrase`: what encrypts the file; None for none.
    Raises ReportError for a file or entry that is there already.
    """
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption(),
    )
    if target.startswith(KEYRING):
        _into_keyring(target, pem.decode("ascii"))
    else:
        _into_file(Path(target), pem, public_pem(key.public_key()))
    return key.public_key()


def _into_keyring(target: str, pem: str) -> None:
    service, _, user = target.removeprefix(KEYRING).rpartition("/")
    if not service or not user:
        raise ReportError(f"{target} is no keyring entry.", "Write keyring:service/user.")
    try:
        taken = keyring.get_password(service, user) is not None
        if not taken:
            keyring.set_password(service, user, pem)
    except keyring.errors.NoKeyringError:
        raise ReportError("this machine has no keyring.", "Use a key file.") from None
    except Exception:  # whatever the library of this machine's keyring raises
        raise ReportError(
            "the keyring could not be used.", "Unlock it, or use a key file."
        ) from None
    if taken:
        raise ReportError(f"the keyring holds {target} already; a key is never overwritten.")


def _into_file(path: Path, private: bytes, public: bytes) -> None:
    if not path.name:
        raise ReportError(
            f"'{path}' is no name of a file.", "Name a new one, such as supplier.key."
        )
    beside = path.with_name(f"{path.name}.pub")
    try:
        for file, content, mode in ((path, private, 0o600), (beside, public, 0o644)):
            # O_EXCL: never over an existing key,
            # and readable by its owner only from the first byte on.
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
    except FileExistsError as error:
        raise ReportError(
            f"{error.filename} is there already; a key is never overwritten."
        ) from None
    except OSError as error:
        raise ReportError(f"{path} cannot be written: {error.strerror}.") from None


def load_key(source: str, passphrase: str | None, ask: Ask) -> Ed25519PrivateKey:
    """A private key from a PEM file or from `keyring:service/user`.
    `passphrase`: a secret reference, or None.

    Raises ReportError for a key that cannot be used,
    SecretError for a reference that leads nowhere.
    """
    pem = (
        resolve(source, ask).encode() if source.startswith(KEYRING) else _private_file(Path(source))
    )
    password = resolve(passphrase, ask).encode() if passphrase else None
    try:
        key = serialization.load_pem_private_key(pem, password)
    except TypeError:
        needs = "needs a passphrase" if password is None else "has no passphrase"
        raise ReportError(
            f"the key {source} {needs}.", "Use --passphrase env:NAME, keyring:… or prompt:."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ReportError(
            f"{source} holds no private key in PEM, or its passphrase is another one."
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ReportError(f"{source} is no Ed25519 key.", "Make one: acceptance keygen FILE")
    return key


def _private_file(path: Path) -> bytes:
    data = read(path)
    if os.name == "posix" and path.stat().st_mode & 0o077 and b"ENCRYPTED" not in data:
        raise ReportError(f"{path} can be read by others on this machine.", f"chmod 600 {path}")
    return data


def public_pem(key: Ed25519PublicKey) -> bytes:
    """The public key's PEM file."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def public_text(key: Ed25519PublicKey) -> str:
    """Base64 of the key's DER SubjectPublicKeyInfo: the body of its PEM file."""
    return base64.b64encode(_der(key)).decode("ascii")


def public_from_text(text: str) -> Ed25519PublicKey:
    """Raises ValueError for anything but an Ed25519 key in its one spelling."""
    try:
        key = serialization.load_der_public_key(base64.b64decode(text, validate=True))
    except UnsupportedAlgorithm:
        raise ValueError("no key that this suite knows") from None
    if not isinstance(key, Ed25519PublicKey) or public_text(key) != text:
        raise ValueError("no Ed25519 key")
    if is_weak(key.public_bytes_raw()):
        raise ValueError("a key that fits every message")
    return key


def is_weak(point: bytes) -> bool:
    """Whether a key, or a signature's first half, is of small order or not spelt as RFC 8032 does.

    Under such a key one signature holds for every message (RFC 8032 5.1.7 leaves the check to the
    verifier, and no engine makes it); engines also disagree about y of the field's prime and above.
    """
    y = int.from_bytes(point, "little") & ((1 << 255) - 1)
    return y >= PRIME or y in SMALL_ORDER


def fingerprint(key: Ed25519PublicKey) -> str:
    """`SHA256:` and the hexadecimal digits of the SHA-256 of the DER SubjectPublicKeyInfo."""
    return f"SHA256:{digest(_der(key))}"


def _der(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


class Trusted(NamedTuple):
    """Whose key it is, and for which party alone it signs."""

    name: str
    party: str


def load_trusted(path: Path) -> dict[str, Trusted]:
    """Fingerprint -> whose key it is, from lines `SHA256:<64 digits> supplier|customer <name>`;
    `#` comments.
    """
    trusted: dict[str, Trusted] = {}
    for number, line in enumerate(read(path).decode("utf-8", errors="replace").splitlines(), 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        match = re.fullmatch(r"(SHA256:[0-9a-f]{64})\s+(supplier|customer)\s+(\S.*)", text)
        if match is None:
            raise ReportError(
                "{file}:{line}: is no line of trusted keys.",
                "Write: SHA256:<64 digits> supplier|customer <name>",
                file=str(path),
                line=number,
            )
        if match[1] in trusted:
            raise ReportError(
                "{file}:{line}: names a key a second time; a key belongs to one party.",
                file=str(path),
                line=number,
            )
        trusted[match[1]] = Trusted(match[3], match[2])
    return trusted
