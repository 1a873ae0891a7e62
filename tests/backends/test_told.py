"""docs/errors.md has every fault and its sentence, as the code has them, in every language."""

from pathlib import Path

import pytest
from acceptance.fixtures.errors import page, tables_in
from winrm.exceptions import WSManFaultError

from acceptance.backends.probe import PROBED
from acceptance.backends.sql.classify import DRIVER_NUMBERS, SERVER_NUMBERS, cause_of
from acceptance.backends.sql.faults import CAUSES
from acceptance.backends.sql.sqlclient import CLIENT_CODES, Fault, cause_of_fault
from acceptance.backends.told import MET, tables, told_of
from acceptance.backends.winrm.faults import WSMAN_FAULTS
from acceptance.report.catalogs import ENGLISH, languages
from acceptance.report.translating import told as translation
from acceptance.text import Sentence

DOCS = Path(__file__).parents[2] / "docs"
RENEW = "python -m acceptance.fixtures.errors"


@pytest.mark.parametrize("language", languages())
def test_the_page_has_the_codes_own_tables(language: str) -> None:
    """In each language, every sentence in it."""
    place = DOCS / ("" if language == ENGLISH else language) / "errors.md"
    text = place.read_text(encoding="utf-8")
    assert f"`{RENEW}`" in text
    assert page(text, language) == text, f"renew the tables: {RENEW}"
    assert text.endswith(f"\n\n{tables_in(language)}")


@pytest.mark.parametrize("language", languages())
def test_no_sentence_of_a_page_is_left_in_english(language: str) -> None:
    missing = []

    def say(sentence: Sentence) -> str:
        one = translation(sentence, language)
        if not one.translated:
            missing.append(one.text)
        return one.text

    tables(say)
    assert missing == []


def test_what_has_no_number_has_a_name() -> None:
    assert MET.keys() <= {*PROBED, *CAUSES}
    assert {str(one) for one in MET.values()} == {name.replace("_", " ").lower() for name in MET}


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
    told = told_of(WSManFaultError(500, "", "", "", wsman_fault_code=number))
    assert by_number()[number] == list(told)
    assert WSMAN_FAULTS[number].message in told[0]


def test_no_row_is_empty() -> None:
    for met, rest in rows().items():
        assert met
        assert len(rest) == 2 or rest[0].startswith("---")
        assert all(rest)
