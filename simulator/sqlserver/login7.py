"""LOGIN7, [MS-TDS] 2.2.6.4: fixed fields, a table of (offset, length in characters), then the
texts."""

import struct
from dataclasses import dataclass

from acceptance.simulator.sqlserver.constants import DEFAULT_PACKET_SIZE, TEXT
from acceptance.simulator.sqlserver.packets import ProtocolError

# Offset of the (ibXxx, cchXxx) pair of each text that is read.
TEXT_FIELDS = {
    "host": 36,
    "user": 40,
    "password": 44,
    "application": 48,
    "server": 52,
    "database": 68,
}
FIXED_LENGTH = 94
LEAST_PACKET_SIZE, MOST_PACKET_SIZE = 512, 32767  # 2.2.6.4 PacketSize; 0 leaves it to the server
INTEGRATED_SECURITY = 0x80  # OptionFlags2, fIntSecurity
READ_ONLY_INTENT = 0x20  # TypeFlags, fReadOnlyIntent
HAS_EXTENSION = 0x10  # OptionFlags3, fExtension
EXTENSION_FIELD = 56  # ibExtension: points to the offset of FeatureExt
END_OF_FEATURES = 0xFF


@dataclass(frozen=True)
class Login:
    """What a client says about itself. `password` is in clear and never leaves the server's
    memory."""

    tds_version: int
    packet_size: int
    host: str
    user: str
    password: str
    application: str
    server: str
    database: str
    integrated: bool
    read_only: bool
    features: tuple[int, ...]

    def __repr__(self) -> str:
        return f"<login {self.user} from {self.host} with {self.application}>"


def reveal(scrambled: bytes) -> bytes:
    """Undo the password's obfuscation: XOR with 0xA5, then swap the half bytes (2.2.6.4,
    Password)."""
    return bytes(((byte ^ 0xA5) << 4 & 0xF0) | ((byte ^ 0xA5) >> 4) for byte in scrambled)


def parse_login7(payload: bytes) -> Login:
    """Raises ProtocolError where the message is cut off or points outside itself."""
    if len(payload) < FIXED_LENGTH:
        raise ProtocolError("LOGIN7 is cut off")
    texts: dict[str, str] = {}
    for name, position in TEXT_FIELDS.items():
        offset, characters = struct.unpack_from("<HH", payload, position)
        raw = payload[offset : offset + 2 * characters]
        if len(raw) != 2 * characters:
            raise ProtocolError(f"LOGIN7's {name} points outside the message")
        texts[name] = (reveal(raw) if name == "password" else raw).decode(TEXT, "replace")
    version, size = struct.unpack_from("<II", payload, 4)
    flags2, types, flags3 = payload[25], payload[26], payload[27]
    return Login(
        tds_version=version,
        packet_size=min(max(size, LEAST_PACKET_SIZE), MOST_PACKET_SIZE)
        if size
        else DEFAULT_PACKET_SIZE,
        integrated=bool(flags2 & INTEGRATED_SECURITY),
        read_only=bool(types & READ_ONLY_INTENT),
        features=_features(payload) if flags3 & HAS_EXTENSION else (),
        **texts,
    )


def _features(payload: bytes) -> tuple[int, ...]:
    """The numbers of the FeatureExt options (2.2.6.4): id, length, data, up to 0xFF."""
    (pointer,) = struct.unpack_from("<H", payload, EXTENSION_FIELD)
    found: list[int] = []
    try:
        (position,) = struct.unpack_from("<I", payload, pointer)
        while payload[position] != END_OF_FEATURES:
            found.append(payload[position])
            (length,) = struct.unpack_from("<I", payload, position + 1)
            position += 5 + length
    except (struct.error, IndexError):
        raise ProtocolError("LOGIN7's feature extension is cut off") from None
    return tuple(found)
