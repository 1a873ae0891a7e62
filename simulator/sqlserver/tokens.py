"""Tokens of a tabular result, [MS-TDS] 2.2.7, as bytes."""

import struct
from collections.abc import Sequence
from typing import Any

from acceptance.simulator.sqlserver.constants import (
    SELECT_COMMAND,
    TEXT,
    DoneStatus,
    EnvChange,
    Token,
)
from acceptance.simulator.sqlserver.errors import SqlError
from acceptance.simulator.sqlserver.session import Result
from acceptance.simulator.sqlserver.sqltypes import INT, SqlType
from acceptance.simulator.sqlserver.typeinfo import collation_bytes, write_type, write_value

NULLABLE = 0x0001  # 2.2.7.4 COLMETADATA, Flags
OUTPUT_PARAMETER = 0x01  # 2.2.7.19 RETURNVALUE, Status
TSQL_INTERFACE = 1  # 2.2.7.14 LOGINACK, Interface
INFORMATION = 10  # errors up to this class are messages


def b_varchar(text: str) -> bytes:
    """2.2.5.1.2: length in characters in one byte."""
    raw = text[:255].encode(TEXT)
    return bytes([len(raw) // 2]) + raw


def us_varchar(text: str) -> bytes:
    """2.2.5.1.2: length in characters in two bytes."""
    raw = text.encode(TEXT)
    return struct.pack("<H", len(raw) // 2) + raw


def _sized(token: Token, body: bytes) -> bytes:
    return struct.pack("<BH", token, len(body)) + body


def login_ack(version: str, protocol: int) -> bytes:
    """2.2.7.14. `version` is the product's, for instance 15.0.4385.2; `protocol` the one agreed."""
    major, minor, build = (int(part) for part in version.split(".")[:3])
    product = b_varchar("Microsoft SQL Server") + struct.pack(">BBH", major, minor, build)
    head = struct.pack(">BI", TSQL_INTERFACE, protocol)
    return _sized(Token.LOGINACK, head + product)


def env_change(kind: EnvChange, new: str, old: str = "") -> bytes:
    """2.2.7.9, for the kinds whose values are texts."""
    return _sized(Token.ENVCHANGE, bytes([kind]) + b_varchar(new) + b_varchar(old))


def env_change_bytes(kind: EnvChange, new: bytes, old: bytes = b"") -> bytes:
    """2.2.7.9, for collations and transactions."""
    return _sized(Token.ENVCHANGE, bytes([kind, len(new)]) + new + bytes([len(old)]) + old)


def collation_change(collation: str) -> bytes:
    return env_change_bytes(EnvChange.COLLATION, collation_bytes(collation))


def message(failure: SqlError, server: str) -> bytes:
    """ERROR (2.2.7.10), or INFO (2.2.7.13) for class 10 and below."""
    token = Token.ERROR if failure.severity > INFORMATION else Token.INFO
    body = struct.pack("<iBB", failure.number, failure.state, failure.severity)
    body += us_varchar(failure.message) + b_varchar(server) + b_varchar("")
    return _sized(token, body + struct.pack("<i", failure.line))


def column_metadata(columns: Sequence[tuple[str, SqlType]]) -> bytes:
    """2.2.7.4."""
    out = struct.pack("<BH", Token.COLMETADATA, len(columns))
    for name, kind in columns:
        out += struct.pack("<IH", 0, NULLABLE) + write_type(kind) + b_varchar(name)
    return out


def row(columns: Sequence[tuple[str, SqlType]], values: Sequence[Any]) -> bytes:
    """2.2.7.17."""
    pairs = zip(columns, values, strict=True)
    return bytes([Token.ROW]) + b"".join(write_value(kind, value) for (_, kind), value in pairs)


def done(token: Token, status: DoneStatus, count: int = 0) -> bytes:
    """DONE, DONEINPROC or DONEPROC (2.2.7.6 to 2.2.7.8)."""
    command = SELECT_COMMAND if status & DoneStatus.COUNT else 0
    return struct.pack("<BHHQ", token, status, command, count)


def return_status(value: int) -> bytes:
    """2.2.7.18."""
    return struct.pack("<Bi", Token.RETURNSTATUS, value)


def return_value(name: str, value: int) -> bytes:
    """2.2.7.19, for the prepared statement's handle: the only output parameter that this server
    has."""
    head = struct.pack("<BH", Token.RETURNVALUE, 0) + b_varchar(name) + bytes([OUTPUT_PARAMETER])
    return head + struct.pack("<IH", 0, NULLABLE) + write_type(INT) + write_value(INT, value)


def response(results: Sequence[Result], server: str, procedure: bytes = b"") -> bytes:
    """A batch's results as one answer; `procedure` stands before DONEPROC (2.2.7.8)."""
    each = Token.DONEINPROC if procedure else Token.DONE
    out = b"".join(_result(result, each, server) for result in results)
    status = DoneStatus.ERROR if has_failed(results) else DoneStatus.FINAL
    return out + procedure + done(Token.DONEPROC if procedure else Token.DONE, status)


def has_failed(results: Sequence[Result]) -> bool:
    """Whether an error, not only a message, is among the results."""
    errors = [result for result in results if isinstance(result, SqlError)]
    return any(failure.severity > INFORMATION for failure in errors)


def _result(result: Result, each: Token, server: str) -> bytes:
    if isinstance(result, SqlError):
        return message(result, server)
    rows = b"".join(row(result.columns, values) for values in result.rows)
    count = done(each, DoneStatus.MORE | DoneStatus.COUNT, len(result.rows))
    return column_metadata(result.columns) + rows + count
