"""What every simulated server does with sockets: accept on loopback, one thread a connection, close all at the end.

>>> with Listener(serve=echo) as listener:
...     listener.port
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Self


class Listener:
    """Accepts on 127.0.0.1 as a context manager; `serve` talks over one connection until it ends.

    A client that breaks off, refuses the certificate or speaks another protocol (ValueError) is nothing to print.
    """

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def secured(self, connection: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        """The connection after a TLS handshake."""
        connection.settimeout(None)
        secured = context.wrap_socket(connection, server_side=True)
        self._open.add(secured)
        return secured

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for connection in (self._socket, *self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError, EOFError, ValueError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._serve(connection)
        finally:
            # TLS took the socket over: what is to be closed may be another object by now.
            for one in [one for one in self._open if one is connection or one.fileno() == -1]:
                self._open.discard(one)
            connection.close()
