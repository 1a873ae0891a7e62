"""docs/decisions/0002: what Driver 18 trusts, and how it says what it does not."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from acceptance.simulator.listening import Listener, says_http, silent
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import Twin
from acceptance.simulator.sqlserver.tds import Encryption

from tests.simulator.sqlserver.answers import LOGINS, Connect

pyodbc = pytest.importorskip("pyodbc", reason="needs unixODBC (libodbc2)", exc_type=ImportError)


def encrypted(server: SqlServer, connection: Any) -> bool:
    """Whether the server saw this login encrypted, and a batch is answered after it."""
    assert connection.execute("SELECT N'x' AS a").fetchone().a == "x"
    return server.logins[-1].encrypted


def refusal(
    connect: Connect, server: SqlServer, extra: str = "", **options: object
) -> tuple[str, str]:
    with pytest.raises(pyodbc.Error) as caught:
        connect(server, extra, **options)
    return caught.value.args[0], caught.value.args[1]


def test_the_ca_file_of_the_environment_is_trusted_connection_by_connection(
    server: SqlServer, connect: Connect
) -> None:
    assert encrypted(server, connect(server))
    state, text = refusal(connect, server, ca=False)
    assert state == "08001"
    assert "unable to get local issuer certificate" in text


def test_the_drivers_servercertificate_changes_nothing(server: SqlServer, connect: Connect) -> None:
    _, text = refusal(connect, server, f"ServerCertificate={server.certificate.chain}", ca=False)
    assert "unable to get local issuer certificate" in text


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("self-signed", "self-signed certificate"),
        ("expired", "certificate has expired"),
        ("wrong-name", "subject name does not match host name"),
    ],
)
def test_a_bad_certificate_is_refused_with_its_reason(
    twin: Twin, connect: Connect, kind: str, reason: str
) -> None:
    with SqlServer(twin, logins=LOGINS, certificate_kind=kind) as server:
        state, text = refusal(connect, server)
        assert (state, reason in text) == ("08001", True)
        assert server.logins == []


def test_a_self_signed_certificate_may_itself_be_trusted(twin: Twin, connect: Connect) -> None:
    with SqlServer(twin, logins=LOGINS, certificate_kind="self-signed") as server:
        assert encrypted(server, connect(server, ca=server.certificate.chain))


def test_an_address_is_never_the_certificates_name(server: SqlServer, connect: Connect) -> None:
    _, text = refusal(connect, server, address="127.0.0.1")
    assert "subject name does not match host name" in text
    assert encrypted(
        server, connect(server, "HostnameInCertificate=localhost", address="127.0.0.1")
    )


def test_hostnameincertificate_is_one_more_name_and_not_the_only_one(
    server: SqlServer, connect: Connect
) -> None:
    assert encrypted(server, connect(server, "HostnameInCertificate=other.example.test"))


@pytest.mark.parametrize(
    ("encryption", "encrypt", "expected"),
    [
        (Encryption.REQUIRED, "no", True),
        (Encryption.OFF, "yes", True),
        (Encryption.OFF, "no", False),
        (Encryption.NOT_SUPPORTED, "no", False),
    ],
)
def test_encryption_is_negotiated(
    twin: Twin, connect: Connect, encryption: Encryption, encrypt: str, expected: bool
) -> None:
    with SqlServer(twin, logins=LOGINS, encryption=encryption) as server:
        assert encrypted(server, connect(server, encrypt=encrypt)) is expected


def test_a_server_without_encryption_gets_no_login(twin: Twin, connect: Connect) -> None:
    with SqlServer(twin, logins=LOGINS, encryption=Encryption.NOT_SUPPORTED) as server:
        state, text = refusal(connect, server)
        assert (state, "Encryption not supported" in text) == ("08001", True)
        assert server.logins == []


@pytest.mark.parametrize(
    ("serve", "state"),
    [
        (silent, "HYT00"),
        (lambda _: None, "08001"),
        (says_http, "HY000"),
    ],
)
def test_what_is_no_sql_server_is_told_apart(
    connect: Connect, serve: Callable[[socket.socket], None], state: str, driver: Path
) -> None:
    with Listener(serve, "good") as server:
        assert refusal(connect, server, timeout=1)[0] == state


def test_strict_needs_sql_server_2022(twin: Twin, server: SqlServer, connect: Connect) -> None:
    assert refusal(connect, server, encrypt="strict")[0] == "08001"
    twin.server.version = "16.0.4165.4"
    assert encrypted(server, connect(server, encrypt="strict"))


def test_strict_and_only_strict_heeds_servercertificate(
    twin: Twin, server: SqlServer, connect: Connect
) -> None:
    twin.server.version = "16.0.4165.4"
    pinned = f"ServerCertificate={server.certificate.chain}"
    assert encrypted(server, connect(server, pinned, encrypt="strict", ca=False))
    assert "unable to get local issuer" in refusal(connect, server, encrypt="strict", ca=False)[1]
