"""How a collation compares: _CI without case, _AI without accents; trailing spaces never count (T-SQL's `=`)."""

import re
import unicodedata

_WINDOWS_OR_SQL = re.compile(r"(SQL_)?[A-Z]\w*_(C[SI]_A[SI]|BIN2?)(_\w+)*\Z")


def is_collation(name: str) -> bool:
    return _WINDOWS_OR_SQL.match(name) is not None


def fold(text: str, collation: str) -> str:
    """A key that is equal for texts which the collation holds equal."""
    text = text.rstrip(" ")
    if "_BIN" in collation:
        return text
    if "_AI" in collation:
        text = "".join(
            char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char)
        )
    return text.casefold() if "_CI" in collation else text


def compare(left: str, right: str, collation: str) -> int:
    """Below, equal or above: -1, 0, 1. Order is by letter first, case second, as Windows collations have it."""
    one, other = fold(left, collation), fold(right, collation)
    if one == other:
        return 0
    return -1 if (one.casefold(), one) < (other.casefold(), other) else 1
