"""docs/decisions/0002: what Driver 18 trusts, and how it says what it does not."""

from pathlib import Path
from typing import Any

import pytest
from acceptance.simulator.sqlserver.constants import Encryption
from acceptance.simulator.sqlserver.server import Misbehaviour, SqlServer
from acceptance.simulator.sqlserver.state import Twin

from tests.simulator.sqlserver.answers import LOGINS, Connect

pyodbc = pytest.importorskip("pyodbc", reason="needs unixODBC (libodbc2)", exc_type=ImportError)


def encrypted(connection: Any) -> str:
    return str(
        connection.execute("SELECT encrypt_option FROM sys.dm_exec_connections").fetchone()[0]
    )


def refusal(
    connect: Connect, server: SqlServer, extra: str = "", **options: object
) -> tuple[str, str]:
    with pytest.raises(pyodbc.Error) as caught:
        connect(server, extra, **options)
    return caught.value.args[0], caught.value.args[1]


def test_the_ca_file_of_the_environment_is_trusted_connection_by_connection(
    server: SqlServer, connect: Connect
) -> None:
    assert encrypted(connect(server)) == "TRUE"
    state, text = refusal(connect, server, ca=False)
    assert state == "08001"
    assert "unable to get local issuer certificate" in text


def test_the_drivers_servercertificate_changes_nothing(server: SqlServer, connect: Connect) -> None:
    _, text = refusal(connect, server, f"ServerCertificate={server.certificate_file}", ca=False)
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
        assert encrypted(connect(server, ca=server.certificate_file)) == "TRUE"


def test_an_address_is_never_the_certificates_name(server: SqlServer, connect: Connect) -> None:
    _, text = refusal(connect, server, address="127.0.0.1")
    assert "subject name does not match host name" in text
    assert (
        encrypted(connect(server, "HostnameInCertificate=localhost", address="127.0.0.1")) == "TRUE"
    )


def test_hostnameincertificate_is_one_more_name_and_not_the_only_one(
    server: SqlServer, connect: Connect
) -> None:
    assert encrypted(connect(server, "HostnameInCertificate=other.example.test")) == "TRUE"


@pytest.mark.parametrize(
    ("encryption", "encrypt", "expected"),
    [
        (Encryption.REQUIRED, "no", "TRUE"),
        (Encryption.OFF, "yes", "TRUE"),
        (Encryption.OFF, "no", "FALSE"),
        (Encryption.NOT_SUPPORTED, "no", "FALSE"),
    ],
)
def test_encryption_is_negotiated(
    twin: Twin, connect: Connect, encryption: Encryption, encrypt: str, expected: str
) -> None:
    with SqlServer(twin, logins=LOGINS, encryption=encryption) as server:
        assert encrypted(connect(server, encrypt=encrypt)) == expected


def test_a_server_without_encryption_gets_no_login(twin: Twin, connect: Connect) -> None:
    with SqlServer(twin, logins=LOGINS, encryption=Encryption.NOT_SUPPORTED) as server:
        state, text = refusal(connect, server)
        assert (state, "Encryption not supported" in text) == ("08001", True)
        assert server.logins == []


@pytest.mark.parametrize(
    ("misbehaviour", "state"),
    [
        (Misbehaviour.SILENT, "HYT00"),
        (Misbehaviour.CLOSES, "08001"),
        (Misbehaviour.GARBAGE, "HY000"),
    ],
)
def test_what_is_no_sql_server_is_told_apart(
    twin: Twin, connect: Connect, misbehaviour: Misbehaviour, state: str, driver: Path
) -> None:
    with SqlServer(twin, logins=LOGINS, misbehaviour=misbehaviour) as server:
        assert refusal(connect, server, timeout=1)[0] == state


def test_strict_needs_sql_server_2022(twin: Twin, server: SqlServer, connect: Connect) -> None:
    assert refusal(connect, server, encrypt="strict")[0] == "08001"
    twin.server.version = "16.0.4165.4"
    assert encrypted(connect(server, encrypt="strict")) == "TRUE"


def test_strict_and_only_strict_heeds_servercertificate(
    twin: Twin, server: SqlServer, connect: Connect
) -> None:
    twin.server.version = "16.0.4165.4"
    pinned = f"ServerCertificate={server.certificate_file}"
    assert encrypted(connect(server, pinned, encrypt="strict", ca=False)) == "TRUE"
    assert "unable to get local issuer" in refusal(connect, server, encrypt="strict", ca=False)[1]
