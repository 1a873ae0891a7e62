"""`results.json`: everything a run found, as one documented object; every other output is made from it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from acceptance.agreements import Ending
from acceptance.backends.base import Reached
from acceptance.facts.models import Evidence
from acceptance.findings import Finding, Kind, Verdict, count, verdict

FORMAT: Literal[1] = 1


class HostResult(BaseModel):
    """How one server was reached, and when; `failure`: why it could not be asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    collected_at: datetime
    seconds: float
    reached: Reached
    simulated: bool
    suite_version: str
    collector_sha256: str
    failure: str


class Scope(BaseModel):
    """What the verdict does not speak of: servers and requirements left out, clauses that no requirement covers yet."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hosts_left_out: list[str]
    requirements_left_out: list[str]
    clauses_to_come: int

    @property
    def complete(self) -> bool:
        return not (self.hosts_left_out or self.requirements_left_out or self.clauses_to_come)


class Results(BaseModel):
    """A whole run for one customer: `results.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = FORMAT
    document: str
    customer: str
    title: str
    phase: str
    simulated: bool
    started: datetime
    finished: datetime
    suite_version: str
    verdict: Verdict
    reason: str
    scope: Scope
    counts: dict[Kind, int]
    counts_by_marker: dict[str, dict[Kind, int]]
    hosts: list[HostResult]
    findings: list[Finding]
    ending: list[Ending]


def build_results(
    *,
    document: str,
    customer: str,
    title: str,
    phase: str,
    simulated: bool,
    started: datetime,
    finished: datetime,
    suite_version: str,
    scope: Scope,
    evidence: Iterable[Evidence],
    findings: Iterable[Finding],
    ending: Iterable[Ending],
) -> Results:
    """Put a run together; all numbers come from `findings.count`."""
    ordered = sorted(findings, key=lambda finding: (finding.marker, finding.requirement, finding.host))
    outcome, reason = verdict(ordered)
    markers = dict.fromkeys(finding.marker for finding in ordered)
    return Results(
        document=document,
        customer=customer,
        title=title,
        phase=phase,
        simulated=simulated,
        started=started,
        finished=finished,
        suite_version=suite_version,
        verdict=outcome,
        reason=reason,
        scope=scope,
        counts=count(ordered),
        counts_by_marker={name: count(one for one in ordered if one.marker == name) for name in markers},
        hosts=[result for one in evidence for result in _host_results(one)],
        findings=ordered,
        ending=list(ending),
    )


def _host_results(evidence: Evidence) -> Iterator[HostResult]:
    """How a host was reached: its Windows, its SQL Server, or both."""
    for part in (evidence, evidence.sql):
        if part is None or part.reached is None:
            continue
        yield HostResult(
            host=evidence.host,
            collected_at=part.collected_at,
            seconds=part.seconds,
            reached=part.reached,
            simulated=evidence.simulated,
            suite_version=evidence.suite_version,
            collector_sha256=part.collector_sha256 or "",
            failure=part.failure.message if part.failure else "",
        )


def verdict_line(results: Results) -> str:
    """The verdict with its reason and its reach: one sentence that nobody can take for more than it is."""
    line = f"{results.verdict.value}: {results.reason}"
    return f"{line}. {scope_line(results.scope)}" if not results.scope.complete else f"{line}."


def scope_line(scope: Scope) -> str:
    """What the verdict does not speak of; "" when it speaks of everything."""
    parts = []
    if scope.requirements_left_out:
        parts.append(
            f"{len(scope.requirements_left_out)} requirements not selected ({_range(scope.requirements_left_out)})"
        )
    if scope.hosts_left_out:
        parts.append(f"servers not selected: {', '.join(scope.hosts_left_out)}")
    if scope.clauses_to_come:
        parts.append(
            f"{scope.clauses_to_come} clauses of the document that this version of the suite does not check yet"
        )
    return f"Not covered by this verdict: {'; '.join(parts)}." if parts else ""


def _range(ids: list[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{ids[0]} … {ids[-1]}"


def write_results(results: Results, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(results.model_dump_json(indent=2), encoding="utf-8")


def symbol(kind: Kind) -> str:
    """A sign beside the word, so that colour never speaks alone."""
    return SYMBOLS[kind]


SYMBOLS: Mapping[Kind, str] = {
    Kind.NOT_MET: "✗",
    Kind.COULD_NOT_BE_CHECKED: "!",
    Kind.AWAITING: "?",
    Kind.WAIVED: "~",
    Kind.ATTESTED: "✓",
    Kind.MET: "✓",
    Kind.NOT_APPLICABLE: "–",
}
