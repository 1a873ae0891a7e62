"""Packets and messages, [MS-TDS] 2.2.3, over one connection: in clear, in TLS inside PRELOGIN
packets (3.3.5.1), or in TLS on the stream."""

import select
import socket
import ssl
import struct
from collections.abc import Callable
from typing import NamedTuple

from acceptance.simulator.sqlserver import tds

MAX_MESSAGE = 16 * 1024 * 1024
CHUNK = 32 * 1024
SIMULATED = tds.END_OF_MESSAGE | tds.RESET_CONNECTION


class ProtocolError(ValueError):
    """Bytes that are no TDS, or TDS that is not simulated. The connection is dropped, as the real
    server does for the former."""


class Message(NamedTuple):
    """One message without its packet headers: one or more packets, the last marked so.

    `reset`: the client's pool asks for a fresh session before this request (2.2.3.1.2).
    """

    type: tds.PacketType
    payload: bytes
    reset: bool = False


def split_message(kind: tds.PacketType, payload: bytes, packet_size: int) -> bytes:
    """The packets of a message, one after the other. An empty payload is one packet."""
    room = packet_size - tds.HEADER_LENGTH
    out, last = b"", max(len(payload) - 1, 0) // room
    for number in range(last + 1):
        part = payload[number * room : (number + 1) * room]
        status = tds.END_OF_MESSAGE if number == last else 0
        # Length is big-endian, unlike nearly all else in TDS (2.2.3.1.3); SPID 0, PacketID counts,
        # Window 0.
        length = tds.HEADER_LENGTH + len(part)
        out += struct.pack(">BBHHBB", kind, status, length, 0, (number + 1) % 256, 0) + part
    return out


def read_message(read: Callable[[int], bytes]) -> Message:
    """Read one message. `read(n)` gives exactly n bytes or raises EOFError. Raises
    ProtocolError."""
    payload = b""
    first: int | None = None
    reset = False
    while True:
        kind, status, length = struct.unpack(">BBH", read(tds.HEADER_LENGTH)[:4])
        if length < tds.HEADER_LENGTH or len(payload) + length > MAX_MESSAGE:
            raise ProtocolError(f"a packet of {length} bytes")
        if kind not in set(tds.PacketType) or first not in (None, kind) or status & ~SIMULATED:
            raise ProtocolError(f"a packet of type 0x{kind:02x} and status 0x{status:02x}")
        first = kind
        reset = reset or bool(status & tds.RESET_CONNECTION)
        payload += read(length - tds.HEADER_LENGTH)
        if status & tds.END_OF_MESSAGE:
            return Message(tds.PacketType(kind), payload, reset)


class Transport:
    """Reads and writes TDS messages over a socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.packet_size = tds.DEFAULT_PACKET_SIZE

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes, decrypted. Raises EOFError when the client has gone."""
        out = b""
        while len(out) < count:
            take = self._tls.read if self._tls else self._socket.recv
            try:
                out += _some(take(count - len(out)))
            except ssl.SSLWantReadError:
                self._incoming.write(_some(self._socket.recv(CHUNK)))
        return out

    def read_message(self) -> Message:
        return read_message(self.read)

    def write_message(
        self, payload: bytes, kind: tds.PacketType = tds.PacketType.TABULAR_RESULT
    ) -> None:
        data = split_message(kind, payload, self.packet_size)
        if self._tls:
            self._tls.write(data)
            data = self._outgoing.read()
        self._socket.sendall(data)

    def start_tls(self, context: ssl.SSLContext) -> None:
        """The handshake, each flight wrapped in a PRELOGIN message; afterwards all bytes are
        encrypted."""
        tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        shaken = False
        while not shaken:
            try:
                tls.do_handshake()
                shaken = True
            except ssl.SSLWantReadError:
                if not self._outgoing.pending:
                    self._incoming.write(self.read_message().payload)
            if self._outgoing.pending:
                self.write_message(self._outgoing.read(), tds.PacketType.PRELOGIN)
        self._tls = tls

    def stop_tls(self) -> None:
        """Back to clear text: with encryption off, only the login is encrypted (2.2.6.5)."""
        self._tls = None

    def has_input(self, seconds: float) -> bool:
        """Whether the client sends something within so many seconds (an attention)."""
        if self._tls and (self._tls.pending() or self._incoming.pending):
            return True
        return bool(select.select([self._socket], [], [], seconds)[0])


def _some(data: bytes) -> bytes:
    if not data:
        raise EOFError
    return data
