"""A twin is data: what is misspelt in it is an error, never a fault that does nothing."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from acceptance.simulator.sqlserver.collations import fold, sort_key
from acceptance.simulator.sqlserver.sqltypes import SqlType, convert, parse_type
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
    same = fold(one, collation) == fold(other, collation)
    assert (sort_key(one, collation) == sort_key(other, collation)) == same


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (True, "bit", 1),
        (date(2024, 2, 29), "datetime", datetime(2024, 2, 29)),
        ("2025-12-31", "datetime", datetime(2025, 12, 31)),
        ("6F9619FF-8B86-D011-B42D-00C04FC964FF", "uniqueidentifier",
         UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")),
        ("A", "nchar(3)", "A  "),
        ("abc", "nvarchar(2)", "ab"),
        (b"xyz", "varbinary(2)", b"xy"),
        (datetime(2024, 1, 1, tzinfo=UTC), "datetime", datetime(2024, 1, 1)),
        (None, "int", None),
    ],
)  # fmt: skip
def test_a_value_becomes_one_of_its_declared_type(value: Any, kind: str, expected: Any) -> None:
    assert convert(value, parse_type(kind)) == expected


@given(st.binary(max_size=30))
def test_bytes_as_hexadecimal_text(raw: bytes) -> None:
    assert convert(raw, SqlType("varchar", 100), 1) == "0x" + raw.hex().upper()
