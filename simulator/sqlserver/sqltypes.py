"""T-SQL's data types, those of Exact's tables, of the catalog views and of the clients' parameters;
CAST, CONVERT and the implicit conversions between them, over Python's own values: NULL is None.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from acceptance.simulator.sqlserver.errors import error, not_evaluated

MAX = -1  # nvarchar(max), varchar(max), varbinary(max): as in sys.columns.max_length

INTEGERS = {"bit": 1, "tinyint": 1, "smallint": 2, "int": 4, "bigint": 8}
NUMBERS = (*INTEGERS, "float")  # by rising precedence
UNICODE = ("nvarchar", "nchar")
TEXTS = ("varchar", "char", *UNICODE)
BINARIES = ("varbinary", "binary")
FIXED = {"float": 8, "datetime": 8, "uniqueidentifier": 16, "sql_variant": 8016}
KNOWN = (*INTEGERS, *TEXTS, *BINARIES, *FIXED)
SYNONYMS = {"sysname": "nvarchar(128)"}
HEXADECIMAL = 1  # CONVERT's style for binary values: 0x01AB
_DECLARATION = re.compile(r"\s*\[?(\w+)\]?\s*(?:\(\s*(\w+)\s*\))?\s*\Z")


class SqlType(NamedTuple):
    """A data type. `length` counts characters or bytes, MAX for max; `collation` is a text's."""

    name: str
    length: int = 0
    collation: str = ""

    @property
    def is_text(self) -> bool:
        return self.name in TEXTS

    @property
    def is_binary(self) -> bool:
        return self.name in BINARIES

    def collated(self, collation: str) -> "SqlType":
        """The same type with this collation, where it is a text."""
        return self._replace(collation=collation) if self.is_text else self

    @property
    def max_length(self) -> int:
        """Bytes, as COL_LENGTH says."""
        if self.name in UNICODE and self.length != MAX:
            return 2 * self.length
        return INTEGERS.get(self.name) or FIXED.get(self.name) or self.length


@cache  # a table has hundreds of columns of a few types
def parse_type(declaration: str) -> SqlType:
    """`nvarchar(60)`, `varbinary(max)`, `int`. Raises ValueError for what is not known."""
    found = _DECLARATION.match(SYNONYMS.get(declaration.strip().lower(), declaration))
    name = found[1].lower() if found else ""
    # Without a length a text is one character long, in CAST 30: nobody here writes it so.
    if found is None or name not in KNOWN or (name in TEXTS + BINARIES) != bool(found[2]):
        raise ValueError(f"unknown data type {declaration!r}; known: {', '.join(KNOWN)}")
    if not found[2]:
        return SqlType(name)
    return SqlType(name, MAX if found[2].lower() == "max" else int(found[2]))


def columns_of(declaration: str) -> dict[str, SqlType]:
    """`name sysname, state tinyint` as columns."""
    pairs = (item.split(maxsplit=1) for item in declaration.split(","))
    return {name: parse_type(kind) for name, kind in pairs}


INT, DATETIME = SqlType("int"), SqlType("datetime")
VARIANT, SYSNAME = SqlType("sql_variant"), SqlType("nvarchar", 128)
BOOLEAN = SqlType("boolean")  # a predicate's: T-SQL has no such column


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
    if isinstance(value, (bytes, datetime, float, UUID)) or style:
        raise not_evaluated(f"a {type(value).__name__} as text in style {style}")
    return str(value)


def _to_integer(value: Any, target: SqlType) -> int:
    try:
        number = int(value.strip() or 0) if isinstance(value, str) else value
    except ValueError:
        raise error(245, source="nvarchar", value=value, target=target.name) from None
    if target.name == "bit":
        return int(bool(number))
    values = 2 ** (8 * INTEGERS[target.name])
    low = 0 if target.name == "tinyint" else -values // 2
    if not low <= int(number) < low + values:
        raise error(8115, name=target.name)
    return int(number)


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
