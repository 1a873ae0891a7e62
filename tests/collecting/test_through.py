"""A SQL Server asked through another host: the evidence is ODBC's, the password on stdin."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import Twin, load_twin
from acceptance.simulator.windows.runner import PowerShellRunner
from acceptance.simulator.windows.twin import load_twin as load_windows

from acceptance.backends.base import Output
from acceptance.backends.refusals import Refusals
from acceptance.collecting.collect_sql import collect_sql
from acceptance.collecting.parameters import sql_targets
from acceptance.collecting.script import stdin_payload
from acceptance.collecting.sqlclient import named, question
from acceptance.collecting.through import behind
from acceptance.errors import HostError, InventoryError
from acceptance.evidence.envelope import Unread
from acceptance.evidence.sql import SQL_SECTIONS, SqlEvidence
from acceptance.inventory.models import Customer
from tests.catalogue.faults_sql import person, table
from tests.sql_twins import PASSWORD, ask_server, customer_of, needs_driver, sql_entry
from tests.twins import RunnerBackend

pytestmark = pytest.mark.slow

WEB = {"roles": ["web"], "connection": {"address": "web01.example.test", "username": "D\\a",
                                        "password": "env:UNUSED"}}  # fmt: skip
THROUGH = {"ca_file": None, "through": "web01"}


def customer_through(folder: Path, server: SqlServer, **other: Any) -> Customer:
    sql = sql_entry(server, **(THROUGH | other))
    return customer_of(folder, {"web01": WEB, "db01": {"roles": ["database"], "sql": sql}})


class Recording(RunnerBackend):
    """web01, whose command lines and standard inputs are kept."""

    def __init__(self, server: SqlServer) -> None:
        runner = PowerShellRunner(load_windows("server2019"), trusts=[server.ca_file])
        super().__init__(runner)
        self.lines: list[str] = []

    def stream(self, command: str, arguments: Sequence[str], stdin: bytes) -> Output:
        self.lines.append(" ".join([command, *arguments]))
        return super().stream(command, arguments, stdin)


def ask_through(
    folder: Path,
    server: SqlServer,
    *,
    sections: Sequence[str] = SQL_SECTIONS,
    secret: str = PASSWORD,
    web01: Any = None,
    remembered: Refusals | None = None,
    **other: Any,
) -> SqlEvidence:
    """What the simulated server says to SqlClient in a real PowerShell on web01."""
    customer = customer_through(folder, server, **other)
    host = customer.hosts["db01"]
    assert host.sql is not None
    about = sql_targets(customer, host)
    backend = behind(
        "db01",
        host.sql,
        secret,
        web01 or Recording(server),
        sections=sections,
        targets=about,
        remembered=remembered,
    )
    return collect_sql(backend, sections=sections, targets=about, now=lambda: datetime.now(UTC))


def broken(twin: Twin) -> None:
    """NULLs, dates, a missing column, an offline and a missing database."""
    person(twin).update({"ldatuitdienst": None, "ldatindienst": "2020-02-29", "blocked": 1})
    del table(twin, "HRRoleDefs").columns["Description"]
    for row in table(twin, "HRRoleDefs").rows:
        row.pop("Description", None)
    twin.databases["020"].state = "OFFLINE"
    del twin.databases["Clickker"]


def without_clock(evidence: SqlEvidence) -> Any:
    """The databases' sections, but for the time on the server."""
    found = evidence.model_dump(mode="json")["databases"]
    for sections in found.values():
        if sections["person"] and sections["person"]["status"] == "ok":
            assert sections["person"]["value"].pop("local_now")
    return found


@pytest.mark.pwsh
def test_the_evidence_is_odbcs(tmp_path: Path) -> None:
    """Section by section: values, numbers of SQL Server, its words, what was not asked."""
    needs_driver()
    twin = load_twin("sql-compliant")
    broken(twin)
    with SqlServer(twin, logins={"acceptance": PASSWORD}) as server:
        by_odbc = ask_server(tmp_path, server)
        web01 = Recording(server)
        through = ask_through(tmp_path, server, web01=web01)
        assert len(server.logins) == 2
        assert server.logins[1].encrypted
        assert server.logins[1].application == "Acceptance suite"
    assert through.failure is None
    assert through.sections == by_odbc.sections
    assert without_clock(through) == without_clock(by_odbc)
    assert (through.reached.backend, through.reached.through) == ("sqlclient", "web01")
    assert through.reached.address == by_odbc.reached.address
    assert through.collector_sha256 != by_odbc.collector_sha256
    assert PASSWORD not in through.model_dump_json() + "".join(web01.lines)


