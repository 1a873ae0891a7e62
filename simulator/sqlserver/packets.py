"""Packets and messages, [MS-TDS] 2.2.3: a message is one or more packets of the same type, the
last marked so."""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from acceptance.simulator.sqlserver.constants import HEADER_LENGTH, PacketStatus, PacketType

MAX_MESSAGE = 16 * 1024 * 1024


class ProtocolError(ValueError):
    """Bytes that are no TDS. The real server drops such a connection."""


@dataclass(frozen=True)
class Message:
    """One message without its packet headers."""

    type: PacketType
    payload: bytes
    reset: bool = (
        False  # the client's pool asks for a fresh session before this request (2.2.3.1.2)
    )


def split_message(kind: PacketType, payload: bytes, packet_size: int) -> bytes:
    """The packets of a message, one after the other. An empty payload is one packet."""
    room = packet_size - HEADER_LENGTH
    parts = [payload[start : start + room] for start in range(0, len(payload), room)] or [b""]
    out = []
    for number, part in enumerate(parts, start=1):
        status = PacketStatus.END_OF_MESSAGE if number == len(parts) else PacketStatus.NORMAL
        # Length is big-endian, unlike nearly all else in TDS (2.2.3.1.3); SPID 0, PacketID counts,
        # Window 0.
        out.append(
            struct.pack(">BBHHBB", kind, status, HEADER_LENGTH + len(part), 0, number % 256, 0)
            + part
        )
    return b"".join(out)


def read_message(read: Callable[[int], bytes]) -> Message:
    """Read one message. `read(n)` gives exactly n bytes or raises EOFError. Raises
    ProtocolError."""
    payload = b""
    first: PacketType | None = None
    reset = False
    while True:
        kind, status, length = struct.unpack(">BBH", read(HEADER_LENGTH)[:4])
        if length < HEADER_LENGTH or len(payload) + length > MAX_MESSAGE:
            raise ProtocolError(f"a packet of {length} bytes")
        if kind not in set(PacketType) or (first is not None and kind != first):
            raise ProtocolError(f"a packet of type 0x{kind:02x}")
        first = PacketType(kind)
        reset = reset or bool(
            status & (PacketStatus.RESET_CONNECTION | PacketStatus.RESET_CONNECTION_SKIP_TRAN)
        )
        payload += read(length - HEADER_LENGTH)
        if status & PacketStatus.IGNORE:  # the client takes back what it has begun to send
            first, payload, reset = None, b"", False
        elif status & PacketStatus.END_OF_MESSAGE:
            return Message(first, payload, reset)
