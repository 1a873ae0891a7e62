"""What an administrator should know of a server beside the document:
each function says what is amiss, [] nothing.

Pure functions over what was read.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from acceptance.evidence.connections import SchannelSection, UpkeepSection
from acceptance.evidence.file import Evidence
from acceptance.evidence.windows import Disk, IisSection, OsSection
from acceptance.text import Sentence, said

CLOCK_TOLERANCE = timedelta(minutes=2)  # Kerberos takes 5
FULL = 0.1  # of a disk's size
GIB = 1024**3


def restarts(upkeep: UpkeepSection) -> list[Sentence]:
    """Why a restart is pending."""
    files = "{number} file operations wait (antivirus and printer drivers cause these too)"
    reasons = [
        (said("components were installed or removed"), upkeep.components_pending),
        (said("updates were installed"), upkeep.updates_pending),
        (said("the computer was renamed"), upkeep.rename_pending),
        (said(files, number=upkeep.files_pending), upkeep.files_pending > 0),
    ]
    return [reason for reason, true in reasons if true]


def clock_off(evidence: Evidence, os: OsSection) -> list[Sentence]:
    """How far the clock is from that of the machine that asked, at the least."""
    start, end = evidence.collected_at, evidence.collected_at + timedelta(seconds=evidence.seconds)
    offset = max(start - os.utc_now, os.utc_now - end)
    if offset <= CLOCK_TOLERANCE:
        return []
    text = "at least {minutes} minutes ahead of the machine that asked"
    if os.utc_now < start:
        text = "at least {minutes} minutes behind the machine that asked"
    return [said(text, minutes=int(offset.total_seconds() // 60))]


def old_tls(schannel: SchannelSection) -> list[Sentence]:
    """TLS 1.0 and 1.1 are on by Windows' own default in every release of Windows Server so far."""
    return [
        said("{version} is on for servers", version=one.version)
        for one in schannel.protocols
        if one.version in ("TLS 1.0", "TLS 1.1") and one.side == "Server" and not one.switched_off
    ]


def ending_certificates(iis: IisSection | None, before: datetime) -> list[Sentence]:
    """Certificates of any web site that end before then."""
    bindings = [binding for site in (iis.sites if iis else []) for binding in site.bindings]
    shown = [binding.certificate for binding in bindings if binding.certificate]
    ends = {
        one.subject or one.thumbprint or "": one.not_after
        for one in shown
        if one.not_after is not None and one.not_after < before
    }
    text = "{name} ends on {day}"
    return [said(text, name=name, day=f"{end:%Y-%m-%d}") for name, end in ends.items()]


def full_disks(disks: Iterable[Disk]) -> list[Sentence]:
    """Disks of which a tenth or less is free."""
    text = "{disk} has {free} of {size} GiB free"
    return [
        said(
            text,
            disk=disk.device,
            free=f"{disk.free_bytes / GIB:.1f}",
            size=f"{disk.size_bytes / GIB:.1f}",
        )
        for disk in disks
        if disk.size_bytes
        and disk.free_bytes is not None
        and disk.free_bytes < FULL * disk.size_bytes
    ]
