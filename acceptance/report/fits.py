"""Whether a report's parts fit together:
`results.json` with itself, with the evidence and with the page.

Only numbers, words and digests are compared.
Nothing is rendered anew, as a later suite words things otherwise,
so a report of an older suite can be checked too.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from acceptance.errors import ReportError, misfit
from acceptance.evidence.shapes import Moment
from acceptance.findings.finding import ACCEPTED, COUNTED, Kind, Verdict
from acceptance.findings.verdict import verdict_of
from acceptance.report.files import RESULTS, Listing
from acceptance.report.results import FORMAT, EvidenceFile, Scope
from acceptance.text import css_class, one_line

BEGIN = b'<meta name="acceptance-results" content="'


class Told(BaseModel):
    """What every format of `results.json` tells in the same words;
    what else stands there is left alone.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class ToldPromise(Told):
    who: str
    by: date


class ToldFinding(Told):
    requirement: str
    host: str
    title: str
    kind: Kind
    weight: Literal["required", "hint", "coming"] = "required"
    promise: ToldPromise | None = None


class ToldResults(Told):
    """A run, as far as a signature speaks of it."""

    format: Literal[1, 2]
    state: Literal["finished", "interrupted", "unfinished"]
    language: str
    customer: str
    phase: str
    environment: str | None = None
    simulated: bool
    started: Moment
    suite_version: str
    verdict: Verdict
    reason: str
    scope: Scope
    counts: dict[Kind, int]
    findings: list[ToldFinding]
    evidence: list[EvidenceFile]

    @property
    def made_by_this_suite(self) -> bool:
        return self.format == FORMAT


def load_told(data: bytes) -> ToldResults:
    """Read `results.json` of any format.

    Raises ReportError, whose sentence begins with the file's name.
    """
    try:
        return ToldResults.model_validate_json(data)
    except ValidationError as error:
        where, what = misfit(error, "the file")
        raise ReportError(
            "{file}: cannot be read: {where}: {why}.",
            file=RESULTS,
            where=one_line(where, 200),
            why=one_line(what, 200),
        ) from None


def seal_of(sha256: str, verdict: Verdict, counts: Mapping[Kind, int]) -> str:
    """What a page says of its `results.json`: its digest, its verdict and its counts."""
    numbers = [f"{css_class(kind.value)}={counts.get(kind, 0)}" for kind in COUNTED]
    return " ".join([f"sha256={sha256}", f"verdict={css_class(verdict.value)}", *numbers])


def misfits(results: ToldResults, listing: Listing, page: bytes) -> Iterator[tuple[str, str]]:
    """The files that contradict `results.json` or that it contradicts itself in:
    file and sentence.
    """
    yield from ((RESULTS, why) for why in recount(results))
    yield from other_evidence(results, listing)
    if results.made_by_this_suite:
        told = seal_of(listing.digests.get(RESULTS, ""), results.verdict, results.counts)
        if page.count(BEGIN) != 1 or page.count(BEGIN + told.encode("ascii") + b'">') != 1:
            yield "report.html", f"is not the page of this {RESULTS}"


def recount(results: ToldResults) -> Iterator[str]:
    """What the findings themselves do not give."""
    asked = [(one.requirement, one.host) for one in results.findings]
    if len(set(asked)) < len(asked):
        yield "holds a finding twice"
    counts = dict.fromkeys(COUNTED, 0)
    for one in results.findings:
        if one.weight == "required":
            counts[one.kind] += 1
    if counts != dict.fromkeys(COUNTED, 0) | results.counts:
        yield "its counts are not those of its findings"
    verdict = verdict_of(counts, whole=results.scope.complete)
    production = results.environment in (None, "production")
    if results.state != "finished" or (verdict in ACCEPTED and not production):
        verdict = Verdict.INCOMPLETE
    if verdict is not results.verdict:
        yield f"its verdict is {results.verdict.value}, and its findings give {verdict.value}"


def other_evidence(results: ToldResults, listing: Listing) -> Iterator[tuple[str, str]]:
    """Evidence that is not what the findings were judged from."""
    judged = {one.file: one.sha256 for one in results.evidence}
    there = {name for name in listing.digests if PurePosixPath(name).parts[0] == "evidence"}
    for name in sorted(judged.keys() | there):
        if name not in judged:
            yield name, f"{RESULTS} does not name it"
        elif listing.digests.get(name) != judged[name]:
            yield name, "is not the evidence that the findings were judged from"
