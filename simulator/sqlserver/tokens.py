"""What the server sends, as bytes: PRELOGIN ([MS-TDS] 2.2.6.5) and the tokens of a tabular result
(2.2.7)."""

import struct
from collections.abc import Sequence
from typing import Any

from acceptance.simulator.sqlserver import tds
from acceptance.simulator.sqlserver.errors import SqlError, not_evaluated
from acceptance.simulator.sqlserver.session import Result
from acceptance.simulator.sqlserver.sqltypes import INT, SqlType
from acceptance.simulator.sqlserver.typeinfo import is_known, write_type, write_value

NULLABLE = 0x0001  # 2.2.7.4 COLMETADATA, Flags
OUTPUT_PARAMETER = 0x01  # 2.2.7.19 RETURNVALUE, Status
TSQL_INTERFACE = 1  # 2.2.7.14 LOGINACK, Interface
INFORMATION = 10  # errors up to this class are messages


def b_varchar(value: str | bytes) -> bytes:
    """2.2.5.1.2 B_VARCHAR, or B_VARBYTE: the length, in characters or bytes, in one byte."""
    raw = value if isinstance(value, bytes) else value[:255].encode(tds.TEXT)
    return bytes([len(value[:255])]) + raw


def _sized(token: tds.Token, body: bytes) -> bytes:
    return struct.pack("<BH", token, len(body)) + body


def write_prelogin(options: Sequence[bytes]) -> bytes:
    """The message with the data of the options 0, 1, …: a table of (option, offset, length), then
    the data."""
    offset, table = 5 * len(options) + 1, b""
    for option, data in enumerate(options):
        table += struct.pack(">BHH", option, offset, len(data))
        offset += len(data)
    return table + bytes([tds.TERMINATOR]) + b"".join(options)


def version_bytes(version: str) -> bytes:
    """Of a product version such as 15.0.4385.2: major, minor, build (big-endian)."""
    return struct.pack(">BBH", *(int(part) for part in version.split(".")[:3]))


def login_ack(version: str, protocol: int) -> bytes:
    """2.2.7.14. `version` is the product's; `protocol` the one agreed."""
    product = b_varchar("Microsoft SQL Server") + version_bytes(version)
    return _sized(tds.Token.LOGINACK, struct.pack(">BI", TSQL_INTERFACE, protocol) + product)


def env_change(kind: tds.EnvChange, new: str | bytes, old: str | bytes = b"") -> bytes:
    """2.2.7.9: texts, but bytes for a collation."""
    return _sized(tds.Token.ENVCHANGE, bytes([kind]) + b_varchar(new) + b_varchar(old))


def message(failure: SqlError, server: str) -> bytes:
    """ERROR (2.2.7.10), or INFO (2.2.7.13) for class 10 and below."""
    token = tds.Token.ERROR if failure.severity > INFORMATION else tds.Token.INFO
    body = struct.pack("<iBB", failure.number, failure.state, failure.severity)
    text = failure.message.encode(tds.TEXT)
    body += struct.pack("<H", len(text) // 2) + text + b_varchar(server) + b_varchar("")
    return _sized(token, body + struct.pack("<i", failure.line))


def column_metadata(columns: Sequence[tuple[str, SqlType]]) -> bytes:
    """2.2.7.4."""
    out = struct.pack("<BH", tds.Token.COLMETADATA, len(columns))
    for name, kind in columns:
        out += struct.pack("<IH", 0, NULLABLE) + write_type(kind) + b_varchar(name)
    return out


def row(columns: Sequence[tuple[str, SqlType]], values: Sequence[Any]) -> bytes:
    """2.2.7.17."""
    pairs = zip(columns, values, strict=True)
    return bytes([tds.Token.ROW]) + b"".join(write_value(kind, value) for (_, kind), value in pairs)


def done(token: tds.Token, status: tds.DoneStatus, count: int = 0) -> bytes:
    """DONE, DONEINPROC or DONEPROC (2.2.7.6 to 2.2.7.8)."""
    command = tds.SELECT_COMMAND if status & tds.DoneStatus.COUNT else 0
    return struct.pack("<BHHQ", token, status, command, count)


def return_value(name: str, value: int) -> bytes:
    """2.2.7.19, for the prepared statement's handle: the only output parameter that this server
    has."""
    head = (
        struct.pack("<BH", tds.Token.RETURNVALUE, 0) + b_varchar(name) + bytes([OUTPUT_PARAMETER])
    )
    return head + struct.pack("<IH", 0, NULLABLE) + write_type(INT) + write_value(INT, value)


def response(
    results: Sequence[Result], server: str, *, procedure: bool = False, returned: bytes = b""
) -> bytes:
    """A batch's results as one answer; before DONEPROC stand the status of a procedure and what it
    returned (2.2.7.8)."""
    sent = [_sendable(result) for result in results]
    each, last = tds.Token.DONE, tds.Token.DONE
    if procedure:
        each, last = tds.Token.DONEINPROC, tds.Token.DONEPROC
    out = b"".join(_result(result, each, server) for result in sent)
    failed = any(isinstance(one, SqlError) and one.severity > INFORMATION for one in sent)
    if procedure:
        out += struct.pack("<Bi", tds.Token.RETURNSTATUS, failed) + returned  # 2.2.7.18
    return out + done(last, tds.DoneStatus.ERROR if failed else tds.DoneStatus.FINAL)


def _sendable(result: Result) -> Result:
    if isinstance(result, SqlError):
        return result
    unknown = [kind.name for _, kind in result.columns if not is_known(kind)]
    return not_evaluated(f"a column of type {unknown[0]}: CAST it") if unknown else result


def _result(result: Result, each: tds.Token, server: str) -> bytes:
    if isinstance(result, SqlError):
        return message(result, server)
    rows = b"".join(row(result.columns, values) for values in result.rows)
    count = done(each, tds.DoneStatus.MORE | tds.DoneStatus.COUNT, len(result.rows))
    return column_metadata(result.columns) + rows + count
