"""What every simulated server does with sockets: accept on loopback, one thread a connection, close
all at the end.

>>> with Listener(serve=echo) as listener:
...     listener.port
"""

import contextlib
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from acceptance.simulator.certificates import ServerCertificate, make_certificate


class Listener:
    """Accepts on loopback as a context manager; `serve` talks over one connection until it ends.

    With a `certificate_kind` (certificates.KINDS) it has a `certificate`, in a folder of its own.
    A client that breaks off, refuses the certificate or speaks another protocol (ValueError) is
    nothing to print.
    """

    def __init__(
        self,
        serve: Callable[[socket.socket], None],
        certificate_kind: str | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        self._serve = serve
        self._folder = tempfile.TemporaryDirectory()
        self._certificate = (
            make_certificate(Path(self._folder.name), certificate_kind)
            if certificate_kind
            else None
        )
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.create_server((address, 0), family=family, backlog=64)
        # By the connection as accepted, what is spoken on now: TLS takes the socket over.
        self._open: dict[socket.socket, socket.socket] = {}
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def certificate(self) -> ServerCertificate:
        """Raises ValueError for a listener without TLS."""
        if self._certificate is None:
            raise ValueError("this server has no TLS")
        return self._certificate

    @property
    def ca_file(self) -> Path:
        """The CA's certificate (PEM), for a client that is to trust this server."""
        return self.certificate.ca

    def secured(self, connection: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        """The connection after a TLS handshake."""
        connection.settimeout(None)
        secured = context.wrap_socket(connection, server_side=True)
        self._open[connection] = secured
        return secured

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for connection in (self._socket, *self._open.values()):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._thread.join()
        self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open[connection] = connection
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError, EOFError, ValueError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._serve(connection)
        finally:
            self._open.pop(connection).close()


def silent(connection: socket.socket) -> None:
    """No server at all: accepts and never answers."""
    while connection.recv(4096):
        pass


def says_http(connection: socket.socket) -> None:
    """No server of what was asked: answers, in clear."""
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
