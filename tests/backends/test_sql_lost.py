"""A SQL Server that hangs or leaves in the middle costs the section that was asked then,
and no other.
"""

import threading
import time
from pathlib import Path

import pytest
from acceptance.simulator.sqlserver.execution import run
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.session import Session
from acceptance.simulator.sqlserver.state import load_twin

from acceptance.backends.sql.backend import SqlBackend
from acceptance.errors import HostError
from acceptance.evidence.envelope import Read, Unread
from acceptance.evidence.sql import SqlEvidence
from tests.sql_twins import PASSWORD, ask_server, customer_of, needs_driver, sql_entry

pytestmark = pytest.mark.slow

LOGINS = {"acceptance": PASSWORD}


@pytest.fixture(autouse=True)
def _driver() -> None:
    needs_driver()


def sections(evidence: SqlEvidence) -> list[object]:
    parts = [evidence.sections, *evidence.databases.values()]
    return [value for part in parts for _, value in part if value is not None]


@pytest.mark.parametrize("way", ["hangs_at", "breaks_at"])
@pytest.mark.parametrize("batch", [1, 9])
def test_the_others_are_read_over_a_new_connection(tmp_path: Path, way: str, batch: int) -> None:
    twin = load_twin("sql-compliant")
    with SqlServer(twin, logins=LOGINS, **{way: batch}) as server:  # type: ignore[arg-type]
        evidence = ask_server(tmp_path, server, query_seconds=3)
        assert len(server.logins) == 2
    assert evidence.failure is None
    unread = [one for one in sections(evidence) if isinstance(one, Unread)]
    assert {one.status for one in unread} == {"error"}
    assert len(unread) == 1


def test_what_was_read_before_the_deadline_is_kept(tmp_path: Path) -> None:
    """The whole time for the server has passed:
    what is missing says so, what is there is judged.
    """
    twin = load_twin("sql-compliant")
    with SqlServer(twin, logins=LOGINS, hangs_at=9) as server:
        evidence = ask_server(tmp_path, server, query_seconds=20, deadline_seconds=8)
        assert len(server.logins) == 1
    assert evidence.failure is None
    found = sections(evidence)
    assert sum(isinstance(one, Read) for one in found) == 8
    messages = {one.error.message for one in found if isinstance(one, Unread)}
    assert len(messages) >= 1
    assert any("the server was lost" in message for message in messages)
    assert evidence.seconds < 15


def test_who_leaves_ends_what_is_waited_for(tmp_path: Path) -> None:
    """Ctrl-C: the batch under way is given up at once, and nothing more is asked."""
    twin = load_twin("sql-compliant")
    with SqlServer(twin, logins=LOGINS, hangs_at=1) as server:
        entry = {"roles": ["database"], "sql": sql_entry(server)}
        connection = customer_of(tmp_path, {"db01": entry}).hosts["db01"].sql
        assert connection is not None
        backend = SqlBackend("db01", connection, PASSWORD)
        backend.connect()
        threading.Timer(0.3, backend.leave).start()
        began = time.monotonic()
        with pytest.raises(HostError, match="ended its process"):
            backend.run("SELECT 1", [])
        assert time.monotonic() - began < 5
        backend.close()
        assert len(server.logins) == 1


def test_a_slow_query_says_which_limit(tmp_path: Path) -> None:
    twin = load_twin("sql-compliant")
    with SqlServer(twin, logins=LOGINS, answer_delay=1.6) as server:
        evidence = ask_server(tmp_path, server, sections=["server"], query_seconds=1)
        assert len(server.logins) == 1
    assert isinstance(evidence.sections.server, Unread)
    assert "sql.query_seconds: 1" in evidence.sections.server.error.message


@pytest.mark.parametrize(
    ("held", "number"), [("locked", 1222), ("deadlocked", 1205), ("killed", 596)]
)
def test_what_another_session_does_costs_one_section(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str, number: int
) -> None:
    """A lock is waited for as long as LOCK_TIMEOUT says; a killed session takes no other along."""
    waited: list[float] = []
    monkeypatch.setattr("acceptance.simulator.sqlserver.session.sleep", waited.append)
    twin = load_twin("sql-compliant")
    twin.databases["Synergy"].tables["ExactOptions"].held = held  # type: ignore[assignment]
    with SqlServer(twin, logins=LOGINS) as server:
        evidence = ask_server(tmp_path, server)
        assert len(server.logins) == (2 if held == "killed" else 1)
    assert evidence.failure is None
    [unread] = [one for one in sections(evidence) if isinstance(one, Unread)]
    assert evidence.databases["Synergy"].options == unread
    assert (unread.status, unread.error.number) == ("error", number)
    assert held != "locked" or waited == [5.0]


def test_without_a_lock_timeout_a_lock_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The simulator's default is a server's: the collectors' own LOCK_TIMEOUT is what ends it."""
    waited: list[float] = []
    monkeypatch.setattr("acceptance.simulator.sqlserver.session.sleep", waited.append)
    twin = load_twin("sql-compliant")
    twin.databases["Synergy"].tables["humres"].held = "locked"
    for text in ("", "SET LOCK_TIMEOUT 0; ", "SET LOCK_TIMEOUT 1500; "):
        run(Session(twin, "acceptance", "Synergy"), f"{text}SELECT res_id FROM humres")
    assert waited == [600.0, 0.0, 1.5]
