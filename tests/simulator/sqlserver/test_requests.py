"""Requests that ODBC Driver 18 may send but pyodbc never provokes: written here byte by byte."""

import socket
import struct
from collections.abc import Iterator

import pytest
from acceptance.simulator.sqlserver.packets import Message, ProtocolError, read_message
from acceptance.simulator.sqlserver.requests import PacketType, Requests
from acceptance.simulator.sqlserver.session import Session
from acceptance.simulator.sqlserver.state import Twin
from acceptance.simulator.sqlserver.transport import Transport

HEADERS = struct.pack("<IIHQI", 22, 18, 2, 0, 1)
NULL_INT = bytes([0, 1, 0x26, 4, 0])  # an output parameter without a value


def text(value: str) -> bytes:
    raw = value.encode("utf-16-le")
    return (
        bytes([0, 0, 0xE7]) + struct.pack("<H", 8000) + bytes(5) + struct.pack("<H", len(raw)) + raw
    )


def integer(value: int) -> bytes:
    return bytes([0, 0, 0x26, 4, 4]) + struct.pack("<i", value)


def call(number: int, *parameters: bytes) -> bytes:
    return HEADERS + struct.pack("<HHH", 0xFFFF, number, 0) + b"".join(parameters)


class Client:
    """The other end of a socket."""

    def __init__(self, twin: Twin) -> None:
        ours, theirs = socket.socketpair()
        self._sockets = (ours, theirs)
        self._transport = Transport(ours)
        self.requests = Requests(Transport(theirs), Session(twin, "acceptance", "Synergy"), [], 0.0)

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
    prepared = client.ask(call(11, NULL_INT, text("@a int"), text("SELECT @a AS a"), integer(1)))
    # RETURNVALUE: ordinal 0, no name, output, user type and flags, INTN of 4 bytes, then the handle
    # 1.
    assert bytes.fromhex("ac0000 00 01 00000000 0100 260404 01000000".replace(" ", "")) in prepared
    executed = client.ask(call(12, integer(1), integer(77)))
    assert bytes([0xD1, 4]) + struct.pack("<i", 77) in executed  # ROW with one INTN
    client.ask(call(15, integer(1)))
    assert struct.pack("<i", 8179) in client.ask(call(12, integer(1), integer(77)))


def test_sp_executesql_is_called_by_number_or_by_name(client: Client) -> None:
    row = bytes([0xD1, 4]) + struct.pack("<i", 77)
    parameters = (text("SELECT @a AS a"), text("@a int"), integer(77))
    assert row in client.ask(call(10, *parameters))
    name = "sp_executesql".encode("utf-16-le")
    head = HEADERS + struct.pack("<H", len(name) // 2) + name + bytes(2)
    assert row in client.ask(head + b"".join(parameters))
    assert client.ask(call(10, *parameters) + b"\xff" + call(10, *parameters)[22:]).count(row) == 2


def test_a_procedure_without_its_parameters_is_no_request(client: Client) -> None:
    for number in (10, 11, 12, 13, 15):
        with pytest.raises(ProtocolError):
            client.ask(call(number))


def test_an_unknown_procedure_is_2812(client: Client) -> None:
    name = "sp_tables".encode("utf-16-le")
    request = HEADERS + struct.pack("<H", len(name) // 2) + name + bytes(2)
    assert struct.pack("<i", 2812) in client.ask(request)


@pytest.mark.parametrize("number", [1, 2])  # sp_cursor, sp_cursoropen
def test_a_procedure_by_number_that_no_client_here_calls_is_not_evaluated(
    client: Client, number: int
) -> None:
    """Every server has it: 2812, "could not find", would be a wrong answer."""
    answer = client.ask(call(number, integer(1)))
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
