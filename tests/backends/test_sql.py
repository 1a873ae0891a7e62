"""The SQL backend over Microsoft's driver:
each way to fail in one line of its own, and what a run costs the server.
"""

import json
import shutil
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from acceptance.simulator.certificates import Authority
from acceptance.simulator.listening import Listener, says_http, silent
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import load_twin
from acceptance.simulator.sqlserver.tds import Encryption
from hypothesis import given
from hypothesis import strategies as st

from acceptance.backends.probe import instance_port
from acceptance.backends.sql import worker as sql_worker
from acceptance.backends.sql.backend import SqlBackend
from acceptance.backends.sql.connection_string import connection_string, quoted
from acceptance.errors import ProtocolError, UnreachableError
from acceptance.evidence.envelope import Read
from acceptance.evidence.sql import DATABASE_SECTIONS, SERVER_SECTIONS, SqlEvidence
from acceptance.inventory.sql import SqlConnection
from tests.sql_twins import PASSWORD, ask_server, needs_driver

GOOD = {"acceptance": PASSWORD}


@pytest.fixture(autouse=True)
def _driver() -> None:
    needs_driver()


def failed(evidence: SqlEvidence) -> tuple[str, str]:
    """Class and sentence of a failure, which never repeats the password."""
    assert evidence.failure is not None
    assert PASSWORD not in evidence.model_dump_json()
    return evidence.failure.kind, evidence.failure.message


def test_a_run_costs_one_login_and_one_batch_per_section_and_database(tmp_path: Path) -> None:
    """Server sections once; the others once per database of the inventory;
    nothing on the server's part is asked twice.
    """
    with SqlServer(load_twin("sql-compliant"), logins=GOOD) as server:
        evidence = ask_server(tmp_path, server)
        assert len(server.logins) == 1
        assert not server.logins[0].read_only  # it could be another replica that answers
        assert server.logins[0].encrypted
        own = [batch for batch in server.batches if not batch.own]
    exact, clickker = ("Synergy", "020"), ("Clickker",)
    expected = len(SERVER_SECTIONS) + len(exact) * len(DATABASE_SECTIONS) + len(clickker)
    assert Counter(batch.kind for batch in own) == {"sp_prepexec": expected}
    assert evidence.failure is None
    sections = [evidence.sections, *evidence.databases.values()]
    read = [value for one in sections for value in dict(one).values() if value is not None]
    assert len(read) == expected
    assert all(isinstance(value, Read) for value in read)


def test_what_is_not_needed_is_not_asked(tmp_path: Path) -> None:
    """`-m` with one rule asks for its sections and what they rest on:
    what answers must be known.
    """
    with SqlServer(load_twin("sql-compliant"), logins=GOOD) as server:
        evidence = ask_server(tmp_path, server, sections=["baco"])
        assert len([batch for batch in server.batches if not batch.own]) == 2
    assert evidence.databases == {}
    assert evidence.sections.server is not None
    assert evidence.sections.logins is None


def test_an_unknown_name(tmp_path: Path) -> None:
    with SqlServer(load_twin("sql-compliant"), logins=GOOD) as server:
        kind, message = failed(ask_server(tmp_path, server, server="no-such-host.invalid"))
        assert server.logins == []
    assert (kind, message) == (
        "UnreachableError",
        "db01: the name no-such-host.invalid is unknown.",
    )


def test_a_closed_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with SqlServer(load_twin("sql-compliant"), logins=GOOD) as server:
        kind, message = failed(ask_server(tmp_path, server, port=port))
    assert (kind, message) == ("RefusedError", f"db01: nothing listens on localhost:{port}.")


@pytest.mark.parametrize(
    ("serve", "kind", "words"),
    [
        (silent, "UnreachableError", "did not answer as a SQL Server in time"),
        (lambda _: None, "ProtocolError", "does not answer as a SQL Server does"),
        (says_http, "ProtocolError", "does not answer as a SQL Server does"),
    ],
)
def test_what_is_no_sql_server(
    tmp_path: Path, serve: Callable[[socket.socket], None], kind: str, words: str
) -> None:
    with Listener(serve, "good") as server:
        found, message = failed(ask_server(tmp_path, server, login_seconds=1))
    assert found == kind
    assert words in message


def test_a_driver_that_hangs_is_ended(tmp_path: Path) -> None:
    """Encrypt=strict ignores its login timeout against a silent server: the deadline is ours."""
    with Listener(silent, "good") as server:
        evidence = ask_server(
            tmp_path, server, encrypt="strict", login_seconds=1, deadline_seconds=3
        )
    assert failed(evidence)[0] in ("DeadlineError", "UnreachableError")
    assert evidence.seconds < 10


