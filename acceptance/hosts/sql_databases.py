"""What must hold of a database before an answer about it counts:
the inventory's name leads to one that is open (pure).

What does not raises UnreadError, the same for every section: one thing to mend is told once.
"""

import re

from acceptance.errors import UnreadError
from acceptance.evidence.sqlserver import Database, DatabasesSection, RightsSection
from acceptance.hosts.sql_checks import Expected
from acceptance.text import NOTHING, Value, said

SYSTEM_DATABASES = ("master", "model", "msdb", "tempdb", "distribution", "SSISDB")
# What Exact's databases are usually called: a division's number, or a name that says it.
EXACT_NAME = re.compile(r"\b\d{3}(?!\d)|synergy|exact|globe|baco", re.IGNORECASE)
MOST = 20  # names in one sentence


def require_reachable(
    host: str, section: DatabasesSection, name: str, expected: Expected
) -> Database:
    """The one database of that name, which the asking login could open."""
    if not exists(host, section, name, expected):
        raise UnreadError(
            "{host}: the server has no database {database}.",
            "Correct {place}, or restore the database on this server. There are: {there}.",
            host=host,
            database=name,
            place=expected.place(name),
            there=there(section),
        )
    found, *more = section.named(name)
    if more:
        raise UnreadError(
            "{host}: the server has more than one database {database}, which differ in case.",
            "Spell {place} as the server does: {there}.",
            host=host,
            database=name,
            place=expected.place(name),
            there=", ".join(one.name for one in (found, *more)),
        )
    if found.state != "ONLINE":
        raise UnreadError(
            "{host}: the database {database} is {state}.",
            "Bring it online, and collect again; or correct {place}.",
            host=host,
            database=found.name,
            state=found.state,
            place=expected.place(name),
        )
    if found.accessible != 1:
        raise UnreadError(
            "{host}: the asking login could not open the database {database}{why}.",
            "Let the asking login be sysadmin for the time of the check, "
            "and see that nobody else has the database to himself.",
            host=host,
            database=found.name,
            why=said("; {closed}", closed=said(found.closed)) if found.closed else NOTHING,
        )
    return found


def exists(host: str, section: DatabasesSection, name: str, expected: Expected) -> bool:
    """Whether there is such a database.

    Raises UnreadError where it may be hidden, or is spelt in another case.
    """
    if section.named(name):
        return True
    nearly = section.misspelt(name)
    if nearly:
        raise UnreadError(
            "{host}: this server tells case apart: it has no database {database}, but {nearly}.",
            "Spell {place} as the server does.",
            host=host,
            database=name,
            nearly=", ".join(nearly),
            place=expected.place(name),
        )
    if not section.sees_all:
        raise UnreadError(
            "{host}: no database {database} is visible to the asking login, but it may be hidden.",
            "Grant VIEW ANY DATABASE to the asking login, or correct {place}. Visible are: "
            "{there}.",
            host=host,
            database=name,
            place=expected.place(name),
            there=there(section),
        )
    return False


def exact_names(host: str, section: DatabasesSection, expected: Expected) -> tuple[str, ...]:
    """Of the inventory. Raises UnreadError where it names none here, or one that is none of
    Exact's: nothing would be proved.
    """
    if not expected.exact:
        raise UnreadError(
            "{host}: the inventory names no Exact database here.",
            "Name them under databases.exact, in quotes.",
            host=host,
        )
    for name in expected.exact:
        if any(one.exact_tables == 0 for one in section.named(name)):
            raise UnreadError(
                "{host}: the database {database} holds none of Exact's tables.",
                "Correct {place}. With tables of Exact's: {there}.",
                host=host,
                database=name,
                place=expected.place(name),
                there=listed([one.name for one in section.databases if one.exact_tables]),
            )
    return expected.exact


def clickker_name(host: str, expected: Expected) -> str:
    """Of the inventory. Raises UnreadError where it names none here."""
    if expected.clickker is None:
        raise UnreadError(
            "{host}: the inventory names no Clickker database here.",
            "Name it as databases.clickker.",
            host=host,
        )
    return expected.clickker


def there(section: DatabasesSection) -> Value:
    """The server's databases, without those that every server has."""
    return listed([one.name for one in section.databases if one.name not in SYSTEM_DATABASES])


def listed(names: list[str]) -> Value:
    """Names in one sentence, as many as a person reads."""
    if not names:
        return said("none")
    more = len(names) - MOST
    text = ", ".join(names[:MOST])
    return said("{names} and {count} more", names=text, count=more) if more > 0 else text


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


def unnamed(host: str, section: DatabasesSection, expected: Expected) -> list[str]:
    """Databases that may be Exact's and that the inventory does not name.

    Raises UnreadError where there is none to see, and some may be hidden.
    """
    named = [*expected.exact, *filter(None, [expected.clickker])]
    known = {one.name for name in (*named, *SYSTEM_DATABASES) for one in section.named(name)}
    others = [one for one in section.databases if one.name not in known]
    found = [one.name for one in others if may_be_exact(one)]
    if not found and not section.sees_all:
        raise UnreadError(
            "{host}: databases may be hidden from the asking login, "
            "and one of Exact's that the inventory does not name may be among them.",
            "Grant VIEW ANY DATABASE to the asking login.",
            host=host,
        )
    return found


def may_be_exact(database: Database) -> bool:
    """By its tables where they could be looked for; else the name is all there is."""
    if database.exact_tables is not None:
        return bool(database.exact_tables)
    return EXACT_NAME.search(database.name) is not None
