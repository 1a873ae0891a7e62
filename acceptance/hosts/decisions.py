"""Whether an account may do something, by the SIDs that it acts with and what they are granted
and denied (pure).

Groups that were not read may leave a question open; they never turn a decision round.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from acceptance.errors import UnreadError
from acceptance.text import NOTHING, Sentence, Value, said


class Who(NamedTuple):
    """The SIDs that an account acts with. `complete` False: there may be more, because of `why`."""

    sids: frozenset[str]
    complete: bool
    why: Sentence = NOTHING


class Decision(NamedTuple):
    """Whether something is allowed, and by which SIDs."""

    allowed: bool
    by: frozenset[str]


def decide(host: str, who: Who, granted: Collection[str], denied: Collection[str]) -> Decision:
    """Of user rights: deny wins.

    Raises UnreadError where groups that were not read could change the answer.
    """
    refused = who.sids & set(denied)
    given = who.sids & set(granted)
    if refused:
        return Decision(False, refused)
    others_may_deny = not who.complete and set(denied)
    if given and not others_may_deny:
        return Decision(True, given)
    if who.complete:
        return Decision(False, frozenset())
    raise _open(host, who, granted, denied)


def decide_in_order(host: str, who: Who, entries: Sequence[tuple[str, bool]]) -> Decision:
    """Of an access list's entries (SID, allow) for one right:
    the first that concerns the account decides.

    Windows reads a list in its order: explicit entries before inherited ones, so that an explicit
    allow comes before an inherited deny. Raises UnreadError where a group that was not read could
    be named earlier with the other answer.
    """
    granted = {sid for sid, allow in entries if allow}
    denied = {sid for sid, allow in entries if not allow}
    passed: set[bool] = set()
    for sid, allow in entries:
        if sid in who.sids:
            if not who.complete and (not allow) in passed:
                raise _open(host, who, granted, denied)
            return Decision(allow, frozenset({sid}))
        passed.add(allow)
    if who.complete or not granted:
        return Decision(False, frozenset())
    raise _open(host, who, granted, denied)


def _open(host: str, who: Who, granted: Collection[str], denied: Collection[str]) -> UnreadError:
    return UnreadError(
        "{host}: {why}, so the account's groups are not known; "
        "found: granted to {granted}, denied to {denied}.",
        "Let the server's computer account read the account's group memberships "
        "(Windows Authorization Access Group), or see to it that a domain controller answers.",
        host=host,
        why=who.why,
        granted=_text(granted),
        denied=_text(denied),
    )


def _text(sids: Collection[str]) -> Value:
    return ", ".join(sorted(sids)) or said("nobody")
