"""The servers that a twin reaches: each kind answers as its name says, to a client that knows
nothing of the twin.
"""

import socket
import ssl
from collections.abc import Mapping
from typing import Any

import pytest
from acceptance.simulator.internet import ANSWER, KINDS, Endpoints

ADDRESS = "203.0.113.1:443"


def network(kind: str, **values: Any) -> Mapping[str, Any]:
    endpoint = {"kind": kind, "name": "a.example.test", "issuer": "Public CA"} | values
    return {
        "trusted": ["Public CA"],
        "names": {"a.example.test": ["203.0.113.1"]},
        "endpoints": {ADDRESS: endpoint},
    }


def head(endpoints: Endpoints, name: str = "a.example.test") -> bytes:
    """What a verifying client gets for a HEAD request."""
    port = endpoints.routes[ADDRESS]
    assert isinstance(port, int)
    context = ssl.create_default_context(cafile=str(endpoints.ca_file))
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=name) as connection,
    ):
        connection.sendall(b"HEAD / HTTP/1.1\r\n\r\n")
        return connection.recv(4096)


def test_a_good_server_answers() -> None:
    with Endpoints(network("good")) as endpoints:
        assert head(endpoints) == ANSWER
        assert endpoints.port_of("a.example.test", 443) == endpoints.routes[ADDRESS]
        assert endpoints.port_of("b.example.test", 443) is None


@pytest.mark.parametrize(
    ("kind", "issuer", "words"),
    [
        ("expired", "Public CA", "expired"),
        ("wrong-name", "Public CA", "Hostname mismatch"),
        ("good", "Another CA", "self-signed certificate in certificate chain"),
    ],
)
def test_a_wrong_certificate_is_wrong_in_one_way(kind: str, issuer: str, words: str) -> None:
    with (
        Endpoints(network(kind, issuer=issuer)) as endpoints,
        pytest.raises(ssl.SSLCertVerificationError, match=words),
    ):
        head(endpoints)


@pytest.mark.parametrize(("kind", "route"), [("blocked", "blocked"), ("refused", None)])
def test_what_has_no_server_has_no_port(kind: str, route: str | None) -> None:
    with Endpoints(network(kind)) as endpoints:
        assert endpoints.routes.get(ADDRESS) == route


def test_a_silent_server_says_nothing() -> None:
    with Endpoints(network("silent")) as endpoints:
        port = endpoints.routes[ADDRESS]
        assert isinstance(port, int)
        with socket.create_connection(("127.0.0.1", port), timeout=0.2) as connection:
            connection.sendall(b"anything")
            with pytest.raises(TimeoutError):
                connection.recv(1)


@pytest.mark.parametrize(("values", "status"), [({}, b"200"), ({"status": 407}, b"407")])
def test_a_proxy_leads_on_or_refuses(values: dict[str, int], status: bytes) -> None:
    """And what it does not know it cannot reach."""
    with Endpoints(
        {
            "endpoints": {ADDRESS: {"kind": "proxy"} | values, "10.0.0.1:1": {"kind": "silent"}},
            "names": {"x": ["10.0.0.1"]},
        }
    ) as endpoints:
        port = endpoints.routes[ADDRESS]
        assert isinstance(port, int)
        for name, expected in (("x:1", status), ("y:1", b"502" if status == b"200" else status)):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(f"CONNECT {name} HTTP/1.1\r\n\r\n".encode())
                assert connection.recv(100).split()[1] == expected
        assert endpoints.connects == ["x:1", "y:1"]


def test_an_unknown_kind_is_a_mistake_in_the_twin() -> None:
    with pytest.raises(ValueError, match=KINDS[0]), Endpoints(network("surprising")):
        pass
