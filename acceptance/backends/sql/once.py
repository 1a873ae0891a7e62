"""Logins that a SQL Server refused in this run: none is tried twice, since retries lock accounts out."""

from threading import Lock
from typing import Any

Account = tuple[str, str]  # the server with its port or instance, the login

_refused: dict[Account, dict[str, Any]] = {}
_lock = Lock()


def of(account: Account) -> dict[str, Any] | None:
    """What the server answered to this login before; None: it was not refused."""
    with _lock:
        return _refused.get(account)


def note(account: Account, error: dict[str, Any]) -> None:
    """The server has refused this login."""
    with _lock:
        _refused[account] = error
