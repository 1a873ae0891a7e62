"""The server's side of Negotiate (NTLM), by pyspnego, with WinRM's message encryption; and Basic.

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
from pathlib import Path

import spnego

BOUNDARY = b"--Encrypted Boundary"  # [MS-WSMV] 2.2.9.1
PROTOCOL = "application/HTTP-SPNEGO-session-encrypted"
SIGNATURE_LENGTH = 16
NTLM = b"NTLMSSP\x00"
NTLM_NEGOTIATE = NTLM + b"\x01"  # the first message of a handshake

# pyspnego's acceptor finds passwords only in the file that this variable names, one process-wide: set for one step at a time.
_USER_FILE = "NTLM_USER_FILE"
_STEP = threading.Lock()


@dataclass
class Authenticator:
    """One connection's authentication. `answer` decides on a request's Authorization header."""

    users: Mapping[str, str]
    methods: frozenset[str]
    user: str = ""
    refused: int = 0
    _context: spnego.ContextProxy | None = field(default=None, repr=False)

    def answer(self, header: str) -> tuple[bool, list[str]]:
        """(accepted, WWW-Authenticate headers to send)."""
        if self.user and not header:
            return True, []
        scheme, _, token = header.partition(" ")
        if scheme in ("Negotiate", "NTLM") and "Negotiate" in self.methods and token:
            return self._negotiate(scheme, token)
        if scheme == "Basic" and "Basic" in self.methods:
            name, _, password = base64.b64decode(token).decode("latin-1").partition(":")
            if self.users.get(name) == password:
                self.user = name
                return True, []
            self.refused += 1
        return False, self._offers()

    def _offers(self) -> list[str]:
        return [method if method != "Basic" else 'Basic realm="WSMAN"' for method in sorted(self.methods, reverse=True)]

    def _negotiate(self, scheme: str, token: str) -> tuple[bool, list[str]]:
        raw = base64.b64decode(token)
        try:
            with self._user_file():
                if self._context is None or raw.startswith(NTLM_NEGOTIATE):
                    self.user = ""
                    self._context = spnego.server(protocol="ntlm" if raw.startswith(NTLM) else "negotiate")
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
        with _STEP, tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "users"
            path.write_text("\n".join(self._user_lines()), encoding="utf-8")
            os.environ[_USER_FILE] = str(path)
            try:
                yield
            finally:
                del os.environ[_USER_FILE]

    def _user_lines(self) -> list[str]:
        lines = []
        for name, password in self.users.items():
            domain, _, user = name.rpartition("\\")
            lines += [f"{one}:{user}:{password}" for one in ([domain] if domain else ["", "."])]
        return lines

    def unseal(self, content_type: str, body: bytes) -> tuple[bytes, bool]:
        """A request's plain body, and whether it came encrypted. Raises ValueError for a body that is not as framed."""
        if not content_type.startswith("multipart/encrypted"):
            return body, False
        if self._context is None:
            raise ValueError("encrypted without a security context")
        parts = [part for part in body.split(BOUNDARY + b"\r\n") if part]
        length = int(parts[0].split(b"Length=")[1].split(b"\r\n")[0])
        sealed = (
            parts[1].removesuffix(BOUNDARY + b"--\r\n").removeprefix(b"\tContent-Type: application/octet-stream\r\n")
        )
        size = struct.unpack("<i", sealed[:4])[0]
        plain = self._context.unwrap(sealed[4 : 4 + size] + sealed[4 + size :]).data
        if len(plain) != length:
            raise ValueError("Length= does not match: the message has been tampered with")
        return plain, True

    def seal(self, body: bytes) -> tuple[str, bytes]:
        """A response's Content-Type and sealed body."""
        assert self._context is not None
        sealed = self._context.wrap(body).data
        framed = (
            BOUNDARY
            + f"\r\n\tContent-Type: {PROTOCOL}\r\n\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(body)}\r\n".encode()
            + BOUNDARY
            + b"\r\n\tContent-Type: application/octet-stream\r\n"
            + struct.pack("<i", SIGNATURE_LENGTH)
            + sealed
            + BOUNDARY
            + b"--\r\n"
        )
        return f'multipart/encrypted;protocol="{PROTOCOL}";boundary="Encrypted Boundary"', framed
