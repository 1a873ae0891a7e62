"""What is new: each finding beside the last run that decided it, and why it differs (causes.py).

That is the last run of the same customer,
phase and environment in which the requirement was answered on that server, whatever part was
selected: a noon run of one marker makes nothing new, and staging is no measure for production.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

from acceptance.errors import ReportError
from acceptance.findings.finding import OPEN, Finding, Kind
from acceptance.report.brief import brief_of
from acceptance.report.causes import Basis, causes_of
from acceptance.report.compared import Change, Changes
from acceptance.report.files import RESULTS, digest, read
from acceptance.report.results import Results, load_results
from acceptance.report.same import Key, key_of, todays_key

FactsOf = Callable[[str, str], Mapping[str, Any]]
HEAD, FINDINGS = 16384, b',\n  "verdict": '  # a text's own line breaks are escaped in JSON
# It was not asked, or nobody could look: the run before it still says how things stood.
# A hint was asked by nobody, and what is coming not yet.
SAYS_NOTHING = (Kind.NOT_APPLICABLE, Kind.COULD_NOT_BE_CHECKED, Kind.HINT, Kind.COMING)


class EarlierRuns:
    """The finished runs beside `report_dir` that began before it, by the start that they tell,
    the last one first.

    `like`: the values of results.json that make two runs comparable, such as customer and phase.
    Nothing is looked for before a comparison comes to it, and each run is read once.
    A folder that cannot be read is passed over: a report must not fail because of an old one.
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

    @property
    def last_sha256(self) -> str:
        """The digest of the last one's results.json; "" where there is none."""
        for folder in self.folders:
            data = read(folder / RESULTS)
            if brief_of(data) is not None:  # as the index of rounds sees it
                return digest(data)
        return ""

    def facts(self, folder: str, host: str) -> Mapping[str, Any]:
        """The evidence of a host in one of these runs; nothing where it cannot be read."""
        return _stored(self.report_dir.parent / folder / "evidence" / f"{host}.json")

    @cached_property
    def folders(self) -> list[Path]:
        begun = []
        for path in self.report_dir.parent.glob(f"*/{RESULTS}"):
            try:
                told = _head(path)
                comparable = {key: told.get(key) for key in self.like} == self.like
                started = datetime.fromisoformat(told["started"])
                if comparable and told["state"] == "finished" and started < self.before:
                    begun.append((started, path.parent))
            except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue
        return [folder for _, folder in sorted(begun, reverse=True)]


@cache
def _head(path: Path) -> dict[str, Any]:
    """What results.json tells of its run, before its findings: of hundreds of reports beside this
    one no more is read than that.
    """
    with path.open("rb") as file:
        start = file.read(HEAD)
        end = start.find(FINDINGS)
        whole = start + file.read() if end < 0 else start[:end] + b"}"
    told: dict[str, Any] = json.loads(whole)
    return told


@cache
def _stored(path: Path) -> Mapping[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


@cache
def _read(folder: Path) -> Results | None:
    try:
        return load_results(folder)
    except ReportError:
        return None


def changes_since(
    earlier: Iterable[tuple[str, Results]],
    now: Results,
    facts: FactsOf = lambda _folder, _host: {},
) -> Changes | None:
    """Compare each finding with the last run that decided it; None: there is no earlier run.

    `facts`: the evidence of a host in a run's folder, "" for this run's own.
    """
    open_keys = {key_of(one): one for one in now.findings if _counts(one)}
    decided: dict[Key, Basis] = {}
    last: tuple[str, Results] | None = None
    for folder, results in earlier:
        last = last or (folder, results)
        named = todays_key(results, now)
        for one in results.findings:
            key = named(one)
            if key in open_keys and one.kind not in SAYS_NOTHING:
                decided.setdefault(key, Basis(one, results, partial(facts, folder)))
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
        was = decided.get(key)
        group = _group(was.finding if was else None, finding)
        if group:
            groups[group].append(_change(was, Basis(finding, now, partial(facts, ""))))
    folder, latest = last
    asked = {*map(todays_key(latest, now), filter(_counts, latest.findings))}
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
    return [one for one in results.findings if one.kind in OPEN and key_of(one) not in open_before]


def _counts(finding: Finding) -> bool:
    return finding.kind is not Kind.NOT_APPLICABLE and finding.weight == "required"


def _group(was: Finding | None, finding: Finding) -> str:
    if finding.kind is Kind.COULD_NOT_BE_CHECKED:
        return "not_checked"
    is_open = finding.kind in OPEN
    if was is None:
        return "first_seen" if is_open else ""
    if was.kind in OPEN:
        return "still_open" if is_open else "newly_met"
    return "newly_broken" if is_open else ""


def _change(was: Basis | None, now: Basis) -> Change:
    finding = now.finding
    return Change(
        requirement=finding.requirement,
        host=finding.host,
        title=finding.title,
        before=was.finding.kind if was else None,
        now=finding.kind,
        causes=causes_of(was, now) if was and finding.kind not in SAYS_NOTHING else [],
    )
