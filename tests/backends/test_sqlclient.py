"""What SqlClient throws has the sentences of ODBC's failures, by numbers alone."""

import pytest

from acceptance.backends.sql.classify import DRIVER_NUMBERS, SERVER_NUMBERS
from acceptance.backends.sql.faults import CAUSES, connecting
from acceptance.backends.sql.sqlclient import (
    CLIENT_CODES,
    REJECTED,
    SNI_ERRORS,
    WRONG_PRINCIPAL,
    Fault,
    cause_of_fault,
    described,
)
from acceptance.errors import HostError, RefusedError

NAMES = {
    "address": "sql01:1433",
    "name": "sql01",
    "instance": "EXACT",
    "seconds": "15",
    "login": "reader",
    "database": "master",
}
WORDS = "Irgendein Text in irgendeiner Sprache."


def fault(*numbers: int, severity: int = 14, state: int = 1, words: str = WORDS) -> Fault:
    errors = [
        {"number": number, "severity": severity, "state": state, "message": words}
        for number in numbers
    ]
    return Fault.model_validate({"errors": errors, "causes": []})


def inner(code: int, kind: str = "System.ComponentModel.Win32Exception") -> Fault:
    """On Linux: number 0, and what the system said below it."""
    error = {"number": 0, "severity": 20, "state": 0, "message": WORDS}
    cause = {"type": kind, "code": code, "message": "below"}
    return Fault.model_validate({"errors": [error], "causes": [cause]})


def told(found: Fault, *, secret: str = "", windows: bool = False) -> HostError:
    return connecting("db01", described(found, secret, windows=windows), through="web01", **NAMES)


@pytest.mark.parametrize("number", SERVER_NUMBERS)
@pytest.mark.parametrize(("severity", "state"), [(14, 1), (20, 1), (14, 0)])
def test_a_servers_number_means_what_it_means_over_odbc(
    number: int, severity: int, state: int
) -> None:
    found = fault(number, severity=severity, state=state)
    assert cause_of_fault(found, windows=False) == SERVER_NUMBERS[number]
    assert "port" not in told(found).remedy


@pytest.mark.parametrize("number", [233, 1222, 10054, 50000, 99999])
def test_a_number_that_nobody_listed_is_still_a_servers(number: int) -> None:
    """Also where the client has the same number for something else."""
    assert f"SQL Server says ({number}): {WORDS}" in told(fault(number)).message


def test_a_database_and_the_refusal_that_follows_are_one_cause() -> None:
    assert cause_of_fault(fault(4060, 18456), windows=False) == "NO_DATABASE"


@pytest.mark.parametrize("code", [*CLIENT_CODES, *DRIVER_NUMBERS])
def test_a_code_of_windows_is_known_as_number_and_below(code: int) -> None:
    """On Windows it is the error's own number, elsewhere an inner exception's."""
    expected = {**CLIENT_CODES, **DRIVER_NUMBERS}[code]
    own = fault(code, severity=11 if code < 0 else 20, state=0)
    for found in (own, inner(code)):
        assert cause_of_fault(found, windows=False) == expected
        error = told(found)
        assert "{" not in f"{error.message}{error.remedy}"
        assert "sql.ca_file" not in error.remedy
        assert "sql.certificate_name" not in error.remedy


@pytest.mark.parametrize("number", SNI_ERRORS)
def test_snis_own_number_is_found_in_any_language(number: int) -> None:
    words = f"Fehler. (provider: TCP-Anbieter, error: {number} - {WORDS})"
    found = fault(0, severity=20, state=0, words=words)
    assert cause_of_fault(found, windows=False) == SNI_ERRORS[number]


def test_nothing_listens_is_what_it_is_over_odbc() -> None:
    """SQL-01 is not met then, and not merely unchecked."""
    assert isinstance(told(fault(10061, severity=20, state=0)), RefusedError)


def test_a_services_name_is_no_certificates_name() -> None:
    of_service = fault(WRONG_PRINCIPAL, severity=20, state=0, words="… (provider: SSPI Provider …)")
    of_certificate = fault(WRONG_PRINCIPAL, severity=20, state=0)
    assert cause_of_fault(of_service, windows=True) == "SPN"
    assert cause_of_fault(of_certificate, windows=True) == "WRONG_NAME"


def test_a_certificate_that_was_rejected_and_a_handshake_that_failed() -> None:
    assert "web01 does not accept the certificate" in told(inner(-1, REJECTED)).message
    assert cause_of_fault(inner(-1, "System.Other"), windows=False) == "ENDED"
    assert cause_of_fault(Fault(errors=[], causes=[]), windows=False) == "NO_TDS"


@pytest.mark.parametrize(
    "found",
    [
        fault(18456, words="Login failed for user 'NT AUTHORITY\\ANONYMOUS LOGON'."),
        fault(18456, words="Fehler bei der Anmeldung fuer 'NT-AUTORITAET\\ANONYMOUS-ANMELDUNG'."),
        fault(18452),
    ],
)
def test_windows_that_sent_nobody_along_is_no_refused_login(found: Fault) -> None:
    """Only where Windows was to log in by itself: else somebody may be called so."""
    assert "a log-in over the network goes no further" in told(found, windows=True).message
    assert cause_of_fault(found, windows=False) != "NO_SECOND_HOP"


def test_the_password_is_masked_after_the_text_was_read() -> None:
    secret = "provider"
    words = f"Login failed. {secret} (provider: TCP Provider, error: 26 - x)"
    found = fault(0, severity=20, state=0, words=words)
    assert described(found, secret, windows=False)["cause"] == "NO_BROWSER"
    assert secret not in described(found, secret, windows=False)["message"]


def test_every_cause_of_a_code_has_its_sentence() -> None:
    assert {*CLIENT_CODES.values(), *SNI_ERRORS.values()} <= set(CAUSES)
