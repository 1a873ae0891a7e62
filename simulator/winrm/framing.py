"""WinRM's message encryption as MIME parts: pure functions on bytes ([MS-WSMV] 2.2.9.1)."""

import struct
from collections.abc import Sequence

BOUNDARY = b"--Encrypted Boundary"
OCTETS = b"\tContent-Type: application/octet-stream\r\n"
PROTOCOLS = {
    "Negotiate": "application/HTTP-SPNEGO-session-encrypted",
    "CredSSP": "application/HTTP-CredSSP-session-encrypted",
}
CREDSSP_MOST = 16_384  # plain bytes in one part: a TLS record


def frame(scheme: str, parts: Sequence[tuple[int, bytes, bytes]]) -> tuple[str, bytes]:
    """Content-Type and body. Each part: (plain length, signature, sealed bytes)."""
    protocol, body = PROTOCOLS[scheme], bytearray()
    for length, signature, sealed in parts:
        original = f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={length}\r\n"
        body += BOUNDARY + f"\r\n\tContent-Type: {protocol}\r\n{original}".encode()
        body += BOUNDARY + b"\r\n" + OCTETS + struct.pack("<i", len(signature)) + signature + sealed
    kind = "multipart/encrypted" if len(parts) == 1 else "multipart/x-multi-encrypted"
    return f'{kind};protocol="{protocol}";boundary="Encrypted Boundary"', bytes(
        body + BOUNDARY + b"--\r\n"
    )


def unframe(body: bytes) -> list[tuple[int, bytes, bytes]]:
    """Each part's plain length, signature and sealed bytes, as `frame` takes them. Raises
    ValueError or IndexError for another framing."""
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
