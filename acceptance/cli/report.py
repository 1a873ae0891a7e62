"""`acceptance report`: a report made again or in another format,
and the overview over all customers.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import yaml

from acceptance.catalogue.requirements import Catalogue, definition_sha256
from acceptance.errors import ReportError, UsageError
from acceptance.report.again import make_page_again
from acceptance.report.files import is_signed, write_whole
from acceptance.report.formats.hdf import hdf_bytes
from acceptance.report.formats.spreadsheet import csv_bytes
from acceptance.report.overview import too_old, write_overview
from acceptance.report.pdf import print_pdf
from acceptance.report.results import Results, load_results
from acceptance.report.texts import duration
from acceptance.text import one_line


class Format(StrEnum):
    """What a report is written as."""

    html = "html"
    pdf = "pdf"
    csv = "csv"
    hdf = "hdf"


ENDINGS = {Format.csv: "csv", Format.hdf: "hdf.json"}


def write_report(
    report: Path,
    to: Format,
    *,
    output: Path | None,
    language: str | None,
    browser: str | None,
    catalogue: Callable[[], Catalogue],
) -> Path:
    """Write `report` as `to` and return its place:
    report.html in it, else a file beside its folder.

    Raises ReportError: no report, a signed one that would get a new file, another option's format.
    """
    if to is Format.html:
        if output is not None:
            raise ReportError(
                "--output goes with --to=pdf, csv or hdf: the page stays in its folder."
            )
        return make_page_again(report, language)
    if to is Format.pdf:
        return print_pdf(report, output, browser)
    results = load_results(report)
    if language is not None:
        results = results.model_copy(update={"language": language})
    data = (
        csv_bytes(results)
        if to is Format.csv
        else hdf_bytes(results, definitions(results, catalogue()))
    )
    folder = report.resolve()
    beside = folder.with_name(f"{folder.parent.name}-{folder.name}.{ENDINGS[to]}")
    target = (output or beside).resolve()
    if is_signed(folder) and folder in target.parents:
        raise ReportError(
            "{target} would be a file added to a signed report.",
            "Choose a place outside its folder.",
            target=str(target),
        )
    write_whole(target, data)
    return target


def write_index(reports: Path, language: str, max_age: str | None) -> tuple[list[str], bool]:
    """Write the overview over all customers;
    lines for the terminal, and whether one's last run is too old.
    """
    longest = _days(max_age) if max_age else None
    now = datetime.now(UTC)
    page, last = write_overview(reports, now, language)
    old = too_old(last, now, longest) if longest else []
    lines = [
        f"{one_line(run.customer)}: no run for {duration(now - run.started)}, at most {max_age}."
        for run in old
    ]
    return [*lines, str(page)], bool(old)


def _days(text: str) -> timedelta:
    """`2d` or `36h`. Raises UsageError."""
    unit = {"d": "days", "h": "hours"}.get(text[-1:])
    if unit is None or not text[:-1].isascii() or not text[:-1].isdigit() or len(text) > 6:
        raise UsageError("{text!r} is no age.", "Write it as 2d or 36h.", text=text)
    return timedelta(**{unit: int(text[:-1])})


def definitions(results: Results, catalogue: Catalogue) -> dict[str, str]:
    """The catalogue's entry of each requirement;
    none where it is another than the report was judged by.
    """
    judged_by = {one.requirement: one.definition_sha256 for one in results.findings}
    return {
        requirement.id: yaml.safe_dump(json.loads(requirement.definition()), sort_keys=False)
        for requirement in catalogue
        if judged_by.get(requirement.id) == definition_sha256(requirement)
    }
