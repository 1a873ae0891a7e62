"""docs/errors.md has every fault and its sentence, as the code has them."""

from pathlib import Path

import pytest
from winrm.exceptions import WSManFaultError

from acceptance.backends.probe import PROBED
from acceptance.backends.sql.classify import DRIVER_NUMBERS, SERVER_NUMBERS, cause_of
from acceptance.backends.sql.faults import CAUSES
from acceptance.backends.sql.sqlclient import CLIENT_CODES, Fault, cause_of_fault
from acceptance.backends.told import said, tables
from acceptance.backends.winrm.faults import WSMAN_FAULTS

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
RENEW = "python -m acceptance.backends.told"


def test_the_page_has_the_codes_own_tables() -> None:
    """After a change: put what RENEW prints below the heading."""
    told = PAGE.read_text(encoding="utf-8").split("\n## What a server can answer\n")[1]
    assert f"`{RENEW}`" in told
    assert told.endswith(f"\n\n{tables()}"), f"renew the tables: {RENEW}"


def rows() -> dict[str, list[str]]:
    """The page's rows by what is met."""
    cells = [line.strip("| ").split(" | ") for line in tables().splitlines() if line[:2] == "| "]
    return {met: rest for met, *rest in cells}


def by_number() -> dict[int, list[str]]:
    found = {}
    for met, rest in rows().items():
        numbers = met.replace("fault ", "").split(", ")
        if all(one.lstrip("-").isdecimal() for one in numbers):
            found |= {int(one): rest for one in numbers}
    return found


@pytest.mark.parametrize("number", SERVER_NUMBERS)
def test_every_number_of_sql_server_leads_to_its_row(number: int) -> None:
    """By ODBC's classification and by SqlClient's."""
    text = "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Its own words."
    error = {"number": number, "severity": 14, "state": 1, "message": "Its own words."}
    by_sqlclient = cause_of_fault(
        Fault.model_validate({"errors": [error], "causes": []}), windows=False
    )
    assert cause_of("42000", number, text) == by_sqlclient
    assert by_number()[number] == [CAUSES[by_sqlclient].message, CAUSES[by_sqlclient].remedy]


@pytest.mark.parametrize("number", [*DRIVER_NUMBERS, *CLIENT_CODES])
def test_every_number_of_a_client_leads_to_its_row(number: int) -> None:
    """Where a connection never came about, the row stands above, with the probe's."""
    error = {"number": number, "severity": 20, "state": 0, "message": "Words."}
    cause = cause_of_fault(Fault.model_validate({"errors": [error], "causes": []}), windows=False)
    if cause in PROBED:
        assert rows()[cause.replace("_", " ").lower()] == list(PROBED[cause][1:])
    else:
        assert by_number()[number] == [CAUSES[cause].message, CAUSES[cause].remedy]


@pytest.mark.parametrize("number", WSMAN_FAULTS)
def test_every_fault_leads_to_its_row(number: int) -> None:
    told = said(WSManFaultError(500, "", "", "", wsman_fault_code=number))
    assert by_number()[number] == list(told)
    assert WSMAN_FAULTS[number].message in told[0]


def test_no_row_is_empty() -> None:
    for met, rest in rows().items():
        assert met
        assert len(rest) == 2 or rest[0].startswith("---")
        assert all(rest)
