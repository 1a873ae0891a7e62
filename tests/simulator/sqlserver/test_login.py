"""Who gets in: error numbers as the driver hands them on."""

from collections.abc import Callable

import pytest
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import Database, Twin

from tests.simulator.sqlserver.answers import Connect

pyodbc = pytest.importorskip("pyodbc", reason="needs unixODBC (libodbc2)", exc_type=ImportError)


def number(
    connect: Connect, server: SqlServer, extra: str = "", **options: object
) -> tuple[str, int | None]:
    """SQLSTATE, and the number that the server recorded."""
    with pytest.raises(pyodbc.Error) as caught:
        connect(server, extra, **options)
    assert f"({server.logins[-1].error})" in caught.value.args[1]
    return caught.value.args[0], server.logins[-1].error


@pytest.mark.parametrize(
    ("user", "password"), [("acceptance", "wrong"), ("nobody", "x"), ("DEMO\\svc-clickker", "x")]
)
def test_a_wrong_name_or_password_is_18456(
    server: SqlServer, connect: Connect, user: str, password: str
) -> None:
    """Which of both is wrong the server does not say; a Windows account is no SQL login."""
    assert number(connect, server, user=user, password=password) == ("28000", 18456)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (lambda twin: setattr(twin.logins["BACO"], "disabled", True), 18470),
        (lambda twin: setattr(twin.logins["BACO"], "locked", True), 18486),
        (lambda twin: setattr(twin.logins["BACO"], "expired", True), 18487),
        (lambda twin: setattr(twin.logins["BACO"], "must_change", True), 18488),
        (lambda twin: setattr(twin.logins["BACO"], "connect", False), 18456),
        (lambda twin: twin.logins["BACO"].deny.append("CONNECT SQL"), 18456),
        (lambda twin: setattr(twin.server, "mixed_mode", False), 18456),
        (lambda twin: twin.logins.pop("BACO"), 18456),
    ],
    ids=[
        "disabled",
        "locked",
        "expired",
        "must change",
        "no CONNECT SQL",
        "denied",
        "Windows only",
        "gone",
    ],
)
def test_each_reason_to_refuse_has_its_number(
    twin: Twin, server: SqlServer, connect: Connect, fault: Callable[[Twin], object], expected: int
) -> None:
    connect(server, user="BACO").close()
    fault(twin)
    with pytest.raises(pyodbc.Error) as caught:
        connect(server, user="BACO")
    assert f"({expected})" in caught.value.args[1]
    assert server.logins[-1].error == expected


def test_a_database_that_cannot_be_opened_is_4060(
    twin: Twin, server: SqlServer, connect: Connect
) -> None:
    twin.databases["Away"] = Database(state="OFFLINE")
    assert number(connect, server, "Database=nowhere") == ("42000", 4060)
    assert number(connect, server, "Database=Away") == ("42000", 4060)
    assert number(connect, server, "Database=Clickker", user="BACO") == ("42000", 4060)


def test_a_default_database_that_cannot_be_opened_is_4064(
    twin: Twin, server: SqlServer, connect: Connect
) -> None:
    twin.logins["BACO"].default_database = "Clickker"
    assert number(connect, server, user="BACO") == ("42000", 4064)
    connect(server, "Database=Synergy", user="BACO")


def test_login_names_follow_the_servers_collation(
    twin: Twin, server: SqlServer, connect: Connect
) -> None:
    connect(server, user="baco")
    twin.server.collation = "Latin1_General_CS_AS"
    assert number(connect, server, user="baco") == ("28000", 18456)
