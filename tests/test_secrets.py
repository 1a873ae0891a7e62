"""Secrets by reference: where they come from, that no message and no other program has one."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backends.fail
import keyring.errors
import pytest
from keyring.backend import KeyringBackend

from acceptance.errors import ReportError, SecretError
from acceptance.inventory.connection import Connection
from acceptance.secrets import environment, resolve
from acceptance.signing.keys import make_key

SECRET = "Correct-Horse-Battery-7"


class FakeKeyring(KeyringBackend):
    """One entry; `broken` is raised instead."""

    priority = -1  # only where a test sets it: keyring finds every class that was imported

    def __init__(self, broken: Exception | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.broken = broken

    def get_password(self, service: str, username: str) -> str | None:
        if self.broken:
            raise self.broken
        return {("clickker/acme", "ACME\\admin"): SECRET}.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


@pytest.fixture
def use() -> Iterator[None]:
    """Whatever keyring a test sets, the user's own comes back."""
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def nobody(question: str) -> str:
    raise AssertionError(f"nobody is to be asked: {question}")


def told(reference: str, answer: str = "") -> str:
    """What a person reads where no secret is found; never the secret, nor what the source said."""
    with pytest.raises(SecretError) as caught:
        resolve(reference, lambda _question: answer)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_no_other_program_is_given_a_variable_that_an_inventory_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also before it was read, and of other customers: whoever sees a process sees those."""
    monkeypatch.setenv("OTHERS_PASSWORD", SECRET)
    monkeypatch.setenv("NOT_NAMED", "x")
    assert "OTHERS_PASSWORD" in environment()
    Connection(address="a", username="D\\a", password="env:OTHERS_PASSWORD")
    assert "OTHERS_PASSWORD" not in environment()
    assert environment()["NOT_NAMED"] == "x"


RUNS_THE_SUITE = "fixtures/fleet/several.py"  # which resolves its own


def test_every_program_is_started_without_them() -> None:
    """Of a call that says nothing of it, Python hands everything on."""
    root = Path(__file__).parents[1]
    found = []
    for path in [*(root / "acceptance").rglob("*.py"), *(root / "fixtures").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                call = f"{ast.unparse(node.func.value)}.{node.func.attr}"
                if call in ("subprocess.run", "subprocess.Popen", "subprocess.check_output"):
                    given = [one.value for one in node.keywords if one.arg == "env"]
                    found.append((path.relative_to(root).as_posix(), *map(ast.unparse, given)))
    assert len(found) >= 6
    without = {place for place, *given in found if not given or "os.environ" in str(given)}
    assert without == {RUNS_THE_SUITE}


def test_env_reads_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_WINRM", SECRET)
    assert resolve("env:ACME_WINRM", nobody) == SECRET


@pytest.mark.parametrize("value", [None, ""])
def test_env_without_a_value_says_how_to_set_it(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    """An empty password is no password: it would cost one of the account's tries."""
    monkeypatch.delenv("ACME_WINRM", raising=False)
    if value is not None:
        monkeypatch.setenv("ACME_WINRM", value)
    message = told("env:ACME_WINRM")
    assert "ACME_WINRM is not set" in message
    assert "export ACME_WINRM=" in message


def test_keyring_takes_service_and_user_from_the_last_slash(use: None) -> None:
    keyring.set_keyring(FakeKeyring())
    assert resolve("keyring:clickker/acme/ACME\\admin", nobody) == SECRET


def test_keyring_without_the_entry_says_how_to_make_it(use: None) -> None:
    """In quotes: a shell would eat the backslash, and the entry would be another user's."""
    keyring.set_keyring(FakeKeyring())
    assert "keyring set 'clickker' 'ACME\\nobody'" in told("keyring:clickker/ACME\\nobody")


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (keyring.errors.KeyringLocked, "it is locked"),
        (keyring.errors.KeyringError, "it could not be opened"),
        (RuntimeError, "it could not be opened"),  # of the library behind a backend, such as D-Bus
    ],
)
def test_a_keyring_that_cannot_be_read_is_told_by_its_kind_only(
    use: None, broken: type[Exception], kind: str
) -> None:
    keyring.set_keyring(FakeKeyring(broken(f"locked, and {SECRET} stands in it")))
    assert f"admin: {kind}. Unlock it" in told("keyring:clickker/acme/ACME\\admin")


def test_a_key_is_not_lost_where_the_keyring_cannot_keep_it(use: None) -> None:
    keyring.set_keyring(FakeKeyring())
    with pytest.raises(ReportError, match="could not be used"):
        make_key("keyring:clickker/nobody", None)


@pytest.mark.parametrize(
    ("reference", "question"),
    [("prompt:", "Password:"), ("prompt:web01 of ACME", "Password (web01 of ACME):")],
)
def test_prompt_asks_a_person(reference: str, question: str) -> None:
    assert resolve(reference, {question: SECRET}.__getitem__) == SECRET


def test_an_empty_answer_is_no_password() -> None:
    assert "no password was given" in told("prompt:", answer="")


def test_a_secret_is_text_whose_repr_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest writes the repr of local variables; nested in other values too."""
    monkeypatch.setenv("ACME_WINRM", SECRET)
    found = resolve("env:ACME_WINRM", nobody)
    assert found == SECRET
    assert SECRET not in repr({"web01": [found]})


def test_a_machine_without_a_keyring_says_so(use: None) -> None:
    """As a server without a desktop:
    the remedy is another reference, not a command that fails too.
    """
    keyring.set_keyring(keyring.backends.fail.Keyring())
    message = told("keyring:clickker/acme")
    assert "this machine has no keyring" in message
    assert "env:NAME" in message


@pytest.mark.parametrize("filters", ["default", "error", "ignore"])
def test_without_a_terminal_nobody_is_asked(filters: str) -> None:
    """Whatever pytest or Python does with warnings:
    one sentence, and nothing is read from the pipe.
    """
    code = (
        "from acceptance.secrets import ask_at_terminal\n"
        "from acceptance.errors import SecretError\n"
        "try: ask_at_terminal('Password:')\n"
        "except SecretError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, f"-W{filters}", "-c", code],
        input=f"{SECRET}\n",
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,  # without it getpass finds the terminal of who runs the tests
    )
    assert "no terminal here" in done.stdout
    assert "env:NAME" in done.stdout
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize("reference", [SECRET, "", "env:", "keyring:", f"pass:{SECRET}"])
def test_what_is_no_reference_is_refused_and_not_repeated(reference: str) -> None:
    """`acceptance keygen k --passphrase SECRET`: it would stand in a traceback."""
    with pytest.raises(SecretError, match="no reference to a secret") as caught:
        resolve(reference, lambda _: "")
    assert SECRET not in f"{caught.value}"
