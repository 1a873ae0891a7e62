"""Every report below a folder as one row: what the overview and its message tell of it.

Rows are kept beside the reports, so that only a report that changed is read again.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from acceptance.errors import ReportError
from acceptance.evidence.shapes import Moment
from acceptance.findings.finding import OPEN, Kind, Verdict
from acceptance.report.changes import new_findings
from acceptance.report.files import RESULTS, write_whole
from acceptance.report.results import Results, load_results

KEPT = ".index.json"
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
    promised: int
    new: int | None
    ends: list[End]


class Kept(Part):
    """A report's row, so that only a report that changed is read again."""

    size: int
    written: int
    run: Run | None


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
        promised=sum(one.promise is not None for one in results.findings if one.kind in OPEN),
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


def worst_first(run: Run) -> tuple[int, int, int, str]:
    """A key to sort by."""
    unchecked, awaiting = run.open[Kind.COULD_NOT_BE_CHECKED], run.open[Kind.AWAITING]
    return WORST.index(run.verdict), -run.open[Kind.NOT_MET], -unchecked - awaiting, run.customer
