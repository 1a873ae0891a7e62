"""Passwords that servers refused, remembered from run to run:
none is sent there again until it changes.

Night, hand and retry together lock accounts.
Kept is a slow digest under a key, in the user's own state folder and in no report;
a password that nobody was refused for leaves no trace.
"""

import contextlib
import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import scrypt
from pathlib import Path
from typing import Any

from acceptance.errors import LoginError
from acceptance.text import said

KEY, REFUSALS, LOCK = "refusals.key", "refusals.json", "refusals.lock"
COST = {"n": 2**14, "r": 8, "p": 1}  # RFC 7914; tens of milliseconds for each guess


def state_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where programs keep what a user does not look at: Windows' own place, else XDG's."""
    if sys.platform == "win32":
        base = environment.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        base = environment.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "clickker-acceptance"


@dataclass(frozen=True)
class Known:
    """What is remembered of an account's password.

    `refused`: server -> when; `accepted`: a server took it.
    """

    refused: dict[str, str] = field(default_factory=dict)
    accepted: bool = False


class Refusals:
    """What one user's runs remember.

    A folder that cannot be written remembers nothing, and costs no run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def file(self) -> Path:
        """What a person deletes to have a password tried again."""
        return self.folder / REFUSALS

    def known(self, account: str, password: str) -> Known:
        """What is remembered of this password. Asks for no key where nothing is."""
        entries = self._entries()
        if not entries:
            return Known()
        return _known(entries.get(self._digest(account, password)))

    def refuse(self, account: str, password: str, server: str) -> None:
        """`server` does not take it."""
        self._change(account, password, {"refused": {server: datetime.now(UTC).isoformat()}})

    def accept(self, account: str, password: str) -> None:
        """A server takes it: others that refuse it have reasons of their own."""
        if self._entries() and not self.known(account, password).accepted:
            self._change(account, password, {"accepted": True})

    def again(self, host: str, who: str, when: str) -> LoginError:
        """Why a password that is remembered so is not sent."""
        return LoginError(
            host,
            "{who} was not tried: the server refused this password on {day}, "
            "and it is not sent again until it changes.",
            "Correct it where the inventory says it comes from; where it is right by now, "
            "as after the account was unlocked, delete {file}.",
            who=who or said("the account"),
            day=when[:10],
            file=str(self.file),
        )

    def _change(self, account: str, password: str, change: Mapping[str, Any]) -> None:
        with contextlib.suppress(OSError), self._locked():
            entries = self._entries()
            digest = self._digest(account, password)
            known = _known(entries.get(digest))
            entries[digest] = {
                "refused": known.refused | change.get("refused", {}),
                "accepted": known.accepted or bool(change.get("accepted")),
            }
            self._write(self.file, json.dumps(entries, indent=1).encode())

    def _entries(self) -> dict[str, Any]:
        try:
            entries = json.loads(self.file.read_bytes())
        except (OSError, ValueError):
            return {}
        return entries if isinstance(entries, dict) else {}

    def _digest(self, account: str, password: str) -> str:
        salt = self._key() + account.casefold().encode()
        return scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, **COST).hex()

    def _key(self) -> bytes:
        with contextlib.suppress(OSError):
            if key := (self.folder / KEY).read_bytes():
                return key
        key = secrets.token_bytes(32)
        with contextlib.suppress(OSError), self._locked():
            if not (self.folder / KEY).exists():
                self._write(self.folder / KEY, key)
            return (self.folder / KEY).read_bytes()
        return key

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock  # only where there is something to write

        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(self.folder / LOCK, is_singleton=True):
            yield

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        new.touch(mode=0o600, exist_ok=False)
        new.write_bytes(content)
        new.replace(path)


def _known(entry: Any) -> Known:
    """An entry as it was written; what another has made of it is nothing."""
    if not isinstance(entry, dict) or not isinstance(entry.get("refused"), dict):
        return Known()
    refused = {str(server): str(when) for server, when in entry["refused"].items()}
    return Known(refused, entry.get("accepted") is True)
