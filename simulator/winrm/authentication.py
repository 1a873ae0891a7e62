"""The server's side of Negotiate (NTLM) and CredSSP, by pyspnego, with message encryption.

Beside them Basic and certificates.

An NTLM context belongs to one TCP connection: every connection has an `Authenticator` of its own.
"""

import base64
import os
import struct
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import spnego

# A client certificate speaks.
MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
NTLM = b"NTLMSSP\x00"
NTLM_NEGOTIATE = NTLM + b"\x01"  # the first message of a handshake

# pyspnego's acceptor finds passwords only in the file that this variable names, one process-wide:
# set for one step at a time.
_USER_FILE = "NTLM_USER_FILE"
_STEP = threading.Lock()

# Message encryption as MIME parts ([MS-WSMV] 2.2.9.1).
BOUNDARY = b"--Encrypted Boundary"
OCTETS = b"\tContent-Type: application/octet-stream\r\n"
PROTOCOLS = {
    "Negotiate": "application/HTTP-SPNEGO-session-encrypted",
    "CredSSP": "application/HTTP-CredSSP-session-encrypted",
}
CREDSSP_MOST = 16_384  # plain bytes in one part: a TLS record


@dataclass
class Authenticator:
    """One connection's authentication. `answer` decides on a request's Authorization header.

    `certificate_user`: whom the client's certificate stands for, where TLS has verified one.
    """

    users: Mapping[str, str]
    methods: frozenset[str]
    certificate_user: str = ""
    user: str = ""
    scheme: str = ""
    refused: int = 0
    _context: spnego.ContextProxy | None = field(default=None, repr=False)

    def answer(self, header: str) -> tuple[bool, list[str]]:
        """(accepted, WWW-Authenticate headers to send)."""
        if self.user and not header:
            return True, []
        scheme, _, token = header.partition(" ")
        if scheme in ("Negotiate", "CredSSP") and scheme in self.methods and token:
            return self._negotiate(scheme, token)
        if scheme == "Basic" and "Basic" in self.methods:
            name, _, password = base64.b64decode(token).decode("latin-1").partition(":")
            if self.users.get(name) == password:
                self.user = name
                return True, []
            self.refused += 1
        if header == MUTUAL and "Certificate" in self.methods and self.certificate_user:
            self.user = self.certificate_user
            return True, []
        return False, self._offers()

    def _offers(self) -> list[str]:
        headers = {"Basic": 'Basic realm="WSMAN"', "Certificate": MUTUAL}
        return [headers.get(method, method) for method in sorted(self.methods, reverse=True)]

    def _negotiate(self, scheme: str, token: str) -> tuple[bool, list[str]]:
        raw = base64.b64decode(token)
        self.scheme = scheme
        try:
            with self._user_file():
                if self._context is None or raw.startswith(NTLM_NEGOTIATE):
                    self.user = ""
                    protocol = "ntlm" if raw.startswith(NTLM) else scheme.lower()
                    self._context = spnego.server(protocol=protocol)
                answer = self._context.step(raw)
        except spnego.exceptions.SpnegoError:
            self._context = None
            self.refused += 1
            return False, self._offers()
        headers = [f"{scheme} {base64.b64encode(answer).decode()}"] if answer else []
        if self._context.complete:
            self.user = str(self._context.client_principal or "authenticated")
            return True, headers
        return False, headers

    @contextmanager
    def _user_file(self) -> Iterator[None]:
        lines = []
        for name, password in self.users.items():
            domain, _, user = name.rpartition("\\")
            lines += [f"{one}:{user}:{password}" for one in ([domain] if domain else ["", "."])]
        with _STEP, tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
            file.write("\n".join(lines))
            file.flush()
            os.environ[_USER_FILE] = file.name
            try:
                yield
            finally:
                del os.environ[_USER_FILE]

    def unseal(self, content_type: str, body: bytes) -> tuple[bytes, bool]:
        """A request's plain body, and whether it came encrypted.

        Raises ValueError for a body that is not as framed.
        """
        if not content_type.startswith(("multipart/encrypted", "multipart/x-multi-encrypted")):
            return body, False
        if self._context is None:
            raise ValueError("encrypted without a security context")
        plain = bytearray()
        for length, signature, sealed in unframe(body):
            try:
                piece = self._context.unwrap_winrm(signature, sealed)
            except spnego.exceptions.SpnegoError:
                raise ValueError("sealed for another connection, or tampered with") from None
            if len(piece) != length:
                raise ValueError("Length= does not match: the message has been tampered with")
            plain += piece
        return bytes(plain), True

    def seal(self, body: bytes) -> tuple[str, bytes]:
        """A response's Content-Type and sealed body."""
        assert self._context is not None
        protocol, framed = PROTOCOLS[self.scheme], bytearray()
        most = CREDSSP_MOST if self.scheme == "CredSSP" else max(1, len(body))
        for start in range(0, len(body), most):
            piece = body[start : start + most]
            signature, sealed, _padding = self._context.wrap_winrm(piece)
            original = f"type=application/soap+xml;charset=UTF-8;Length={len(piece)}"
            framed += BOUNDARY + f"\r\n\tContent-Type: {protocol}\r\n".encode()
            framed += f"\tOriginalContent: {original}\r\n".encode()
            framed += BOUNDARY + b"\r\n" + OCTETS
            framed += struct.pack("<i", len(signature)) + signature + sealed
        kind = "multipart/encrypted" if len(body) <= most else "multipart/x-multi-encrypted"
        content_type = f'{kind};protocol="{protocol}";boundary="Encrypted Boundary"'
        return content_type, bytes(framed + BOUNDARY + b"--\r\n")


def unframe(body: bytes) -> list[tuple[int, bytes, bytes]]:
    """Each part's plain length, signature and sealed bytes. Raises ValueError or IndexError for
    another framing."""
    parts = [
        part for part in body.removesuffix(BOUNDARY + b"--\r\n").split(BOUNDARY + b"\r\n") if part
    ]
    found = []
    for header, payload in zip(parts[::2], parts[1::2], strict=True):
        length = int(header.split(b"Length=")[1].split(b"\r\n")[0])
        if not payload.startswith(OCTETS):
            raise ValueError("a part without its Content-Type")
        rest = payload[len(OCTETS) :]
        end = 4 + int.from_bytes(rest[:4], "little")
        found.append((length, rest[4:end], rest[end:]))
    return found
