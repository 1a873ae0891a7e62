"""RPC requests and SQL batches, [MS-TDS] 2.2.6.6 and 2.2.6.7."""

import struct
from dataclasses import dataclass
from typing import Any

from acceptance.simulator.sqlserver.constants import TEXT
from acceptance.simulator.sqlserver.packets import ProtocolError
from acceptance.simulator.sqlserver.sqltypes import SqlType
from acceptance.simulator.sqlserver.typeinfo import Reader, read_type, read_value

BY_NUMBER = 0xFFFF  # NameLenProcID: a ProcID follows
BATCH_SEPARATORS = (0xFF, 0x80, 0xFE)  # BatchFlag, NoExecFlag


@dataclass(frozen=True)
class Parameter:
    """One parameter."""

    name: str
    type: SqlType
    value: Any


@dataclass(frozen=True)
class RpcRequest:
    """A call of a stored procedure, by number or by name."""

    procedure: int | str
    parameters: tuple[Parameter, ...]


def skip_headers(payload: bytes) -> bytes:
    """The request after ALL_HEADERS (2.2.5.3). Raises ProtocolError."""
    if len(payload) < 4:
        raise ProtocolError("a request without ALL_HEADERS")
    (length,) = struct.unpack_from("<I", payload)
    if not 4 <= length <= len(payload):
        raise ProtocolError("ALL_HEADERS points outside the message")
    return payload[length:]


def parse_batch(payload: bytes) -> str:
    """The text of a SQL batch (2.2.6.7). Raises ProtocolError."""
    text = skip_headers(payload)
    try:
        return text.decode(TEXT)
    except UnicodeDecodeError:
        raise ProtocolError("a SQL batch that is no UTF-16") from None


def parse_rpc(payload: bytes) -> list[RpcRequest]:
    """The calls of an RPC request (2.2.6.6). Raises ProtocolError."""
    reader = Reader(skip_headers(payload))
    requests = []
    while reader.left:
        requests.append(_parse_call(reader))
    return requests


def _parse_call(reader: Reader) -> RpcRequest:
    length = reader.number("<H")
    procedure: int | str
    procedure = (
        reader.number("<H")
        if length == BY_NUMBER
        else reader.take(2 * length).decode(TEXT, "replace")
    )
    reader.take(2)  # OptionFlags
    parameters = []
    while reader.left:
        if reader.data[reader.position] in BATCH_SEPARATORS:
            reader.take(1)
            break
        name = reader.take(2 * reader.number("<B")).decode(TEXT, "replace")
        reader.take(1)  # StatusFlags
        kind = read_type(reader)
        parameters.append(Parameter(name, kind, read_value(reader, kind)))
    return RpcRequest(procedure, tuple(parameters))
