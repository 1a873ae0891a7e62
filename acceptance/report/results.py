"""`results.json`: everything a run found, as one documented object;
every other output is made from it.

Its JSON Schema is docs/results.schema.json.
`format` is raised when an older suite can no longer read it.
"""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    ValidationError,
    model_validator,
)

from acceptance.errors import ReportError, misfit
from acceptance.evidence.reached import Reached
from acceptance.evidence.shapes import Moment
from acceptance.findings.endings import Ending
from acceptance.findings.finding import Finding, Kind, Verdict
from acceptance.findings.outcome import Outcome
from acceptance.findings.verdict import count
from acceptance.inventory.types import Zone
from acceptance.report.compared import Changes, Part, SinceAcceptance
from acceptance.report.files import RESULTS, read, write_whole
from acceptance.text import one_line

FORMAT: Literal[2] = 2


class HostResult(Part):
    """How one server was reached, and when; `failure`: why it could not be asked;
    `asked_by`: the machine that asked, where it was another than the one that made the report.
    """

    host: str
    collected_at: Moment
    seconds: float
    reached: Reached
    simulated: bool
    suite_version: str
    collector_sha256: str
    sections: list[str]
    failure: str
    asked_by: str = ""


class Scope(Part):
    """What the verdict does not speak of:
    servers and requirements left out, clauses that no requirement covers yet.
    """

    hosts_left_out: list[str]
    requirements_left_out: list[str]
    clauses_to_come: int

    @property
    def complete(self) -> bool:
        return not (self.hosts_left_out or self.requirements_left_out or self.clauses_to_come)


class EvidenceFile(Part):
    """A file under the report's folder that the findings were judged from."""

    file: str
    sha256: str


class Agreed(Part):
    """A waiver or attestation of the inventory, and what it did in this run.

    `until`: the last day on which it holds. `in_force`: it decided a finding.
    `ends_soon`: within 14 days.
    """

    kind: Literal["waiver", "attestation"]
    requirement: str
    hosts: list[str]
    by: str
    role: str
    on: date
    until: date
    text: str
    in_force: bool
    ends_soon: bool


# What the inventory says of the servers; None: a report of before that was asked.
Environment = Literal["production", "staging", "unanswered"]


class Results(Part):
    """A whole run for one customer: `results.json`.

    `state`: "unfinished" until the run has ended (a killed run stays so),
    "interrupted" after Ctrl-C.
    """

    format: Literal[2] = FORMAT
    state: Literal["finished", "interrupted", "unfinished"]
    language: str
    document: str
    document_version: str
    catalogue_sha256: str
    supported_sha256: str = ""
    customer: str
    title: str
    time_zone: Zone
    phase: Literal["prepare", "installed", "unanswered"]
    environment: Environment | None = None
    inventory: dict[str, str] = {}
    simulated: bool
    run_by: str
    started: Moment
    finished: Moment
    previous_sha256: str = ""
    suite_version: str
    verdict: Verdict
    reason: str
    scope: Scope
    counts: dict[Kind, int]
    counts_by_marker: dict[str, dict[Kind, int]]
    hosts: list[HostResult]
    findings: list[Finding]
    own: list[Finding] = []
    failed_outside: list[str] = []
    agreements: list[Agreed]
    endings: list[Ending] = []
    evidence: list[EvidenceFile]
    changes: Changes | None
    since_acceptance: SinceAcceptance | None = None

    @model_validator(mode="after")
    def _counts_what_it_holds(self) -> Self:
        """Every output takes its numbers from here."""
        markers = {one.marker for one in self.findings}
        by_marker = {
            marker: count(one for one in self.findings if one.marker == marker)
            for marker in markers
        }
        if self.counts != count(self.findings) or self.counts_by_marker != by_marker:
            raise ValueError("its counts are not those of its findings")
        return self

    @model_validator(mode="before")
    @classmethod
    def _advice_has_become_hints(cls, data: Any) -> Any:
        """Reports of before had advice in a list of its own; it changed no finding."""
        if isinstance(data, dict) and "advice" in data:
            return {key: value for key, value in data.items() if key != "advice"}
        return data

    @property
    def hints(self) -> list[Finding]:
        """What the document does not ask for and somebody should know;
        what was not read says nothing.
        """
        return [
            one
            for one in self.findings
            if one.kind is Kind.HINT and one.outcome is not Outcome.UNREAD
        ]

    @property
    def coming(self) -> list[Finding]:
        """What is open of requirements that count from a later day on."""
        return [one for one in self.findings if one.kind is Kind.COMING]

    @property
    def finished_whole(self) -> bool:
        return self.state == "finished"


def write_results(results: Results, folder: Path) -> None:
    """Write `results.json`, whole or not at all."""
    write_whole(folder / RESULTS, results_bytes(results))


def results_bytes(results: Results) -> bytes:
    """The one spelling of `results.json`, whose digest the page carries."""
    return results.model_dump_json(indent=2).encode("utf-8")


def load_results(folder: Path) -> Results:
    """Read a report's `results.json`.

    Raises ReportError for a folder that holds none, or one of another format.
    """
    path = folder / RESULTS
    if not path.is_file():
        raise ReportError(
            f"{folder} is no report: it holds no {RESULTS}.",
            "Name the folder that a run has written.",
        )
    try:
        return Results.model_validate_json(read(path))
    except ValidationError as error:
        where, what = misfit(error, "the file")
        raise ReportError(f"{path} cannot be read: {where}: {one_line(what, 200)}.") from None


def results_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of results.json: docs/results.schema.json."""
    schema = Results.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def verdict_line(results: Results) -> str:
    """The verdict with its reason and its reach:
    one sentence that nobody can take for more than it is.
    """
    line = f"{results.verdict.value}: {results.reason}"
    return f"{line}. {scope_line(results.scope)}" if not results.scope.complete else f"{line}."


def scope_line(scope: Scope) -> str:
    """What the verdict does not speak of; "" when it speaks of everything."""
    parts = []
    if scope.requirements_left_out:
        parts.append(
            f"{len(scope.requirements_left_out)} requirements not selected "
            f"({id_ranges(scope.requirements_left_out)})"
        )
    if scope.hosts_left_out:
        parts.append(f"servers not selected: {', '.join(scope.hosts_left_out)}")
    if scope.clauses_to_come:
        parts.append(
            f"{scope.clauses_to_come} clauses of the document that this version of the suite "
            "does not check yet"
        )
    return f"Not covered by this verdict: {'; '.join(parts)}." if parts else ""


def id_ranges(ids: Iterable[str]) -> str:
    """Ids in brief, in their order: nothing that stands between two of them is left out.

    >>> id_ranges(["IIS-01", "IIS-02", "IIS-03", "IIS-07", "SQL-08", "SQL-09"])
    'IIS-01 … IIS-03, IIS-07, SQL-08, SQL-09'
    """
    runs: list[list[str]] = []
    for one in sorted(ids):
        prefix, _, number = one.rpartition("-")
        if runs and number.isdecimal() and runs[-1][-1] == f"{prefix}-{int(number) - 1:02}":
            runs[-1].append(one)
        else:
            runs.append([one])
    return ", ".join(f"{run[0]} … {run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)


if __name__ == "__main__":
    print(json.dumps(results_schema(), indent=2))
