"""Which waivers and attestations end soon: told by every run while there is time to renew them. Pure, asks no clock."""

from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from acceptance.findings import end_of, waiver_end
from acceptance.inventory import Attestation, Customer

SOON_DAYS = 14


class Ending(BaseModel):
    """A waiver or attestation that ends within SOON_DAYS: at the instant `ends`, its requirement is judged without it again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["waiver", "attestation"]
    requirement: str
    hosts: tuple[str, ...]
    by: str
    ends: datetime

    def __str__(self) -> str:
        where = f" on {', '.join(self.hosts)}" if self.hosts else ""
        return f"the {self.kind} of {self.requirement}{where} by {self.by} ends at {end_of(self.ends)}"


def attestation_end(attestation: Attestation, days: int, zone: ZoneInfo) -> datetime:
    """The exact instant at which an attestation has aged out: the end of its last day."""
    return datetime.combine(attestation.on + timedelta(days=days + 1), time(0), tzinfo=zone)


def ending_soon(customer: Customer, today: datetime) -> list[Ending]:
    """Those that hold now and end within SOON_DAYS, the next one first. `today` is an aware instant."""
    zone = ZoneInfo(customer.time_zone)
    endings = [
        Ending(
            kind="waiver",
            requirement=waiver.requirement,
            hosts=waiver.hosts or (),
            by=waiver.approved_by,
            ends=waiver_end(waiver, zone),
        )
        for waiver in customer.waivers
        if waiver.agreed_on <= today.astimezone(zone).date()
    ]
    endings += [
        Ending(
            kind="attestation",
            requirement=attestation.requirement,
            hosts=attestation.hosts or (),
            by=attestation.name,
            ends=attestation_end(attestation, customer.attestation_days, zone),
        )
        for attestation in customer.attestations
        if attestation.on <= today.astimezone(zone).date()
    ]
    soon = [ending for ending in endings if today < ending.ends <= today + timedelta(days=SOON_DAYS)]
    return sorted(soon, key=lambda ending: ending.ends)
