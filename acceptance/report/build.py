"""A run's findings, evidence and agreements -> `Results`.

All numbers come from `findings.count`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from acceptance.evidence.file import Evidence
from acceptance.findings.endings import endings
from acceptance.findings.finding import ACCEPTED, Finding, Kind, Verdict
from acceptance.findings.verdict import count, once, verdict
from acceptance.inventory.models import Attestation, Customer, Waiver
from acceptance.report.changes import FactsOf, changes_since
from acceptance.report.files import digest
from acceptance.report.results import Agreed, EvidenceFile, HostResult, Results, Scope
from acceptance.report.signed import Signed
from acceptance.report.since_acceptance import since_acceptance

SOON = timedelta(days=14)
NOT_ASKED = {"title", "hosts", "waivers", "attestations", "promises", "attestation_days"}

State = Literal["finished", "interrupted", "unfinished"]
REASONS: dict[State, str] = {
    "unfinished": "the run has not ended; what stands here is not the whole",
    "interrupted": "the run was interrupted; what stands here is not the whole",
}
NOT_PRODUCTION = {
    "staging": "nothing is open on these staging servers, and those are never accepted",
    "unanswered": "nothing is open, but the inventory does not say whether these are the servers "
    "of "
    "production (environment)",
}


class About(NamedTuple):
    """What is known of a run before it asks anything. Times are aware."""

    document: str
    document_version: str
    catalogue_sha256: str
    supported_sha256: str
    customer_name: str
    customer: Customer
    phase: str
    simulated: bool
    run_by: str
    started: datetime
    suite_version: str
    language: str = "en"
    earlier: Iterable[tuple[str, Results]] = ()
    """the customer's earlier runs of this kind, the last one first:
    the folder's name, and the results
    """
    previous_sha256: str = ""
    """of the results.json of the customer's report before this one"""
    facts: FactsOf = lambda _folder, _host: {}
    """the evidence of a host in the folder of an earlier run"""
    prepared: Iterable[tuple[str, Results]] = ()
    """the customer's runs before the installation, the last one first"""
    who_signed: Callable[[str], Signed] = lambda _folder: Signed()
    """who has signed the report in the folder of an earlier run"""


class Found(NamedTuple):
    """What a run brought together."""

    findings: Sequence[Finding]
    scope: Scope
    evidence: Sequence[Evidence] = ()
    files: Sequence[EvidenceFile] = ()


def build_results(about: About, found: Found, *, state: State, finished: datetime) -> Results:
    """Put a run together. A run that did not end is "incomplete", whatever it found so far."""
    ordered = sorted(
        once(found.findings),
        key=lambda finding: (finding.marker, finding.requirement, finding.host),
    )
    outcome, reason = verdict(ordered, whole=found.scope.complete)
    environment = about.customer.environment or "unanswered"
    if outcome in ACCEPTED and environment != "production":
        outcome, reason = Verdict.INCOMPLETE, NOT_PRODUCTION[environment]
    if state != "finished":
        outcome, reason = Verdict.INCOMPLETE, REASONS[state]
    hosts = [result for one in found.evidence for result in _host_results(one)]
    results = Results(
        state=state,
        language=about.language,
        document=about.document,
        document_version=about.document_version,
        catalogue_sha256=about.catalogue_sha256,
        supported_sha256=about.supported_sha256,
        customer=about.customer_name,
        title=about.customer.title,
        time_zone=about.customer.time_zone,
        phase=about.phase,
        environment=environment,
        inventory=inventory_digests(about.customer),
        simulated=about.simulated,
        run_by=about.run_by,
        started=about.started,
        finished=finished,
        previous_sha256=about.previous_sha256,
        suite_version=about.suite_version,
        verdict=outcome,
        reason=reason,
        scope=found.scope,
        counts=count(ordered),
        counts_by_marker=counts_by_marker(ordered),
        hosts=hosts,
        findings=ordered,
        agreements=_agreements(about.customer, ordered, about.started),
        endings=endings(found.evidence),
        evidence=list(found.files),
        changes=None,
    )
    own = {one.host: one for one in found.evidence}

    @cache
    def facts(folder: str, host: str) -> Mapping[str, Any]:
        if folder:
            return about.facts(folder, host)
        return own[host].model_dump(mode="json") if host in own else {}

    changes = changes_since(about.earlier, results, facts)
    since = since_acceptance(about.prepared, about.who_signed, results)
    return results.model_copy(update={"changes": changes, "since_acceptance": since})


def inventory_digests(customer: Customer) -> dict[str, str]:
    """What the inventory says of the customer, key by key,
    so that a changed one is told from a changed server.

    Agreements have a cause of their own, and so has the way to a server.
    """
    told = customer.model_dump(mode="json", exclude=NOT_ASKED)
    told["hosts"] = {name: list(host.roles) for name, host in customer.hosts.items()}
    return {key: digest(json.dumps(value, sort_keys=True).encode()) for key, value in told.items()}


def counts_by_marker(findings: Sequence[Finding]) -> dict[str, dict[Kind, int]]:
    """`findings.count` for each marker that occurs."""
    by_marker: dict[str, list[Finding]] = {}
    for finding in findings:
        by_marker.setdefault(finding.marker, []).append(finding)
    return {marker: count(some) for marker, some in by_marker.items()}


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
            sections=[
                name
                for name in type(part.sections).model_fields
                if getattr(part.sections, name) is not None
            ],
            failure=part.failure.message if part.failure else "",
            asked_by=evidence.asked_by,
        )


def _agreements(customer: Customer, findings: Iterable[Finding], at: datetime) -> list[Agreed]:
    """Every waiver and attestation of the inventory, those that decided nothing included:
    they are promises too.
    """
    today = at.astimezone(ZoneInfo(customer.time_zone)).date()
    used = {(one.agreement.kind, one.agreement.index) for one in findings if one.agreement}
    agreed = []
    for index, waiver in enumerate(customer.waivers):
        text = f"{waiver.reason} (asked for by {waiver.requested_by})"
        by = waiver.approved_by, waiver.approver_role
        in_force = ("waiver", index) in used
        agreed.append(_agreed(waiver, customer, by, waiver.until, text, in_force, today))
    for index, attestation in enumerate(customer.attestations):
        until = attestation.on + timedelta(days=customer.attestation_days)
        by = attestation.name, attestation.role
        in_force = ("attestation", index) in used
        text = attestation.document
        agreed.append(_agreed(attestation, customer, by, until, text, in_force, today))
    return agreed


def _agreed(
    agreement: Waiver | Attestation,
    customer: Customer,
    by: tuple[str, str],
    until: date,
    text: str,
    in_force: bool,
    today: date,
) -> Agreed:
    on = agreement.agreed_on if isinstance(agreement, Waiver) else agreement.on
    return Agreed(
        kind="waiver" if isinstance(agreement, Waiver) else "attestation",
        requirement=agreement.requirement,
        hosts=list(agreement.hosts or customer.hosts),
        by=by[0],
        role=by[1],
        on=on,
        until=until,
        text=text,
        in_force=in_force,
        ends_soon=on <= today <= until <= today + SOON,
    )
