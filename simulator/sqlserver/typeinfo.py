"""TYPE_INFO and values on the wire, [MS-TDS] 2.2.5.4 to 2.2.5.6.

Values are Python's own: int, float, str, bytes, UUID, datetime; NULL is None.
"""

import struct
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from acceptance.simulator.sqlserver.sqltypes import INTEGERS, MAX, UNICODE, SqlType
from acceptance.simulator.sqlserver.tds import TEXT, DataType
from acceptance.simulator.sqlserver.transport import ProtocolError

SHORT_MAX = 0xFFFF  # the length of (max) types, whose values go in chunks (2.2.5.2.3 PLP)
PLP_NULL = 0xFFFFFFFFFFFFFFFF
CODE_PAGE = "cp1252"  # of the Latin1_General collations
# 2.2.5.1.2 COLLATION of Latin1_General_CI_AS: LCID in 20 bits, fIgnoreCase, fIgnoreKana and
# fIgnoreWidth; sort id. No client reads more of it than the code page, whatever a column's is.
COLLATION = struct.pack("<IB", 0x0409 | 1 << 20 | 1 << 22 | 1 << 23, 0)
ZERO = datetime(1900, 1, 1)

VARIABLE = {
    "varchar": DataType.BIGVARCHAR,
    "char": DataType.BIGCHAR,
    "nvarchar": DataType.NVARCHAR,
    "nchar": DataType.NCHAR,
    "varbinary": DataType.BIGVARBINARY,
    "binary": DataType.BIGBINARY,
}
FIXED = {  # the token, and the bytes after it, by type
    "bit": (DataType.BITN, b"\x01"),
    "tinyint": (DataType.INTN, b"\x01"),
    "smallint": (DataType.INTN, b"\x02"),
    "int": (DataType.INTN, b"\x04"),
    "bigint": (DataType.INTN, b"\x08"),
    "float": (DataType.FLTN, b"\x08"),
    "datetime": (DataType.DATETIMN, b"\x08"),
    "uniqueidentifier": (DataType.GUID, b"\x10"),
    "sql_variant": (DataType.SSVARIANT, struct.pack("<I", 8009)),
}


def write_type(kind: SqlType) -> bytes:
    """TYPE_INFO of a column or of a returned parameter."""
    if kind.name in VARIABLE:
        unit = 2 if kind.name in UNICODE else 1
        length = SHORT_MAX if kind.length == MAX else unit * kind.length
        return struct.pack("<BH", VARIABLE[kind.name], length) + (
            COLLATION if kind.is_text else b""
        )
    token, rest = FIXED[kind.name]
    return bytes([token]) + rest


def write_value(kind: SqlType, value: Any) -> bytes:
    """A value after its type (TYPE_VARBYTE)."""
    if kind.name in VARIABLE:
        return _write_variable(kind, value)
    if kind.name == "sql_variant":
        return _write_variant(value)
    if value is None:
        return b"\x00"
    raw: bytes = WRITERS[kind.name](kind, value)
    return bytes([len(raw)]) + raw


def _write_variable(kind: SqlType, value: Any) -> bytes:
    if value is None:
        return struct.pack("<Q", PLP_NULL) if kind.length == MAX else struct.pack("<H", SHORT_MAX)
    code = TEXT if kind.name in UNICODE else CODE_PAGE
    raw = bytes(value) if kind.is_binary else str(value).encode(code, "replace")
    if kind.length == MAX:
        chunk = struct.pack("<I", len(raw)) + raw if raw else b""
        return struct.pack("<Q", len(raw)) + chunk + struct.pack("<I", 0)
    return struct.pack("<H", len(raw)) + raw


def _write_variant(value: Any) -> bytes:
    """2.2.5.5.4: length, base type, number of property bytes, properties, value."""
    if value is None:
        return struct.pack("<I", 0)
    if isinstance(value, int):
        body = bytes([0x38, 0]) + struct.pack("<i", value)  # INT4TYPE
    else:
        body = bytes([DataType.NVARCHAR, 7]) + COLLATION + struct.pack("<H", 8000)
        body += str(value).encode(TEXT)
    return struct.pack("<I", len(body)) + body


def _is_signed(kind: SqlType) -> bool:
    return kind.name not in ("bit", "tinyint")


def _write_integer(kind: SqlType, value: Any) -> bytes:
    return int(value).to_bytes(INTEGERS[kind.name], "little", signed=_is_signed(kind))


def _write_datetime(_: SqlType, value: datetime) -> bytes:
    """Days since 1900 and three-hundredths of a second (2.2.5.5.1.8)."""
    since = value - ZERO
    ticks = round((since.seconds + since.microseconds / 1e6) * 300)
    return struct.pack("<iI", since.days, min(ticks, 300 * 86400 - 1))


WRITERS: dict[str, Callable[[SqlType, Any], bytes]] = {
    **dict.fromkeys(INTEGERS, _write_integer),
    "float": lambda _, value: struct.pack("<d", value),
    "datetime": _write_datetime,
    "uniqueidentifier": lambda _, value: UUID(str(value)).bytes_le,
}


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
    """TYPE_INFO of an RPC parameter: texts, bytes and integers. Raises ProtocolError for
    others."""
    token = reader.number("<B")
    for name, variable in VARIABLE.items():
        if token == variable:
            length = reader.number("<H")
            unit = 2 if name in UNICODE else 1
            kind = SqlType(name, MAX if length == SHORT_MAX else length // unit)
            reader.take(5 if kind.is_text else 0)  # the collation
            return kind
    size = reader.take(1)
    for name in INTEGERS:
        if (token, size) == FIXED[name]:
            return SqlType(name)
    raise ProtocolError(f"a parameter of type 0x{token:02x}, which is not simulated")


def read_value(reader: Reader, kind: SqlType) -> Any:
    """The value after its type. Raises ProtocolError."""
    if kind.name in INTEGERS:
        raw = reader.take(reader.number("<B"))
        return int.from_bytes(raw, "little", signed=_is_signed(kind)) if raw else None
    value = _read_chunks(reader) if kind.length == MAX else _read_short(reader)
    if value is None or kind.is_binary:
        return value
    return value.decode(TEXT if kind.name in UNICODE else CODE_PAGE, "replace")


def _read_short(reader: Reader) -> bytes | None:
    length = reader.number("<H")
    return None if length == SHORT_MAX else reader.take(length)


def _read_chunks(reader: Reader) -> bytes | None:
    if reader.number("<Q") == PLP_NULL:
        return None
    out = b""
    while length := reader.number("<I"):
        out += reader.take(length)
    return out
