"""What must hold before an answer of SQL Server's counts: the right instance, account, SID, state and replica (pure).

What was asked of something else than the inventory means raises UnreadError, with both values.
"""

import re
from collections.abc import Collection, Mapping

from acceptance.errors import UnreadError
from acceptance.evidence.sqlserver import (
    Database,
    DatabasesSection,
    Login,
    RightsSection,
    ServerSection,
)
from acceptance.hosts.sids import differing, windows_sid
from acceptance.text import NOTHING, Sentence, said

SYSTEM_DATABASES = ("master", "model", "msdb", "tempdb", "distribution", "SSISDB")
# What Exact's databases are usually called: a division's number, or a name that says it.
EXACT_NAME = re.compile(r"\b\d{3}(?!\d)|synergy|exact|globe|baco", re.IGNORECASE)


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


def sid_unproven(login: Login, told: Mapping[str, str]) -> Sentence:
    """Why the login's SID could not be compared with the account's; empty where it was."""
    if login.sid is None:
        return said("the SID of the login {login} was not read", login=login.name)
    if told:
        return NOTHING
    text = "no Windows server of this run told the account's SID; the login {login} has {stored}"
    return said(text, login=login.name, stored=windows_sid(login.sid) or login.sid)


def require_open(host: str, database: Database, rights: RightsSection) -> None:
    """The database's state leaves room for an answer about rights in it."""
    if database.state != "ONLINE":
        raise UnreadError(
            "{host}: the database {database} is {state}: nothing is known of rights in it.",
            "Bring it online, and collect again.",
            host=host,
            database=database.name,
            state=database.state,
        )
    closed = any(one.name == database.name and one.accessible == 0 for one in rights.databases)
    if closed and rights.is_sysadmin:
        raise UnreadError(
            "{host}: even a sysadmin cannot open the database {database} at present: "
            "a single user has it, or it is not whole.",
            "Look at its state, and collect again.",
            host=host,
            database=database.name,
        )


def unnamed(section: DatabasesSection, named: Collection[str]) -> list[str]:
    """Databases that may be Exact's and that the inventory does not name."""
    known = {one.name for name in (*named, *SYSTEM_DATABASES) for one in section.named(name)}
    return [one.name for one in section.databases if one.name not in known and may_be_exact(one)]


def may_be_exact(database: Database) -> bool:
    """By its tables where they could be looked for; else the name is all there is."""
    if database.exact_tables is not None:
        return bool(database.exact_tables)
    return EXACT_NAME.search(database.name) is not None


def replicas_elsewhere(host: str, server: ServerSection, asked: Collection[str]) -> list[str]:
    """Replicas of its availability groups that were not asked. Raises UnreadError where they may be hidden."""
    if server.hadr == 0:
        return []
    if server.hadr is None or (not server.replicas and server.sees_replicas != 1):
        raise UnreadError(
            "{host}: whether there are other replicas, each with logins of its own, was not read.",
            "Let the asking login be sysadmin, or grant it VIEW ANY DEFINITION; then collect again.",
            host=host,
        )
    known = {name.casefold() for name in (*asked, server.server_name or "")}
    return [one.name for one in server.replicas if one.name.casefold() not in known]
