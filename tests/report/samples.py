"""Synthetic results and reports, so that these tests need no server."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from acceptance.evidence.envelope import Failure
from acceptance.evidence.file import Evidence
from acceptance.evidence.reached import Reached
from acceptance.evidence.windows import Sections
from acceptance.findings.finding import Finding, Kind, Promised
from acceptance.findings.outcome import Outcome
from acceptance.inventory.connection import Connection
from acceptance.inventory.models import Attestation, Customer, Host, Waiver
from acceptance.report.build import About, Found, build_results
from acceptance.report.files import digest
from acceptance.report.results import EvidenceFile, Results, Scope

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
OUTCOMES = {
    Kind.MET: Outcome.MET,
    Kind.NOT_MET: Outcome.NOT_MET,
    Kind.HINT: Outcome.NOT_MET,
    Kind.COMING: Outcome.NOT_MET,
    Kind.WAIVED: Outcome.NOT_MET,
    Kind.ATTESTED: Outcome.UNPROVABLE,
    Kind.AWAITING: Outcome.UNPROVABLE,
    Kind.COULD_NOT_BE_CHECKED: Outcome.UNREAD,
    Kind.NOT_APPLICABLE: Outcome.NOT_APPLICABLE,
}


def finding(
    number: int = 7, kind: Kind = Kind.NOT_MET, host: str = "web01", **changed: Any
) -> Finding:
    """A finding about IIS-<number>."""
    about = {
        "requirement": f"IIS-{number:02}",
        "marker": "iis",
        "title": "HTTP Logging is installed",
        "clause": "Preparation IIS > Health and Diagnostics > HTTP Logging",
        "host": host,
        "kind": kind,
        "outcome": OUTCOMES[kind],
        "expected": "the feature Web-Http-Logging is Installed",
        "found": "Available",
        "remedy": "Install-WindowsFeature -Name Web-Http-Logging",
        "remedy_type": "powershell",
    }
    return Finding(**(about | changed))


def every_kind() -> list[Finding]:
    """One finding of every kind, with everything that a finding can carry."""
    promise = Promised(who="J. Jansen", by=date(2026, 12, 1), note="in the maintenance window")
    return [
        finding(1, Kind.MET, remedy=""),
        finding(7, Kind.NOT_MET, promise=promise),
        finding(
            8,
            Kind.WAIVED,
            reason="waived until 2026-12-01 00:00 CET by P. de Vries (IT manager): load balancer",
        ),
        finding(
            25, Kind.COULD_NOT_BE_CHECKED, found="", reason="access denied", owner="Exact partner"
        ),
        finding(
            4,
            Kind.AWAITING,
            requirement="OS-04",
            marker="os",
            title="Enough cores",
            owner="customer",
        ),
        finding(
            5,
            Kind.ATTESTED,
            requirement="OS-05",
            marker="os",
            title="Enough memory",
            reason="confirmed by C. Chef",
        ),
        finding(
            6,
            Kind.NOT_APPLICABLE,
            requirement="OS-06",
            marker="os",
            title="Free disk",
            found="",
            host="db01",
        ),
    ]


def evidence(host: str = "web01", **changed: Any) -> Evidence:
    about = {
        "customer": "customer01",
        "host": host,
        "collected_at": NOON,
        "seconds": 1.5,
        "suite_version": "0.1.0",
        "collector_sha256": "c" * 64,
        "reached": Reached("winrm", "https://web01:5986", "https", "ntlm", "verified"),
        "simulated": False,
        "sections": Sections(),
        "failure": None,
    }
    return Evidence(**(about | changed))


def customer() -> Customer:
    connection = Connection(address="web01.example.test", username="EXAMPLE\\a", password="env:X")
    waiver = Waiver(
        requirement="IIS-08",
        reason="load balancer",
        requested_by="J. Jansen",
        approved_by="P. de Vries",
        approver_role="IT manager",
        agreed_on=date(2026, 11, 1),
        until=date(2026, 11, 30),
    )
    attestation = Attestation(
        requirement="OS-05",
        name="C. Chef",
        role="ICT administrator",
        on=date(2026, 11, 1),
        document="mail of that day",
    )
    return Customer(
        title="Example Manufacturing B.V.",
        environment="production",
        time_zone="Europe/Amsterdam",
        service_account="EXAMPLE\\svc",
        hosts={"web01": Host(roles=("web",), connection=connection)},
        waivers=(waiver,),
        attestations=(attestation,),
    )


def about(**changed: Any) -> About:
    told: dict[str, Any] = {
        "document": "System requirements and preparation",
        "document_version": "2026-10",
        "catalogue_sha256": "a" * 64,
        "supported_sha256": "b" * 64,
        "customer_name": "customer01",
        "customer": customer(),
        "phase": "prepare",
        "simulated": False,
        "run_by": "engineer@laptop",
        "started": NOON,
        "suite_version": "0.1.0",
    }
    return About(**(told | changed))


WHOLE = Scope(hosts_left_out=[], requirements_left_out=[], clauses_to_come=0)
PART = Scope(hosts_left_out=[], requirements_left_out=["SQL-01"], clauses_to_come=2)


def results(
    findings: list[Finding] | None = None,
    *,
    state: Any = "finished",
    whole: bool = False,
    **changed: Any,
) -> Results:
    """Results of a run, built the way a run builds them."""
    read = evidence()
    found = Found(
        findings=every_kind() if findings is None else findings,
        scope=WHOLE if whole else PART,
        evidence=[read],
        files=[
            EvidenceFile(file="evidence/web01.json", sha256=digest(read.model_dump_json().encode()))
        ],
    )
    return build_results(about(**changed), found, state=state, finished=NOON + timedelta(seconds=4))


HINT = finding(
    18,
    Kind.HINT,
    requirement="OS-18",
    marker="os",
    title="No disk is nearly full",
    clause="",
    weight="hint",
    found="C: has 1.0 of 127.0 GiB free",
)


def hostile_results(text: str, language: str = "en") -> Results:
    """Results with `text` in every place that comes from a server or the inventory."""
    one = finding(7, title=text, clause=text, expected=text, found=text, reason=text, remedy=text)
    promised = one.model_copy(
        update={"promise": Promised(who=text, by=date(2026, 11, 1), note=text), "host": text}
    )
    findings = [
        one,
        promised,
        finding(8, Kind.WAIVED, found=text, reason=text),
        finding(1, Kind.MET, found=text),
    ]
    before = results([finding(7, Kind.MET)], started=NOON - timedelta(days=1))
    who = customer()
    waiver = who.waivers[0].model_copy(
        update={"reason": text, "approved_by": text, "approver_role": text}
    )
    who = who.model_copy(update={"title": text, "waivers": (waiver,)})
    read = evidence(
        text, reached=Reached("winrm", text, "https", text, "unverified"), suite_version=text
    )
    found = Found(
        findings=findings,
        scope=Scope(hosts_left_out=[text], requirements_left_out=["SQL-01"], clauses_to_come=2),
        evidence=[
            read,
            evidence("db01", failure=Failure(kind="HostError", message=text, remedy=text)),
        ],
        files=[EvidenceFile(file=text, sha256=text)],
    )
    told = about(
        customer=who,
        run_by=text,
        document=text,
        document_version=text,
        suite_version=text,
        language=language,
    )
    told = told._replace(
        customer_name=text,
        earlier=[(text, before.model_copy(update={"suite_version": text}))],
    )
    return build_results(told, found, state="finished", finished=NOON + timedelta(seconds=4))
