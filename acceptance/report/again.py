"""Making a report's page again from `results.json` and the evidence alone."""

from pathlib import Path

from acceptance.errors import ReportError
from acceptance.report.beside import write_beside
from acceptance.report.files import PAGE, digest, read, refuse_signed, write_whole
from acceptance.report.html import page_html
from acceptance.report.mending import write_mending
from acceptance.report.results import Results, load_results, write_results


def make_page_again(folder: Path, language: str | None) -> Path:
    """Write `report.html` anew, in `language` or the one it had;
    the technical log is not part of it.

    Raises ReportError for a signed report,
    and where the evidence is not what the results were judged from.
    """
    refuse_signed(folder)
    results = load_results(folder)
    check_evidence(folder, results)
    if language is not None and language != results.language:
        results = results.model_copy(update={"language": language})
    write_whole(folder / PAGE, page_html(results).encode("utf-8"))
    write_results(results, folder)  # in the one spelling whose digest the page carries
    write_mending(folder, results)
    write_beside(folder, results.language)
    return folder / PAGE


def check_evidence(folder: Path, results: Results) -> None:
    """Raise ReportError for evidence that is missing, or is not what `results.json` names."""
    for one in results.evidence:
        path = folder / one.file
        if path.resolve().parent != (folder / "evidence").resolve() or not path.is_file():
            raise ReportError(f"{path} is missing: the report was judged from it.")
        if digest(read(path)) != one.sha256:
            raise ReportError(
                f"{path} changed since the report was judged from it.",
                "Judge it anew: pytest --evidence",
            )
