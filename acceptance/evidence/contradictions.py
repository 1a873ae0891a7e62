"""What one host's evidence says twice, in two fields or two sections: where the two differ,
neither is believed, and nothing that rests on them is met.

Each rule is about one pair of facts (pure); a section's own shape is evidence/shapes.py's, and
what differs from inventory and clock is evidence/binding.py's.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, timedelta
from typing import Any

from acceptance.evidence.access import AccountsSection
from acceptance.evidence.envelope import Read
from acceptance.evidence.file import Evidence
from acceptance.evidence.sql import SqlEvidence
from acceptance.evidence.sqlserver import LoginsSection, RightsSection
from acceptance.evidence.windows import IisSection, OsSection
from acceptance.text import Sentence, said

Contradiction = tuple[str, Sentence]  # the section, `Synergy.access` for a database's, and what
ADMINISTRATORS = "S-1-5-32-544"
WORKGROUP = (0, 2)  # Win32_ComputerSystem.DomainRole
SERVER_TYPES = ("server", "server core")
CLIENT_OF_SERVER_TYPE = "serverrdsh"  # Windows 10 and 11 multi-session
# What stood in ProductName before Server 2016, and on workstations.
OTHER_WINDOWS = re.compile(r"\bWindows (Server )?(2003|2008|2012|XP|Vista|7|8|8\.1|10|11)\b")
SERVER_2016 = 14393
FOUR_SEVEN = 460798  # .NET's Release of the first 4.7 (learn.microsoft.com)
ANY_TIME_ZONE = timedelta(hours=26)  # between the earliest clock and the latest of one instant


def contradictions(evidence: Evidence) -> list[Contradiction]:
    """Every section that says what another place of the same evidence denies."""
    found: list[Contradiction] = []
    for rule in WINDOWS_RULES:
        found += rule(evidence)
    if evidence.sql is not None:
        for sql_rule in SQL_RULES:
            found += sql_rule(evidence.sql)
    return found


def two_accounts(evidence: Mapping[str, Evidence]) -> Sentence | None:
    """Servers of one customer know an account of the domain by one number; None: so they do.

    A server's own account of that name is another on each.
    """
    sids: dict[str, str] = {}
    for host, one in evidence.items():
        accounts: AccountsSection | None = _value(one.sections.accounts)
        account = _value(accounts.account) if accounts else None
        if accounts and account and not _is_local(account.name, accounts.computer_name):
            sids.setdefault(account.sid, host)
    if len(sids) < 2:
        return None
    told = [said("{sid} on {host}", sid=sid, host=host) for sid, host in sids.items()]
    return said("the service account has several SIDs: {told}", told=told)


def _is_local(account: str, computer: str) -> bool:
    return account.rpartition("\\")[0].casefold() == computer.casefold()


def _value(section: Any) -> Any:
    return section.value if isinstance(section, Read) else None


def _machine(evidence: Evidence) -> Iterator[Contradiction]:
    """Two sections name the machine and its domain."""
    os: OsSection | None = _value(evidence.sections.os)
    accounts: AccountsSection | None = _value(evidence.sections.accounts)
    if os is None or accounts is None:
        return
    member = accounts.domain_role not in WORKGROUP
    pairs = (
        ("computer", os.computer_name, accounts.computer_name),
        ("domain", os.domain, accounts.domain),
        ("home", _home(os.part_of_domain), _home(member)),
    )
    for what, one, other in pairs:
        if one.casefold() != other.casefold():
            text = "its {what} is {one} in section os, and {other} in section accounts"
            told = said(text, what=said(what), one=one, other=other)
            yield from (("os", told), ("accounts", told))


def _home(member: bool) -> str:
    return "a domain" if member else "a workgroup"


def _windows(evidence: Evidence) -> Iterator[Contradiction]:
    """The edition, the name and the build are of one Windows."""
    os: OsSection | None = _value(evidence.sections.os)
    if os is None:
        return
    edition, build = os.edition.casefold(), os.build
    of_a_server = edition.startswith("server") and edition != CLIENT_OF_SERVER_TYPE
    of_server_type = os.product_type != 1 and os.installation_type.casefold() in SERVER_TYPES
    if edition and not of_a_server and of_server_type:
        text = "the edition {edition} is none of a server's, and the installation type is {type}"
        yield "os", said(text, edition=os.edition, type=os.installation_type)
    if OTHER_WINDOWS.search(os.product_name) and of_server_type and build >= SERVER_2016:
        text = "it calls itself {name}, and its build is {build}"
        yield "os", said(text, name=os.product_name, build=build)


def _dotnet(evidence: Evidence) -> Iterator[Contradiction]:
    """.NET's Release and its Version are written by one set-up."""
    dotnet = _value(evidence.sections.dotnet)
    if dotnet is None or dotnet.release is None or not dotnet.version:
        return
    parts = [int(one) for one in re.findall(r"\d+", dotnet.version)[:2]]
    if dotnet.release >= FOUR_SEVEN and parts < [4, 7]:
        text = "the Release of .NET is {release}, and its version {version}"
        yield "dotnet", said(text, release=dotnet.release, version=dotnet.version)