@pytest.mark.pwsh
def test_a_refused_login_is_one_cause_and_tried_once(tmp_path: Path) -> None:
    with SqlServer(load_twin("sql-compliant"), logins={"acceptance": PASSWORD}) as server:
        first = ask_through(tmp_path, server, secret="wrong")
        again = ask_through(tmp_path, server, secret="wrong")
        assert [login.error for login in server.logins] == [18456]
    assert first.failure is not None
    assert first.failure == again.failure
    assert first.failure.kind == "LoginError"
    assert "refused the login acceptance" in first.failure.message


@pytest.mark.pwsh
def test_a_certificate_that_the_other_server_does_not_know(tmp_path: Path) -> None:
    """Before any password has left."""
    with SqlServer(load_twin("sql-compliant"), logins={"acceptance": PASSWORD}) as server:
        stranger = RunnerBackend(PowerShellRunner(load_windows("server2019")))
        failure = ask_through(tmp_path, server, web01=stranger).failure
        assert server.logins == []
    assert failure is not None
    assert failure.kind == "TlsError"
    assert "web01 does not accept the certificate of localhost" in failure.message


def test_a_password_that_was_refused_in_an_earlier_run_is_not_sent(tmp_path: Path) -> None:
    """By whichever way it was refused: web01 is asked nothing."""
    remembered = Refusals(tmp_path / "state")
    with SqlServer(load_twin("sql-compliant"), logins={}) as server:
        place = f"localhost:{server.port}"
        remembered.refuse(f"{place} acceptance", "old", place)
        why = HostError("web01", "was asked.")
        old = ask_through(tmp_path, server, secret="old", web01=Says(why), remembered=remembered)
        new = ask_through(tmp_path, server, secret="new", web01=Says(why), remembered=remembered)
    assert old.failure is not None
    assert new.failure is not None
    assert "is not sent again until it changes" in old.failure.message
    assert "was asked" in new.failure.message


# --- without a PowerShell -------------------------------------------------------------------------


class Says(RunnerBackend):
    """web01, which answers the section sqlclient so."""

    def __init__(self, answer: Any) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self.answer = answer

    def stream(self, command: str, arguments: Sequence[str], stdin: bytes) -> Output:
        if isinstance(self.answer, HostError):
            raise self.answer
        if isinstance(self.answer, bytes):
            return Output(self.answer, b"", 0)
        line = json.dumps({"section": "sqlclient", "answer": self.answer})
        return Output(f"@@FACT@@{line}@@END@@\n".encode(), b"", 0)


def ok(value: Any) -> dict[str, Any]:
    return {"status": "ok", "value": value, "milliseconds": 1}


@pytest.fixture
def server(tmp_path: Path) -> SqlServer:
    """Not started: only its certificate's and port's names are needed."""
    return SqlServer(load_twin("sql-compliant"), logins={})


