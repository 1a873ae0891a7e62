"""`judge` and `verdict`: every row of DESIGN.md's table."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from acceptance.findings.agreements import promise_for, waiver_for
from acceptance.findings.finding import COUNTED, Finding, Kind, Promised, Verdict
from acceptance.findings.judge import judge
from acceptance.findings.outcome import Outcome
from acceptance.findings.verdict import count, verdict
from acceptance.inventory.models import Attestation, Promise, Waiver

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WAIVER = Waiver(
    requirement="IIS-07",
    reason="logged by the load balancer",
    requested_by="A. Admin",
    approved_by="B. Boss",
    approver_role="IT manager",
    agreed_on=date(2026, 11, 1),
    until=date(2026, 11, 30),
)
ATTESTATION = Attestation(
    requirement="OS-04",
    name="C. Customer",
    role="IT manager",
    on=date(2026, 11, 1),
    document="mail",
)


@pytest.mark.parametrize(
    ("outcome", "waiver", "attestation", "kind"),
    [
        (Outcome.MET, None, None, Kind.MET),
        (Outcome.NOT_MET, None, None, Kind.NOT_MET),
        (Outcome.UNREAD, None, None, Kind.COULD_NOT_BE_CHECKED),
        (Outcome.NOT_APPLICABLE, None, None, Kind.NOT_APPLICABLE),
        (Outcome.NOT_MET, WAIVER, None, Kind.WAIVED),
        (Outcome.UNPROVABLE, None, ATTESTATION, Kind.ATTESTED),
        (Outcome.UNPROVABLE, None, None, Kind.AWAITING),
        (Outcome.NOT_MET, None, ATTESTATION, Kind.NOT_MET),
        (Outcome.UNREAD, WAIVER, ATTESTATION, Kind.COULD_NOT_BE_CHECKED),
        (Outcome.UNPROVABLE, WAIVER, None, Kind.AWAITING),
        (Outcome.MET, WAIVER, ATTESTATION, Kind.MET),
    ],
)
def test_every_row_of_the_table(
    outcome: Outcome, waiver: Waiver | None, attestation: Attestation | None, kind: Kind
) -> None:
    """An attestation never covers what a machine disproves;
    a waiver never covers what was not read.
    """
    judgement = judge(outcome, waiver, attestation, NOON)
    assert judgement.kind is kind


def test_a_machines_contrary_proof_ends_an_attestation_at_once() -> None:
    """Not met it is, and the finding says who had attested otherwise;
    a waiver may still cover it.
    """
    judgement = judge(Outcome.NOT_MET, None, ATTESTATION, NOON)
    assert judgement.kind is Kind.NOT_MET
    assert (
        "confirmed by C. Customer (IT manager) on 2026-11-01, but a machine found the contrary"
        in str(judgement.note)
    )
    waived = judge(Outcome.NOT_MET, WAIVER, ATTESTATION, NOON)
    assert waived.kind is Kind.WAIVED
    assert "found the contrary" in str(waived.note)


@pytest.mark.parametrize(
    ("waived", "failing", "covers"),
    [
        (None, {"020", "Synergy"}, True),
        (None, set(), True),
        (("020",), {"020"}, True),
        (("020", "Synergy"), {"020"}, True),
        (("020",), {"020", "Synergy"}, False),
        (("020",), set(), False),
    ],
)
def test_a_waiver_of_databases_covers_no_others(
    waived: tuple[str, ...] | None, failing: set[str], covers: bool
) -> None:
    """It has to name every database that the requirement is not met in."""
    waiver = WAIVER.model_copy(update={"databases": waived})
    found = waiver_for([waiver], "IIS-07", "web01", NOON, ZoneInfo("UTC"), frozenset(failing))
    assert (found is waiver) == covers


def test_a_waiver_ends_at_the_end_of_its_last_day_in_the_customers_zone() -> None:
    """The end is an exact instant, written out."""
    zone = ZoneInfo("Europe/Amsterdam")
    end = datetime(2026, 12, 1, 0, 0, tzinfo=zone)
    last_second = judge(Outcome.NOT_MET, WAIVER, None, end - timedelta(seconds=1), zone=zone)
    assert last_second.kind is Kind.WAIVED
    assert "2026-12-01 00:00 CET" in str(last_second.note)
    assert judge(Outcome.NOT_MET, WAIVER, None, end, zone=zone).kind is Kind.NOT_MET


def test_a_waiver_does_not_hold_before_it_is_agreed() -> None:
    """A waiver that is dated in the future covers nothing today."""
    assert (
        judge(Outcome.NOT_MET, WAIVER, None, datetime(2026, 10, 31, tzinfo=UTC)).kind
        is Kind.NOT_MET
    )


@pytest.mark.parametrize(
    ("age", "kind"),
    [(-1, Kind.AWAITING), (0, Kind.ATTESTED), (180, Kind.ATTESTED), (181, Kind.AWAITING)],
)
def test_attestations_age_out(age: int, kind: Kind) -> None:
    """180 days by default; one of tomorrow does not count yet."""
    attestation = ATTESTATION.model_copy(update={"on": (NOON - timedelta(days=age)).date()})
    assert judge(Outcome.UNPROVABLE, None, attestation, NOON).kind is kind


def finding(kind: Kind) -> Finding:
    return Finding(
        requirement="IIS-07",
        marker="iis",
        title="t",
        clause="c",
        host="web01",
        kind=kind,
        outcome=Outcome.MET,
        expected="e",
        found="f",
    )


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([], Verdict.INCOMPLETE),
        ([Kind.NOT_APPLICABLE], Verdict.INCOMPLETE),
        ([Kind.AWAITING], Verdict.INCOMPLETE),
        ([Kind.MET], Verdict.ACCEPTED),
        ([Kind.MET, Kind.NOT_APPLICABLE], Verdict.ACCEPTED),
        ([Kind.ATTESTED], Verdict.ACCEPTED),
        ([Kind.MET, Kind.WAIVED], Verdict.ACCEPTED_WITH_WAIVERS),
        ([Kind.MET, Kind.COULD_NOT_BE_CHECKED], Verdict.INCOMPLETE),
        ([Kind.WAIVED, Kind.AWAITING], Verdict.INCOMPLETE),
        ([Kind.MET, Kind.NOT_MET, Kind.COULD_NOT_BE_CHECKED], Verdict.REJECTED),
    ],
)
def test_verdict(kinds: list[Kind], expected: Verdict) -> None:
    """Nothing decided, or anything open, is never "accepted"."""
    assert verdict(map(finding, kinds))[0] is expected


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([Kind.MET], Verdict.INCOMPLETE),
        ([Kind.MET, Kind.WAIVED], Verdict.INCOMPLETE),
        ([Kind.MET, Kind.NOT_MET], Verdict.REJECTED),
        ([], Verdict.INCOMPLETE),
    ],
)
def test_a_part_of_the_document_is_never_accepted(kinds: list[Kind], expected: Verdict) -> None:
    """`-m iis` may find nothing open; the customer is not accepted for that."""
    assert verdict(map(finding, kinds), whole=False)[0] is expected


def test_counts_name_every_kind() -> None:
    """A kind that did not occur is 0, not missing."""
    assert count([finding(Kind.MET)]) == {kind: int(kind is Kind.MET) for kind in COUNTED}


def test_a_promise_says_who_and_when_and_changes_nothing() -> None:
    """Of several for one finding, the one that ends last;
    another host's or requirement's is none.
    """
    early, late = (
        Promise(requirement="IIS-07", hosts=("web01",), who="A", by=date(2026, 12, day))
        for day in (1, 2)
    )
    assert promise_for([early, late], "IIS-07", "web01") == Promised(who="A", by=date(2026, 12, 2))
    assert promise_for([early], "IIS-07", "web02") is None
    assert promise_for([early], "IIS-08", "web01") is None
    assert (
        promise_for(
            [Promise(requirement="IIS-07", who="A", by=date(2026, 12, 1))], "IIS-07", "web09"
        )
        is not None
    )
