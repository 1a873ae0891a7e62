"""The report's page with pytest-html's table in it, as the technical log."""

from importlib import resources
from pathlib import Path

from acceptance.report.html import page_html
from acceptance.report.mend import MendError, mend
from acceptance.report.results import Results


def report_page(results: Results, log_page: Path) -> tuple[str, str]:
    """The report with pytest-html's table as its technical log; and what kept the log out of it, or ""."""
    if results.state == "unfinished":
        return page_html(results, "none_yet"), ""
    try:
        script = (
            resources.files("pytest_html")
            .joinpath("resources", "app.js")
            .read_text(encoding="utf-8")
        )
        return mend(log_page.read_text(encoding="utf-8"), results, script), ""
    except OSError:
        return page_html(results, "unknown"), "pytest-html has written no page"
    except MendError as error:
        return page_html(results, "unknown"), f"pytest-html's page is new to this suite: {error}"
