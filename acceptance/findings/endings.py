"""What ends on a date that a server states: certificates and the service account's password.

Pure functions over evidence; what was not read ends nowhere.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from acceptance.evidence.envelope import Read
from acceptance.evidence.file import Evidence
from acceptance.hosts.directory import filetime


class Ending(BaseModel):
    """Something that ends: on which server, what, its name, and its last day (UTC)."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    host: str
    what: Literal["certificate", "password"]
    name: str
    on: date


def endings(evidence: Iterable[Evidence]) -> list[Ending]:
    """All dates at which something of these servers ends, the first end first."""
    found = {one for host in evidence for one in (*_certificates(host), *_password(host))}
    return sorted(found, key=lambda one: (one.on, one.host, one.what, one.name))


def _certificates(evidence: Evidence) -> Iterator[Ending]:
    if not isinstance(evidence.sections.iis, Read):
        return
    for site in evidence.sections.iis.value.sites:
        for binding in site.bindings:
            certificate = binding.certificate
            if certificate and certificate.not_after:
                name = certificate.subject or certificate.thumbprint or binding.information
                day = certificate.not_after.date()
                yield Ending(host=evidence.host, what="certificate", name=name, on=day)


def _password(evidence: Evidence) -> Iterator[Ending]:
    section = evidence.sections.accounts
    if not isinstance(section, Read) or not isinstance(section.value.directory, Read):
        return
    try:
        end = filetime(section.value.directory.value.password_expires or 0)
    except OverflowError:  # no date that a calendar knows
        return
    if end is not None:
        account = section.value.service_account
        yield Ending(host=evidence.host, what="password", name=account, on=end.date())
