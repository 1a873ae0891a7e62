"""PRELOGIN, [MS-TDS] 2.2.6.5: a table of (option, offset, length) in big-endian order, then the
options' data."""

import struct
from collections.abc import Mapping

from acceptance.simulator.sqlserver.constants import PreLoginOption
from acceptance.simulator.sqlserver.packets import ProtocolError


def parse_prelogin(payload: bytes) -> dict[int, bytes]:
    """Option number to data. Unknown options stay in. Raises ProtocolError."""
    options: dict[int, bytes] = {}
    position = 0
    while True:
        if position >= len(payload):
            raise ProtocolError("PRELOGIN without terminator")
        option = payload[position]
        if option == PreLoginOption.TERMINATOR:
            return options
        if position + 5 > len(payload):
            raise ProtocolError("PRELOGIN is cut off")
        offset, length = struct.unpack_from(">HH", payload, position + 1)
        if offset + length > len(payload):
            raise ProtocolError("a PRELOGIN option points outside the message")
        options[option] = payload[offset : offset + length]
        position += 5


def write_prelogin(options: Mapping[int, bytes]) -> bytes:
    """The message for these options, in their order."""
    offset = 5 * len(options) + 1
    table, data = b"", b""
    for option, value in options.items():
        table += struct.pack(">BHH", option, offset + len(data), len(value))
        data += value
    return table + bytes([PreLoginOption.TERMINATOR]) + data


def version_option(version: str) -> bytes:
    """PL_OPTION VERSION of a product version such as 15.0.4385.2: major, minor, build (big-
    endian), sub-build."""
    major, minor, build = (int(part) for part in version.split(".")[:3])
    return struct.pack(">BBHH", major, minor, build, 0)
