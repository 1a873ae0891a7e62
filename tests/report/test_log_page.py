"""The page that pytest-html writes: our part enters by its hooks, and only its head is our own."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from acceptance.report.log_page import MOST_ROWS, RELOAD, PageError, completed, summary_part
from acceptance.signing.sign_off import PLACE
from tests.report.pytest_html_page import ROWS, log_page_of
from tests.report.samples import results


@pytest.fixture(scope="session")
def page(log_page: str) -> str:
    return completed(log_page, results())


def rows(page: str) -> list[dict[str, str]]:
    [blob] = re.findall(r'data-jsonblob="([^"]*)"', page)
    return [one for several in json.loads(unescape(blob))["tests"].values() for one in several]


def test_the_body_is_pytest_htmls_own(log_page: str, page: str) -> None:
    """Byte for byte but for one inline handler; only the head is written anew."""
    body = log_page.partition("<body>")[2]
    assert page.partition("<body>")[2] == body.replace(RELOAD, "")
    assert summary_part(results(), ROWS) in log_page


def test_the_head_has_language_and_policy(page: str) -> None:
    """And nothing of the outside; what pytest-html's template brings along runs nothing."""
    head = page.partition("<body>")[0]
    assert head.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert page.count("Content-Security-Policy") == 1
    assert "unsafe-inline" not in page
    assert not re.search(r'(?:src|href)="(?!#|")', head)
    assert page.count(PLACE.decode()) == 1


def test_the_acceptance_part_comes_first(page: str) -> None:
    """The technical log follows it."""
    places = [page.index(f'id="{name}"') for name in ("acceptance", "sign-off", "results-table")]
    assert places == sorted(places)


def test_every_row_is_there_as_text(page: str) -> None:
    """A cell's value opens no element, whatever the test was called; nothing is attached."""
    found = rows(page)
    assert len(found) == ROWS
    assert {one["result"] for one in found} == {"Passed", "Failed", "Error", "Skipped"}
    for row in found:
        for cell in row["resultsTableRow"]:
            inside = re.sub(r"<button[^<>]*>|</button>|<td[^<>]*>|</td>", "", cell)
            assert "<" not in inside
        assert "<" not in row["log"]
        assert not row["extras"]


def test_above_1000_rows_only_what_is_not_met_is_listed(tmp_path: Path) -> None:
    """And the page says so."""
    (tmp_path / "test_it.py").write_text(
        "def test_good(): pass\ndef test_bad(): assert False\n", encoding="utf-8"
    )
    many = completed_of(tmp_path, MOST_ROWS + 1)
    assert [row["result"] for row in rows(many)] == ["Failed"]
    assert "only what is not met stands in this table" in many


def completed_of(folder: Path, total: int) -> str:
    return completed(log_page_of(folder, total), results())


@pytest.mark.parametrize("mark", ["<body>", "<script>", "</head>", '<section class="log"'])
def test_a_page_that_is_built_otherwise_is_refused(log_page: str, mark: str) -> None:
    """A new pytest-html must not slip through half known."""
    with pytest.raises(PageError):
        completed(log_page.replace(mark, "x"), results())


def test_another_script_is_refused(log_page: str) -> None:
    """The policy allows pytest-html's script because it is known, not because it is there."""
    for changed in (
        log_page.replace("init()", "init(1)"),
        log_page.replace("<footer>", "<footer><script>x</script>"),
    ):
        with pytest.raises(PageError):
            completed(changed, results())
