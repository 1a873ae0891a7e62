"""Each way a SQL Server turns a connection away has its own sentence,
reached through the real classification.
"""

from pathlib import Path

import pytest
from acceptance.simulator.listening import Listener, says_http
from acceptance.simulator.sqlserver.errors import SqlError
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import load_twin

from acceptance.backends.probe import PROBED
from acceptance.backends.sql import classify
from acceptance.backends.sql.classify import DRIVER_NUMBERS, DRIVER_TEXTS, SERVER_NUMBERS
from acceptance.backends.sql.faults import CAUSES, connecting
from acceptance.backends.sql.sqlclient import CLIENT_CODES, SNI_ERRORS
from acceptance.backends.sql.worker import described
from acceptance.errors import HostError
from tests.sql_twins import PASSWORD, ask_server, needs_driver

DRIVER = "[Microsoft][ODBC Driver 18 for SQL Server]"
NAMES = {"address": "sql01:1433", "login": "reader", "database": "master"}


def told(
    state: str, text: str, number: int, *, secret: str = "", strict: bool = False
) -> HostError:
    """The sentence for what pyodbc raises."""
    raised = RuntimeError(state, f"[{state}] {text} ({number}) (SQLDriverConnect)")
    return connecting("db01", described(raised, secret, strict=strict), **NAMES)


@pytest.mark.parametrize("number", SERVER_NUMBERS)
def test_every_number_of_the_server_has_its_sentence(number: int) -> None:
    """Never "is this the SQL Server's port?": whoever sends a number is a SQL Server."""
    error = told("42000", f"{DRIVER}[SQL Server]Its own words.", number)
    cause = CAUSES[SERVER_NUMBERS[number]]
    assert error.problem.values["what"].template == cause.message  # type: ignore[union-attr]
    assert "port" not in error.remedy
    assert error.remedy
    if "{message}" in cause.message:
        assert f"({number}): Its own words." in error.message


@pytest.mark.parametrize("state", ["28000", "42000", "HY000", "08004", "01000"])
@pytest.mark.parametrize("number", [104, 233, 1222, 9001, 33148, 50000, 99999])
def test_a_number_that_nobody_listed_is_still_a_servers(state: str, number: int) -> None:
    error = told(state, f"{DRIVER}[SQL Server]Kerberos, certificate verify failed.", number)
    assert f"SQL Server says ({number}): Kerberos, certificate verify failed." in error.message


def test_a_servers_words_are_one_limited_line_without_the_password() -> None:
    hostile = f"{DRIVER}[SQL Server]a\r\n\x1b[31m{{address}} {PASSWORD} " + "x" * 5000
    message = told("42000", hostile, 50001, secret=PASSWORD).message
    assert message.isprintable()
    assert len(message) < 600
    assert PASSWORD not in message
    assert "{address}" in message  # their braces are no places of ours


@pytest.mark.parametrize("number", DRIVER_NUMBERS)
def test_every_number_of_the_driver_has_its_sentence(number: int) -> None:
    error = told("08001", f"{DRIVER}SSL Provider: Irgendein Text.", number)
    found = error.problem.values["what"].template  # type: ignore[union-attr]
    assert found == CAUSES[DRIVER_NUMBERS[number]].message


@pytest.mark.parametrize(("words", "cause"), DRIVER_TEXTS)
@pytest.mark.parametrize("secret", ["", "certificate", "r", "provider", "key too small"])
def test_every_text_of_the_driver_has_its_sentence(words: str, cause: str, secret: str) -> None:
    """Also where the password is one of its words:
    it is masked once the text has been recognised.
    """
    error = told("08001", f"{DRIVER}{words}", -1, secret=secret)
    assert error.problem.values["what"].template == CAUSES[cause].message  # type: ignore[union-attr]


