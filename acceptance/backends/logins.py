"""Whose passwords were tried, so that no account is locked out:
refusals are counted, and one server goes first.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from acceptance.backends.refusals import Known, Refusals
from acceptance.errors import LoginError
from acceptance.inventory.connection import Connection
from acceptance.text import said

MOST_REFUSALS = 2  # of one domain account on different servers: one may be that server's own fault
TURN_SECONDS = 60  # how long a server that does not answer may keep the others waiting


@dataclass
class Account:
    """What a run knows of an account:
    its servers are tried one after another until one has let it in.
    """

    turn: threading.Lock = field(default_factory=threading.Lock)
    proven: bool = False
    refused_by: set[str] = field(default_factory=set)


class LogIns:
    """The log-ins of one run, over all its servers; every backend of a run is given the same.

    `remembered`: those of earlier runs; None: a run that is not to remember.
    """

    def __init__(self, remembered: Refusals | None = None) -> None:
        self.remembered = remembered
        self._lock = threading.Lock()
        self._accounts: defaultdict[str, Account] = defaultdict(Account)

    def account(self, key: str) -> Account:
        """The one of this name: `account_key`."""
        with self._lock:
            return self._accounts[key]

    @contextmanager
    def turn(self, account: Account, seconds: float = TURN_SECONDS) -> Iterator[None]:
        """An account's turn on a server."""
        mine = account.turn.acquire(timeout=seconds)
        try:
            if account.proven and mine:
                account.turn.release()  # it is right: nobody has to wait any longer
                mine = False
            yield
        finally:
            if mine:
                account.turn.release()


def account_key(name: str, server: str, *, can_be_locked: bool) -> str:
    """Whose account it is: the domain's,
    or that server's alone (`.\\admin` is another on every server).
    """
    domain = can_be_locked and not name.startswith(".\\") and bool({"\\", "@"} & set(name))
    return name.casefold() if domain else f"{server} {name.casefold()}"


class LogIn:
    """One server's log-in, as a context manager:
    its account's turn begins when credentials are about to be sent.

    A server that is asked for nothing but what it offers keeps nobody waiting.
    `in_time` raises once it is too late.
    """

    def __init__(
        self,
        log_ins: LogIns,
        host: str,
        connection: Connection,
        password: str | None,
        in_time: Callable[[], None],
    ) -> None:
        self.host, self.server, self.name = host, connection.place, connection.username or ""
        self._log_ins, self._in_time = log_ins, in_time
        self._password = password
        self._key = account_key(self.name, self.server, can_be_locked=password is not None)
        self._account = log_ins.account(self._key)
        self._turn: ExitStack | None = None

    def __enter__(self) -> "LogIn":
        return self

    def __exit__(self, *_: object) -> None:
        if self._turn is not None:
            self._turn.close()

    @property
    def was_refused(self) -> bool:
        """Whether this server has refused the account in this run: it is not asked again."""
        return self.server in self._account.refused_by

    def at_stake(self) -> None:
        """Credentials are about to be sent. Raises LoginError where they must not be."""
        if self._turn is not None:
            return
        self._turn = ExitStack()
        self._turn.enter_context(self._log_ins.turn(self._account))
        self._in_time()
        known = self._known()
        if self.server in known.refused:
            assert self._log_ins.remembered is not None
            raise self._log_ins.remembered.again(self.host, self.name, known.refused[self.server])
        refused_by = self._account.refused_by | (set() if known.accepted else {*known.refused})
        if len(refused_by) >= MOST_REFUSALS and not self._account.proven:
            raise self._in_danger(len(refused_by))

    def refused(self) -> None:
        """The server refused credentials that it was sent."""
        self._account.refused_by.add(self.server)
        if self._log_ins.remembered is not None and self._password is not None:
            self._log_ins.remembered.refuse(self._key, self._password, self.server)

    def accepted(self) -> None:
        """The server took them, whatever the account may not do there."""
        first, self._account.proven = not self._account.proven, True
        if first and self._log_ins.remembered is not None and self._password is not None:
            self._log_ins.remembered.accept(self._key, self._password)

    def _known(self) -> Known:
        if self._log_ins.remembered is None or self._password is None:
            return Known()
        return self._log_ins.remembered.known(self._key, self._password)

    def _in_danger(self, number: int) -> LoginError:
        remembered = self._log_ins.remembered
        return LoginError(
            self.host,
            "{who} was not tried here: {number} other servers refused it, "
            "and more could lock it out.",
            "Check its user name and password; where only those servers refuse it, "
            "run this one alone: --hosts=customer/host{file}.",
            who=self.name,
            number=number,
            file=said(", without {file}", file=str(remembered.file)) if remembered else said(""),
        )