HOSTILE = {
    "no value": {"status": "ok"},
    "a list": ok([1]),
    "nothing": ok({}),
    "more keys": ok({"failure": None, "answers": [], "more": 1}),
    "rows of objects": ok({"failure": None, "answers": [
        {"sets": [{"columns": ["a"], "rows": [[{"x": 1}]]}], "fault": None}]}),
    "no numbers": ok({"failure": {"errors": [{"number": "x"}], "causes": []}, "answers": []}),
    "more answers": ok({"failure": None, "answers": [{"sets": [], "fault": None}] * 99}),
    "an error": {"status": "error", "error": {"type": "X", "message": "blocked\nby antivirus"}},
    "constrained": b'@@FACT@@{"mode":"ConstrainedLanguage","version":"5.1"}@@END@@\n',
    "no sentinels": b"Access is denied.",
    "half": b'@@FACT@@{"section":"sqlclient","answer":{"status"@@END@@\n',
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_answer_is_a_failure_with_its_reason(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never an empty server: nothing of it is read."""
    with SqlServer(load_twin("sql-compliant"), logins={}) as server:
        evidence = ask_through(tmp_path, server, web01=Says(HOSTILE[name]))
    assert evidence.failure is not None
    assert evidence.failure.message.startswith("db01: ")
    assert "web01" in evidence.failure.message or "SqlClient" in evidence.failure.message
    assert evidence.failure.message.isprintable()
    assert evidence.databases == {}


def test_the_other_hosts_failure_is_told_as_its_own(tmp_path: Path) -> None:
    why = HostError("web01", "nothing listens on web01:5986.", "Run Enable-PSRemoting.")
    with SqlServer(load_twin("sql-compliant"), logins={}) as server:
        failure = ask_through(tmp_path, server, web01=Says(why)).failure
    assert failure is not None
    assert failure.message == (
        "db01: web01, through which it is asked, could not be asked: "
        "web01: nothing listens on web01:5986."
    )
    assert failure.remedy == "Run Enable-PSRemoting."


def test_what_did_not_come_back_in_time_is_unread(tmp_path: Path) -> None:
    """Fewer answers than batches: the deadline had passed there."""
    value = {"failure": None, "answers": []}
    with SqlServer(load_twin("sql-compliant"), logins={}) as server:
        evidence = ask_through(tmp_path, server, web01=Says(ok(value)))
    assert evidence.failure is None
    for _, section in evidence.sections:
        assert isinstance(section, Unread)
        assert section.status == "error"


def test_the_password_stands_in_the_first_line_of_stdin_only(tmp_path: Path) -> None:
    """The question may be shown, stored and mailed."""
    with SqlServer(load_twin("sql-compliant"), logins={}) as server:
        customer = customer_through(tmp_path, server)
    host = customer.hosts["db01"]
    assert host.sql is not None
    asked = question(host.sql, SQL_SECTIONS, sql_targets(customer, host))
    assert "UNUSED" not in json.dumps(asked)
    sent = stdin_payload(["sqlclient"], {"sql": asked, "secret": "geheim"}).decode("ascii")
    assert sent.count("geheim") == 1
    assert "geheim" in sent.splitlines()[0]


def test_odbcs_marks_become_names() -> None:
    assert named("EXECUTE @run ?, @account = ?") == "EXECUTE @run @p1, @account = @p2"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"encrypt": "strict"}, "SqlClient has no TDS 8"),
        ({"ca_file": "ca.pem"}, "ca_file has no effect through a host"),
        ({"certificate_name": "other"}, "certificate_name has no effect through a host"),
        ({"driver": "ODBC Driver 18 for SQL Server"}, "driver has no effect through a host"),
        ({"through": "web02"}, "no host 'web02' with a connection"),
        ({"through": "db01"}, "no host 'db01' with a connection"),
        (
            {"auth": "windows", "username": None, "password": None},
            "a log-in by NTLM at web01 goes no further than web01",
        ),
    ],
)
def test_what_sqlclient_cannot_do_is_refused_before_connecting(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    with (
        SqlServer(load_twin("sql-compliant"), logins={}) as server,
        pytest.raises(InventoryError, match=words),
    ):
        customer_through(tmp_path, server, **changes)


@pytest.mark.parametrize("way", [{"auth": "credssp"}, {"backend": "ssh", "username": "a"}])
def test_a_way_that_may_hand_the_account_on_is_tried(tmp_path: Path, way: dict[str, str]) -> None:
    connection = WEB["connection"] | way  # type: ignore[operator]
    sql = {"server": "db01", "auth": "windows", "through": "web01"}
    hosts = {"web01": WEB | {"connection": connection}, "db01": {"roles": ["database"], "sql": sql}}
    assert customer_of(tmp_path, hosts).hosts["db01"].sql is not None


def test_a_log_in_by_key_has_nothing_to_hand_on(tmp_path: Path) -> None:
    """Refused before anything connects, as by NTLM; on the same machine it needs nothing."""
    (tmp_path / "key").touch()
    ssh = {"backend": "ssh", "address": "web01", "username": "a", "identity_file": "key"}
    sql = {"server": "db01", "auth": "windows", "through": "web01"}
    web = {"roles": ["web"], "connection": ssh}
    hosts: dict[str, Any] = {"web01": web, "db01": {"roles": ["database"], "sql": sql}}
    with pytest.raises(InventoryError, match="by key at web01 has no credentials for another"):
        customer_of(tmp_path, hosts)
    both = web | {"roles": ["web", "database"], "sql": sql}
    assert customer_of(tmp_path, {"web01": both}).hosts["web01"].sql is not None


def test_on_the_same_machine_windows_authentication_needs_no_second_hop(tmp_path: Path) -> None:
    sql = {"server": "localhost", "auth": "windows", "through": "db01"}
    both = WEB | {"roles": ["web", "database"], "sql": sql}
    customer = customer_of(tmp_path, {"db01": both})
    assert customer.hosts["db01"].sql is not None
