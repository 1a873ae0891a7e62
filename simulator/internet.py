"""What a twin's server reaches: real servers on loopback, good ones and ones that are wrong in one
way.

>>> with Endpoints(load_twin("server2019").network) as endpoints:
...     endpoints.routes["203.0.113.11:443"], endpoints.ca_file
"""

import base64
import socket
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from itertools import takewhile
from pathlib import Path
from ssl import PEM_cert_to_DER_cert, SSLContext
from typing import Any, Self

from acceptance.simulator.certificates import Authority
from acceptance.simulator.listening import Listener, silent

# The issuer decides whether one is trusted, or an interception.
TLS_KINDS = ("good", "expired", "wrong-name", "slow")
WORDLESS = ("blocked", "refused")  # no server: TCP itself is not answered, or refused
KINDS = (*TLS_KINDS, *WORDLESS, "silent", "open", "proxy")
LONGEST = 30  # seconds that a connection may stay open
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Endpoints:
    """The servers behind a twin's `network`, as a context manager.

    `network["endpoints"]`: `"203.0.113.11:443": {kind: good, name: www.clickker.nl, issuer: CA}`.
    `routes`: the same keys -> a port on loopback, or "blocked"; what has no route refuses.
    `ca_file`, `public_file`: the authorities that `network["trusted"]` and `network["public"]`
    name.
    `authorities`: made before, by name, and added to, for networks that one process reaches one
    after another.
    """

    def __init__(
        self, network: Mapping[str, Any], authorities: dict[str, Authority] | None = None
    ) -> None:
        self.network = network
        self._authorities = {} if authorities is None else authorities
        self.routes: dict[str, int | str] = {}
        self.connects: list[str] = []  # what proxies were asked for
        self._chains: dict[str, list[bytes]] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            for address, endpoint in self.network.get("endpoints", {}).items():
                self._start(address, endpoint, stack)
            self._running = stack.pop_all()
        self.ca_file, self.public_file = self._bundle("trusted"), self._bundle("public")
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def roots(self) -> dict[str, str]:
        """Its trusted authorities' own certificates by name, as base64 (DER)."""
        authorities = {name: self.authority(name) for name in self.network.get("trusted", [])}
        return {
            name: base64.b64encode(PEM_cert_to_DER_cert(one.pem.decode("ascii"))).decode("ascii")
            for name, one in authorities.items()
        }

    def _bundle(self, kind: str) -> Path:
        path = self.folder / f"{kind}.pem"
        path.write_bytes(b"".join(self.authority(name).pem for name in self.network.get(kind, [])))
        return path

    def port_of(self, name: str, port: int) -> int | str | None:
        """Where `name:port` leads by the twin's own names; None: nowhere."""
        addresses = self.network.get("names", {}).get(name)
        return self.routes.get(f"{addresses[0]}:{port}") if isinstance(addresses, list) else None

    def shown_by(self, name: str, port: int) -> list[bytes]:
        """The chain (DER) that the server behind `name:port` shows."""
        [address, *_] = self.network["names"][name]
        return self._chains[f"{address}:{port}"]

    def routes_by_name(self, own_name: str) -> dict[str, int | str]:
        """`"www.clickker.nl:443"` -> port on loopback, for a client beside the twin.

        `own_name`: how it calls the twin itself.
        """
        names = self.network.get("names", {})
        own = {own_name: [self.network.get("own_address", "")]}
        found: dict[str, int | str] = {}
        for name, addresses in {**names, **own}.items():
            for place, port in self.routes.items():
                address, _, number = place.rpartition(":")
                if isinstance(addresses, list) and address in addresses:
                    found[f"{name}:{number}"] = port
        return found

    def authority(self, name: str) -> Authority:
        """One of its authorities, which may issue for other servers too."""
        if name not in self._authorities:
            self._authorities[name] = Authority(name)
        return self._authorities[name]

    def _start(self, address: str, endpoint: Mapping[str, Any], stack: ExitStack) -> None:
        kind = endpoint["kind"]
        if kind not in KINDS:
            raise ValueError(f"unknown kind {kind!r}; known: {KINDS}")
        if kind == "blocked":
            self.routes[address] = kind
        if kind in WORDLESS:
            return
        context = self._context(address, endpoint) if kind in TLS_KINDS else None

        def serve(connection: socket.socket) -> None:
            connection.settimeout(LONGEST)
            if kind == "silent":
                silent(connection)
            elif kind == "proxy":
                _proxy(connection, self, endpoint)
            elif context is not None:
                time.sleep(0.3 if kind == "slow" else 0)
                secured = listener.secured(connection, context)
                _request(secured)
                secured.sendall(ANSWER)

        listener = stack.enter_context(Listener(serve))
        self.routes[address] = listener.port

    def _context(self, address: str, endpoint: Mapping[str, Any]) -> SSLContext:
        kind = endpoint["kind"]
        name = "other.example.test" if kind == "wrong-name" else endpoint["name"]
        authority = self.authority(endpoint["issuer"])
        made = authority.issue(self.folder, [name], expired=kind == "expired")
        self._chains[address] = made.shown
        return made.context()


def _request(connection: socket.socket) -> bytes:
    """A request's first line, once its empty line is read; ValueError where it never comes."""
    with connection.makefile("rb") as lines:
        first, *_ = takewhile(lambda line: line != b"\r\n", lines)
    return first


def _proxy(client: socket.socket, endpoints: Endpoints, endpoint: Mapping[str, Any]) -> None:
    """HTTP CONNECT (RFC 9110, 9.3.6): leads to the twin's other servers; `status` other than
    200 refuses all."""
    peer = _request(client).split(b" ", 2)[1].decode("ascii")
    endpoints.connects.append(peer)
    name, _, port = peer.rpartition(":")
    where = endpoints.port_of(name, int(port))
    status = endpoint.get("status", 200 if isinstance(where, int) else 502)
    client.sendall(f"HTTP/1.1 {status} x\r\n\r\n".encode("ascii"))
    if status != 200 or not isinstance(where, int):
        return
    with socket.create_connection(("127.0.0.1", where), timeout=LONGEST) as server:
        back = threading.Thread(target=_pump, args=(server, client), daemon=True)
        back.start()
        _pump(client, server)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)
