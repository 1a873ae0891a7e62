"""`--to csv`: the findings for people who plan in a spreadsheet, what is open first.

Excel, Calc and Sheets evaluate a cell that begins with one of `=+-@`,
also after a tab or a carriage return (CWE-1236): such a cell gets an apostrophe in front.
"""

import csv
import io

from acceptance.findings.finding import OPEN, Finding, Kind
from acceptance.report.results import Results
from acceptance.report.texts import load_texts
from acceptance.text import visible

FORMULA = ("=", "+", "-", "@", "\t", "\r")
ORDER = list(Kind)


def csv_bytes(results: Results) -> bytes:
    """UTF-8 with a byte order mark, CRLF;
    a semicolon between cells where the language's Excel expects one.
    """
    texts = load_texts(results.language)["spreadsheet"]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=texts["delimiter"], lineterminator="\r\n")
    writer.writerow(texts["columns"].values())
    findings = sorted(results.findings, key=_what_is_open_first)
    writer.writerows([safe_cell(cell) for cell in _row(one, results)] for one in findings)
    return text.getvalue().encode("utf-8-sig")


def safe_cell(text: str) -> str:
    """One line that no spreadsheet takes for a formula.

    >>> safe_cell("=1+2")
    "'=1+2"
    """
    line = " ".join(visible(text).split())
    return f"'{line}" if text.startswith(FORMULA) or line.startswith(FORMULA) else line


def _what_is_open_first(finding: Finding) -> tuple[bool, str, int, str]:
    is_open = finding.kind in OPEN
    return (
        not is_open,
        finding.owner if is_open else "",
        ORDER.index(finding.kind),
        finding.requirement,
    )


def _row(finding: Finding, results: Results) -> list[str]:
    promise = finding.promise
    remedy = finding.remedy if finding.kind is Kind.NOT_MET else ""
    return [
        results.customer,
        finding.requirement,
        finding.title,
        finding.host,
        load_texts(results.language)["kind"][finding.kind.value],
        finding.owner,
        finding.expected,
        finding.found,
        finding.reason,
        remedy,
        promise.who if promise else "",
        promise.by.isoformat() if promise else "",
        promise.note if promise else "",
    ]
