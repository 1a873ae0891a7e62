"""What people write instead of what is meant, told by `acceptance check` with file and line."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.cli.test_by_hand import call

ROOT = Path(__file__).parents[2]
GOOD = r"""customers:
  acme:
    title: ACME
    service_account: ACME\svc-clickker
    hosts:
      web01:
        roles: [web, database]
        connection: {address: web01.example.test, username: ACME\admin, password: "env:ACME"}
        sql: {server: db01, auth: sql, username: sa, password: "env:ACME"}
"""
TODAY = datetime.now(UTC).date()
ATTESTED = """    attestations:
      - {{requirement: {requirement}, name: A, role: B, on: {on}, document: C}}
"""


def checked(folder: Path, text: str) -> tuple[int, str]:
    path = folder / "hosts.yaml"
    path.write_text(text, encoding="utf-8")
    status, told = call("check", f"--inventory={path}")
    return status, told.replace(f"{path}:", "")


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("web01.example.test", "https://web01:5986/wsman", "8: customers.acme.hosts.web01"),
        ("web01.example.test", "https://web01:5986/wsman", "no URL; the port has a key of its own"),
        ("web01.example.test", "'web01.example.test:5986'", "a key of its own, port: NUMBER"),
        ("web01.example.test", "'[::1]'", "an IPv6 address without brackets, such as ::1"),
        ("server: db01", r"server: DB01\EXACT", "has a key of its own, such as instance: EXACT"),
        ("server: db01", "server: 'db01,1433'", "9: customers.acme.hosts.web01.sql.server"),
        ("server: db01", "server: 'db01,1433'", "a key of its own, port: NUMBER"),
        ("  acme:", "  demo:", "demo"),
        ("  acme:", "  all:", "all"),
        ("    title: ACME", "   title: ACME", "no valid YAML"),
        ("    title: ACME", "    title: ACME\n    thresholds: {sql_versions: ['2019']}", "2019"),
        ('"env:ACME"}\n        sql', "Summer-2026}\n        sql", "must be a reference"),
    ],
)
def test_a_wrong_key_is_told_with_what_is_meant(
    tmp_path: Path, was: str, becomes: str, told: str
) -> None:
    assert was in GOOD
    status, said = checked(tmp_path, GOOD.replace(was, becomes, 1))
    assert status == 2
    assert told in said
    assert said[: said.index(":")].isdigit(), "the line"
    assert "Traceback" not in said
    assert "Summer-2026" not in said


@pytest.mark.parametrize("address", ["SQL_PROD01", "sql_prod01.example.test", "::1", "10.0.0.5"])
def test_an_address_that_there_may_be_is_taken(tmp_path: Path, address: str) -> None:
    text = GOOD.replace("server: db01", f"server: '{address}'")
    assert checked(tmp_path, text.replace("web01.example.test", f"'{address}'"))[0] == 0


@pytest.mark.parametrize(
    ("requirement", "days", "told"),
    [
        ("OS-04", 1, "lies in the future and settles nothing yet"),
        ("OS-04", -181, "is older than 180 days and settles nothing"),
        ("IIS-07", 0, "settles nothing: what a machine finds decides it"),
    ],
)
def test_an_attestation_that_settles_nothing_is_told(
    tmp_path: Path, requirement: str, days: int, told: str
) -> None:
    """A run takes it; who wrote it should know."""
    on = TODAY + timedelta(days=days)
    status, said = checked(tmp_path, GOOD + ATTESTED.format(requirement=requirement, on=on))
    assert (status, told in said) == (0, True), said
    assert said.startswith("11:")


def test_the_schema_refuses_a_password_in_clear() -> None:
    """An editor that knows it says so while the file is written."""
    schema = json.loads((ROOT / "docs" / "hosts.schema.json").read_text(encoding="utf-8"))
    host = {"roles": ["web"], "connection": {"address": "a", "username": "b", "password": "env:C"}}
    file = {"customers": {"acme": {"title": "A", "hosts": {"web01": host}}}}
    validator = Draft202012Validator(schema)
    assert list(validator.iter_errors(file)) == []
    host["connection"] |= {"password": "Summer-2026"}  # type: ignore[operator]
    assert len(list(validator.iter_errors(file))) == 1
