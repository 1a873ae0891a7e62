"""`--to csv`: read back as a spreadsheet reads it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.findings.finding import OPEN, Kind
from acceptance.report.formats.spreadsheet import FORMULA, csv_bytes, safe_cell
from tests.report import samples


def rows(language: str, *findings: object) -> list[list[str]]:
    results = samples.results(list(findings) or samples.every_kind()).model_copy(
        update={"language": language}
    )
    text = csv_bytes(results).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";" if language == "nl" else ","))


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_finding_is_a_row_and_what_is_open_comes_first(language: str) -> None:
    head, *body = rows(language)
    findings = samples.every_kind()
    assert len(body) == len(findings)
    assert {len(row) for row in body} == {len(head)}
    still_open = {one.requirement for one in findings if one.kind in OPEN}
    assert {row[1] for row in body[: len(still_open)]} == still_open


def test_a_remedy_stands_only_where_something_is_to_mend() -> None:
    head, *body = rows("en")
    remedy, requirement = head.index("to do"), head.index("requirement")
    not_met = {one.requirement for one in samples.every_kind() if one.kind is Kind.NOT_MET}
    assert {row[requirement] for row in body if row[remedy]} == not_met


@given(st.text() | st.sampled_from(FORMULA).flatmap(lambda sign: st.text().map(lambda t: sign + t)))
def test_no_cell_is_a_formula_or_has_lines(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.startswith(FORMULA)
    assert len(cell.splitlines()) <= 1
