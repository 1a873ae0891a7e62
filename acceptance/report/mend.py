"""pytest-html's page -> the report: the acceptance part first, pytest-html's table after it as the technical log.

pytest-html (4.1, 4.2) has no language, unlabelled filters, inline handlers, and escapes neither ids nor cells.
So its rows are written again from what it recorded, all of it as text, and its page is taken
apart at marks that must each be there exactly once. Where they are not, MendError is raised and the caller writes
the page without a technical log.
"""

import json
import re
from html import escape, unescape
from typing import Any

from acceptance.report.html import acceptance_html, asset, head_html, shown_name
from acceptance.report.results import Results
from acceptance.report.texts import load_texts
from acceptance.text import visible

MOST_ROWS = 1000
LONGEST_LOG = 20_000
SETTLED = frozenset({"Passed", "Skipped", "XFailed"})


class MendError(Exception):
    """pytest-html's page is not built as this module knows it."""


def mend(page: str, results: Results, app_script: str) -> str:
    """The whole report. `app_script`: pytest-html's own JavaScript, the only other script that may run."""
    script = _one(r"<script>(.*)</script>", page).group(1)
    if script.strip() != app_script.strip():
        raise MendError("another script stands in the page")
    data, shown, total = _data(_one(r'data-jsonblob="([^"]*)"', page).group(1))
    texts = load_texts(results.language)["log"]
    cut = texts["cut"].format(shown=shown, all=total) if shown < total else ""
    templates = _one(r"<!-- TEMPLATES -->.*<!-- END TEMPLATES -->", page).group(0)
    controls = _labelled(_one(r'<div class="controls">.*?</div>\s*</div>\s*</div>', page).group(0))
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="{results.language}">\n<head>\n<meta charset="utf-8">',
        f"<title>{_title(results)}</title>",
        head_html(results, script, asset("report.js")),
        "</head>\n<body>",
        f'<a class="skip" href="#acceptance">{escape(load_texts(results.language)["skip"])}</a>',
        acceptance_html(results),
        f'<section class="log" aria-labelledby="log">\n<h2 id="log">{escape(texts["heading"])}</h2>',
        f"<p>{escape(texts['intro'])}</p>",
        f"<p>{escape(cut)}</p>" if cut else "",
        '<div lang="en">',
        '<div id="environment-header" hidden></div><table id="environment" hidden></table>',
        templates.replace('colspan="4"', 'colspan="3"').replace(
            '<img src="" />', '<img src="" alt="">'
        ),
        controls.removesuffix("</div>"),
        _table(_one(r'<table id="results-table">.*?</table>', page).group(0)),
        "</div>\n</section>",
        f'<div id="data-container" hidden data-jsonblob="{escape(json.dumps(data))}"></div>',
        f"<script>{script}</script>",
        f"<script>{asset('report.js')}</script>",
        "</body>\n</html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _one(pattern: str, page: str) -> re.Match[str]:
    found = list(re.finditer(pattern, page, flags=re.DOTALL))
    if len(found) != 1:
        raise MendError(f"{pattern!r} stands {len(found)} times in the page")
    return found[0]


def _title(results: Results) -> str:
    text: str = load_texts(results.language)["title"]
    return escape(text.format(customer=shown_name(results)))


def _data(blob: str) -> tuple[dict[str, Any], int, int]:
    """pytest-html's data with every row written again; how many rows are shown, and how many there are."""
    data = json.loads(unescape(blob))
    rows = [(name, one) for name, several in data["tests"].items() for one in several]
    total = len(rows)
    if total > MOST_ROWS:
        rows = [(name, one) for name, one in rows if one["result"] not in SETTLED]
    tests = {f"test {number}": [_row(number, name, one)] for number, (name, one) in enumerate(rows)}
    plain = {"environment": {}, "renderCollapsed": ["all"], "initialSort": "result", "title": ""}
    return plain | {"tests": tests}, len(rows), total


def _row(number: int, name: str, recorded: dict[str, Any]) -> dict[str, Any]:
    result = str(recorded["result"])
    if result not in SETTLED | {"Failed", "Error", "XPassed", "Rerun"}:
        raise MendError(f"an unknown outcome {result!r}")
    test, duration = (
        escape(visible(name, 500)),
        escape(visible(str(recorded.get("duration", "")), 50)),
    )
    # app.js finds the row by the id of what contains the clicked element; ids count the rows from 0.
    button = f'<button type="button" aria-label="{result}: details of {test}">{result}</button>'
    cells = [
        f'<td class="col-result" data-id="test_{number}">{button}</td>',
        f'<td class="col-testId">{test}</td>',
        f'<td class="col-duration">{duration}</td>',
    ]
    log = escape(visible(unescape(str(recorded.get("log", ""))), LONGEST_LOG))
    return {
        "extras": [],
        "result": result,
        "testId": test,
        "duration": duration,
        "resultsTableRow": cells,
        "log": log,
    }


def _labelled(controls: str) -> str:
    """Each filter box inside its label; those of outcomes that did not occur are left out of sight."""

    def label(match: re.Match[str]) -> str:
        box = match[1].replace('checked="true"', "checked")
        hidden = " hidden" if re.search(r"\sdisabled\b", box) else ""
        return f"<label{hidden}>{box} {match[2].rstrip(',')}</label>"

    mended, number = re.subn(r"(<input [^>]*>)\s*<span [^>]*>([^<]*)</span>", label, controls)
    if not number:
        raise MendError("the filters are not there")
    return mended


def _table(table: str) -> str:
    """Headings that a keyboard reaches; the links column is left out, as nothing is ever attached."""

    def heading(match: re.Match[str]) -> str:
        name, text = match[1], match[2]
        button = f'<button type="button" data-column-type="{name}">{text}</button>'
        return f'<th scope="col" class="sortable" data-column-type="{name}">{button}</th>'

    mended, number = re.subn(
        r'<th class="sortable" data-column-type="(\w+)">([^<]*)</th>', heading, table
    )
    if not number:
        raise MendError("the table's headings are not there")
    return re.sub(r"<th>Links</th>", "", mended)
