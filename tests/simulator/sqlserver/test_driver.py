"""Microsoft's ODBC Driver 18 through pyodbc as the independent reader and writer of all that goes
over the wire.
"""

from datetime import datetime
from typing import Any

import pytest
from acceptance.simulator.sqlserver.server import SqlServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.simulator.sqlserver.answers import Connect

pyodbc = pytest.importorskip("pyodbc", reason="needs unixODBC (libodbc2)", exc_type=ImportError)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    number=st.integers(min_value=-(2**31), max_value=2**31 - 1),
    text=TEXTS,
    flag=st.booleans(),
)
def test_values_come_back_as_they_were_sent(
    cursor: Any, number: int, text: str, flag: bool
) -> None:
    row = cursor.execute("SELECT ?, ?, ?", number, text, flag).fetchone()
    assert list(row) == [number, text, flag]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("CAST(255 AS tinyint)", 255),
        ("CAST('9223372036854775807' AS bigint)", 9223372036854775807),
        ("CAST('2024-02-29T13:14:15.678' AS datetime)", datetime(2024, 2, 29, 13, 14, 15, 677000)),
        ("CAST('käse' AS varchar(10))", "käse"),
        ("CAST(N'Łódź 漢字' AS nvarchar(max))", "Łódź 漢字"),
        ("CAST(NULL AS nvarchar(max))", None),
        ("CAST(NULL AS datetime)", None),
        ("CAST('ab' AS char(4))", "ab  "),
    ],
)
def test_each_data_type_reaches_the_client(cursor: Any, expression: str, expected: Any) -> None:
    assert cursor.execute(f"SELECT {expression} AS value").fetchone().value == expected


@pytest.mark.parametrize("value", [2**40, None])
def test_each_type_of_parameter_is_read(cursor: Any, value: Any) -> None:
    assert cursor.execute("SELECT ? AS value", value).fetchone().value == value


@pytest.mark.parametrize(
    "expression", ["SERVERPROPERTY('EngineEdition')", "CAST(NULL AS varbinary(85))"]
)
def test_a_type_that_no_collector_reads_is_an_error(cursor: Any, expression: str) -> None:
    """Among them sql_variant, which pyodbc cannot read: a collector that forgets the CAST must not
    work here.
    """
    with pytest.raises(pyodbc.Error, match="cannot evaluate a column of type"):
        cursor.execute(f"SELECT {expression} AS value").fetchall()


def test_a_batch_may_give_several_result_sets(cursor: Any) -> None:
    cursor.execute("SELECT 1 AS a; SELECT 2 AS b, 3 AS c; SELECT 'x' AS d")
    found = [list(cursor.fetchone())]
    while cursor.nextset():
        found.append(list(cursor.fetchone()))
    assert found == [[1], [2, 3], ["x"]]


def test_the_result_set_before_an_error_is_not_lost(cursor: Any) -> None:
    cursor.execute("SELECT 1 AS a; SELECT x FROM dbo.nothing;")
    assert cursor.fetchone().a == 1
    with pytest.raises(
        pyodbc.ProgrammingError, match=r"Invalid object name 'dbo\.nothing'"
    ) as caught:
        cursor.nextset()
    assert caught.value.args[0] == "42S02"


def test_a_prepared_statement_runs_again_with_other_values(
    cursor: Any, shared_server: SqlServer
) -> None:
    before = len(shared_server.batches)
    cursor.executemany("SELECT ? AS a", [(1,), (2,), (3,)])
    assert cursor.fetchone().a == 3
    assert [batch.kind for batch in shared_server.batches[before:]] == [
        "sp_prepexec"
    ] * 3  # pyodbc binds anew each time


def test_a_wide_answer_takes_many_packets(shared_server: SqlServer, connect: Connect) -> None:
    names = ", ".join(f"o.opt_{number}" for number in range(1023))
    options = connect(shared_server, "Database=Synergy").cursor()
    row = options.execute(f"SELECT {names} FROM dbo.ExactOptions AS o").fetchone()
    assert len(row) == 1023
    assert row.opt_1 is True
    assert row.opt_600 == 1


@pytest.mark.parametrize("size", [512, 4096, 32767])
def test_every_packet_size_carries_long_values_both_ways(
    shared_server: SqlServer, connect: Connect, size: int
) -> None:
    connection = connect(shared_server, attrs_before={112: size})  # SQL_ATTR_PACKET_SIZE
    text = "ä" * 100_000
    assert connection.execute(f"SELECT CAST(N'{text}' AS nvarchar(max)) AS a").fetchone().a == text


def test_logins_and_batches_are_counted(server: SqlServer, connect: Connect) -> None:
    """What pyodbc and the driver ask for themselves is told apart."""
    cursor = connect(server, "Database=Synergy;ApplicationIntent=ReadOnly").cursor()
    cursor.execute("SELECT 1 AS a").fetchall()
    cursor.execute("SELECT ? AS a", None).fetchall()
    (login,) = server.logins
    assert (login.user, login.database, login.encrypted, login.read_only) == (
        "acceptance",
        "Synergy",
        True,
        True,
    )
    assert login.tds_version == 0x74000004
    assert [(batch.kind, batch.text) for batch in server.batches] == [
        ("batch", "SELECT 1 AS a"),
        ("sp_prepexec", "SELECT @P1 AS a"),
    ]
    assert "sp_describe_undeclared_parameters" in {request.kind for request in server.requests}


def test_a_query_timeout_is_an_attention_that_the_server_answers(
    twin: Any, connect: Connect
) -> None:
    with SqlServer(twin, logins={"acceptance": "x"}, answer_delay=1.2) as slow:
        connection = connect(slow, password="x")
        connection.timeout = 1
        with pytest.raises(pyodbc.OperationalError, match="timeout expired"):
            connection.execute("SELECT 1 AS a")
        connection.timeout = 0
        assert connection.execute("SELECT 2 AS a").fetchone().a == 2
