"""Whose passwords were tried in a run, so that no account is locked out: refusals are counted, and one server goes first."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MOST_REFUSALS = 2  # of one domain account on different servers: one may be that server's own fault
TURN_SECONDS = 60  # how long a server that does not answer may keep the others waiting


@dataclass
class Account:
    """What a run knows of an account: its servers are tried one after another until one has let it in."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    proven: bool = False
    refusals: int = 0

    @property
    def in_danger(self) -> bool:
        """Refused so often that one more try could lock it out."""
        return self.refusals >= MOST_REFUSALS and not self.proven


class LogIns:
    """The log-ins of one run, over all its servers; every backend of a run is given the same."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refused: set[tuple[str, str]] = set()
        self._accounts: defaultdict[str, Account] = defaultdict(Account)

    def was_refused(self, server: str, name: str) -> bool:
        """Whether this server has refused the account in this run: it is not asked again."""
        with self._lock:
            return (server, name.casefold()) in self._refused

    @contextmanager
    def turn(self, server: str, name: str, *, can_be_locked: bool) -> Iterator[Account]:
        """An account's turn on a server. A local account's is its server's own, and needs to wait for nobody."""
        domain = can_be_locked and not name.startswith(".\\") and bool({"\\", "@"} & set(name))
        key = name.casefold() if domain else f"{server} {name.casefold()}"
        with self._lock:
            account = self._accounts[key]
        mine = account.turn.acquire(timeout=TURN_SECONDS)
        try:
            if account.proven and mine:
                account.turn.release()  # it is right: nobody has to wait any longer
                mine = False
            yield account
        finally:
            if mine:
                account.turn.release()

    def refused(self, server: str, name: str, account: Account) -> None:
        """A server refused credentials that it was sent."""
        with self._lock:
            self._refused.add((server, name.casefold()))
            account.refusals += 1
