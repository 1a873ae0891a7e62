"""All customers in one offline page, `reports/index.html`: the worst first,
and how old each last run is.

Only counts and dates of a customer stand there; its data stays behind its own link.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from acceptance.errors import AcceptanceError, ReportError
from acceptance.evidence.shapes import Moment
from acceptance.findings.finding import OPEN, Kind, Verdict
from acceptance.report.changes import new_findings
from acceptance.report.files import PAGE, RESULTS, write_whole
from acceptance.report.html import page_policy
from acceptance.report.results import Results, load_results
from acceptance.report.templating import environment
from acceptance.report.texts import duration, instant, load_texts
from acceptance.text import css_class, one_line

INDEX, KEPT = "index.html", ".index.json"
WITHIN = timedelta(days=60)
WORST = (Verdict.REJECTED, Verdict.INCOMPLETE, Verdict.ACCEPTED_WITH_WAIVERS, Verdict.ACCEPTED)
What = Literal["certificate", "password", "waiver", "attestation", "promise"]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class End(Part):
    """Something that ends, or is promised, on a day."""

    what: What
    name: str
    on: date


class Run(Part):
    """What the overview tells of one report.

    `folder`: its place below the reports, with slashes.
    """

    folder: str
    customer: str
    title: str
    phase: str
    simulated: bool
    whole: bool
    started: Moment
    verdict: Verdict
    reason: str
    open: dict[Kind, int]
    new: int | None
    ends: list[End]


class Kept(Part):
    """A report's row, so that only a report that changed is read again."""

    size: int
    written: int
    run: Run | None


def write_overview(reports: Path, now: datetime, language: str = "en") -> tuple[Path, list[Run]]:
    """Write `reports/index.html`; return its place and each customer's last run, the worst first.

    Raises ReportError where the folder holds no report.
    """
    runs, unreadable = read_runs(reports)
    if not runs and not unreadable:
        raise ReportError(
            "{folder} holds no report, nor folders of reports.",
            "Name the folder of a report, or one that holds those of all customers.",
            folder=str(reports),
        )
    last = sorted(last_runs(runs), key=_worst_first)
    page = overview_html(last, runs, unreadable, now, language)
    write_whole(reports / INDEX, page.encode("utf-8"))
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


def read_runs(reports: Path) -> tuple[list[Run], list[str]]:
    """Every report at any depth below `reports`; and the folders of those that cannot be read."""
    before, now = _kept(reports), {}
    for path in sorted(reports.rglob(RESULTS)):
        place = path.parent.relative_to(reports).as_posix()
        stat = path.stat()
        kept = before.get(place)
        if kept is None or (kept.size, kept.written) != (stat.st_size, stat.st_mtime_ns):
            kept = Kept(size=stat.st_size, written=stat.st_mtime_ns, run=_run(path.parent, place))
        now[place] = kept
    if now != before:
        write_whole(reports / KEPT, _KEPT.dump_json(now))
    runs = [one.run for one in now.values() if one.run is not None]
    return runs, [place for place, one in now.items() if one.run is None]


_KEPT = TypeAdapter(dict[str, Kept])


def _kept(reports: Path) -> dict[str, Kept]:
    """The rows of last time; none where another suite wrote them otherwise."""
    try:
        return _KEPT.validate_json((reports / KEPT).read_bytes())
    except (OSError, ValidationError):
        return {}


def _run(folder: Path, place: str) -> Run | None:
    try:
        results = load_results(folder)
    except ReportError:
        return None
    return Run(
        folder=place,
        customer=results.customer,
        title=results.title,
        phase=results.phase,
        simulated=results.simulated,
        whole=results.finished_whole and results.scope.complete,
        started=results.started,
        verdict=results.verdict,
        reason=results.reason,
        open={kind: results.counts[kind] for kind in Kind if kind in OPEN},
        new=len(new_findings(results)) if results.changes else None,
        ends=sorted(_ends(results), key=lambda one: (one.on, one.name)),
    )


def _ends(results: Results) -> Iterator[End]:
    for ending in results.endings:
        yield End(what=ending.what, name=f"{ending.name} ({ending.host})", on=ending.on)
    for agreed in results.agreements:
        yield End(what=agreed.kind, name=agreed.requirement, on=agreed.until)
    for finding in results.findings:
        if finding.promise and finding.kind in OPEN:
            name = f"{finding.requirement}: {finding.promise.who}"
            yield End(what="promise", name=name, on=finding.promise.by)


def last_runs(runs: Iterable[Run]) -> list[Run]:
    """Each customer's last run of everything; its last run of a part where it has no other."""
    last: dict[str, Run] = {}
    for run in sorted(runs, key=lambda one: (one.whole, one.started, one.folder)):
        last[run.customer] = run
    return list(last.values())


def _link(folder: str) -> str:
    """A relative address that no browser takes for another, whatever the folder is called."""
    return quote(f"./{folder}/{PAGE}")


def _worst_first(run: Run) -> tuple[int, int, int, str]:
    unchecked, awaiting = run.open[Kind.COULD_NOT_BE_CHECKED], run.open[Kind.AWAITING]
    return WORST.index(run.verdict), -run.open[Kind.NOT_MET], -unchecked - awaiting, run.customer


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
