"""Which waiver, attestation or promise of the inventory speaks of a requirement on a host."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from acceptance.findings.finding import AgreementUsed, Promised
from acceptance.inventory.models import Attestation, Customer, Promise, Waiver


def end_of(last_day: datetime) -> str:
    """An instant written out so that it means one thing."""
    return last_day.strftime("%Y-%m-%d %H:%M %Z")


def waiver_end(waiver: Waiver, zone: ZoneInfo) -> datetime:
    """The exact instant at which a waiver ends:
    the end of its last day in the inventory's time zone.
    """
    return datetime.combine(waiver.until + timedelta(days=1), time(0), tzinfo=zone)


def waiver_for(
    waivers: Iterable[Waiver],
    requirement: str,
    host: str,
    today: datetime,
    zone: ZoneInfo,
    databases: frozenset[str] = frozenset(),
) -> Waiver | None:
    """The waiver that speaks of this requirement on this host:
    of several, one that is agreed already and ends last.

    `databases`: those that the requirement is not met in;
    a waiver of single databases has to name them all.
    """
    day = today.astimezone(zone).date()
    concerned = [
        one for one in waivers if _concerns(one, requirement, host) and _covers(one, databases)
    ]
    return max(concerned, key=lambda one: (one.agreed_on <= day, one.until), default=None)


def attestation_for(
    attestations: Iterable[Attestation],
    requirement: str,
    host: str,
    today: datetime,
    zone: ZoneInfo,
) -> Attestation | None:
    """The attestation that speaks of this requirement on this host:
    of several, the latest that is not in the future.
    """
    day = today.astimezone(zone).date()
    concerned = [one for one in attestations if _concerns(one, requirement, host)]
    return max(concerned, key=lambda one: (one.on <= day, one.on), default=None)


def promise_for(promises: Iterable[Promise], requirement: str, host: str) -> Promised | None:
    """The promise that speaks of this requirement on this host:
    of several, the one that ends last.
    """
    concerned = [one for one in promises if _concerns(one, requirement, host)]
    last = max(concerned, key=lambda one: one.by, default=None)
    return Promised(who=last.who, by=last.by, note=last.note or "") if last else None


def agreement_used(
    customer: Customer, agreement: Waiver | Attestation | None
) -> AgreementUsed | None:
    """The agreement that decided, by its place in the customer's list."""
    if isinstance(agreement, Waiver):
        return AgreementUsed(kind="waiver", index=_place(customer.waivers, agreement))
    if isinstance(agreement, Attestation):
        return AgreementUsed(kind="attestation", index=_place(customer.attestations, agreement))
    return None


def _place(agreements: Sequence[Waiver] | Sequence[Attestation], wanted: object) -> int:
    return next(index for index, one in enumerate(agreements) if one is wanted)


def _concerns(agreement: Waiver | Attestation | Promise, requirement: str, host: str) -> bool:
    return agreement.requirement == requirement and (
        agreement.hosts is None or host in agreement.hosts
    )


def _covers(waiver: Waiver, databases: frozenset[str]) -> bool:
    if waiver.databases is None:
        return True
    return bool(databases) and databases <= set(waiver.databases)
