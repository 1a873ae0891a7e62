"""T-SQL's data types: those of Exact's tables, of the catalog views and of the clients'
parameters."""

import re
from dataclasses import dataclass, replace
from functools import cache

MAX = -1  # nvarchar(max), varchar(max), varbinary(max): as in sys.columns.max_length

INTEGERS = {"bit": 1, "tinyint": 1, "smallint": 2, "int": 4, "bigint": 8}
NUMBERS = (*INTEGERS, "float")  # by rising precedence
UNICODE = ("nvarchar", "nchar")
TEXTS = ("varchar", "char", *UNICODE)
BINARIES = ("varbinary", "binary")
FIXED = {"float": 8, "datetime": 8, "uniqueidentifier": 16, "sql_variant": 8016}
KNOWN = (*INTEGERS, *TEXTS, *BINARIES, *FIXED)
SYNONYMS = {
    "sysname": "nvarchar(128)",
    "integer": "int",  # sqlglot writes it so
}
_DECLARATION = re.compile(r"\s*\[?(\w+)\]?\s*(?:\(\s*(\w+)\s*\))?\s*\Z")


@dataclass(frozen=True)
class SqlType:
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
        return replace(self, collation=collation) if self.is_text else self

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
    if found is None or found[1].lower() not in KNOWN:
        raise ValueError(f"unknown data type {declaration!r}; known: {', '.join(KNOWN)}")
    name, length = found[1].lower(), (found[2] or "1").lower()
    if name in TEXTS or name in BINARIES:
        return SqlType(name, MAX if length == "max" else int(length))
    return SqlType(name)


def columns_of(declaration: str) -> dict[str, SqlType]:
    """`name sysname, state tinyint` as columns."""
    pairs = (item.split(maxsplit=1) for item in declaration.split(","))
    return {name: parse_type(kind) for name, kind in pairs}


INT, BIGINT, DATETIME = SqlType("int"), SqlType("bigint"), SqlType("datetime")
VARIANT = SqlType("sql_variant")
SYSNAME, NVARCHAR_MAX = SqlType("nvarchar", 128), SqlType("nvarchar", MAX)
BOOLEAN = SqlType("boolean")  # a predicate's: T-SQL has no such column
