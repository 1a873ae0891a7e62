"""A refused password is not sent again by any later run, until it changes."""

import json
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from acceptance.simulator.windows.runner import Emit, Result
from acceptance.simulator.winrm.server import WsManServer

from acceptance.backends import refusals
from acceptance.backends.logins import MOST_REFUSALS, LogIns
from acceptance.backends.refusals import Known, Refusals, state_folder
from acceptance.backends.sql.once import Attempt
from acceptance.backends.winrm.backend import WinRMBackend
from acceptance.errors import LoginError
from acceptance.inventory.connection import Connection

ACCOUNT, RIGHT, WRONG = r"DEMO\acceptance", "Correct-Horse-7", "Wrong-Horse-7"


class Says:
    def run(self, _line: str, _stdin: Iterator[bytes], _emit: Emit) -> Result:
        return Result(b"said", b"", 0)


def run(server: WsManServer, memory: Refusals, password: str = WRONG, name: str = ACCOUNT) -> bytes:
    """One run of its own: nothing is left of it but what is remembered."""
    connection = Connection(
        address="localhost",
        port=server.port,
        scheme="http",
        username=name,
        password="env:X",
    )
    backend = WinRMBackend("web01", connection, password, log_ins=LogIns(memory))
    try:
        return backend.stream("powershell.exe", [], b"").stdout
    finally:
        backend.close()


@contextmanager
def servers(*passwords: str) -> Iterator[list[WsManServer]]:
    with ExitStack() as stack:
        users = [{ACCOUNT: one, "admin": one} for one in passwords]
        yield [stack.enter_context(WsManServer(Says(), users=one)) for one in users]


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Refusals:
    monkeypatch.setitem(refusals.COST, "n", 2)  # as slow as it is meant to be costs seconds here
    return Refusals(tmp_path / "state")


def test_a_refused_password_is_sent_once_over_many_runs(memory: Refusals) -> None:
    with servers(RIGHT) as [server]:
        with pytest.raises(LoginError, match="the server refused DEMO"):
            run(server, memory)
        for _ in range(3):
            with pytest.raises(LoginError, match="not sent again until it changes") as caught:
                run(server, memory)
        assert server.refused_logins == 1
        assert str(memory.file) in caught.value.remedy
        assert run(server, memory, RIGHT) == b"said"  # it has changed
        memory.file.unlink()
        with pytest.raises(LoginError, match="the server refused DEMO"):
            run(server, memory)


def test_a_domains_account_is_not_locked_by_run_after_run(memory: Refusals) -> None:
    """Other servers would ask the same domain: two refusals in all, not two a run."""
    with servers(*[RIGHT] * 5) as several:
        for server in several:
            with pytest.raises(LoginError):
                run(server, memory)
        assert sum(server.refused_logins for server in several) == MOST_REFUSALS


def test_a_password_that_one_server_takes_is_tried_on_others(memory: Refusals) -> None:
    """Those that refuse it have reasons of their own, and each is asked once."""
    with servers(WRONG, *[RIGHT] * 4) as [good, *bad]:
        for _ in range(2):
            for server in bad[:1]:
                with pytest.raises(LoginError):
                    run(server, memory)
            assert run(good, memory) == b"said"
        for server in bad:
            with pytest.raises(LoginError):
                run(server, memory)
        assert [server.refused_logins for server in bad] == [1, 1, 1, 1]
        assert run(good, memory) == b"said"


def test_a_local_account_is_another_on_every_server(memory: Refusals) -> None:
    with servers(*[RIGHT] * 4) as several:
        for _ in range(2):
            for server in several:
                with pytest.raises(LoginError):
                    run(server, memory, name=r".\admin")
        assert [server.refused_logins for server in several] == [1, 1, 1, 1]


def test_what_is_kept_tells_no_password_and_is_the_users_alone(memory: Refusals) -> None:
    """A digest under a key: the same password elsewhere looks different."""
    memory.refuse("acme\\a", WRONG, "web01:5986")
    other = Refusals(memory.folder.parent / "other")
    other.refuse("acme\\a", WRONG, "web01:5986")
    text = memory.file.read_text(encoding="utf-8")
    assert WRONG not in text
    assert "acme" not in text
    assert not json.loads(text).keys() & json.loads(other.file.read_text("utf-8")).keys()
    for path in (memory.file, memory.folder / "refusals.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert memory.known("ACME\\A", WRONG).refused.keys() == {"web01:5986"}
    assert memory.known("acme\\b", WRONG) == memory.known("acme\\a", RIGHT) == Known()


def test_a_password_that_nobody_refused_leaves_no_trace(memory: Refusals) -> None:
    with servers(RIGHT) as [server]:
        assert run(server, memory, RIGHT) == b"said"
    assert not memory.folder.exists()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}', '{"a": {"refused": []}}'])
def test_a_memory_that_is_damaged_or_cannot_be_written_costs_no_run(
    memory: Refusals, content: str
) -> None:
    memory.folder.mkdir()
    memory.file.write_text(content, encoding="utf-8")
    with servers(RIGHT) as [server], pytest.raises(LoginError):
        run(server, memory)
    assert memory.known(ACCOUNT, WRONG).refused
    blocked = Refusals(memory.file / "no folder")
    with servers(RIGHT) as [server], pytest.raises(LoginError, match="refused DEMO"):
        run(server, blocked)


def test_the_state_folder_is_the_users_own() -> None:
    assert state_folder({"XDG_STATE_HOME": "/x"}) == Path("/x/clickker-acceptance")
    assert state_folder({}).is_relative_to(Path.home())


def test_a_sql_logins_refused_password_is_sent_once(memory: Refusals) -> None:
    """By ODBC and by SqlClient, in this run's processes and in later ones."""

    def attempt(password: str, server: str = "db01:1433") -> Attempt:
        return Attempt("db01", server, "a", password, memory)

    first = attempt(WRONG)
    first.note({"cause": "LOCKED"})
    first.require_untried()
    first.note({"cause": "REFUSED"})
    assert attempt(RIGHT).refusal == {"cause": "REFUSED"}
    with pytest.raises(LoginError, match="not sent again until it changes"):
        attempt(WRONG).require_untried()
    attempt(RIGHT).require_untried()
    attempt(WRONG, "db02:1433").require_untried()
    assert attempt(WRONG, "db02:1433").refusal is None
