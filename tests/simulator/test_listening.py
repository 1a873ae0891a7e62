"""A simulated server's connections: each is closed when its talk ends, however that ends."""

import socket
import ssl
import threading

from acceptance.simulator.certificates import LAX_AUTHORITY
from acceptance.simulator.listening import Listener


def test_a_secured_connection_whose_talk_breaks_off_is_closed() -> None:
    """Else Python tells of the socket in whichever test runs when it is collected."""
    spoken: list[ssl.SSLSocket] = []
    ended = threading.Event()

    def serve(connection: socket.socket) -> None:
        spoken.append(listener.secured(connection, listener.certificate.context()))
        ended.set()
        raise ConnectionResetError

    with Listener(serve, LAX_AUTHORITY) as listener:
        client = ssl.create_default_context(cafile=str(listener.certificate.ca))
        client.verify_flags &= ~ssl.VERIFY_X509_STRICT
        with (
            socket.create_connection(("127.0.0.1", listener.port), timeout=10) as plain,
            client.wrap_socket(plain, server_hostname="localhost") as secured,
        ):
            assert secured.recv(1) == b""
    assert ended.is_set()
    assert [one.fileno() for one in spoken] == [-1]
