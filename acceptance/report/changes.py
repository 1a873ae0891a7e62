"""What changed since the customer's previous run, telling a changed server from a changed catalogue or collector."""

from pathlib import Path

from acceptance.errors import ReportError
from acceptance.findings.finding import OPEN, Finding, Kind
from acceptance.report.files import RESULTS
from acceptance.report.results import Cause, Change, Changes, HostResult, Results, load_results

Key = tuple[str, str]


def previous_run(report_dir: Path, customer: str) -> tuple[str, Results] | None:
    """The finished run of this customer that was written last among the folders beside `report_dir`, with its folder's name.

    A folder that cannot be read is passed over: a report must not fail because of an old one.
    """
    written = [(path.stat().st_mtime_ns, path) for path in report_dir.parent.glob(f"*/{RESULTS}")]
    for _, path in sorted(written, reverse=True):
        try:
            results = load_results(path.parent)
        except ReportError:
            continue
        if path.parent != report_dir and results.customer == customer and results.finished_whole:
            return path.parent.name, results
    return None


def changes_since(before: Results, now: Results, folder: str) -> Changes:
    """Compare two runs finding by finding. What was or is not applicable is neither better nor worse."""
    old = {_key(one): one for one in before.findings if one.kind is not Kind.NOT_APPLICABLE}
    new = {_key(one): one for one in now.findings if one.kind is not Kind.NOT_APPLICABLE}
    groups: dict[str, list[Change]] = {
        "newly_met": [],
        "newly_broken": [],
        "still_open": [],
        "first_seen": [],
    }
    for key, finding in new.items():
        was = old.get(key)
        group = _group(was, finding)
        if group:
            groups[group].append(_change(was, finding, before, now))
    return Changes(
        folder=folder,
        started=before.started,
        suite_version=before.suite_version,
        catalogue_changed=before.catalogue_sha256 != now.catalogue_sha256,
        no_longer_asked=len(old.keys() - new.keys()),
        **groups,
    )


def _key(finding: Finding) -> Key:
    return finding.requirement, finding.host


def _group(was: Finding | None, finding: Finding) -> str:
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
