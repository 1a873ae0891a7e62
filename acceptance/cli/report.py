"""`acceptance report`: a report made again, or written in another format."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Literal

import yaml

from acceptance.catalogue.requirements import Catalogue, definition_sha256
from acceptance.errors import ReportError
from acceptance.report.again import make_page_again
from acceptance.report.files import is_signed, write_whole
from acceptance.report.formats.hdf import hdf_bytes
from acceptance.report.formats.spreadsheet import csv_bytes
from acceptance.report.pdf import print_pdf
from acceptance.report.results import Results, load_results


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
    language: Literal["en", "nl"] | None,
    browser: str | None,
    catalogue: Callable[[], Catalogue],
) -> Path:
    """Write `report` as `to` and return its place: report.html in it, else a file beside its folder.

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


def definitions(results: Results, catalogue: Catalogue) -> dict[str, str]:
    """The catalogue's entry of each requirement; none where it is another than the report was judged by."""
    judged_by = {one.requirement: one.definition_sha256 for one in results.findings}
    return {
        requirement.id: yaml.safe_dump(
            requirement.model_dump(mode="json", exclude_defaults=True), sort_keys=False
        )
        for requirement in catalogue
        if judged_by.get(requirement.id) == definition_sha256(requirement)
    }
