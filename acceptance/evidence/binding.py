"""What evidence must be evidence of: compared with the inventory and the clock before anything
is judged.

Where something differs, everything that rests on it is unread, with the difference named;
simulated evidence of a real customer, and another customer's, host's or account's evidence,
is refused whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from acceptance.errors import EvidenceError
from acceptance.evidence.contradictions import contradictions, two_accounts
from acceptance.evidence.envelope import Read, SectionError, Strict, Unread
from acceptance.evidence.file import Evidence
from acceptance.evidence.sql import DatabaseSections, SqlEvidence
from acceptance.text import Sentence, said

CLOCKS_DIFFER = timedelta(minutes=10)
ONE_RUN = timedelta(hours=12)  # Windows and SQL Server of a host are asked in the same run
ACCOUNTS_SQL = ("logins", "rights")  # of the server; of a database: all but what it is
ACCOUNTS_DATABASE = ("access", "person", "roles")
# What cannot be asked before the inventory names the account.
OF_ACCOUNT = frozenset({"accounts", *ACCOUNTS_SQL, *ACCOUNTS_DATABASE})

Sections = TypeVar("Sections", bound=Strict)


class Difference(NamedTuple):
    """`path`: where, with dots; what was expected there and what was found."""

    path: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.path} is {_shown(self.found)}, and not {_shown(self.expected)}"


class Bond(NamedTuple):
    """What one host's evidence must be of.
    None: the inventory does not say, or it changes from run to run.

    `targets`: host:port by the name of each address that its servers are asked to reach;
    `proxy` "": directly.
    """

    customer: str
    host: str
    account: str | None
    simulated: bool
    windows_address: str | None
    sql_address: str | None
    now: datetime
    targets: Mapping[str, str] | None = None
    proxy: str = ""


def differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[Difference]:
    """Where `found` has another value than `expected`, key by key and deeper;
    what is only found is no difference.
    """
    return list(_walk("", expected, found))


def _walk(path: str, expected: Any, found: Any) -> Iterator[Difference]:
    if isinstance(expected, Mapping):
        there = found if isinstance(found, Mapping) else {}
        for key, value in expected.items():
            yield from _walk(f"{path}.{key}" if path else str(key), value, there.get(key))
    elif _folded(expected) != _folded(found):
        yield Difference(path, expected, found)


def _folded(value: Any) -> Any:
    """Names of customers, accounts and servers compare without case."""
    return value.casefold() if isinstance(value, str) else value


def _shown(value: Any) -> str:
    return "not told" if value is None else str(value)


def refuse_strange(evidence: Evidence, bond: Bond, path: str) -> None:
    """Raise EvidenceError for evidence of another customer, host or account,
    or of none that is real.
    """
    claimed = {
        "customer": evidence.customer,
        "host": evidence.host,
        "service account": evidence.parameters.get("service_account", bond.account),
    }
    wanted = {"customer": bond.customer, "host": bond.host}
    wanted |= {"service account": bond.account} if bond.account else {}
    for one in differences(wanted, claimed):
        raise EvidenceError(
            "{path}: is evidence of another {what}: {found}, not {expected}.",
            "Name this customer's own evidence, or collect again.",
            path=path,
            what=one.path,
            found=_shown(one.found),
            expected=_shown(one.expected),
        )
    if evidence.simulated and not bond.simulated:
        raise EvidenceError(
            "{path}: is evidence of a simulated server, and {customer} is a real customer.",
            "Collect the real servers' evidence.",
            path=path,
            customer=bond.customer,
        )


def bound(evidence: Evidence, bond: Bond) -> Evidence:
    """The evidence, with everything unread that rests on a claim which differs from the bond,
    or from another claim of its own.
    """
    windows = list(_windows_differences(evidence, bond))
    made = evidence
    if windows:
        sections = _unread(evidence.sections, type(evidence.sections).model_fields, windows)
        made = made.model_copy(update={"sections": sections})
    else:
        sections = _unread(made.sections, ("accounts",), _account_differences(evidence, bond))
        sections = _unread(sections, ("outbound",), _outbound_differences(evidence, bond))
        made = made.model_copy(update={"sections": sections})
    if evidence.sql is not None:
        made = made.model_copy(update={"sql": _sql_bound(evidence, evidence.sql, bond)})
    return _agreeing(made)


def agreeing(evidence: Mapping[str, Evidence]) -> dict[str, Evidence]:
    """The evidence of a customer's hosts, with what they tell of the account unread where they
    contradict each other.
    """
    what = two_accounts(evidence)
    if what is None:
        return dict(evidence)
    why = said("the customer's servers contradict each other: {what}", what=what)
    return {
        name: one.model_copy(update={"sections": _doubted(one.sections, ("accounts",), why)})
        for name, one in evidence.items()
    }


def _windows_differences(evidence: Evidence, bond: Bond) -> Iterator[Difference]:
    reached = evidence.reached
    if reached is None:
        return
    if bond.windows_address is not None:
        yield from differences({"address": bond.windows_address}, {"address": reached.address})
    yield from _time(evidence.collected_at, bond.now, "collected_at")
    if evidence.failure is None and not evidence.collector_sha256:
        yield Difference("collector_sha256", "a digest", None)


def _time(at: datetime, now: datetime, path: str) -> Iterator[Difference]:
    if at > now + CLOCKS_DIFFER:
        yield Difference(path, f"before {now:%Y-%m-%d %H:%M} UTC", at.isoformat())


def _account_differences(evidence: Evidence, bond: Bond) -> list[Difference]:
    section = evidence.sections.accounts
    account = bond.account
    if not isinstance(section, Read) or account is None:
        return []
    if account.startswith(".\\"):
        account = f"{section.value.computer_name}{account[1:]}"
    found = {
        "parameters": {"service_account": evidence.parameters.get("service_account")},
        "sections": {"accounts": {"service_account": section.value.service_account}},
    }
    wanted = {
        "parameters": {"service_account": bond.account},
        "sections": {"accounts": {"service_account": account}},
    }
    return differences(wanted, found)


def _outbound_differences(evidence: Evidence, bond: Bond) -> list[Difference]:
    """The addresses that were asked for must be today's:
    one name may lead to another server since.
    """
    section = evidence.sections.outbound
    if not isinstance(section, Read) or bond.targets is None:
        return []
    asked = {one.name: f"{one.host}:{one.port}" for one in section.value.targets}
    wanted = {name: address for name, address in bond.targets.items() if name in asked}
    found = differences({"targets": wanted}, {"targets": asked})
    proxy = {"proxy": evidence.parameters.get("proxy", "")}
    return [*found, *differences({"proxy": bond.proxy}, proxy)]


def _sql_bound(evidence: Evidence, sql: SqlEvidence, bond: Bond) -> SqlEvidence:
    found = list(_time(sql.collected_at, bond.now, "sql.collected_at"))
    if bond.sql_address is not None:
        wanted = {"sql": {"address": bond.sql_address}}
        found += differences(wanted, {"sql": {"address": sql.reached.address}})
    if abs(sql.collected_at - evidence.collected_at) > ONE_RUN:
        at = f"about {evidence.collected_at:%Y-%m-%d %H:%M} UTC, as the host's other evidence"
        found.append(Difference("sql.collected_at", at, sql.collected_at.isoformat()))
    if sql.failure is None and not sql.collector_sha256:
        found.append(Difference("sql.collector_sha256", "a digest", None))
    if found:
        return _all_unread(sql, found)
    account = {"service_account": bond.account} if bond.account else {}
    told = differences({"parameters": account}, {"parameters": evidence.parameters})
    databases = {
        name: _database_bound(name, sections, told) for name, sections in sql.databases.items()
    }
    server = _unread(sql.sections, ACCOUNTS_SQL, told)
    return sql.model_copy(update={"databases": databases, "sections": server})


def _database_bound(
    name: str, sections: DatabaseSections, account: list[Difference]
) -> DatabaseSections:
    for section in ("release", "licence"):  # each says in which database it was read
        one = getattr(sections, section)
        if isinstance(one, Read):
            of_another = differences({section: {"name": name}}, {section: {"name": one.value.name}})
            sections = _unread(sections, (section,), of_another)
    return _unread(sections, ACCOUNTS_DATABASE, account)


def _all_unread(sql: SqlEvidence, found: list[Difference]) -> SqlEvidence:
    return sql.model_copy(
        update={
            "sections": _unread(sql.sections, type(sql.sections).model_fields, found),
            "databases": {
                name: _unread(one, DatabaseSections.model_fields, found)
                for name, one in sql.databases.items()
            },
        }
    )


def _unread(sections: Sections, names: Iterable[str], found: list[Difference]) -> Sections:
    """These sections, where they were asked for, as not read: it is not known whose they are."""
    if not found:
        return sections
    why = said("the evidence is of something else: {what}", what="; ".join(map(str, found)))
    return _doubted(sections, names, why)


def _agreeing(evidence: Evidence) -> Evidence:
    """The evidence, with every section unread that another place of it contradicts."""
    sections, sql = evidence.sections, evidence.sql
    for place, what in contradictions(evidence):
        why = said("the evidence contradicts itself: {what}", what=what)
        database, _, section = place.rpartition(".")
        if section in type(sections).model_fields:
            sections = _doubted(sections, (section,), why)
        elif sql is not None and database:
            one = _doubted(sql.databases[database], (section,), why)
            sql = sql.model_copy(update={"databases": {**sql.databases, database: one}})
        elif sql is not None:
            sql = sql.model_copy(update={"sections": _doubted(sql.sections, (section,), why)})
    return evidence.model_copy(update={"sections": sections, "sql": sql})


def _doubted(sections: Sections, names: Iterable[str], why: Sentence) -> Sections:
    error = SectionError(type="Binding", message=str(why))
    unread = Unread(status="error", error=error)
    return sections.model_copy(
        update={name: unread for name in names if getattr(sections, name) is not None}
    )