def test_a_query_that_takes_too_long_costs_its_section_only(tmp_path: Path) -> None:
    """The driver breaks it off after query_seconds; the connection goes on."""
    with SqlServer(load_twin("sql-compliant"), logins=GOOD, answer_delay=1.6) as server:
        evidence = ask_server(
            tmp_path, server, sections=["server", "baco"], query_seconds=1, login_seconds=20
        )
    assert evidence.failure is None
    assert {
        getattr(evidence.sections.server, "status", ""),
        getattr(evidence.sections.baco, "status", ""),
    } == {"error"}


def test_a_refused_login_is_tried_once(tmp_path: Path) -> None:
    """Neither the driver nor a second host of the run tries it again."""
    with SqlServer(load_twin("sql-compliant"), logins=GOOD) as server:
        first = failed(ask_server(tmp_path, server, secret="wrong"))
        assert [login.error for login in server.logins] == [18456]
        again = failed(ask_server(tmp_path, server, secret="wrong"))
        assert len(server.logins) == 1
    assert first == again
    assert first == (
        "LoginError",
        "db01: the server refused the login acceptance; it is not tried again in this run.",
    )


@pytest.mark.parametrize(
    ("certificate", "ca", "words"),
    [
        ("good", False, "is not trusted: "),
        ("self-signed", False, "is not trusted: "),
        ("expired", True, "has expired."),
        ("wrong-name", True, "was made out for another name."),
    ],
)
def test_certificates(tmp_path: Path, certificate: str, ca: bool, words: str) -> None:
    """Told as a certificate's fault, never as a login's; and no password has left."""
    with SqlServer(load_twin("sql-compliant"), logins=GOOD, certificate_kind=certificate) as server:
        file = str(server.ca_file) if ca else None
        kind, message = failed(ask_server(tmp_path, server, ca_file=file))
        assert server.logins == []
    assert kind == "TlsError"
    assert f"the certificate of localhost:{server_port(message)} {words}" in message


def server_port(message: str) -> str:
    return message.split("localhost:")[1].split()[0]


@pytest.mark.parametrize(
    ("changes", "tls"),
    [({"ca_file": None, "verify_certificate": False}, "unverified"), ({}, "verified")],
)
def test_what_was_verified_stands_in_the_evidence(
    tmp_path: Path, changes: dict[str, object], tls: str
) -> None:
    with SqlServer(load_twin("sql-compliant"), logins=GOOD, certificate_kind="good") as server:
        evidence = ask_server(tmp_path, server, sections=["server"], **changes)
        assert server.logins[0].encrypted
    assert evidence.failure is None
    assert evidence.reached.tls == tls


def test_strict_encryption_is_tds_8(tmp_path: Path) -> None:
    """TLS before anything else; the same CA file is trusted."""
    twin = load_twin("sql-compliant")
    twin.server.version = "16.0.4105.2"
    with SqlServer(twin, logins=GOOD) as server:
        evidence = ask_server(tmp_path, server, sections=["server"], encrypt="strict")
        assert len(server.logins) == 1
    assert evidence.failure is None
    assert evidence.reached.tls == "verified"


def test_optional_encryption_stands_in_the_evidence(tmp_path: Path) -> None:
    """Then nobody can say what was encrypted: it counts as none."""
    with SqlServer(load_twin("sql-compliant"), logins=GOOD, encryption=Encryption.OFF) as server:
        evidence = ask_server(tmp_path, server, sections=["server"], encrypt="optional")
    assert evidence.failure is None
    assert evidence.reached.tls == "none"


def test_no_encryption(tmp_path: Path) -> None:
    with SqlServer(
        load_twin("sql-compliant"), logins=GOOD, encryption=Encryption.NOT_SUPPORTED
    ) as server:
        kind, message = failed(ask_server(tmp_path, server))
        assert server.logins == []
    assert kind == "TlsError"
    assert "offers no encryption." in message


def test_a_database_that_cannot_be_opened(tmp_path: Path) -> None:
    """master is open to every login, unless somebody withdrew that."""
    twin = load_twin("sql-compliant")
    twin.databases["master"].guest = False
    with SqlServer(twin, logins={"acceptance-reader": PASSWORD}) as server:
        twin.logins["acceptance-reader"].grant = []
        kind, message = failed(ask_server(tmp_path, server, username="acceptance-reader"))
    assert kind == "LoginError"
    assert "let acceptance-reader in, but not into the database master" in message


def test_a_driver_that_is_not_there(tmp_path: Path) -> None:
    with SqlServer(load_twin("sql-compliant"), logins=GOOD) as server:
        evidence = ask_server(tmp_path, server, driver="ODBC Driver 99 for SQL Server")
        assert server.logins == []
    kind, message = failed(evidence)
    assert kind == "DriverMissingError"
    assert "'ODBC Driver 99 for SQL Server' of the inventory is not installed" in message
    assert evidence.failure is not None
    assert evidence.failure.remedy.startswith("Install it: ")


