"""Three changes to the client that a server notices: each must cost the answer, or the tests would
not see it.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import winrm
from acceptance.simulator.windows.runner import Emit, Result
from acceptance.simulator.winrm.server import WsManServer

from acceptance.backends.winrm.backend import WinRMBackend
from acceptance.errors import HostError
from tests.servers import ACCOUNT, connection_to

PASSWORD = "secret"
QUESTION, SAID = b"hello ", "Größe 漢".encode()
Mutation = Callable[[pytest.MonkeyPatch], None]


class Echo:
    """A program that reads its input to the end, says it again, and something of its own."""

    def run(self, _line: str, stdin: Iterator[bytes], _: Emit) -> Result:
        said = b"".join(stdin) + SAID
        return Result(said, b"", 3221225477)  # as after an access violation


def ask() -> Any:
    with WsManServer(Echo(), users={ACCOUNT: PASSWORD}, tls=True) as server:
        connection = connection_to(server, deadline_seconds=3)
        backend = WinRMBackend("web01", connection, PASSWORD)
        try:
            return backend.stream("powershell.exe", ["-NoProfile"], QUESTION)
        finally:
            backend.close()


def _forced(name: str, **values: Any) -> Mutation:
    """pywinrm's Protocol, called with other values than the client gives."""
    original = getattr(winrm.protocol.Protocol, name)

    def mutated(self: Any, *arguments: Any, **given: Any) -> Any:
        return original(self, *arguments, **given | values)

    return lambda monkeypatch: monkeypatch.setattr(winrm.protocol.Protocol, name, mutated)


def test_the_client_as_it_is_gets_its_answer_whole() -> None:
    output = ask()
    assert (output.stdout, output.exit_code) == (QUESTION + SAID, 3221225477 - 2**32)


@pytest.mark.parametrize(
    "mutation",
    [
        _forced("run_command", console_mode_stdin=True),
        _forced("send_command_input", end=False),
    ],
    ids=["console mode stdin", "end of stdin never sent"],
)
def test_a_program_whose_input_never_ends_is_never_done(
    monkeypatch: pytest.MonkeyPatch, mutation: Mutation
) -> None:
    mutation(monkeypatch)
    with pytest.raises(HostError):
        ask()


def test_code_page_437_loses_what_it_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    _forced("open_shell", codepage=437)(monkeypatch)
    assert ask().stdout == QUESTION + "Größe ?".encode("cp437")
