"""`acceptance check --connect`: each way in is tried as far as the log-in, and no further."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from acceptance.simulator.sqlserver.server import SqlServer
from acceptance.simulator.sqlserver.state import load_twin
from acceptance.simulator.windows.runner import Emit, Result
from acceptance.simulator.winrm.server import WsManServer
from typer.testing import CliRunner

from acceptance.catalogue.ways import SSH_KEY
from acceptance.cli.app import app
from acceptance.collecting import openings
from tests.backends.sshd import started
from tests.sql_twins import needs_driver

pytestmark = pytest.mark.slow

ACCOUNT, PASSWORD = r"DEMO\acceptance", "a secret that nobody prints"


class Never:
    def run(self, _line: str, _stdin: Iterator[bytes], _emit: Emit) -> Result:
        raise AssertionError("no program is to be started")


def server(**options: Any) -> WsManServer:
    return WsManServer(Never(), **{"users": {ACCOUNT: PASSWORD}, "tls": True} | options)


def check(folder: Path, hosts: dict[str, Any], selection: str = "acme") -> Any:
    customer = {
        "title": "Acme",
        "service_account": r"DEMO\svc",
        "databases": {"exact": ["Synergy", "Missing"], "synergy": "Synergy"},
        "hosts": hosts,
    }
    inventory = folder / "hosts.yaml"
    inventory.write_text(yaml.safe_dump({"customers": {"acme": customer}}), encoding="utf-8")
    command = ["check", f"--inventory={inventory}", f"--connect={selection}"]
    done = CliRunner().invoke(app, command)
    assert PASSWORD not in done.output
    return done


def reached(one: WsManServer, **changes: Any) -> dict[str, Any]:
    connection = {"address": "localhost", "port": one.port, "username": ACCOUNT}
    connection |= {"password": "env:ACME", "ca_file": str(one.ca_file), "connect_seconds": 2}
    return {"roles": ["web"], "connection": connection | changes}


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME", PASSWORD)
    monkeypatch.setenv("WRONG", PASSWORD[::-1])


def test_a_server_that_lets_us_in_is_asked_nothing(tmp_path: Path) -> None:
    with server() as one:
        done = check(tmp_path, {"web01": reached(one)})
        asked = [request.action for request in one.requests if request.action]
        assert asked == ["Create", "Delete"]
        port = one.port
    assert done.exit_code == 0, done.output
    assert re.findall(r"^  (\S+)", done.output, re.MULTILINE) == [
        "name", "port", "TLS", "offers", "login",
    ]  # fmt: skip
    for words in (f"{port} answers", "TLSv1.", "certificate verified", "Negotiate"):
        assert words in done.output
    assert rf"{ACCOUNT} is let in (ntlm)" in done.output
    assert "1 of 1 ways in are open." in done.output
    assert (
        "recommended: WinRM; for OS-08, OS-09: by hand, by an account of the domain" in done.output
    )


def test_the_other_ways_are_told_and_one_is_recommended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSH and CredSSP where they answer, and by hand, each with what it would leave undecided."""
    with server() as one, socket.create_server(("127.0.0.1", 0)) as ssh:
        port = ssh.getsockname()[1]
        monkeypatch.setattr(openings, "SSH_KEY", SSH_KEY._replace(ports=(port,)))
        done = check(tmp_path, {"web01": reached(one), "web02": reached(one, port=1)})
    let_in, closed = done.output.split("web02 (localhost)")
    left = "leaves undecided: OS-08, OS-09"
    for words in (
        f"WinRM: as the inventory says; {left}",
        "WinRM with CredSSP: is not offered",
        f"SSH by key: {port} answers; {left}",
        "by hand, by an account of the domain: needs a person there: acceptance script; leaves",
    ):
        assert words in let_in, let_in
    assert "recommended: SSH by key; for OS-08, OS-09: by hand" in closed


def test_where_nothing_is_open_it_is_by_hand(tmp_path: Path) -> None:
    """And a server that offers CredSSP is told so."""
    with server(authentications=frozenset({"CredSSP", "Negotiate"})) as one:
        offers = check(tmp_path, {"web01": reached(one)})
        unknown = check(tmp_path, {"web01": reached(one, address="no-such-host.invalid")})
    assert "recommended: WinRM; for OS-08, OS-09: WinRM with CredSSP" in offers.output
    assert "recommended: by hand, by an account of the domain\n" in unknown.output


def test_each_way_that_is_closed_says_where_it_ends(tmp_path: Path) -> None:
    """And a refused password is not sent by the next check, or by a run."""
    basic = server(authentications=frozenset({"Basic"}))
    with server() as good, server() as refuses, basic, server(certificate_kind="expired") as old:
        hosts = {
            "good": reached(good),
            "refuses": reached(refuses, password="env:WRONG"),
            "basic": reached(basic),
            "expired": reached(old),
            "unset": reached(good, password="env:NOT_SET"),
            "closed": reached(good, port=1),
            "unknown": reached(good, address="no-such-host.invalid"),
            "byhand": {"roles": ["web"], "connection": {"backend": "script", "address": "x"}},
        }
        done = check(tmp_path, hosts)
        again = check(tmp_path, hosts)
        assert refuses.refused_logins == 1
    assert done.exit_code == 1
    for words in (
        "refuses: the server refused",
        "basic: the server does not offer ntlm; it offers Basic",
        "expired: the certificate has expired.",
        "env:NOT_SET: the environment variable NOT_SET is not set.",
        "closed: nothing listens on localhost:1.",
        "unknown: the name no-such-host.invalid is unknown.",
        "acceptance script",
        "2 of 8 ways in are open.",
    ):
        assert words in done.output, words
    assert "not sent again until it changes" in again.output


