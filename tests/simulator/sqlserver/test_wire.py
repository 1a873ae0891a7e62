"""Packets, PRELOGIN, LOGIN7 and RPC: what is written is read again, and no bytes bring the server
down.
"""

import contextlib
import io
import struct
from collections.abc import Callable

import pytest
from acceptance.simulator.sqlserver.reading import (
    parse_batch,
    parse_login7,
    parse_prelogin,
    parse_rpc,
    reveal,
)
from acceptance.simulator.sqlserver.tds import TDS_7_4, PacketType
from acceptance.simulator.sqlserver.tokens import login_ack, write_prelogin
from acceptance.simulator.sqlserver.transport import (
    Message,
    ProtocolError,
    read_message,
    split_message,
)
from hypothesis import given
from hypothesis import strategies as st

# PRELOGIN of the specification's example ([MS-TDS] 4.1, Pre-Login Request), without the packet
# header.
EXAMPLE_PRELOGIN = bytes.fromhex(
    "00001a00060100200001020021000103002200040400260001ff09000000000001 00b80d000001".replace(
        " ", ""
    )
)


def reader(data: bytes) -> Callable[[int], bytes]:
    stream = io.BytesIO(data)

    def read(count: int) -> bytes:
        found = stream.read(count)
        if len(found) < count:
            raise EOFError
        return found

    return read


@given(
    st.binary(max_size=2000),
    st.integers(min_value=512, max_value=1024),
    st.sampled_from(list(PacketType)),
)
def test_a_message_survives_its_packets(payload: bytes, size: int, kind: PacketType) -> None:
    packets = split_message(kind, payload, size)
    assert read_message(reader(packets)) == Message(kind, payload)


@given(st.binary(min_size=1, max_size=3000), st.integers(min_value=512, max_value=1024))
def test_packets_are_no_longer_than_agreed_and_only_the_last_ends_the_message(
    payload: bytes, size: int
) -> None:
    """Read by hand, not by the reader of the package: type, status, length in big-endian order."""
    data = split_message(PacketType.TABULAR_RESULT, payload, size)
    ends, position = [], 0
    while position < len(data):
        kind, status, length = struct.unpack_from(">BBH", data, position)
        assert kind == 4
        assert 8 < length <= size
        ends.append(status)
        position += length
    assert ends == [0] * (len(ends) - 1) + [1]


@pytest.mark.parametrize(
    "header",
    [
        "ff01000800000000",
        "0101000700000000",
        "0100000800000000" + "0301000800000000",
        "0103000800000000",
    ],
)
def test_what_is_no_packet_is_refused(header: str) -> None:
    """An unknown type, a length below the header's, a second packet of another type; and what a
    client takes back (status IGNORE), which is not simulated.
    """
    with pytest.raises(ProtocolError):
        read_message(reader(bytes.fromhex(header)))


@given(st.lists(st.binary(max_size=20), max_size=8))
def test_prelogin_options_survive(options: list[bytes]) -> None:
    assert parse_prelogin(write_prelogin(options)) == dict(enumerate(options))


def test_the_specifications_own_prelogin_is_read() -> None:
    options = parse_prelogin(EXAMPLE_PRELOGIN)
    assert options == {
        0: bytes.fromhex("090000000000"),
        1: b"\x01",
        2: b"\x00",
        3: bytes.fromhex("b80d0000"),
        4: b"\x01",
    }


def test_the_passwords_obfuscation_is_undone() -> None:
    """[MS-TDS] 2.2.6.4: swap the half bytes, then XOR with 0xA5; written out here for the other
    direction.
    """
    clear = "pä$$".encode("utf-16-le")
    scrambled = bytes((((byte << 4) & 0xF0) | (byte >> 4)) ^ 0xA5 for byte in clear)
    assert reveal(scrambled) == clear


@pytest.mark.parametrize("parse", [parse_prelogin, parse_login7, parse_batch, parse_rpc])
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(parse: Callable[[bytes], object], data: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        parse(data)


@given(data=st.binary(max_size=120))
def test_any_parameters_are_read_or_refused(data: bytes) -> None:
    """Behind good headers and a good procedure."""
    head = struct.pack("<I", 22) + bytes(18) + struct.pack("<HHH", 0xFFFF, 10, 0)
    with contextlib.suppress(ProtocolError):
        parse_rpc(head + data)


@given(data=st.binary(max_size=200))
def test_any_login_is_read_or_refused(data: bytes) -> None:
    """Long enough and with the extension flag, so that all offsets are followed."""
    start = bytearray(94)
    start[27] = 0x10
    for position, byte in enumerate(data[:58]):
        start[36 + position] = byte
    with contextlib.suppress(ProtocolError):
        parse_login7(bytes(start) + data)


def test_the_login_is_acknowledged_with_the_servers_version() -> None:
    """[MS-TDS] 2.2.7.14, byte by byte."""
    token = login_ack("15.0.4385.2", TDS_7_4)
    assert token[4:8] == TDS_7_4.to_bytes(4, "big")
    assert token[-4:] == bytes([15, 0, 4385 >> 8, 4385 & 0xFF])
