"""Secrets by reference: `env:NAME`, `keyring:service/user`, `prompt:`. A secret's value is never printed."""

import os
from collections.abc import Callable

import keyring
import keyring.errors

from acceptance.errors import SecretError

Ask = Callable[[str], str]


class Secret(str):
    """A password as text that its repr does not show: pytest writes local variables into its log (--showlocals, --full-trace)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('***')"


def resolve(reference: str, ask: Ask) -> Secret:
    """The secret behind `reference`; `ask` puts a question to a person. Raises SecretError with the reference only."""
    scheme, _, name = reference.partition(":")
    return Secret(SCHEMES[scheme](name, ask))


def _from_environment(name: str, _ask: Ask) -> str:
    value = os.environ.get(name)
    if not value:
        raise SecretError(
            f"the environment variable {name} is not set.",
            f"Set it: export {name}='…' (Windows: $env:{name} = '…').",
        )
    return value


def _from_keyring(name: str, _ask: Ask) -> str:
    service, _, user = name.rpartition("/")
    try:
        value = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise SecretError(
            f"the keyring could not be read for keyring:{name}: {type(error).__name__}."
        ) from None
    if value is None:
        raise SecretError(
            f"the keyring holds no entry keyring:{name}.",
            f"Make it: keyring set '{service}' '{user}'",
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