def test_a_sql_server_says_which_databases_the_login_sees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_driver()
    monkeypatch.setenv("SQL", PASSWORD)
    logins = {"acceptance": PASSWORD}
    with SqlServer(load_twin("sql-compliant"), logins=logins) as one:
        sql = {"server": "localhost", "port": one.port, "ca_file": str(one.ca_file)}
        sql |= {"auth": "sql", "username": "acceptance", "password": "env:SQL"}
        done = check(tmp_path, {"db01": {"roles": ["database"], "sql": sql}})
        wrong = check(
            tmp_path, {"db01": {"roles": ["database"], "sql": sql | {"password": "env:WRONG"}}}
        )
    assert done.exit_code == 0, done.output
    assert "acceptance is let in (sql)" in done.output
    assert re.search(r"databases +\d+ seen; not seen: Missing", done.output), done.output
    assert wrong.exit_code == 1
    assert "refused the login acceptance" in wrong.output


def test_a_closed_sql_server_is_asked_from_another_server(tmp_path: Path) -> None:
    needs_driver()
    sql = {"server": "localhost", "port": 1, "auth": "sql", "username": "acceptance"}
    closed = {"roles": ["database"], "sql": sql | {"password": "env:ACME"}}
    with server() as one:
        done = check(tmp_path, {"db01": closed, "web01": reached(one)})
    alone = check(tmp_path, {"db01": closed})
    assert "recommended: sql.through: web01" in done.output
    assert "sql.through" not in alone.output


@pytest.mark.slow
def test_over_ssh_the_log_in_and_the_host_key_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "sshd"
    folder.mkdir()
    with started(folder) as sshd:
        sshd.powershell("#!/bin/sh\nexit 0\n")
        done = check(tmp_path, {"web01": {"roles": ["web"], "connection": sshd.entry()}})
        unknown = sshd.entry(options={"UserKnownHostsFile": "/dev/null"})
        closed = check(tmp_path, {"web01": {"roles": ["web"], "connection": unknown}})
    assert "PowerShell starts there (publickey; host key ssh-ed25519 SHA256:" in done.output
    assert done.exit_code == 0
    assert "the host key of the server is not known here" in closed.output
    assert closed.exit_code == 1


def test_an_unknown_customer_is_one_line(tmp_path: Path) -> None:
    done = check(tmp_path, {"web01": {"roles": ["web"], "connection": {
        "backend": "script", "address": "x"}}}, "nobody")  # fmt: skip
    assert done.exit_code == 2
    assert "no customer 'nobody'" in done.output


class SaysOfSql:
    """web01, whose SqlClient answers so."""

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value

    def run(self, _line: str, _stdin: Iterator[bytes], _emit: Emit) -> Result:
        answer = {"section": "sqlclient", "answer": {"status": "ok", "value": self.value}}
        return Result(f"@@FACT@@{json.dumps(answer)}@@END@@\n".encode(), b"", 0)


def through(folder: Path, value: dict[str, Any]) -> str:
    sql = {"server": "db01.example.test", "auth": "sql", "username": "reader", "through": "web01"}
    sql |= {"password": "env:ACME"}
    with WsManServer(SaysOfSql(value), users={ACCOUNT: PASSWORD}, tls=True) as one:
        hosts = {"web01": reached(one), "db01": {"roles": ["database"], "sql": sql}}
        output: str = check(folder, hosts, "acme/db01").output
    return output


def test_a_sql_server_behind_another_host_is_tried_from_there(tmp_path: Path) -> None:
    """Not from here: neither a name nor a password goes to it from this machine."""
    names = ["name", "state", "collation", "compatibility_level", "is_read_only", "user_access"]
    row = ["Synergy", "ONLINE", "Latin1_General_CI_AS", 150, 0, "MULTI_USER", 1, 1]
    listed = {"columns": [*names, "accessible", "exact_tables"], "rows": [row]}
    flags = {"columns": ["sees_all", "case_sensitive"], "rows": [[1, 0]]}
    server_section = {"sets": [], "fault": None}
    databases = {"sets": [flags, listed], "fault": None}
    output = through(tmp_path, {"failure": None, "answers": [server_section, databases]})
    assert "through" in output
    assert "reader is let in (sql)" in output
    assert re.search(r"1 seen; not seen: Missing", output)


def test_a_sql_server_that_the_script_asks_waits_for_a_person(tmp_path: Path) -> None:
    """Nothing is connected for it: not its host, whose address may lead nowhere from here."""
    sql = {"server": "db01.example.test", "auth": "windows", "through": "web01"}
    connection = {"backend": "script", "address": "no-such-host.invalid"}
    hosts = {"web01": {"roles": ["web"], "connection": connection},
             "db01": {"roles": ["database"], "sql": sql}}  # fmt: skip
    done = check(tmp_path, hosts, "acme/db01")
    assert re.search(r"by hand +a person runs the script there", done.output), done.output
    assert "FAILED" not in done.output
    assert done.exit_code == 0


def test_what_keeps_the_other_host_from_it_is_told(tmp_path: Path) -> None:
    error = {"number": 10061, "severity": 20, "state": 0, "message": "words"}
    failure = {"errors": [error], "causes": []}
    output = " ".join(through(tmp_path, {"failure": failure, "answers": []}).split())
    assert "nothing listens on db01.example.test:1433" in output
