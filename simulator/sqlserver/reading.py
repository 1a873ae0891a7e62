"""What clients send, as bytes: PRELOGIN, LOGIN7, RPC requests and SQL batches ([MS-TDS] 2.2.6).

Every function raises ProtocolError for a message that is cut off or points outside itself.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from acceptance.simulator.sqlserver.sqltypes import SqlType
from acceptance.simulator.sqlserver.tds import DEFAULT_PACKET_SIZE, TERMINATOR, TEXT
from acceptance.simulator.sqlserver.transport import ProtocolError
from acceptance.simulator.sqlserver.typeinfo import Reader, read_type, read_value

# 2.2.6.4: offset of the (ibXxx, cchXxx) pair of each text of LOGIN7 that is read.
TEXT_FIELDS = {"user": 40, "password": 44, "application": 48, "database": 68}
FIXED_LENGTH = 94
LEAST_PACKET_SIZE, MOST_PACKET_SIZE = 512, 32767  # PacketSize; 0 leaves it to the server
INTEGRATED_SECURITY = 0x80  # OptionFlags2, fIntSecurity
READ_ONLY_INTENT = 0x20  # TypeFlags, fReadOnlyIntent
BY_NUMBER = 0xFFFF  # 2.2.6.6 NameLenProcID: a ProcID follows


@dataclass
class Login:
    """What a client says about itself. `password` is in clear and never leaves the server's
    memory.

    `encrypted`: how the login came. `error`: the number that the client got, None where it is in.
    """

    tds_version: int
    packet_size: int
    integrated: bool
    read_only: bool
    user: str
    password: str = field(repr=False)
    application: str
    database: str
    encrypted: bool = field(default=False, init=False)
    error: int | None = field(default=None, init=False)


class Parameter(NamedTuple):
    """One parameter of a procedure."""

    name: str
    type: SqlType
    value: Any


def parse_prelogin(payload: bytes) -> dict[int, bytes]:
    """2.2.6.5: option number to data, by a table of (option, offset, length). Unknown options
    stay in."""
    options: dict[int, bytes] = {}
    table = Reader(payload)
    while (option := table.number("<B")) != TERMINATOR:
        offset, length = table.number(">H"), table.number(">H")
        options[option] = Reader(payload, offset).take(length)
    return options


def reveal(scrambled: bytes) -> bytes:
    """Undo the password's obfuscation: XOR with 0xA5, then swap the half bytes (2.2.6.4,
    Password)."""
    return bytes(((byte ^ 0xA5) << 4 & 0xF0) | ((byte ^ 0xA5) >> 4) for byte in scrambled)


def parse_login7(payload: bytes) -> Login:
    """2.2.6.4: fixed fields, then texts. What the client's extensions offer (FeatureExt) is not
    read: a server acknowledges those that it knows."""
    fixed = Reader(payload).take(FIXED_LENGTH)
    texts: dict[str, str] = {}
    for name, position in TEXT_FIELDS.items():
        pair = Reader(fixed, position)
        offset, characters = pair.number("<H"), pair.number("<H")
        raw = Reader(payload, offset).take(2 * characters)
        texts[name] = (reveal(raw) if name == "password" else raw).decode(TEXT, "replace")
    size = Reader(fixed, 8).number("<I") or DEFAULT_PACKET_SIZE
    return Login(
        tds_version=Reader(fixed, 4).number("<I"),
        packet_size=min(max(size, LEAST_PACKET_SIZE), MOST_PACKET_SIZE),
        integrated=bool(fixed[25] & INTEGRATED_SECURITY),
        read_only=bool(fixed[26] & READ_ONLY_INTENT),
        **texts,
    )


def _after_headers(payload: bytes) -> Reader:
    """The request after ALL_HEADERS, whose length counts itself (2.2.5.3)."""
    reader = Reader(payload)
    reader.take(reader.number("<I") - 4)
    return reader


def parse_batch(payload: bytes) -> str:
    """The text of a SQL batch (2.2.6.7)."""
    reader = _after_headers(payload)
    try:
        return reader.take(reader.left).decode(TEXT)
    except UnicodeDecodeError:
        raise ProtocolError("a SQL batch that is no UTF-16") from None


def parse_rpc(payload: bytes) -> tuple[int | str, list[Parameter]]:
    """The procedure that an RPC request calls (2.2.6.6), by number or by name, and its parameters;
    several calls in one request are not simulated."""
    reader = _after_headers(payload)
    length = reader.number("<H")
    procedure: int | str = reader.number("<H") if length == BY_NUMBER else reader.text(length)
    reader.take(2)  # OptionFlags
    parameters = []
    while reader.left:
        name = reader.text(reader.number("<B"))
        reader.take(1)  # StatusFlags
        kind = read_type(reader)
        parameters.append(Parameter(name, kind, read_value(reader, kind)))
    return procedure, parameters
