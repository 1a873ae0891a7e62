"""What must hold before an answer of SQL Server's counts:
the right product, instance, account, SID and replica (pure).

What was asked of something else than the inventory means raises UnreadError, with both values.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from acceptance.errors import UnreadError
from acceptance.evidence.engines import other_product
from acceptance.evidence.envelope import SectionError
from acceptance.evidence.sqlserver import (
    Login,
    LoginsSection,
    RightsSection,
    ServerSection,
)
from acceptance.hosts.sids import differing, windows_sid
from acceptance.text import NOTHING, Sentence, said

UNKNOWN_IN_WINDOWS = 15404  # sys.messages: could not obtain information about Windows NT group/user


@dataclass(frozen=True)
class Expected:
    """What one SQL Server should be, by the inventory and the customer's other servers.

    `exact` and `clickker`: the databases here. `account`: DOMAIN\\user;
    `instance` None: whichever answers. `sids`: the account's SID, by the Windows server that told
    it. `places`: where the inventory says a database's or the account's name,
    such as "databases.exact (hosts.yaml:7)".
    """

    exact: tuple[str, ...] = ()
    clickker: str | None = None
    account: str | None = None
    instance: str | None = None
    sids: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    def place(self, database: str) -> str:
        """Where a person corrects a database's name."""
        key = "databases.clickker" if database == self.clickker else "databases.exact"
        return self.places.get(database, key)


def require_instance(host: str, server: ServerSection, instance: str | None) -> None:
    """The instance that answered is the inventory's."""
    answered = server.instance_name or ""
    if instance is None or answered.casefold() == instance.casefold():
        return
    raise UnreadError(
        "{host}: {answered} answered, but the inventory means the instance {instance}.",
        "Check sql.instance and sql.port in the inventory.",
        host=host,
        answered=answered or said("the default instance"),
        instance=instance,
    )


def require_sql_server(host: str, server: ServerSection) -> None:
    """What answered is a SQL Server, and none of the products that only speak its language."""
    product = other_product(server.engine_edition)
    if not product:
        return
    raise UnreadError(
        "{host}: {product} answered, which is not supported: "
        "that it answers is judged, and nothing else of it.",
        "Give the SQL Server that holds Exact's databases as sql.server; "
        "of {product} check logins, rights and databases by hand.",
        host=host,
        product=product,
    )


# Windows' error codes at the end of SQL Server's message 15404, whatever its language (winerror.h).
NONE_MAPPED, ACCESS_DENIED = 0x534, 0x5
NO_DOMAIN = frozenset({0x54A, 0x54B, 0x6BA, 0x6FB, 0x6FC, 0x6FD})
CODE = re.compile(r"0x([0-9a-fA-F]+)")


def require_known_account(host: str, error: SectionError, expected: Expected) -> None:
    """The domain could be asked for the account (15404), and knows it."""
    if error.number != UNKNOWN_IN_WINDOWS:
        return
    codes = CODE.findall(error.message)
    code = int(codes[-1], 16) if codes else 0
    account = expected.account or said("of the service account")
    if code == NONE_MAPPED:
        raise UnreadError(
            "{host}: Windows knows no account {account}, says SQL Server (15404, error 0x534).",
            "Check its spelling: {place}, as DOMAIN\\user with the domain's short name. "
            "If it is right, the account does not exist, or SQL Server's domain does not "
            "trust its domain.",
            host=host,
            account=account,
            place=expected.places.get(expected.account or "", "service_account"),
        )
    if code == ACCESS_DENIED:
        raise UnreadError(
            "{host}: SQL Server may not read the account {account} in the domain (15404, "
            "error 0x5).",
            "Let the account that SQL Server runs as read the directory (membership in "
            "Windows Authorization Access Group), or let it run as a domain account.",
            host=host,
            account=account,
        )
    if code in NO_DOMAIN:
        raise UnreadError(
            "{host}: SQL Server found no domain controller to ask for the account {account} "
            "(15404, error {code}).",
            "See that SQL Server's machine reaches a domain controller, then collect again.",
            host=host,
            account=account,
            code=hex(code),
        )


def require_account(host: str, rights: RightsSection, account: str | None) -> None:
    """The rights were asked as the service account."""
    if account is None or rights.asked_as.casefold() == account.casefold():
        return
    raise UnreadError(
        "{host}: the rights were asked as {asked_as}, but the service account is {account}.",
        "Collect again with this inventory. Was the account renamed in Windows? "
        "Then rename its login too: ALTER LOGIN ... WITH NAME.",
        host=host,
        asked_as=rights.asked_as,
        account=account,
    )


def require_own_sid(host: str, login: Login, told: Mapping[str, str]) -> None:
    """The login is the account's by its number: Windows lets nobody in by a name."""
    if login.sid is None:
        return
    for other, sid in differing(login.sid, told).items():
        raise UnreadError(
            "{host}: the login {login} has the SID {stored}, "
            "but the account's SID is {sid}, as {other} says: it is another account's login, "
            "such as a deleted one's of the same name.",
            "Drop the login and create it again for the account that is there today.",
            host=host,
            login=login.name,
            stored=windows_sid(login.sid) or login.sid,
            sid=sid,
            other=other,
        )


def own_login(host: str, section: LoginsSection, told: Mapping[str, str]) -> Login | None:
    """The service account's own login; None: it may still come in by a group.

    Raises UnreadError where it may be hidden, or is another account's.
    """
    for login in section.logins:
        require_own_sid(host, login, told)
    if section.logins:  # several grantors may have spoken of it: a denial is what counts
        return min(section.logins, key=lambda login: login.connect_sql != "DENY")
    if not section.sees_all:
        raise UnreadError(
            "{host}: no login of the service account is visible, "
            "but the asking login lacks VIEW ANY DEFINITION.",
            "Let the asking login be sysadmin, or grant it VIEW ANY DEFINITION.",
            host=host,
        )
    return None


def decided(host: str, rights: RightsSection) -> RightsSection:
    """The rights, where SQL Server could tell them. Raises UnreadError where it said NULL."""
    if rights.is_sysadmin is None or rights.connect_sql is None:
        raise UnreadError(
            "{host}: SQL Server could not say whether the service account is sysadmin, "
            "or may connect.",
            host=host,
        )
    return rights


def sid_unproven(login: Login, told: Mapping[str, str]) -> Sentence:
    """Why the login's SID could not be compared with the account's; empty where it was."""
    if login.sid is None:
        return said("the SID of the login {login} was not read", login=login.name)
    if told:
        return NOTHING
    text = "no Windows server of this run told the account's SID; the login {login} has {stored}"
    return said(text, login=login.name, stored=windows_sid(login.sid) or login.sid)


def replicas_elsewhere(host: str, server: ServerSection, asked: Collection[str]) -> list[str]:
    """Replicas of its availability groups that were not asked.

    Raises UnreadError where they may be hidden.
    """
    if server.hadr == 0:
        return []
    if server.hadr is None or (not server.replicas and server.sees_replicas != 1):
        raise UnreadError(
            "{host}: whether there are other replicas, each with logins of its own, was not read.",
            "Let the asking login be sysadmin, or grant it VIEW ANY DEFINITION; "
            "then collect again.",
            host=host,
        )
    known = {name.casefold() for name in (*asked, server.server_name or "")}
    return [one.name for one in server.replicas if one.name.casefold() not in known]
