"""CAST, CONVERT and the implicit conversions, over Python's own values; NULL is None."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from acceptance.simulator.sqlserver.errors import error, not_evaluated
from acceptance.simulator.sqlserver.sqltypes import INTEGERS, MAX, UNICODE, VARIANT, SqlType

HEXADECIMAL = 1  # CONVERT's style for binary values: 0x01AB


def convert(value: Any, target: SqlType, style: int = 0) -> Any:
    """A value as one of type `target`. Raises SqlError 241, 245, 257, 8114, 8115, 8169."""
    if value is None or target == VARIANT:
        return value
    if target.is_text:
        return _cut(_to_text(value, style), target)
    if target.is_binary:
        if not isinstance(value, bytes):
            raise error(257, source=type(value).__name__, target=target.name)
        return _cut(value, target)
    if target.name in INTEGERS:
        return _to_integer(value, target)
    number, read = READERS[target.name]
    try:
        return read(value)
    except (TypeError, ValueError):
        raise error(number, source="nvarchar", target=target.name) from None


def _cut(value: Any, target: SqlType) -> Any:
    """Too long is cut, as CAST does; char and nchar are padded to their length."""
    value = value if target.length == MAX else value[: target.length]
    return value.ljust(target.length) if target.name in ("char", "nchar") else value


def _to_text(value: Any, style: int) -> str:
    if isinstance(value, bytes) and style == HEXADECIMAL:
        return "0x" + value.hex().upper()
    if isinstance(value, (bytes, datetime, float)) or style:
        raise not_evaluated(f"a {type(value).__name__} as text in style {style}")
    return str(value).upper() if isinstance(value, UUID) else str(value)


def _to_integer(value: Any, target: SqlType) -> int:
    if isinstance(value, str):
        try:
            value = int(value.strip() or 0)
        except ValueError:
            raise error(245, source="nvarchar", value=value, target=target.name) from None
    if target.name == "bit":
        return int(bool(value))
    bits = 8 * INTEGERS[target.name]
    low, high = (0, 255) if target.name == "tinyint" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if not low <= int(value) <= high:
        raise error(8115, name=target.name)
    return int(value)


def _to_datetime(value: Any) -> datetime:
    """ISO forms only: what depends on the session's language is no date here."""
    text = value.isoformat() if isinstance(value, date) else value
    return datetime.fromisoformat(text).replace(tzinfo=None)


# The error's number where the value is none, and how it is read.
READERS: dict[str, tuple[int, Callable[[Any], Any]]] = {
    "float": (8114, float),
    "datetime": (241, _to_datetime),
    "uniqueidentifier": (8169, lambda value: UUID(str(value))),
}


def needs_unicode(kind: SqlType, label: str) -> None:
    """sp_executesql wants nvarchar: a literal needs its N. Raises SqlError 214."""
    if kind.name not in UNICODE:
        raise error(214, name=label)
