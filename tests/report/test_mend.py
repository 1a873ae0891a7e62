"""pytest-html's page, mended: its table stays, its weaknesses go."""

import json
import re
from html import escape, unescape

import pytest

from acceptance.report.mend import MOST_ROWS, MendError, mend
from acceptance.signing.sign_off import PLACE
from tests.report.samples import results


@pytest.fixture(scope="session")
def mended(log_page: str, app_script: str) -> str:
    return mend(log_page, results(), app_script)


def rows(page: str) -> list[dict[str, str]]:
    [blob] = re.findall(r'data-jsonblob="([^"]*)"', page)
    return [one for several in json.loads(unescape(blob))["tests"].values() for one in several]


def test_the_page_has_language_policy_and_labels(mended: str) -> None:
    """And no inline handler, no address of the outside."""
    assert mended.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert mended.count("Content-Security-Policy") == 1
    assert "unsafe-inline" not in mended
    assert not re.search(r"<[a-z][^>]*\son\w+=", re.sub(r'data-jsonblob="[^"]*"', "", mended))
    assert not re.search(r'(?:src|href)="(?!#|")', mended)
    boxes = re.findall(r"<label[^>]*><input[^>]*name=\"filter_checkbox\"", mended)
    assert len(boxes) == mended.count('<input checked class="filter"') > 0
    assert mended.count(PLACE.decode()) == 1


def test_the_acceptance_part_comes_first(mended: str) -> None:
    """The technical log follows it."""
    assert (
        mended.index('id="acceptance"')
        < mended.index('id="sign-off"')
        < mended.index('id="results-table"')
    )


def test_every_row_is_there_as_text(mended: str) -> None:
    """A cell's value opens no element, whatever the test was called."""
    found = rows(mended)
    assert len(found) == 26
    for row in found:
        for cell in row["resultsTableRow"]:
            inside = re.sub(r"<button[^<>]*>|</button>|^<td[^<>]*>|</td>$", "", cell)
            assert "<" not in inside
        assert "<" not in row["log"]
        assert not row["extras"]


def many(page: str, number: int) -> str:
    """The page as if `number` tests had passed and one had failed."""
    one = {
        "extras": [],
        "result": "Passed",
        "testId": "t",
        "duration": "1 ms",
        "resultsTableRow": [],
        "log": "",
    }
    tests = {f"t{index}": [one] for index in range(number)} | {"bad": [one | {"result": "Failed"}]}
    blob = escape(json.dumps({"tests": tests, "environment": {}}))
    return re.sub(r'data-jsonblob="[^"]*"', lambda _: f'data-jsonblob="{blob}"', page)


def test_above_1000_rows_only_what_is_not_met_is_listed(log_page: str, app_script: str) -> None:
    """And the page says how many there were."""
    page = mend(many(log_page, MOST_ROWS), results(), app_script)
    assert [row["result"] for row in rows(page)] == ["Failed"]
    assert "only what is not met stands in this table: 1 of 1001" in page
    assert len(rows(mend(many(log_page, MOST_ROWS - 1), results(), app_script))) == MOST_ROWS


@pytest.mark.parametrize(
    "mark", ["<!-- TEMPLATES -->", '<table id="results-table">', "data-jsonblob", "filter_checkbox"]
)
def test_a_page_that_is_built_otherwise_is_refused(
    log_page: str, app_script: str, mark: str
) -> None:
    """A new pytest-html must not slip through half mended."""
    with pytest.raises(MendError):
        mend(log_page.replace(mark, "x"), results(), app_script)


def test_another_script_is_refused(log_page: str, app_script: str) -> None:
    """The policy allows pytest-html's script because it is known, not because it is there."""
    with pytest.raises(MendError):
        mend(log_page, results(), app_script.replace("init()", "init(1)"))