def _accounts(evidence: Evidence) -> Iterator[Contradiction]:
    """The account, its tokens and the members of the local Administrators."""
    accounts: AccountsSection | None = _value(evidence.sections.accounts)
    account = _value(accounts.account) if accounts else None
    if accounts is None or account is None:
        return
    name = account.name.casefold().rpartition("\\")[2]
    asked_domain, _, asked = accounts.service_account.casefold().rpartition("\\")
    if asked_domain and name != asked:
        text = "{asked} was looked up, and its SID is called {name}"
        yield "accounts", said(text, asked=accounts.service_account, name=account.name)
    local = _is_local(account.name, accounts.computer_name)
    if accounts.domain_role in WORKGROUP and account.sid.startswith("S-1-5-21-") and not local:
        text = "the server is in a workgroup, and knows {name} of a domain"
        yield "accounts", said(text, name=account.name)
    answers = [_value(one.answer) for one in accounts.tokens]
    tokens = {frozenset(one.groups) for one in answers if one and one.user == account.sid}
    if len(tokens) > 1:
        yield "accounts", said("two tokens of {name} hold other groups", name=account.name)
    group = _value(accounts.administrators)
    members = {one.sid for one in group.members} if group else None
    for token in tokens:
        if members is not None and ADMINISTRATORS in token and not members & {*token, account.sid}:
            text = "the token of {name} holds Administrators, and no member of it leads there"
            yield "accounts", said(text, name=account.name)


def _services(evidence: Evidence) -> Iterator[Contradiction]:
    """WAS starts what IIS serves."""
    iis: IisSection | None = _value(evidence.sections.iis)
    if iis is None or not any(one.name == "WAS" and one.state == "Stopped" for one in iis.services):
        return
    states = [(one.name, one.state) for one in iis.sites]
    states += [(one.name, one.state) for one in iis.pools]
    started = [name for name, state in states if state == "Started"]
    if started:
        yield "iis", said("{name} is Started, and the service WAS is not", name=started[0])


def _rights(sql: SqlEvidence) -> Iterator[Contradiction]:
    """The rights asked as the account, and what is stored of its own login."""
    rights: RightsSection | None = _value(sql.sections.rights)
    logins: LoginsSection | None = _value(sql.sections.logins)
    if rights is None:
        return
    if rights.is_sysadmin and rights.control_server == 0:
        yield "rights", said("it is sysadmin, and has no CONTROL SERVER")
    if logins is None:
        return
    # A login of another name may count by the account's SID of an earlier domain (SIDHistory).
    account = rights.asked_as.casefold()
    own = [one.name for one in rights.letting_in if one.name.casefold() == account]
    if own and logins.sees_all and not logins.logins:
        text = said("{login} lets it in, and no login of its own is there", login=own[0])
        yield from (("rights", text), ("logins", text))
    kinds = [
        one.type for one in logins.logins if one.type not in ("WINDOWS_LOGIN", "EXTERNAL_LOGIN")
    ]
    if kinds and "\\" in rights.asked_as:
        text = said("its own login is a {type}", type=kinds[0])
        yield from (("rights", text), ("logins", text))
    denied = any(one.connect_sql == "DENY" for one in logins.logins)
    if denied and rights.connect_sql and not rights.is_sysadmin:
        text = said("CONNECT SQL is denied to its own login, and it has CONNECT SQL")
        yield from (("rights", text), ("logins", text))


def _access(sql: SqlEvidence) -> Iterator[Contradiction]:
    """What the account may open, and what it was found to do there."""
    rights: RightsSection | None = _value(sql.sections.rights)
    closed = {one.name for one in rights.databases if one.accessible == 0} if rights else set()
    for name, sections in sql.databases.items():
        access, product = _value(sections.access), _value(sections.product)
        if access is None:
            continue
        counts = [access.tables_select, access.tables_insert, access.tables_update,
                  access.tables_delete]  # fmt: skip
        if max(counts) > access.tables:
            text = "more tables may be used than there are: {count} of {all}"
            yield f"{name}.access", said(text, count=max(counts), all=access.tables)
        if product is not None and product.exact and access.tables == 0:
            yield f"{name}.access", said("it has no table, and tables of Exact's are there")
        if name in closed and rights and not rights.is_sysadmin:
            yield f"{name}.access", said("the account cannot open it, and was asked in it")


def _server(sql: SqlEvidence) -> Iterator[Contradiction]:
    """The server's collation and how it compares names; its availability groups."""
    server, databases = _value(sql.sections.server), _value(sql.sections.databases)
    if server is None:
        return
    if server.hadr == 0 and server.replicas:
        yield "server", said("it takes part in no availability group, and names replicas")
    told = databases.case_sensitive if databases else None
    by_collation = re.search(r"_CS(_|$)|_BIN2?(_|$)", server.collation, re.IGNORECASE)
    if told is not None and bool(told) != bool(by_collation):
        text = said("its collation is {collation}, and it says the contrary of how it compares "
                    "names", collation=server.collation)  # fmt: skip
        yield from (("server", text), ("databases", text))


def _clock(sql: SqlEvidence) -> Iterator[Contradiction]:
    """SQL Server's own clock, which decides who is in service, within any time zone of ours."""
    ours = sql.collected_at.astimezone(UTC).replace(tzinfo=None)
    for name, sections in sql.databases.items():
        person = _value(sections.person)
        if person is not None and abs(person.local_now - ours) > ANY_TIME_ZONE:
            text = "its clock says {theirs}, and it was asked on {ours}"
            days = {"theirs": f"{person.local_now:%Y-%m-%d}", "ours": f"{ours:%Y-%m-%d}"}
            yield f"{name}.person", said(text, **days)


WINDOWS_RULES: tuple[Callable[[Evidence], Iterator[Contradiction]], ...] = (
    _machine, _windows, _dotnet, _accounts, _services,
)  # fmt: skip
SQL_RULES: tuple[Callable[[SqlEvidence], Iterator[Contradiction]], ...] = (
    _rights, _access, _server, _clock,
)  # fmt: skip
