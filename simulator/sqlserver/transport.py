"""One connection's bytes: in clear, in TLS inside PRELOGIN packets ([MS-TDS] 3.3.5.1), or in
TLS on the stream."""

import select
import socket
import ssl

from acceptance.simulator.sqlserver.constants import DEFAULT_PACKET_SIZE, HEADER_LENGTH, PacketType
from acceptance.simulator.sqlserver.packets import Message, read_message, split_message

CHUNK = 32 * 1024


class Transport:
    """Reads and writes TDS messages over a socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.packet_size = DEFAULT_PACKET_SIZE

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes, decrypted. Raises EOFError when the client has gone."""
        out = b""
        while len(out) < count:
            out += self._some(count - len(out))
        return out

    def _some(self, count: int) -> bytes:
        if self._tls is None:
            data = self._socket.recv(count)
        else:
            try:
                data = self._tls.read(count)
            except ssl.SSLWantReadError:
                self._incoming.write(self._receive())
                return b""
        if not data:
            raise EOFError
        return data

    def _receive(self) -> bytes:
        data = self._socket.recv(CHUNK)
        if not data:
            raise EOFError
        return data

    def write(self, data: bytes) -> None:
        if self._tls is None:
            self._socket.sendall(data)
            return
        self._tls.write(data)
        self._socket.sendall(self._outgoing.read())

    def read_message(self) -> Message:
        return read_message(self.read)

    def write_message(self, payload: bytes, kind: PacketType = PacketType.TABULAR_RESULT) -> None:
        self.write(split_message(kind, payload, self.packet_size))

    def start_tls(self, context: ssl.SSLContext) -> None:
        """The handshake, each flight wrapped in a PRELOGIN message; afterwards all bytes are
        encrypted."""
        tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                self._send_flight()
                self._incoming.write(read_message(self._read_clear).payload)
                continue
            self._send_flight()
            self._tls = tls
            return

    def _send_flight(self) -> None:
        flight = self._outgoing.read()
        if flight:
            self._socket.sendall(split_message(PacketType.PRELOGIN, flight, DEFAULT_PACKET_SIZE))

    def _read_clear(self, count: int) -> bytes:
        out = b""
        while len(out) < count:
            data = self._socket.recv(count - len(out))
            if not data:
                raise EOFError
            out += data
        return out

    def stop_tls(self) -> None:
        """Back to clear text: with encryption off, only the login is encrypted (2.2.6.5)."""
        self._tls = None

    def has_input(self, seconds: float) -> bool:
        """Whether the client sends something within so many seconds (an attention)."""
        if self._tls is not None and (
            self._tls.pending() or self._incoming.pending >= HEADER_LENGTH
        ):
            return True
        return bool(select.select([self._socket], [], [], seconds)[0])
