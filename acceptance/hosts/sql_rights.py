"""How far the service account's rights reach in one database:
from the counts of section access, in words (pure).
"""

from typing import NamedTuple

from acceptance.errors import UnreadError
from acceptance.evidence.sqlserver import READ_ONLY, AccessSection
from acceptance.text import NOTHING, Sentence, Value, said

READING = ("select",)
WRITING = ("select", "insert", "update", "delete")


class Reach(NamedTuple):
    """Whether the rights are enough, and what they are. `doubt`: why enough is no proof;
    empty where it is.

    `cause`: why they are not enough, of what can be told apart (the rules' causes); "":
    none of these.
    """

    enough: bool
    text: Sentence
    doubt: Sentence = NOTHING
    cause: str = ""


CLOSED = Reach(False, said("the account cannot open it"))


def missing(there: Value) -> Reach:
    """No such database; `there`: those that are."""
    return Reach(
        False,
        said("no such database on this server; there are: {there}", there=there),
        cause="missing",
    )


def reading(access: AccessSection | None, closed: str = "", sysadmin: bool = False) -> Reach:
    """SELECT on every table; None: the account cannot open the database.
    Raises UnreadError where tables are hidden.

    `closed`: why not everybody with rights can open it at present, which leaves a doubt.
    No DENY counts for a sysadmin.
    """
    if access is None:
        return CLOSED
    reach = _reach(access, READING, sysadmin)
    return reach._replace(doubt=said(closed)) if closed else reach


def writing(access: AccessSection | None, obstacle: str = "", sysadmin: bool = False) -> Reach:
    """SELECT, INSERT, UPDATE and DELETE on every table of a database that can be written to.

    `obstacle` "": it can.
    """
    if access is None:
        return CLOSED
    reach = _reach(access, WRITING, sysadmin)
    if not obstacle:
        return reach
    text = said("{obstacle}; {reach}", obstacle=said(obstacle), reach=reach.text)
    return Reach(False, text, cause="read_only" if obstacle == READ_ONLY else "closed")


def _reach(access: AccessSection, actions: tuple[str, ...], sysadmin: bool) -> Reach:
    if access.sees_all != 1:
        raise UnreadError(
            "Tables may be hidden from the asking login, so their number is not known.",
            "Let the asking login be sysadmin for the time of the check.",
        )
    parts = [_action(access, action) for action in actions]
    text = said("{actions}", actions=[part.text for part in parts])
    doubt = NOTHING if sysadmin else _denied_columns(access)
    cause = next((part.cause for part in parts if part.cause), "")
    return Reach(all(part.enough for part in parts), text, doubt, cause)


def _action(access: AccessSection, action: str) -> Reach:
    whole: int | None = getattr(access, f"can_{action}")
    tables: int = getattr(access, f"tables_{action}")
    name = action.upper()
    if whole is None:
        raise UnreadError(
            "SQL Server could not say whether {action} is allowed in this database.", action=name
        )
    # A DENY on a schema or table cuts a database-wide right;
    # grants on each table make up for a missing one.
    enough = tables == access.tables and bool(whole or access.tables)
    if whole and enough:
        return Reach(True, said("{action} on the whole database", action=name))
    # Who has the right by a role, or on the database, and yet not on each table,
    # is denied it somewhere.
    role = access.is_datareader if action == "select" else access.is_datawriter
    due = whole or role or access.is_owner
    text = said("{action} on {count} of {all} tables", action=name, count=tables, all=access.tables)
    return Reach(enough, text, cause="" if enough or not due else "denied")


def _denied_columns(access: AccessSection) -> Sentence:
    """HAS_PERMS_BY_NAME of a table does not tell of a DENY on one of its columns (Microsoft Learn,
    DENY Object).
    """
    if access.denied_columns is None:
        return said("whether single columns are denied was not read")
    if access.denied_columns:
        text = "columns that are denied to somebody there, perhaps to this account: {count}"
        return said(text, count=access.denied_columns)
    return NOTHING
