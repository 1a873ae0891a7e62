"""Advice: what an administrator should know beside the requirements. It never changes a finding or the verdict.

Pure functions over evidence; what was not read gives no advice.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from acceptance.evidence.envelope import Read
from acceptance.evidence.file import Evidence

CLOCK_TOLERANCE = timedelta(minutes=2)  # Kerberos takes 5
CERTIFICATE_DAYS = 30
FULL = 0.1  # of a disk's size
# Windows Server: first build of a release -> its name and the end of extended support (learn.microsoft.com/lifecycle).
SUPPORT = {
    9200: ("2012", date(2023, 10, 10)),
    9600: ("2012 R2", date(2023, 10, 10)),
    14393: ("2016", date(2027, 1, 12)),
    17763: ("2019", date(2029, 1, 9)),
    20348: ("2022", date(2031, 10, 14)),
    26100: ("2025", date(2034, 10, 10)),
}


class Advice(BaseModel):
    """One piece of advice: which server, about what, what was found, what to do."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    host: str
    topic: str
    text: str
    remedy: str


def advise(evidence: Iterable[Evidence]) -> list[Advice]:
    """All advice for these servers, in the order of the servers and of the table ADVISERS."""
    return [
        Advice(host=one.host, topic=topic, text=text, remedy=remedy)
        for one in evidence
        for topic, (adviser, remedy) in ADVISERS.items()
        for text in adviser(one)
    ]


def advise_each(evidence: Iterable[Evidence]) -> list[Advice]:
    """The same; a server whose facts cannot be made into advice gets a sentence of its own, and costs no other."""
    found = []
    for one in evidence:
        try:
            found += advise([one])
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            text = f"no advice could be made of its facts ({type(error).__name__})"
            remedy = "Report it: it is an error of the suite."
            found.append(Advice(host=one.host, topic="advice", text=text, remedy=remedy))
    return found


def _restart(evidence: Evidence) -> Iterator[str]:
    if not isinstance(evidence.sections.upkeep, Read):
        return
    upkeep = evidence.sections.upkeep.value
    reasons = {
        "components were installed or removed": upkeep.components_pending,
        "updates were installed": upkeep.updates_pending,
        "the computer was renamed": upkeep.rename_pending,
        f"{upkeep.files_pending} file operations wait (antivirus and printer drivers cause these too)": upkeep.files_pending
        > 0,
    }
    found = [reason for reason, true in reasons.items() if true]
    if found:
        yield f"a restart is pending: {', '.join(found)}"


def _clock(evidence: Evidence) -> Iterator[str]:
    if not isinstance(evidence.sections.os, Read):
        return
    there = evidence.sections.os.value.utc_now
    start, end = evidence.collected_at, evidence.collected_at + timedelta(seconds=evidence.seconds)
    offset = max(start - there, there - end)
    if offset > CLOCK_TOLERANCE:
        side = "behind" if there < start else "ahead of"
        yield f"the clock is at least {_minutes(offset)} minutes {side} the clock of the machine that asked"


def _minutes(offset: timedelta) -> int:
    return int(offset.total_seconds() // 60)


def _old_tls(evidence: Evidence) -> Iterator[str]:
    if not isinstance(evidence.sections.schannel, Read):
        return
    # TLS 1.0 and 1.1 are on by Windows' own default in every release of Windows Server so far.
    on = [
        f"{one.version} ({one.side.lower()}s)"
        for one in evidence.sections.schannel.value.protocols
        if one.version in ("TLS 1.0", "TLS 1.1") and one.side == "Server" and not one.switched_off
    ]
    if on:
        yield f"old versions of TLS are on: {', '.join(on)}"


def _smb1(evidence: Evidence) -> Iterator[str]:
    features, upkeep = evidence.sections.features, evidence.sections.upkeep
    if not isinstance(features, Read) or not isinstance(upkeep, Read):
        return
    installed = any(one.name == "FS-SMB1" and one.installed for one in features.value.features)
    if installed and upkeep.value.smb1_server != 0:
        yield "SMB 1 is installed and not switched off"


def _certificates(evidence: Evidence) -> Iterator[str]:
    if not isinstance(evidence.sections.iis, Read):
        return
    seen: dict[str, tuple[str, datetime]] = {}
    for site in evidence.sections.iis.value.sites:
        for certificate in (
            binding.certificate for binding in site.bindings if binding.certificate
        ):
            if certificate.thumbprint and certificate.not_after:
                seen[certificate.thumbprint] = (
                    certificate.subject or certificate.thumbprint,
                    certificate.not_after,
                )
    for subject, end in seen.values():
        if end - evidence.collected_at < timedelta(days=CERTIFICATE_DAYS):
            yield f"the certificate {subject} ends on {end:%Y-%m-%d}"


def _disks(evidence: Evidence) -> Iterator[str]:
    if not isinstance(evidence.sections.os, Read):
        return
    for disk in evidence.sections.os.value.disks:
        if (
            disk.size_bytes
            and disk.free_bytes is not None
            and disk.free_bytes < FULL * disk.size_bytes
        ):
            yield f"the disk {disk.device} has {disk.free_bytes / 1024**3:.1f} of {disk.size_bytes / 1024**3:.1f} GiB free"


def _support(evidence: Evidence) -> Iterator[str]:
    if not isinstance(evidence.sections.os, Read):
        return
    build = evidence.sections.os.value.build
    release = max((first for first in SUPPORT if first <= build), default=None)
    if release is not None and evidence.collected_at.date() > SUPPORT[release][1]:
        yield f"Microsoft's support for Windows Server {SUPPORT[release][0]} ended on {SUPPORT[release][1]}"


ADVISERS: dict[str, tuple[Callable[[Evidence], Iterator[str]], str]] = {
    "pending restart": (_restart, "Restart the server at the next occasion: Restart-Computer."),
    "clock": (_clock, "Check the time service: w32tm /resync; more than 5 minutes break Kerberos."),
    "old TLS": (
        _old_tls,
        "Switch TLS 1.0 and 1.1 off for servers below SCHANNEL\\Protocols, once no old client needs them.",
    ),
    "SMB 1": (_smb1, "Uninstall-WindowsFeature -Name FS-SMB1"),
    "certificate": (_certificates, "Renew the certificate and bind the new one."),
    "disk": (_disks, "Free space on the disk or enlarge it."),
    "support": (_support, "Plan the upgrade to a release of Windows Server that gets updates."),
}
