"""How far the service account's rights reach in one database: from the counts of section access, in words (pure)."""

from dataclasses import dataclass

from acceptance.errors import UnreadError
from acceptance.evidence.sqlserver import AccessSection
from acceptance.text import Sentence, said


@dataclass(frozen=True)
class Reach:
    """Whether the rights are enough, and what they are."""

    enough: bool
    text: Sentence


MISSING = Reach(False, said("no such database on this server"))
CLOSED = Reach(False, said("the account cannot open it"))


def reading(access: AccessSection | None) -> Reach:
    """SELECT on every table; None: the account cannot open the database. Raises UnreadError where tables are hidden."""
    return CLOSED if access is None else _reach(access, ("select",))


def writing(access: AccessSection | None, obstacle: str) -> Reach:
    """SELECT, INSERT, UPDATE and DELETE on every table of a database that can be written to. `obstacle` "": it can."""
    if access is None:
        return CLOSED
    reach = _reach(access, ("select", "insert", "update", "delete"))
    if not obstacle:
        return reach
    return Reach(False, said("{obstacle}; {reach}", obstacle=said(obstacle), reach=reach.text))


def _reach(access: AccessSection, actions: tuple[str, ...]) -> Reach:
    if access.sees_all != 1:
        raise UnreadError(
            "Tables may be hidden from the asking login, so their number is not known.",
            "Let the asking login be sysadmin for the time of the check.",
        )
    texts, enough = [], True
    for action in actions:
        whole, tables = getattr(access, f"can_{action}"), getattr(access, f"tables_{action}")
        if whole is None:
            raise UnreadError(
                "SQL Server could not say whether {action} is allowed in this database.",
                action=action.upper(),
            )
        # A database-wide right can be cut by a DENY on a schema or table, and a missing one made up for by grants on each.
        reaches = tables == access.tables and bool(whole or access.tables)
        enough = enough and reaches
        texts.append(_extent(action.upper(), whole and reaches, tables, access.tables))
    return Reach(enough, said("{actions}", actions=texts))


def _extent(action: str, everywhere: bool, count: int, tables: int) -> Sentence:
    if everywhere:
        return said("{action} on the whole database", action=action)
    text = "{action} on {count} of {all} tables"
    return said(text, action=action, count=count, all=tables)
