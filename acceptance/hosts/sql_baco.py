"""What SQL Server says of BACO: its logins, and its users in a database;
what may be hidden was not read (pure).
"""

from acceptance.errors import UnreadError
from acceptance.evidence.sqlserver import BacoLogin, BacoSection, Principal, PrincipalsSection

LOGINS = (
    "SQL_LOGIN",
    "WINDOWS_LOGIN",
    "WINDOWS_GROUP",
    "EXTERNAL_LOGIN",
    "EXTERNAL_GROUP",
)  # a server role is none


def logins(host: str, section: BacoSection) -> list[BacoLogin]:
    """The logins called BACO: empty only where none can be hidden, else UnreadError."""
    found = [login for login in section.logins if login.type in LOGINS]
    if not found and not section.sees_all:
        raise UnreadError(
            "{host}: no login BACO is visible, but the asking login lacks VIEW ANY "
            "DEFINITION: it may be hidden.",
            "Let the asking login be sysadmin, or grant it VIEW ANY DEFINITION.",
            host=host,
        )
    if not section.sees_all and any(login.partly_hidden for login in found):
        raise UnreadError(
            "{host}: whether BACO may connect, or is locked, is hidden from the asking login.",
            "Let the asking login be sysadmin, or grant it VIEW ANY DEFINITION.",
            host=host,
        )
    return found


def principals(host: str, database: str, section: PrincipalsSection) -> list[Principal]:
    """The users and roles called BACO in a database.

    Raises UnreadError where some, or their logins, may be hidden.
    """
    if section.sees_all != 1 or not section.sees_logins:
        raise UnreadError(
            "{host}, database {database}: users or logins may be hidden from the asking login.",
            "Let the asking login be sysadmin for the time of the check.",
            host=host,
            database=database,
        )
    return section.principals
