"""A login that a SQL Server has refused is tried once, in this run and later ones:
retries lock accounts out.
"""

from threading import Lock
from typing import Any

from acceptance.backends.refusals import Refusals

_refused: dict[tuple[str, str], dict[str, Any]] = {}  # by server and login: what was answered
_lock = Lock()


class Attempt:
    """One login at one server, by whichever way. `remembered`: what earlier runs were refused."""

    def __init__(
        self, host: str, server: str, login: str, password: str | None, remembered: Refusals | None
    ) -> None:
        self.host, self.server, self.login = host, server, login
        self._password, self._remembered = password, remembered

    @property
    def refusal(self) -> dict[str, Any] | None:
        """What the server answered to this login earlier in this run; None: it was not refused."""
        with _lock:
            return _refused.get((self.server, self.login))

    def require_untried(self) -> None:
        """Raises LoginError for a password that this server refused in an earlier run."""
        if self._remembered is None or not self._password:
            return
        known = self._remembered.known(f"{self.server} {self.login}", self._password)
        if self.server in known.refused:
            raise self._remembered.again(self.host, self.login, known.refused[self.server])

    def note(self, error: dict[str, Any]) -> None:
        """The server has refused it: `error` says how."""
        with _lock:
            _refused[self.server, self.login] = error
        # Locked, expired and the like are over once somebody mends them, with the same password.
        if self._remembered is not None and self._password and error["cause"] == "REFUSED":
            account = f"{self.server} {self.login}"
            self._remembered.refuse(account, self._password, self.server)
