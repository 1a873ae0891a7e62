"""T-SQL's data types, as the catalog names them."""

import re
from dataclasses import dataclass, replace

MAX = -1  # nvarchar(max), varchar(max), varbinary(max): as in sys.columns.max_length

INTEGERS = {"bit": 1, "tinyint": 1, "smallint": 2, "int": 4, "bigint": 8}
NUMBERS = (*INTEGERS, "decimal", "numeric", "real", "float")  # by rising precedence
UNICODE = ("nvarchar", "nchar")
TEXTS = ("varchar", "char", *UNICODE)
BINARIES = ("varbinary", "binary")
TIMES = ("date", "time", "smalldatetime", "datetime", "datetime2", "datetimeoffset")
OTHERS = ("uniqueidentifier", "sql_variant")
KNOWN = (*NUMBERS, *TEXTS, *BINARIES, *TIMES, *OTHERS)
SYNONYMS = {
    "sysname": "nvarchar(128)",
    "integer": "int",
    "ntext": "nvarchar(max)",  # pyodbc declares a parameter longer than 4000 characters so
    "text": "varchar(max)",
    "image": "varbinary(max)",
}

_DECLARATION = re.compile(r"\s*\[?(\w+)\]?\s*(?:\(\s*(\w+)\s*(?:,\s*(\d+)\s*)?\))?\s*\Z")


@dataclass(frozen=True)
class SqlType:
    """A data type. `length` counts characters or bytes (MAX for max), or digits of decimal; `collation` is a text's."""

    name: str
    length: int = 0
    scale: int = 0
    collation: str = ""

    @property
    def is_text(self) -> bool:
        return self.name in TEXTS

    @property
    def is_number(self) -> bool:
        return self.name in NUMBERS

    @property
    def is_time(self) -> bool:
        return self.name in TIMES

    @property
    def is_binary(self) -> bool:
        return self.name in BINARIES

    def collated(self, collation: str) -> "SqlType":
        """The same type with this collation, where it is a text."""
        return replace(self, collation=collation) if self.is_text else self

    @property
    def max_length(self) -> int:
        """Bytes, as sys.columns.max_length and COL_LENGTH say."""
        if self.name in UNICODE and self.length != MAX:
            return 2 * self.length
        fixed = {
            "real": 4,
            "float": 8,
            "date": 3,
            "time": 5,
            "smalldatetime": 4,
            "datetime": 8,
            "datetime2": 8,
        }
        fixed |= {
            "datetimeoffset": 10,
            "uniqueidentifier": 16,
            "sql_variant": 8016,
            "decimal": 9,
            "numeric": 9,
        }
        return INTEGERS.get(self.name) or fixed.get(self.name) or self.length


def parse_type(declaration: str) -> SqlType:
    """`nvarchar(60)`, `varbinary(max)`, `int`, `decimal(9, 2)`. Raises ValueError for what is not known."""
    found = _DECLARATION.match(SYNONYMS.get(declaration.strip().lower(), declaration))
    if found is None:
        raise ValueError(f"no data type: {declaration!r}")
    name, length, scale = found[1].lower(), found[2], int(found[3] or 0)
    if name not in KNOWN:
        raise ValueError(f"unknown data type {declaration!r}; known: {', '.join(KNOWN)}")
    if name in ("decimal", "numeric"):
        return SqlType(name, int(length or 18), scale)
    if name in ("datetime2", "time", "datetimeoffset"):
        return SqlType(name, 0, int(length or 7))
    if name in TEXTS or name in BINARIES:
        return SqlType(name, MAX if (length or "").lower() == "max" else int(length or 1))
    return SqlType(name)


INT, BIGINT = SqlType("int"), SqlType("bigint")
DATETIME, GUID, VARIANT = SqlType("datetime"), SqlType("uniqueidentifier"), SqlType("sql_variant")
SYSNAME, NVARCHAR_MAX = SqlType("nvarchar", 128), SqlType("nvarchar", MAX)
