"""A twin is data: what is misspelt in it is an error, never a fault that does nothing."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from acceptance.simulator.sqlserver.collations import compare, fold
from acceptance.simulator.sqlserver.conversions import convert, from_sqlite, to_sqlite
from acceptance.simulator.sqlserver.sqltypes import SqlType, parse_type
from acceptance.simulator.sqlserver.state import Twin, load_twin
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

TABLE = {"columns": {"a": "int", "opt_0..opt_2": "bit"}, "rows": [{"a": 1, "opt_2": 1}]}


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"logns": {}}, "logns"),
        ({"logins": {"x": {"role": ["sysadmin"]}}}, "role"),
        ({"logins": {"x": {"roles": ["sysadmn"]}}}, "sysadmn"),
        ({"logins": {"x": {"kind": "windows"}}}, "kind"),
        ({"databases": {"D": {"state": "AWAY"}}}, "state"),
        ({"databases": {"D": {"tables": {"t": {"columns": {"a": "integr"}}}}}}, "integr"),
        (
            {"databases": {"D": {"tables": {"t": {"columns": {"a": "int"}, "rows": [{"b": 1}]}}}}},
            "b",
        ),
        ({"databases": {20: {}}}, "databases"),
    ],
    ids=["key", "login's key", "role", "kind", "state", "type", "row", "a number for a name"],
)
def test_a_misspelt_twin_is_refused_with_the_place(part: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        Twin.model_validate({"server": {"name": "S"}} | part)


def test_a_range_of_columns_is_all_of_them() -> None:
    twin = Twin.model_validate(
        {"server": {"name": "S"}, "databases": {"D": {"tables": {"t": TABLE}}}}
    )
    assert list(twin.databases["D"].tables["t"].columns) == ["a", "opt_0", "opt_1", "opt_2"]


def test_the_compliant_twin_has_what_the_requirements_ask_for() -> None:
    twin = load_twin("sql-compliant")
    assert twin.logins[r"DEMO\svc-clickker"].roles == ["sysadmin"]
    assert list(twin.databases) == [
        "master",
        "tempdb",
        "model",
        "msdb",
        "Synergy",
        "020",
        "Clickker",
    ]
    assert len(twin.databases["Synergy"].tables["ExactOptions"].columns) == 1024


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ("nvarchar(60)", SqlType("nvarchar", 60)),
        ("VARBINARY(MAX)", SqlType("varbinary", -1)),
        ("decimal(9, 2)", SqlType("decimal", 9, 2)),
        ("datetime2", SqlType("datetime2", 0, 7)),
        ("sysname", SqlType("nvarchar", 128)),
        ("[int]", SqlType("int")),
    ],
)
def test_types_are_declared_as_in_tsql(declaration: str, expected: SqlType) -> None:
    assert parse_type(declaration) == expected


@given(
    st.text(max_size=20),
    st.text(max_size=20),
    st.sampled_from(["Latin1_General_CI_AS", "Latin1_General_CS_AS"]),
)
def test_a_collation_orders_all_texts(one: str, other: str, collation: str) -> None:
    assert compare(one, other, collation) == -compare(other, one, collation)
    assert (compare(one, other, collation) == 0) == (fold(one, collation) == fold(other, collation))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "bit"),
        (datetime(2024, 2, 29, 1, 2, 3, 4000), "datetime"),
        (date(2024, 2, 29), "date"),
        (Decimal("1.5"), "decimal(9, 2)"),
        (UUID(int=7), "uniqueidentifier"),
        (b"x", "varbinary(5)"),
    ],
)
def test_values_survive_sqlite(value: Any, kind: str) -> None:
    found = from_sqlite(to_sqlite(value), parse_type(kind))
    same = {
        UUID: lambda: UUID(found),
        date: lambda: found.date(),
        Decimal: lambda: Decimal(str(found)),
    }
    assert same.get(type(value), lambda: found)() == value


@given(st.datetimes(min_value=datetime(1753, 1, 1)))
def test_a_date_as_iso_text_is_the_same_date(moment: datetime) -> None:
    text = convert(to_sqlite(moment), "datetime2", SqlType("nvarchar", 40), 126)
    assert datetime.fromisoformat(text[:26]) == moment


@given(st.binary(max_size=30))
def test_bytes_as_hexadecimal_text_are_the_same_bytes(raw: bytes) -> None:
    text = convert(raw, "varbinary", SqlType("varchar", 100), 1)
    assert convert(text, "varchar", SqlType("varbinary", 100), 1) == raw


def test_a_time_zone_is_dropped_as_datetime_has_none() -> None:
    assert to_sqlite(datetime(2024, 1, 1, tzinfo=UTC)) == "2024-01-01T00:00:00.000000"
