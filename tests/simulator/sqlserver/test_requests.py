"""Requests that ODBC Driver 18 may send but pyodbc never provokes: written here byte by byte."""

import socket
import struct
from collections.abc import Iterator

import pytest
from acceptance.simulator.sqlserver.requests import Requests
from acceptance.simulator.sqlserver.session import Session
from acceptance.simulator.sqlserver.state import Twin
from acceptance.simulator.sqlserver.tds import PacketType
from acceptance.simulator.sqlserver.transport import (
    Message,
    ProtocolError,
    Transport,
    read_message,
)

HEADERS = struct.pack("<IIHQI", 22, 18, 2, 0, 1)
ROW = bytes([0xD1, 4]) + struct.pack("<i", 77)  # with one INTN
NULL_INT = bytes([0, 1, 0x26, 4, 0])  # an output parameter without a value


def text(value: str) -> bytes:
    raw = value.encode("utf-16-le")
    return (
        bytes([0, 0, 0xE7]) + struct.pack("<H", 8000) + bytes(5) + struct.pack("<H", len(raw)) + raw
    )


def integer(value: int) -> bytes:
    return bytes([0, 0, 0x26, 4, 4]) + struct.pack("<i", value)


def call(name: int | str, *parameters: bytes) -> bytes:
    named = (
        struct.pack("<HH", 0xFFFF, name)
        if isinstance(name, int)
        else struct.pack("<H", len(name)) + name.encode("utf-16-le")
    )
    return HEADERS + named + bytes(2) + b"".join(parameters)


class Client:
    """The other end of a socket."""

    def __init__(self, twin: Twin) -> None:
        ours, theirs = socket.socketpair()
        self._sockets = (ours, theirs)
        self._transport = Transport(ours)
        self.requests = Requests(Transport(theirs), Session(twin, "acceptance", "Synergy"), [])

    def ask(
        self, payload: bytes, kind: PacketType = PacketType.RPC, *, reset: bool = False
    ) -> bytes:
        self.requests.answer(Message(kind, payload, reset))
        return read_message(self._transport.read).payload

    def close(self) -> None:
        for one in self._sockets:
            one.close()


@pytest.fixture
def client(twin: Twin) -> Iterator[Client]:
    one = Client(twin)
    yield one
    one.close()


def test_a_statement_is_prepared_executed_and_forgotten(client: Client) -> None:
    prepared = client.ask(call(13, NULL_INT, text("@a int"), text("SELECT @a AS a"), integer(77)))
    # RETURNVALUE: ordinal 0, no name, output, user type and flags, INTN of 4 bytes, then the handle
    # 1.
    assert bytes.fromhex("ac0000 00 01 00000000 0100 260404 01000000".replace(" ", "")) in prepared
    assert ROW in prepared
    unknown = struct.pack("<i", 8179)
    assert [unknown in client.ask(call(15, integer(one))) for one in (1, 2)] == [False, True]


def test_sp_executesql_is_called_by_number(client: Client) -> None:
    assert ROW in client.ask(call(10, text("SELECT @a AS a"), text("@a int"), integer(77)))


def test_a_request_of_which_half_is_simulated_is_none(client: Client) -> None:
    """A procedure without its parameters, and two calls in one request."""
    for number in (10, 13, 15):
        with pytest.raises(ProtocolError):
            client.ask(call(number))
    one = call(10, text("SELECT 1 AS a"))
    with pytest.raises(ProtocolError):
        client.ask(one + b"\xff" + one[22:])


@pytest.mark.parametrize("name", [1, 2, 11, 12, "sp_tables"])  # sp_cursor … sp_execute
def test_a_procedure_that_no_client_here_calls_is_not_evaluated(
    client: Client, name: int | str
) -> None:
    """Every server has it: 2812, "could not find", would be a wrong answer."""
    answer = client.ask(call(name, integer(1)))
    assert struct.pack("<i", 60000) in answer
    assert struct.pack("<i", 2812) not in answer


def test_an_attention_is_answered_by_done_with_its_flag(client: Client) -> None:
    assert client.ask(b"", PacketType.ATTENTION) == struct.pack("<BHHQ", 0xFD, 0x20, 0, 0)


def test_a_transaction_is_not_evaluated(client: Client) -> None:
    begun = client.ask(HEADERS + struct.pack("<HBB", 5, 0, 0), PacketType.TRANSACTION_MANAGER)
    assert struct.pack("<i", 60000) in begun


def test_a_reset_ends_impersonation_and_goes_back_to_the_first_database(client: Client) -> None:
    batch = "EXECUTE AS LOGIN = 'BACO'"
    client.ask(HEADERS + batch.encode("utf-16-le"), PacketType.SQL_BATCH)
    assert client.requests.session.context == "BACO"
    answer = client.ask(
        HEADERS + "SELECT 1 AS a".encode("utf-16-le"), PacketType.SQL_BATCH, reset=True
    )
    assert answer[:4] == bytes([0xE3, 3, 0, 18])
    assert (client.requests.session.context, client.requests.session.database) == (
        "acceptance",
        "Synergy",
    )


def test_a_second_login_is_no_request(client: Client) -> None:
    with pytest.raises(ProtocolError):
        client.ask(b"", PacketType.LOGIN7)
