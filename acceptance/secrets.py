"""Secrets by reference: `env:NAME`, `keyring:service/user`, `prompt:`.

A secret's value is never printed.
"""

import getpass
import os
import warnings
from collections.abc import Callable

from acceptance.errors import SecretError

Ask = Callable[[str], str]
# Variables of this process that hold secrets: whatever customer named them, a process has one
# environment for all.
_HOLD_SECRETS: set[str] = set()


class Secret(str):
    """A password as text that its repr does not show:
    pytest writes local variables into its log (--showlocals, --full-trace).
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('***')"


def resolve(reference: str, ask: Ask) -> Secret:
    """The secret behind `reference`; `ask` puts a question to a person.

    Raises SecretError with the reference only; with nothing of what is none, as it may be the
    secret itself.
    """
    scheme, _, name = reference.partition(":")
    if scheme not in SCHEMES or (scheme != "prompt" and not name):
        raise SecretError(
            "what was given is no reference to a secret, and is not repeated here.",
            "Write env:NAME, keyring:service/user or prompt:; a secret itself is never given.",
        )
    remember(reference)
    return Secret(SCHEMES[scheme](name, ask))


def remember(reference: str) -> None:
    """That `reference` was named: no program that this process starts is given its variable."""
    scheme, _, name = reference.partition(":")
    if scheme == "env":
        _HOLD_SECRETS.add(name.upper())  # on Windows upper and lower case are one


def environment() -> dict[str, str]:
    """This process's variables for a program that it starts: those that hold secrets are left out,
    since whoever sees a process may see its variables.
    """
    return {name: value for name, value in os.environ.items() if name.upper() not in _HOLD_SECRETS}


def ask_at_terminal(question: str) -> str:
    """Ask a person, who types unseen. Raises SecretError where nobody can be asked so."""
    try:
        with warnings.catch_warnings():
            # Without a terminal getpass would only warn, and read and show what comes.
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(f"{question} ")
    except (getpass.GetPassWarning, EOFError, OSError):
        raise SecretError(
            "there is no terminal here to ask for a password at.",
            "Where nobody sits, as in a nightly job, use env:NAME or keyring:service/user.",
        ) from None


def _from_environment(name: str, _ask: Ask) -> str:
    value = os.environ.get(name)
    if not value:
        raise SecretError(
            "the environment variable {name} is not set.",
            "Set it: export {name}='…' (Windows: $env:{name} = '…').",
            name=name,
        )
    return value


def _from_keyring(name: str, _ask: Ask) -> str:
    import keyring  # its backends are looked for among all installed packages
    import keyring.errors

    service, _, user = name.rpartition("/")
    try:
        value = keyring.get_password(service, user)
    except keyring.errors.NoKeyringError:
        raise SecretError(
            "this machine has no keyring, so keyring:{name} leads nowhere.",
            "Use env:NAME, or install one: on Linux a Secret Service such as gnome-keyring.",
            name=name,
        ) from None
    except Exception as error:  # whatever the library of this machine's keyring raises
        locked = isinstance(error, keyring.errors.KeyringLocked)
        raise SecretError(
            "the keyring could not be read for keyring:{name}: {why}.",
            "Unlock it, or use env:NAME.",
            name=name,
            why="it is locked" if locked else "it could not be opened",
        ) from None
    if value is None:
        raise SecretError(
            "the keyring holds no entry keyring:{name}.",
            "Make it: keyring set '{service}' '{user}'",
            name=name,
            service=service,
            user=user,
        )
    return value


def _from_prompt(name: str, ask: Ask) -> str:
    value = ask(f"Password{f' ({name})' if name else ''}:")
    if not value:
        raise SecretError("no password was given at the prompt.")
    return value


SCHEMES: dict[str, Callable[[str, Ask], str]] = {
    "env": _from_environment,
    "keyring": _from_keyring,
    "prompt": _from_prompt,
}