def test_every_cause_can_be_reached() -> None:
    by_state = set(classify.STATES.values())
    named = {*SERVER_NUMBERS.values(), *DRIVER_NUMBERS.values(), *by_state}
    named |= {cause for _, cause in DRIVER_TEXTS}
    named |= {*PROBED, *CLIENT_CODES.values(), *SNI_ERRORS.values()}
    named |= {"CERTIFICATE", "NO_SECOND_HOP"}  # SqlClient's: test_sqlclient.py
    assert set(CAUSES) == named | {"SERVER_SAYS", "NO_STRICT", "ENDED", "NO_TDS"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SSPI Provider: The target principal name is incorrect", "service principal names"),
        ("SSL Provider: The target principal name is incorrect", "sql.certificate_name"),
    ],
)
def test_a_services_name_is_no_certificates_name(text: str, words: str) -> None:
    """One number of Windows (SEC_E_WRONG_PRINCIPAL) for two things."""
    assert words in told("08001", f"{DRIVER}{text}", -2146893022).remedy


@pytest.mark.parametrize(
    "text",
    [
        "TCP Provider: Error code 0x2746",
        "TCP Provider: Error code 0x68",
        "TCP Provider: Error code 0xBEEF",
        "SSL Provider: [error:1C8000DE:Provider routines::search only supported for directories]"
        "[error:0A000086:SSL routines::certificate verify failed:self-signed certificate]",
        "SSL Provider: [error:0A000086:SSL routines::certificate verify failed:cut o",
        "The driver did not supply an error!",
        "[SQL Server]",
    ],
)
@pytest.mark.parametrize("number", [10054, 104, -1, 0])
@pytest.mark.parametrize("strict", [False, True])
def test_no_code_stands_for_a_sentence(text: str, number: int, strict: bool) -> None:
    message = told("08001", DRIVER + text, number, strict=strict).message
    for code in ("0x", "[error", "search only", "did not supply", ": ."):
        assert code not in message


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (17142, "SQL Server service has been paused. No new connections will be allowed."),
        (18486, "Login failed for user 'acceptance' because the account is currently locked out."),
        (40615, "Cannot open server 'x' requested by the login."),
        (12345, "Words that nobody has listed."),
    ],
)
def test_a_server_that_turns_everybody_away(tmp_path: Path, number: int, text: str) -> None:
    """Over the real driver."""
    needs_driver()
    refusal = SqlError(number, text, 14)
    twin = load_twin("sql-compliant")
    with SqlServer(twin, logins={"acceptance": PASSWORD}, refusal=refusal) as server:
        failure = ask_server(tmp_path, server).failure
        assert len(server.logins) == 1
    assert failure is not None
    cause = CAUSES[SERVER_NUMBERS.get(number, "SERVER_SAYS")]
    assert failure.message.endswith(text) or "{message}" not in cause.message
    assert failure.remedy == cause.remedy


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")  # that is the point
def test_a_server_that_knows_old_tls_only(tmp_path: Path) -> None:
    needs_driver()
    twin = load_twin("sql-compliant")
    with SqlServer(twin, logins={"acceptance": PASSWORD}, old_tls=True) as server:
        failure = ask_server(tmp_path, server).failure
        assert server.logins == []
    assert failure is not None
    assert failure.kind == "TlsError"
    assert "no version of TLS in common" in failure.message


def test_strict_against_a_server_before_2022(tmp_path: Path) -> None:
    needs_driver()
    with SqlServer(load_twin("sql-compliant"), logins={"acceptance": PASSWORD}) as server:
        failure = ask_server(tmp_path, server, encrypt="strict").failure
        assert server.logins == []
    assert failure is not None
    assert failure.kind == "TlsError"
    assert "sql.encrypt: mandatory" in failure.remedy


def test_what_is_no_server_is_told_so(tmp_path: Path) -> None:
    """The other side of it: without a number of the server's, nothing claims that there is one."""
    needs_driver()
    with Listener(says_http, "good") as server:
        failure = ask_server(tmp_path, server).failure
    assert failure is not None
    assert "Is this the SQL Server's port?" in failure.remedy
