"""Hints: what an administrator should know of his servers beside the document.

None of it counts, unless the inventory says so.
"""

from datetime import timedelta

from acceptance.fixtures.selection import requirements
from acceptance.fixtures.supported import SupportedToday

from acceptance.catalogue.rules.iis import CertificatesLast
from acceptance.findings.record import Record
from acceptance.hosts import upkeep
from acceptance.hosts.sql_instance import SqlInstance
from acceptance.hosts.windows import WindowsHost
from acceptance.inventory.supported import Product
from acceptance.text import said

YEAR = timedelta(days=365)


@requirements("os.restart", sections=["upkeep"], expected="no restart is pending")
def test_no_restart_is_pending(host: WindowsHost, record: Record) -> None:
    reasons = upkeep.restarts(host.upkeep)
    record.found_each(reasons)
    assert not reasons


@requirements("os.clock", sections=["os"], expected="the clock is that of the machine that asked")
def test_clock_is_right(host: WindowsHost, record: Record) -> None:
    offsets = upkeep.clock_off(host.evidence, host.os)
    record.found_each(offsets)
    assert not offsets


@requirements("os.old_tls", sections=["schannel"], expected="TLS 1.0 and 1.1 are off for servers")
def test_old_tls_is_off(host: WindowsHost, record: Record) -> None:
    on = upkeep.old_tls(host.schannel)
    record.found_each(on)
    assert not on


@requirements("os.smb1", sections=["features", "upkeep"], expected="SMB 1 is not in use")
def test_smb1_is_off(host: WindowsHost, record: Record) -> None:
    feature = host.windows_feature("FS-SMB1")
    switched_off = host.upkeep.smb1_server == 0
    how = said("switched off") if switched_off else said("not switched off")
    record.found("SMB 1: {state}, {how}", state=feature.state, how=how)
    assert switched_off or not feature.installed


@requirements("os.disks", sections=["os"], expected="more than a tenth of every disk is free")
def test_disks_are_not_full(host: WindowsHost, record: Record) -> None:
    full = upkeep.full_disks(host.os.disks)
    record.found_each(full)
    assert not full


@requirements(
    "iis.certificates_last", sections=["iis"], expected="no certificate ends within {days} days"
)
def test_certificates_last(
    requirement: CertificatesLast, host: WindowsHost, record: Record
) -> None:
    before = host.evidence.collected_at + timedelta(days=requirement.days)
    ending = upkeep.ending_certificates(host.iis, before)
    record.found_each(ending)
    assert not ending


@requirements("os.support", sections=["os"], expected="Microsoft supports it for another year")
def test_windows_stays_supported(
    host: WindowsHost, supported: SupportedToday, record: Record
) -> None:
    assert lasts_a_year("Windows", host.os.build, supported, record)


@requirements("sql.support", sections=["server"], expected="Microsoft supports it for another year")
def test_sql_server_stays_supported(
    sql: SqlInstance, supported: SupportedToday, record: Record
) -> None:
    assert lasts_a_year("SQL Server", sql.server.version, supported, record)


@requirements(
    "sql.no_sysadmin",
    sections=["logins", "rights"],
    expected="the service account is not sysadmin any more",
)
def test_sysadmin_was_withdrawn(sql: SqlInstance, record: Record) -> None:
    rights = sql.rights()
    record.found("SQL Server knows no such login")
    if rights is not None:
        record.found("sysadmin") if rights.is_sysadmin else record.found("not sysadmin")
    assert rights is None or not rights.is_sysadmin


def lasts_a_year(
    product: Product, found: str | int, supported: SupportedToday, record: Record
) -> bool:
    entry = supported.entry(product, found)
    record.found("{product} {found}", product=product, found=found)
    if entry is None or entry.valid_until is None:
        record.cannot_decide("supported.yaml does not say until when it is supported")
    text = "{product} {release}: until {day} ({source})"
    until, source = str(entry.valid_until), entry.source
    record.found(text, product=product, release=entry.name, day=until, source=source)
    return not entry.over(supported.today + YEAR)
