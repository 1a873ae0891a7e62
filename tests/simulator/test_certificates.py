"""The simulator's certificates under strict verification, which Python 3.13 turns on."""

import socket
import ssl
import threading
from pathlib import Path

import pytest
from acceptance.simulator.certificates import (
    LAX_AUTHORITY,
    Authority,
    ServerCertificate,
    make_certificate,
)


def shake_hands(made: ServerCertificate, name: str = "localhost") -> None:
    """A TLS handshake over a socket pair. Raises ssl.SSLCertVerificationError."""
    server = made.context()
    client = ssl.create_default_context(cafile=str(made.ca))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            with server.wrap_socket(theirs, server_side=True) as secured:
                secured.recv(1)
        except OSError:
            """The client refused the certificate."""

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with ours, client.wrap_socket(ours, server_hostname=name) as secured:
        secured.send(b"x")
    thread.join()


def test_a_good_chain_is_verified_strictly(tmp_path: Path) -> None:
    made = make_certificate(tmp_path)
    shake_hands(made)


def test_an_endpoints_chain_is_verified_strictly(tmp_path: Path) -> None:
    shake_hands(Authority("Public CA").issue(tmp_path, ["www.clickker.nl"]), "www.clickker.nl")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (LAX_AUTHORITY, "Path length given without key usage keyCertSign"),
        ("expired", "certificate has expired"),
        ("wrong-name", "Hostname mismatch"),
        ("self-signed", "self-signed certificate"),
    ],
)
def test_each_other_kind_is_wrong_in_one_way(tmp_path: Path, kind: str, reason: str) -> None:
    made = make_certificate(tmp_path, kind)
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        shake_hands(made)
