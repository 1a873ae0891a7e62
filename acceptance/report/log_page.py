"""The report as pytest-html writes it:
the acceptance part is its summary, its table the technical log.

Everything enters the page by pytest-html's documented hooks (fixtures/technical_log.py).
What they do not reach is the page's head: language, policy, style and seal
(docs/decisions/0006-the-page-and-pytest-html.md).
"""

from html import escape
from importlib import resources
from pathlib import Path

from acceptance.report.html import acceptance_html, asset, head_html, page_html, shown_name
from acceptance.report.results import Results
from acceptance.report.texts import load_texts
from acceptance.text import visible

MOST_ROWS = 1000
LONGEST_LOG = 20_000
SETTLED = frozenset({"Passed", "Skipped", "XFailed"})
# Where the log begins; what comes from outside is escaped and cannot hold it.
LOG = '<section class="log" aria-labelledby="log">'
# An inline handler, which the policy forbids; its button is for a page of a run that goes on.
RELOAD = ' onclick="location.reload()"'
COLUMNS = {"result": "Result", "testId": "Test", "duration": "Duration"}


class PageError(Exception):
    """pytest-html's page is not built as this module knows it."""


def report_page(results: Results, log_page: Path) -> tuple[str, str]:
    """The whole report; and what kept the technical log out of it, or ""."""
    if results.state == "unfinished":
        return page_html(results, "none_yet"), ""
    try:
        return completed(log_page.read_text(encoding="utf-8"), results), ""
    except OSError:
        return page_html(results, "unknown"), "pytest-html has written no page"
    except PageError as error:
        return page_html(results, "unknown"), f"pytest-html's page is new to this suite: {error}"


def completed(page: str, results: Results) -> str:
    """pytest-html's page with the report's own head; its body stays as it is, save one handler."""
    head, mark, body = page.partition("<body>")
    if not mark or "</head>" not in head or "<body" in body:
        raise PageError("it has no body of its own")
    _, begin, rest = body.rpartition("<script>")
    script, end, _ = rest.partition("</script>")
    if not begin or not end or script.strip() != app_script().strip():
        raise PageError("another script stands in it")
    if body.count(LOG) != 1 or body.count("<script") != 2:
        raise PageError("the acceptance part does not stand in it once")
    title = escape(load_texts(results.language)["title"].format(customer=shown_name(results)))
    return (
        f'<!DOCTYPE html>\n<html lang="{results.language}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n{head_html(results, script, asset('report.js'))}\n</head>\n"
        f"<body>{body.replace(RELOAD, '')}"
    )


def app_script() -> str:
    """pytest-html's own JavaScript, the only other one that may run."""
    script = resources.files("pytest_html").joinpath("resources", "app.js")
    return script.read_text(encoding="utf-8")


def summary_part(results: Results, total: int) -> str:
    """What stands above pytest-html's table:
    the acceptance part, and the heading of the technical log.
    """
    texts = load_texts(results.language)
    log = texts["log"]
    cut = f"<p>{escape(log['cut'])}</p>" if total > MOST_ROWS else ""
    return (
        f'<nav aria-label="{escape(texts["skip"])}">'
        f'<a class="skip" href="#acceptance">{escape(texts["skip"])}</a></nav>\n'
        f"{acceptance_html(results)}\n{LOG}\n"
        f'<h2 id="log">{escape(log["heading"])}</h2>\n<p>{escape(log["intro"])}</p>{cut}\n'
        f'<div class="log__table" lang="en"></div>\n</section>\n'
        f"<script>{asset('report.js')}</script>"
    )


def header_cells() -> list[str]:
    """Headings that a keyboard reaches;
    the links column is left out, as nothing is ever attached.
    """
    return [
        f'<th scope="col" class="sortable" data-column-type="{name}">'
        f'<button type="button" data-column-type="{name}">{text}</button></th>'
        for name, text in COLUMNS.items()
    ]


def row_cells(outcome: str, test: str, seconds: float) -> list[str]:
    """One test as text.

    pytest-html sorts and filters by the plain cell, a person unfolds by the button.
    """
    name, result = escape(visible(test, 500)), escape(outcome)
    button = f'<button type="button" aria-label="{result}: details of {name}">{result}</button>'
    return [
        f'<td class="col-result" hidden>{result}</td><td>{button}</td>',
        f'<td class="col-testId">{name}</td>',
        f'<td class="col-duration">{seconds:.3f} s</td>',
    ]


def log_text(text: str) -> str:
    """What a test said, as text."""
    return escape(visible(text, LONGEST_LOG))
