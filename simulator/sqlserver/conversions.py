"""CAST, CONVERT and the implicit conversions. Inside SQLite dates are ISO text: `2024-01-15T09:30:00.000000`."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.sqltypes import INTEGERS, MAX, UNICODE, SqlType

FRACTION_DIGITS = {"datetime": 3, "smalldatetime": 0, "date": 0}
INTEGER_RANGE = {
    name: (-(2 ** (8 * size - 1)), 2 ** (8 * size - 1) - 1) for name, size in INTEGERS.items()
}
INTEGER_RANGE["tinyint"] = (0, 255)
_DATE_FORMATS = (
    "%Y%m%d",
    "%Y-%m-%d",
    "%Y%m%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
)
_NUMBER = re.compile(r"\s*[+-]?\d*\.?\d*\s*\Z")


def convert(value: Any, source: str, target: SqlType, style: int = 0) -> Any:
    """A SQLite value of T-SQL type `source` as one of type `target`. Raises SqlError 241, 245, 8169."""
    if value is None:
        return None
    if source == "sql_variant":
        source = (
            "int"
            if isinstance(value, int)
            else "varbinary"
            if isinstance(value, bytes)
            else "nvarchar"
        )
    if target.is_text:
        return _cut(_to_text(value, source, style), target)
    if target.is_number:
        return _to_number(value, source, target)
    if target.is_time:
        return _to_time(value, source, target)
    if target.is_binary:
        return _cut(_to_binary(value, source, style), target)
    if target.name == "uniqueidentifier":
        return _to_guid(value)
    return value


def _cut(value: Any, target: SqlType) -> Any:
    value = value if target.length == MAX else value[: target.length]
    return value.ljust(target.length) if target.name in ("char", "nchar") else value


def _to_text(value: Any, source: str, style: int) -> str:
    if isinstance(value, bytes):
        if style in (1, 2):
            return ("0x" if style == 1 else "") + value.hex().upper()
        return value.decode("cp1252", "replace")
    if source in ("datetime", "datetime2", "smalldatetime", "date"):
        return time_text(value, source, style)
    return str(value)


def time_text(value: str, source: str, style: int) -> str:
    """A date as text in one of T-SQL's styles. Raises SqlError for a style that is not evaluated."""
    moment = datetime.fromisoformat(value)
    digits = FRACTION_DIGITS.get(source, 7)
    fraction = f"{moment.microsecond:06d}0"[:digits]
    clock = moment.strftime("%H:%M:%S")
    plain = {
        0: f"{moment:%b} {moment.day:2d} {moment.year} {moment.hour % 12 or 12:2d}:{moment:%M%p}",
        23: moment.strftime("%Y-%m-%d"),
        112: moment.strftime("%Y%m%d"),
        120: f"{moment:%Y-%m-%d} {clock}",
        121: f"{moment:%Y-%m-%d} {clock}.{fraction}".rstrip("."),
        126: f"{moment:%Y-%m-%d}T{clock}" + (f".{fraction}" if fraction.strip("0") else ""),
        127: f"{moment:%Y-%m-%d}T{clock}" + (f".{fraction}" if fraction.strip("0") else ""),
    }
    if style not in plain:
        raise not_evaluated(f"CONVERT style {style}")
    return plain[23] if source == "date" and style in (0, 120, 121, 126, 127) else plain[style]


def _to_number(value: Any, source: str, target: SqlType) -> Any:
    if isinstance(value, bytes):
        return int.from_bytes(value, "big")
    if isinstance(value, str):
        value = _parse_number(value, source, target)
    if target.name == "bit":
        return int(bool(value))
    if target.name in INTEGERS:
        low, high = INTEGER_RANGE[target.name]
        number = int(value)
        if not low <= number <= high:
            raise SqlError(
                8115, f"Arithmetic overflow error converting expression to data type {target.name}."
            )
        return number
    return float(value)


def _parse_number(text: str, source: str, target: SqlType) -> Any:
    if target.name == "bit" and text.strip().lower() in ("true", "false"):
        return int(text.strip().lower() == "true")
    failed = error(245, source=source, value=text, target=target.name)
    if not text.strip():
        return 0
    if not _NUMBER.match(text) or (target.name in INTEGERS and "." in text):
        raise failed
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        raise failed from None


def _to_time(value: Any, source: str, target: SqlType) -> str:
    moment = parse_time(str(value))
    if moment is None or source in INTEGERS:
        raise error(241)
    if target.name == "date":
        moment = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if target.name == "datetime":
        moment = moment.replace(microsecond=round(moment.microsecond / 1000) % 1000 * 1000)
    return iso(moment)


def parse_time(text: str) -> datetime | None:
    """ISO forms only: what depends on the session's language is no date here."""
    for layout in _DATE_FORMATS:
        try:
            return datetime.strptime(text, layout)
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _to_binary(value: Any, source: str, style: int) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, int):
        return (value & 0xFFFFFFFF).to_bytes(4, "big")
    if style in (1, 2):
        try:
            return bytes.fromhex(str(value).removeprefix("0x") if style == 1 else str(value))
        except ValueError:
            raise SqlError(8114, f"Error converting data type {source} to varbinary.") from None
    return str(value).encode("utf-16-le" if source in UNICODE else "cp1252", "replace")


def _to_guid(value: Any) -> str:
    try:
        parsed = UUID(bytes_le=value) if isinstance(value, bytes) else UUID(str(value))
    except ValueError:
        raise error(8169) from None
    return str(parsed).upper()


def to_sqlite(value: Any) -> Any:
    """One of Python's values (from the wire or from YAML) as SQLite holds it."""
    converters: tuple[tuple[type, Callable[[Any], Any]], ...] = (
        (bool, int),
        (datetime, lambda moment: iso(moment.replace(tzinfo=None))),
        (date, lambda day: f"{day.isoformat()}T00:00:00.000000"),
        (time, str),
        (Decimal, float),
        (UUID, lambda guid: str(guid).upper()),
    )
    for kind, converter in converters:
        if isinstance(value, kind):
            return converter(value)
    return value


def from_sqlite(value: Any, kind: SqlType) -> Any:
    """A SQLite value as the wire's writer wants it."""
    if value is None:
        return None
    if kind.is_time and kind.name != "time":
        return datetime.fromisoformat(str(value))
    if kind.is_number and isinstance(value, str):
        return convert(value, "nvarchar", kind)
    return value
