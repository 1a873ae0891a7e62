"""All customers in one offline page, `reports/index.html`: the worst first,
and how old each last run is.

Only counts and dates of a customer stand there; its data stays behind its own link.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from acceptance.errors import AcceptanceError, ReportError
from acceptance.findings.finding import OPEN, Kind
from acceptance.report.files import PAGE, write_whole
from acceptance.report.html import page_policy
from acceptance.report.runs import WORST, Run, last_runs, read_runs, worst_first
from acceptance.report.summary import SUMMARY, summary_of_all
from acceptance.report.templating import environment
from acceptance.report.texts import duration, instant, load_texts
from acceptance.text import css_class, one_line

INDEX = "index.html"
WITHIN = timedelta(days=60)


def write_overview(reports: Path, now: datetime, language: str = "en") -> tuple[Path, list[Run]]:
    """Write `reports/index.html`, and `summary.md` beside it;
    return the page's place and each customer's last run, the worst first.

    Raises ReportError where the folder holds no report.
    """
    runs, unreadable = read_runs(reports)
    if not runs and not unreadable:
        raise ReportError(
            "{folder} holds no report, nor folders of reports.",
            "Name the folder of a report, or one that holds those of all customers.",
            folder=str(reports),
        )
    last = sorted(last_runs(runs), key=worst_first)
    page = overview_html(last, runs, unreadable, now, language)
    write_whole(reports / INDEX, page.encode("utf-8"))
    write_whole(reports / SUMMARY, summary_of_all(last, now).encode("utf-8"))
    return reports / INDEX, last


def renew_overview(reports: Path, now: datetime) -> str:
    """Write it after a run; why it could not be made, or "":
    whatever other reports hold, this run has ended well.
    """
    try:
        write_overview(reports, now)
    except (AcceptanceError, OSError) as error:
        return f"The overview over all customers was not made: {one_line(str(error))}"
    return ""


def too_old(last: Iterable[Run], now: datetime, longest: timedelta) -> list[Run]:
    """The customers whose last run is older than `longest`: silence is not health."""
    return [run for run in last if now - run.started > longest]


def _link(folder: str) -> str:
    """A relative address that no browser takes for another, whatever the folder is called."""
    return quote(f"./{folder}/{PAGE}")


def overview_html(
    last: list[Run],
    runs: list[Run],
    unreadable: list[str],
    now: datetime,
    language: str,
) -> str:
    """The page; links are relative, nothing is fetched."""
    newest = {run.customer: run for run in sorted(runs, key=lambda one: one.started)}
    until = now.date() + WITHIN
    ending = [(run, end) for run in last for end in run.ends if end.on <= until]
    script = environment().get_template("overview.js").render()
    context = {
        "texts": load_texts(language),
        "language": language,
        "runs": last,
        "links": {run.folder: _link(run.folder) for run in runs},
        "since": {run.customer: newest[run.customer] for run in last},
        "verdicts": Counter(run.verdict for run in last),
        "order": WORST,
        "open_kinds": [kind for kind in Kind if kind in OPEN],
        "ending": sorted(ending, key=lambda pair: (pair[1].on, pair[0].customer)),
        "today": now.date(),
        "unreadable": unreadable,
        "policy": page_policy("", script),
        "footer": "",
        "seal": "",
        "made": instant(now),
        "age": lambda run: duration(now - run.started),
        "instant": instant,
        "css_class": css_class,
    }
    return environment().get_template("overview.html").render(context)