def test_windows_authentication_without_a_ticket(tmp_path: Path) -> None:
    """Kerberos alone, and no ticket here: said so, not "login refused"."""
    with SqlServer(load_twin("sql-compliant"), logins=GOOD) as server:
        kind, message = failed(
            ask_server(tmp_path, server, auth="windows", username=None, password=None)
        )
    assert kind == "LoginError"
    assert "Windows authentication did not work from here" in message


# --- quoting --------------------------------------------------------------------------------------


def parts(text: str) -> dict[str, str]:
    """A connection string as ODBC reads it: `key={value};`, `}}` being one `}` of the value."""
    found, rest = {}, text
    while rest:
        key, _, rest = rest.partition("={")
        value = ""
        while not rest.startswith("};"):
            if rest.startswith("}}"):
                value, rest = value + "}", rest[2:]
            else:
                value, rest = value + rest[0], rest[1:]
        found[key], rest = value, rest[2:]
    return found


@given(
    password=st.text(min_size=1),
    username=st.text(min_size=1).filter(lambda name: name.strip() and name.isprintable()),
)
def test_no_password_leaves_its_place(password: str, username: str) -> None:
    """Whatever it holds, it is the value of PWD, and adds no keyword."""
    connection = SqlConnection(server="db01", auth="sql", username=username, password="env:X")
    found = parts(connection_string(connection, 1433, password))
    assert found["PWD"] == password
    assert found["UID"] == connection.username
    assert found["Encrypt"] == "mandatory"
    assert found["TrustServerCertificate"] == "no"
    assert set(found) >= {"Server", "Database"}
    assert len(found) == 8


@pytest.mark.parametrize("wanted", [False, True])
def test_a_readable_secondary_answers_only_where_the_inventory_wants_it(wanted: bool) -> None:
    """Read-only intent makes nothing read-only; a listener answers it with another server."""
    connection = SqlConnection(server="db01", read_only_intent=wanted)
    found = parts(connection_string(connection, 1433, None))
    assert found.get("ApplicationIntent") == ("ReadOnly" if wanted else None)


@given(st.text())
def test_quoting_can_be_read_back(value: str) -> None:
    assert parts(f"K={quoted(value)};") == {"K": value}


@pytest.mark.parametrize(
    "password", ["a;b", "a}b", "{a}", "}};PWD={x", "ä ß € 漢", "'\"`$(x)", " lead and trail "]
)
def test_any_password_logs_in(tmp_path: Path, password: str) -> None:
    """Over the real driver: the server gets what the person typed."""
    with SqlServer(load_twin("sql-compliant"), logins={"acceptance": password}) as server:
        evidence = ask_server(tmp_path, server, sections=["server"], secret=password)
    assert evidence.failure is None


# --- named instances ------------------------------------------------------------------------------


@contextmanager
def browser(patch: pytest.MonkeyPatch, instance: str, port: str) -> Iterator[None]:
    """A SQL Server Browser that answers one question, with this instance and this port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        patch.setattr("acceptance.backends.probe.BROWSER_PORT", listener.getsockname()[1])
        version = "IsClustered;No;Version;15.0.2000.5"
        text = f"ServerName;SQL01;InstanceName;{instance};{version};tcp;{port};;"
        answer = text.encode("ascii")

        def serve() -> None:
            request, where = listener.recvfrom(100)
            assert request == b"\x04EXACT\x00"
            listener.sendto(b"\x05" + len(answer).to_bytes(2, "little") + answer, where)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def test_the_port_of_an_instance_is_asked_of_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """[MC-SQLR]: a request with the instance's name, an answer with `tcp;port`."""
    with browser(monkeypatch, "exact", "49721"):
        assert instance_port("db01", "127.0.0.1", "EXACT", 5) == 49721
    with pytest.raises(UnreachableError, match="did not tell the port of the instance EXACT"):
        instance_port("db01", "127.0.0.1", "EXACT", 0.1)


@pytest.mark.parametrize(
    ("instance", "port", "words"),
    [
        ("OTHER", "49721", "answers for OTHER, not for the instance EXACT"),
        ("", "49721", "answers for no instance"),
        ("EXACT", "0", "does not listen on TCP"),
        ("EXACT", "70000", "does not listen on TCP"),
        ("EXACT", "x", "does not listen on TCP"),
        ("EXACT", "", "does not listen on TCP"),
    ],
)
def test_a_browsers_answer_for_something_else_is_no_port(
    monkeypatch: pytest.MonkeyPatch, instance: str, port: str, words: str
) -> None:
    """Another instance's port would lead to another instance's facts."""
    with (
        browser(monkeypatch, instance, port),
        pytest.raises(UnreachableError, match=words),
    ):
        instance_port("db01", "127.0.0.1", "EXACT", 5)


