"""What was found that may answer a question of the inventory: shown with it, never taken for it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from acceptance.errors import UnreadError
from acceptance.evidence.envelope import Read
from acceptance.evidence.exact import GLOBE_TABLES
from acceptance.evidence.file import Evidence
from acceptance.evidence.sqlserver import Database
from acceptance.exact.entrance import endpoint_of
from acceptance.exact.site import SynergySite
from acceptance.exact.synergy import recognised, synergy_database
from acceptance.hosts.sql_databases import SYSTEM_DATABASES, listed, may_be_exact
from acceptance.hosts.sql_instance import SqlInstance
from acceptance.hosts.windows import WindowsHost
from acceptance.inventory.models import Customer
from acceptance.text import Sentence, said

MOST = 20  # of one kind, on one server
POOL = "Clickker"  # what Clickker's own page calls its application pool, usually


def offers(key: str, customer: Customer, found: Mapping[str, Evidence]) -> list[Sentence]:
    """What may answer the question of `key`; []: nothing was found, or nobody has looked."""
    each: list[Sentence] = []
    for evidence in found.values() if key in FINDERS else ():
        with suppress(UnreadError):
            for one in FINDERS[key](customer, evidence):
                each.append(one)  # what came before an unread part stays
    return each


def _exact_databases(_customer: Customer, evidence: Evidence) -> Iterator[Sentence]:
    databases = _databases(evidence)
    likely = [one for one in databases if may_be_exact(one)]
    yield from _named(evidence, (one.name for one in likely or databases))


def _clickker_databases(_customer: Customer, evidence: Evidence) -> Iterator[Sentence]:
    others = [one.name for one in _databases(evidence) if not may_be_exact(one)]
    likely = [name for name in others if POOL.casefold() in name.casefold()]
    yield from _named(evidence, likely or others)


def _synergys_database(customer: Customer, evidence: Evidence) -> Iterator[Sentence]:
    if evidence.sql:
        sql = SqlInstance(evidence.host, evidence.sql)
        yield from (recognised(sql, name) for name in customer.databases.exact)


def _administrations(customer: Customer, evidence: Evidence) -> Iterator[Sentence]:
    synergy = synergy_database(customer)
    if evidence.sql and synergy:
        release = SqlInstance(evidence.host, evidence.sql).release(synergy)
        named = [one.division for one in release.divisions if one.division is not None]
        for division in named[:MOST]:
            yield said("{division} in {database}", division=division, database=synergy)


def _globe(customer: Customer, evidence: Evidence) -> Iterator[Sentence]:
    section = evidence.sections.exact
    programs = section.value.programs if isinstance(section, Read) else []
    yield from _named(evidence, (one.name for one in programs if "globe" in one.name.casefold()))
    if evidence.sql:
        sql = SqlInstance(evidence.host, evidence.sql)
        for name in customer.databases.exact:
            if sql.product(name).hints(GLOBE_TABLES):
                yield recognised(sql, name)


def _external_names(_customer: Customer, evidence: Evidence) -> Iterator[Sentence]:
    names: list[str] = []
    for binding in SynergySite(WindowsHost(evidence)).bindings("https"):
        endpoint, certificate = endpoint_of(binding.information), binding.certificate
        names += [endpoint.host] if endpoint and endpoint.host else []
        names += (certificate.dns_names or []) if certificate else []
    yield from _named(evidence, names)


def _synergys_applications(_customer: Customer, evidence: Evidence) -> Iterator[Sentence]:
    found = SynergySite(WindowsHost(evidence)).applications
    yield from _named(evidence, (one.address for one in found))


def _clickkers_pool(_customer: Customer, evidence: Evidence) -> Iterator[Sentence]:
    pool = WindowsHost(evidence).pool(POOL)
    if pool:
        yield said("an application pool {pool} on {host}", pool=pool.name, host=evidence.host)


def _pools_accounts(_customer: Customer, evidence: Evidence) -> Iterator[Sentence]:
    pools = WindowsHost(evidence).pools
    for pool in [one for one in pools if one.identity_type == "SpecificUser"][:MOST]:
        text = "{user} (application pool {pool} on {host})"
        yield said(text, user=pool.user_name or "", pool=pool.name, host=evidence.host)


FINDERS: dict[str, Callable[[Customer, Evidence], Iterable[Sentence]]] = {
    "databases.exact": _exact_databases,
    "databases.clickker": _clickker_databases,
    "databases.synergy": _synergys_database,
    "administrations": _administrations,
    "globe": _globe,
    "external_host": _external_names,
    "external_access": _external_names,
    "synergy_site": _synergys_applications,
    "phase": _clickkers_pool,
    "service_account": _pools_accounts,
}


def _named(evidence: Evidence, names: Iterable[str]) -> Iterator[Sentence]:
    each = list(dict.fromkeys(names))
    if each:
        yield said("{names} on {host}", names=listed(each), host=evidence.host)


def _databases(evidence: Evidence) -> list[Database]:
    """All but SQL Server's own."""
    section = evidence.sql.sections.databases if evidence.sql else None
    databases = section.value.databases if isinstance(section, Read) else []
    return [one for one in databases if one.name not in SYSTEM_DATABASES]
