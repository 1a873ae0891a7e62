"""Microsoft's driver through pyodbc, and a session without a network."""

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acceptance.simulator.listening import Listener
from acceptance.simulator.sqlserver.execution import run
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.session import Result, Session
from acceptance.simulator.sqlserver.state import Twin, load_twin

from tests.simulator.sqlserver.answers import LOGINS, PASSWORD, Ask, Connect


@pytest.fixture(scope="session")
def driver() -> Path:
    """The driver's library inside mssql-python-odbc; skips where unixODBC is not installed."""
    try:
        for library in ("libltdl.so.7", "libodbc.so.2"):
            ctypes.CDLL(library)
    except OSError as error:
        pytest.skip(f"needs unixODBC (apt-get install libodbc2 libltdl7): {error}")
    import mssql_python_odbc

    libraries = Path(mssql_python_odbc.__file__).parent / "libs" / "linux" / "debian_ubuntu"
    return next(libraries.rglob("libmsodbcsql-*.so*"))


@pytest.fixture
def connect(driver: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """`connect(server, "Database=Synergy")` as `acceptance`, trusting the server's CA unless
    `ca=False`.
    """
    import pyodbc

    monkeypatch.setattr(pyodbc, "pooling", False)
    opened: list[Any] = []

    def open_connection(
        server: Listener,
        extra: str = "",
        *,
        user: str = "acceptance",
        password: str = PASSWORD,
        address: str = "localhost",
        encrypt: str = "yes",
        ca: Path | bool = True,
        timeout: int = 5,
        **options: Any,
    ) -> Any:
        if ca is False:
            monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        else:
            monkeypatch.setenv("SSL_CERT_FILE", os.fspath(server.ca_file if ca is True else ca))
        quoted = "{" + password.replace("}", "}}") + "}"
        text = f"Driver={driver};Server={address},{server.port};UID={user};PWD={quoted};"
        connection = pyodbc.connect(
            f"{text}Encrypt={encrypt};{extra}", timeout=timeout, autocommit=True, **options
        )
        opened.append(connection)
        return connection

    yield open_connection
    for connection in opened:
        if not connection.closed:
            connection.close()


@pytest.fixture
def twin() -> Twin:
    return load_twin("sql-compliant")


@pytest.fixture
def server(twin: Twin) -> Iterator[SqlServer]:
    with SqlServer(twin, logins=LOGINS) as running:
        yield running


@pytest.fixture
def ask(twin: Twin) -> Ask:
    """`ask("SELECT 1", login=…, database=…)`: a fresh session's results."""

    def answer(text: str, *, login: str = "acceptance", database: str = "Synergy") -> list[Result]:
        return run(Session(twin, login, database), text)

    return answer


@pytest.fixture(scope="module")
def shared_server() -> Iterator[SqlServer]:
    """One server for tests that change nothing in it."""
    with SqlServer(load_twin("sql-compliant"), logins=LOGINS) as running:
        yield running


@pytest.fixture
def cursor(shared_server: SqlServer, connect: Connect) -> Any:
    return connect(shared_server).cursor()