def test_nothing_of_the_secret_is_in_what_a_backend_shows() -> None:
    backend = SqlBackend(
        "db01", SqlConnection(server="db01", auth="sql", username="a", password="env:X"), PASSWORD
    )
    assert PASSWORD not in repr(backend)
    assert PASSWORD not in str(backend.reached())


def start_worker(request: dict[str, object]) -> "subprocess.Popen[bytes]":
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", "acceptance.backends.sql.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert worker.stdin is not None
    worker.stdin.write(json.dumps(request).encode() + b"\n")
    worker.stdin.flush()
    return worker


def test_a_driver_that_hangs_does_not_outlive_whoever_asked() -> None:
    """After a kill of the run nobody ends the driver's process: it does so itself."""
    with Listener(silent, "good") as server:
        connection = SqlConnection(server="localhost", port=server.port, encrypt="strict")
        text = connection_string(connection, server.port, None)
        worker = start_worker(
            {"connection": text, "driver": None, "login_seconds": 1, "query_seconds": 1}
        )
        with worker:
            assert worker.stdout is not None
            assert json.loads(worker.stdout.readline()) == {
                "sets": []
            }  # the driver is loaded, and tries to connect
            assert worker.stdin is not None
            worker.stdin.close()
            try:
                worker.wait(10)
            finally:
                worker.kill()


def test_what_a_driver_prints_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries print on standard output what they like; it costs this server only."""
    backend = SqlBackend("db01", SqlConnection(server="localhost"), PASSWORD)
    for line in ("gibberish\n", "[]\n", '{"other": 1}\n'):
        backend._process = subprocess.Popen([sys.executable, "-c", ""])
        backend._process.wait()
        backend._deadline = float("inf")
        backend._answers.put(line)
        with pytest.raises(ProtocolError, match="something else than its answer"):
            backend._answer(1)


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile server's rows end at a limit."""

    class Cursor:
        description = [("name",)]

        def fetchmany(self, count: int) -> list[tuple[str]]:
            return [("x" * 100,)] * count

        def close(self) -> None:
            pass

    class Connection:
        def execute(self, *_: object) -> Cursor:
            return Cursor()

    monkeypatch.setattr(sql_worker, "LARGEST_ANSWER", 500_000)
    with pytest.raises(ValueError, match="larger than 500,000 characters"):
        sql_worker.execute(Connection(), {"text": "", "parameters": []})


def test_no_repr_shows_the_connection_string() -> None:
    """pytest writes the repr of local variables into its log."""
    connection = SqlConnection(server="localhost", auth="sql", username="sa", password="env:X")
    text = connection_string(connection, 1433, PASSWORD)
    assert quoted(PASSWORD) in text
    assert PASSWORD not in repr({"connection": text})


@pytest.mark.parametrize("spelling", [PASSWORD, "}" + PASSWORD])
def test_a_drivers_message_never_repeats_the_password(spelling: str) -> None:
    """Neither as it is nor as the connection string spells it,
    and not half of it where the message is cut off.
    """
    for padding in (0, sql_worker.LONGEST_MESSAGE - 5):
        text = "x" * padding + quoted(spelling)
        told = sql_worker.described(RuntimeError("28000", text), spelling)["message"]
        assert PASSWORD[:4] not in told


@pytest.mark.skipif(
    shutil.which("openssl") is None, reason="needs openssl to name a CA's file by its hash"
)
def test_a_ca_file_is_the_only_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for WinRM: what this machine trusts besides does not count,
    or any public CA could stand for the customer's.
    """
    authorities = tmp_path / "authorities"
    authorities.mkdir()
    other = tmp_path / "other.pem"
    other.write_bytes(Authority("Other CA").pem)
    with SqlServer(load_twin("sql-compliant"), logins=GOOD) as server:
        command = ["openssl", "x509", "-noout", "-subject_hash", "-in", str(server.ca_file)]
        name = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        shutil.copy(server.ca_file, authorities / f"{name}.0")
        monkeypatch.setenv("SSL_CERT_DIR", str(authorities))
        assert ask_server(tmp_path, server, sections=["server"], ca_file=None).failure is None
        assert (
            failed(ask_server(tmp_path, server, sections=["server"], ca_file=str(other)))[0]
            == "TlsError"
        )
        assert ask_server(tmp_path, server, sections=["server"]).failure is None
