"""The directory's record of an account: whether it can be used, and its password's end (pure).

The order of the rules is [MS-ADTS] 3.1.1.4.5, msDS-UserPasswordExpiryTimeComputed and
msDS-User-Account-Control-Computed. A record that contradicts itself decides nothing.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from acceptance.errors import UnreadError
from acceptance.evidence.access import DirectoryAccount
from acceptance.text import Sentence, said

DISABLED, NORMAL_ACCOUNT = 0x2, 0x200  # userAccountControl
LOCKED, PASSWORD_EXPIRED = 0x10, 0x800000  # msDS-User-Account-Control-Computed
# userAccountControl: smart card required, password never expires,
# and the three kinds of trust accounts (of which a group-managed service account is one):
# their password never has to be changed by hand.
NEVER_EXPIRES = 0x40000 | 0x10000 | 0x1000 | 0x2000 | 0x800
FOR_EVER = 0x7FFFFFFFFFFFFFFF
NEVER = (0, FOR_EVER)
FILETIME_ZERO = datetime(1601, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER = timedelta(days=1)
EVERY_HOUR = 0xFF  # of eight hours of the week
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)  # no directory is older: a smaller number is no date


def filetime(ticks: int) -> datetime | None:
    """A FILETIME (100 ns since 1601) as an instant; None: never.
    Raises OverflowError after year 9999.

    >>> filetime(133500000000000000).year
    2024
    """
    return None if ticks in NEVER else FILETIME_ZERO + timedelta(microseconds=ticks // 10)


def troubles(record: DirectoryAccount, at: datetime, computer: str, domain: str) -> list[Sentence]:
    """Why the account cannot be used at that instant on that computer: disabled, locked, expired,
    kept to other computers or to some hours.

    Raises UnreadError where the record does not say, or says what cannot be.
    """
    if (
        record.user_account_control is None
        or record.computed is None
        or record.account_expires is None
    ):
        raise UnreadError(
            "the directory's record of the account is incomplete: userAccountControl, "
            "its computed part or accountExpires."
        )
    end = _date(record.account_expires, "accountExpires")
    found = []
    if record.user_account_control & DISABLED:
        found.append(said("disabled"))
    if record.computed & LOCKED:
        found.append(said("locked"))
    if end is not None and end <= at:
        found.append(said("expired on {day}", day=f"{end:%Y-%m-%d}"))
    return [*found, *_elsewhere(record, computer, domain)]


def _elsewhere(record: DirectoryAccount, computer: str, domain: str) -> Iterator[Sentence]:
    limits = record.limits
    if limits is None:
        raise UnreadError(
            "the directory was not asked where and when the account may log on.",
            "Collect again, with this version of the suite.",
        )
    names = [one.strip() for one in (limits.computers or "").split(",") if one.strip()]
    here = {computer.casefold(), f"{computer}.{domain}".casefold()}
    if names and not here & {one.casefold() for one in names}:
        if any(one.casefold().startswith(f"{computer}.".casefold()) for one in names):
            raise UnreadError(
                "the account may log on only to {names}: whether {computer} is one of them, its "
                "name does not tell.",
                "Look at the account on a domain controller.",
                names=", ".join(names),
                computer=computer,
            )
        yield said("may log on to other computers only: {names}", names=", ".join(names))
    if limits.hours and set(limits.hours) != {EVERY_HOUR}:
        yield said("may not log on at every hour of the week")


def password_end(record: DirectoryAccount, at: datetime) -> tuple[bool, Sentence]:
    """(expired at that instant, text).

    Raises UnreadError where the record does not say, or contradicts itself.
    """
    control, computed = record.user_account_control, record.computed
    if control is None or computed is None:
        raise UnreadError(
            "the directory's record of the account lacks userAccountControl or its computed part."
        )
    last_set, ends = record.password_last_set, record.password_expires
    flagged = bool(computed & PASSWORD_EXPIRED)
    if control & NEVER_EXPIRES:
        if flagged or ends not in (None, FOR_EVER):
            raise _contradiction("the password never expires, and it has an end")
        return False, said("never expires")
    if last_set is None and ends != 0:
        raise UnreadError("the directory's record of the account lacks pwdLastSet.")
    if not last_set:
        if ends not in (None, 0):
            raise _contradiction("pwdLastSet is 0, and the password has an end")
        return True, said("must be changed at the next logon")
    if ends is None:
        raise UnreadError("the directory does not say when the password expires.")
    if ends == 0:
        raise _contradiction("pwdLastSet is set, and the password must be changed")
    end, since = _date(ends, "the password's end"), _date(last_set, "pwdLastSet")
    if since is not None and since > at + CLOCKS_DIFFER:
        raise _contradiction("the password was set after the record was read")
    if end is None:
        if flagged:
            raise _contradiction("the password never expires, and it has expired")
        return False, said("never expires")
    if since is not None and end < since:
        raise _contradiction("the password ends before it was set")
    if end <= at:
        return True, said("expired on {day}", day=f"{end:%Y-%m-%d}")
    if flagged:
        raise _contradiction("the password has expired, and its end lies in the future")
    return False, said("expires on {day}", day=f"{end:%Y-%m-%d}")


def _date(ticks: int, name: str) -> datetime | None:
    """None: never.

    Raises UnreadError for a number that is no date of a directory, such as one of 1604.
    """
    try:
        at = filetime(ticks)
    except OverflowError:
        at = OLDEST - timedelta(days=1)
    if at is not None and at < OLDEST:
        raise UnreadError(
            "the directory's record of the account has no date in {name}: {ticks}.",
            name=said(name),
            ticks=ticks,
        )
    return at


def _contradiction(what: str) -> UnreadError:
    return UnreadError(
        "the directory's record of the account contradicts itself: {what}.",
        "Look at the account on a domain controller.",
        what=said(what),
    )
