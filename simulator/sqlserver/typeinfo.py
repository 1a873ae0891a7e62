"""TYPE_INFO and values on the wire, [MS-TDS] 2.2.5.4 to 2.2.5.6.

Values are Python's own: int, str, datetime; NULL is None. Other types reach no client of the tests.
"""

import struct
from datetime import datetime
from typing import Any

from acceptance.simulator.sqlserver.sqltypes import INTEGERS, MAX, UNICODE, SqlType
from acceptance.simulator.sqlserver.tds import TEXT
from acceptance.simulator.sqlserver.transport import ProtocolError

SHORT_MAX = 0xFFFF  # the length of (max) types, whose values go in chunks (2.2.5.2.3 PLP)
PLP_NULL = 0xFFFFFFFFFFFFFFFF
CODE_PAGE = "cp1252"  # of the Latin1_General collations
# 2.2.5.1.2 COLLATION of Latin1_General_CI_AS: LCID in 20 bits, fIgnoreCase, fIgnoreKana and
# fIgnoreWidth; sort id. No client reads more of it than the code page, whatever a column's is.
COLLATION = struct.pack("<IB", 0x0409 | 1 << 20 | 1 << 22 | 1 << 23, 0)
ZERO = datetime(1900, 1, 1)

# 2.2.5.4, by type: the token, and for those of a fixed length the byte after it.
VARIABLE = {"varchar": b"\xa7", "char": b"\xaf", "nvarchar": b"\xe7", "nchar": b"\xef"}
FIXED = {
    "bit": b"\x68\x01",  # BITN
    "tinyint": b"\x26\x01",  # INTN
    "smallint": b"\x26\x02",
    "int": b"\x26\x04",
    "bigint": b"\x26\x08",
    "datetime": b"\x6f\x08",  # DATETIMN
}


def is_known(kind: SqlType) -> bool:
    """Whether values of this type can be sent."""
    return kind.name in VARIABLE or kind.name in FIXED


def write_type(kind: SqlType) -> bytes:
    """TYPE_INFO of a column or of a returned parameter."""
    if kind.name in FIXED:
        return FIXED[kind.name]
    length = SHORT_MAX if kind.length == MAX else kind.max_length
    return VARIABLE[kind.name] + struct.pack("<H", length) + COLLATION


def write_value(kind: SqlType, value: Any) -> bytes:
    """A value after its type (TYPE_VARBYTE)."""
    if kind.name in VARIABLE:
        return _write_text(kind, value)
    if value is None:
        return b"\x00"
    if kind.name == "datetime":
        raw = _datetime(value)
    else:
        raw = int(value).to_bytes(INTEGERS[kind.name], "little", signed=_is_signed(kind))
    return bytes([len(raw)]) + raw


def _write_text(kind: SqlType, value: Any) -> bytes:
    if value is None:
        return struct.pack("<Q", PLP_NULL) if kind.length == MAX else struct.pack("<H", SHORT_MAX)
    raw = str(value).encode(_code(kind), "replace")
    if kind.length == MAX:
        chunk = struct.pack("<I", len(raw)) + raw if raw else b""
        return struct.pack("<Q", len(raw)) + chunk + struct.pack("<I", 0)
    return struct.pack("<H", len(raw)) + raw


def _datetime(value: datetime) -> bytes:
    """Days since 1900 and three-hundredths of a second (2.2.5.5.1.8)."""
    since = value - ZERO
    ticks = round((since.seconds + since.microseconds / 1e6) * 300)
    return struct.pack("<iI", since.days, min(ticks, 300 * 86400 - 1))


def _code(kind: SqlType) -> str:
    return TEXT if kind.name in UNICODE else CODE_PAGE


def _is_signed(kind: SqlType) -> bool:
    return kind.name not in ("bit", "tinyint")


class Reader:
    """Takes values off bytes from a position on; everything beyond the end raises
    ProtocolError."""

    def __init__(self, data: bytes, position: int = 0) -> None:
        self._data, self._position = data, position

    @property
    def left(self) -> int:
        return len(self._data) - self._position

    def take(self, count: int) -> bytes:
        if count < 0 or self.left < count:
            raise ProtocolError("a value points outside the message")
        self._position += count
        return self._data[self._position - count : self._position]

    def number(self, layout: str) -> int:
        value: int = struct.unpack(layout, self.take(struct.calcsize(layout)))[0]
        return value

    def text(self, characters: int) -> str:
        return self.take(2 * characters).decode(TEXT, "replace")


def read_type(reader: Reader) -> SqlType:
    """TYPE_INFO of an RPC parameter: texts and integers. Raises ProtocolError for others."""
    token = reader.take(1)
    for name, variable in VARIABLE.items():
        if token == variable:
            length = reader.number("<H")
            reader.take(len(COLLATION))
            if length == SHORT_MAX:
                return SqlType(name, MAX)
            return SqlType(name, length // 2 if name in UNICODE else length)
    token += reader.take(1)
    for name in INTEGERS:
        if token == FIXED[name]:
            return SqlType(name)
    raise ProtocolError(f"a parameter of type 0x{token.hex()}, which is not simulated")


def read_value(reader: Reader, kind: SqlType) -> Any:
    """The value after its type. Raises ProtocolError."""
    if kind.name in INTEGERS:
        raw = reader.take(reader.number("<B"))
        return int.from_bytes(raw, "little", signed=_is_signed(kind)) if raw else None
    value = _read_text(reader, kind)
    return None if value is None else value.decode(_code(kind), "replace")


def _read_text(reader: Reader, kind: SqlType) -> bytes | None:
    if kind.length != MAX:
        length = reader.number("<H")
        return None if length == SHORT_MAX else reader.take(length)
    if reader.number("<Q") == PLP_NULL:
        return None
    out = b""
    while length := reader.number("<I"):
        out += reader.take(length)
    return out
