"""A small report on disk: results, a page with a place for signatures, evidence."""

from pathlib import Path

from acceptance.report.html import seal
from acceptance.report.results import Results, write_results
from tests.report.samples import evidence


def write_report(folder: Path, made: Results) -> Path:
    """Writes it into a new folder, which is returned."""
    (folder / "evidence").mkdir(parents=True)
    (folder / "evidence" / "web01.json").write_text(evidence().model_dump_json(), encoding="utf-8")
    page = f'<meta name="acceptance-results" content="{seal(made)}"><!-- signatures -->'
    (folder / "report.html").write_text(page, encoding="utf-8")
    (folder / "junit.xml").write_text("<testsuites/>", encoding="utf-8")
    write_results(made, folder)
    return folder
