"""What is new: each finding beside the last run that decided it, telling a changed server from a changed catalogue or collector.

That is the last run of the same customer, phase and environment in which the requirement was answered on that
server, whatever part was selected: a noon run of one marker makes nothing new, and staging is no measure for production.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from acceptance.errors import ReportError
from acceptance.findings.finding import OPEN, Finding, Kind
from acceptance.report.files import RESULTS
from acceptance.report.results import Cause, Change, Changes, HostResult, Results, load_results

Key = tuple[str, str]
# It was not asked, or nobody could look: the run before it still says how things stood.
# A hint was asked by nobody, and what is coming not yet.
SAYS_NOTHING = (Kind.NOT_APPLICABLE, Kind.COULD_NOT_BE_CHECKED, Kind.HINT, Kind.COMING)


class EarlierRuns:
    """The finished runs beside `report_dir` that began before it, by the start that they tell, the last one first.

    `like`: the values of results.json that make two runs comparable, such as customer and phase. Nothing is
    looked for before a comparison comes to it, and each run is read once. A folder that cannot be read is passed
    over: a report must not fail because of an old one.
    """

    def __init__(self, report_dir: Path, like: dict[str, Any], before: datetime) -> None:
        self.report_dir = report_dir
        self.like = like
        self.before = before

    def __iter__(self) -> Iterator[tuple[str, Results]]:
        for folder in self.folders:
            results = _read(folder)
            if results is not None:
                yield folder.name, results

    @cached_property
    def folders(self) -> list[Path]:
        begun = []
        for path in self.report_dir.parent.glob(f"*/{RESULTS}"):
            try:
                told = json.loads(path.read_bytes())
                comparable = {key: told.get(key) for key in self.like} == self.like
                started = datetime.fromisoformat(told["started"])
                if comparable and told["state"] == "finished" and started < self.before:
                    begun.append((started, path.parent))
            except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue
        return [folder for _, folder in sorted(begun, reverse=True)]


@cache
def _read(folder: Path) -> Results | None:
    try:
        return load_results(folder)
    except ReportError:
        return None


def changes_since(earlier: Iterable[tuple[str, Results]], now: Results) -> Changes | None:
    """Compare each finding with the last run that decided it; None: there is no earlier run."""
    open_keys = {_key(one): one for one in now.findings if _counts(one)}
    successors = {(one.replaces, one.host): _key(one) for one in now.findings if one.replaces}
    decided: dict[Key, tuple[Finding, Results]] = {}
    last: tuple[str, Results] | None = None
    for folder, results in earlier:
        last = last or (folder, results)
        for one in results.findings:
            key = successors.get(_key(one), _key(one))
            if key in open_keys and one.kind not in SAYS_NOTHING:
                decided.setdefault(key, (one, results))
        if len(decided) == len(open_keys):
            break
    if last is None:
        return None
    groups: dict[str, list[Change]] = {
        "newly_met": [],
        "newly_broken": [],
        "still_open": [],
        "first_seen": [],
        "not_checked": [],
    }
    for key, finding in open_keys.items():
        was, before = decided.get(key, (None, now))
        group = _group(was, finding)
        if group:
            groups[group].append(_change(was, finding, before, now))
    folder, latest = last
    asked = {successors.get(_key(one), _key(one)) for one in latest.findings if _counts(one)}
    return Changes(
        folder=folder,
        started=latest.started,
        suite_version=latest.suite_version,
        catalogue_changed=latest.catalogue_sha256 != now.catalogue_sha256,
        no_longer_asked=len(asked - open_keys.keys()),
        **groups,
    )


def new_findings(results: Results) -> list[Finding]:
    """What is open, and was not when it was last decided; what never was decided is new."""
    changes = results.changes
    groups = (changes.still_open, changes.not_checked) if changes else ()
    open_before = {
        (one.requirement, one.host) for group in groups for one in group if one.before in OPEN
    }
    return [one for one in results.findings if one.kind in OPEN and _key(one) not in open_before]


def _counts(finding: Finding) -> bool:
    return finding.kind is not Kind.NOT_APPLICABLE and finding.weight == "required"


def _key(finding: Finding) -> Key:
    return finding.requirement, finding.host


def _group(was: Finding | None, finding: Finding) -> str:
    if finding.kind is Kind.COULD_NOT_BE_CHECKED:
        return "not_checked"
    is_open = finding.kind in OPEN
    if was is None:
        return "first_seen" if is_open else ""
    if was.kind in OPEN:
        return "still_open" if is_open else "newly_met"
    return "newly_broken" if is_open else ""


def _change(was: Finding | None, finding: Finding, before: Results, now: Results) -> Change:
    return Change(
        requirement=finding.requirement,
        host=finding.host,
        title=finding.title,
        before=was.kind if was else None,
        now=finding.kind,
        causes=_causes(was, finding, before, now) if was else [],
    )


def _causes(was: Finding, finding: Finding, before: Results, now: Results) -> list[Cause]:
    """What differs between the two findings; several may, and then nobody can say which one decided."""
    causes: list[Cause] = []
    if was.found != finding.found:
        causes.append("server")
    if was.definition_sha256 != finding.definition_sha256:
        causes.append("catalogue")
    elif was.expected != finding.expected:
        causes.append("inventory")
    if _collector_changed(_parts(before, was.host), _parts(now, finding.host)):
        causes.append("collector")
    if was.outcome is finding.outcome and was.kind is not finding.kind:
        causes.append("agreement")
    return causes


def _collector_changed(were: list[HostResult], are: list[HostResult]) -> bool:
    """A digest speaks of the sections that were asked for: with other sections, only the suite's version can tell."""
    if [part.sections for part in were] == [part.sections for part in are]:
        return [part.collector_sha256 for part in were] != [part.collector_sha256 for part in are]
    return bool(were and are) and {part.suite_version for part in were} != {
        part.suite_version for part in are
    }


def _parts(results: Results, name: str) -> list[HostResult]:
    """How a host was reached: its Windows, its SQL Server, or both."""
    return [part for part in results.hosts if part.host == name]
