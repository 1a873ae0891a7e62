"""How a collation compares: without case (_CI), accents (_AI), width and kana unless it says so.

Trailing spaces never count, as in T-SQL's `=`.
"""

import re
import unicodedata
from functools import lru_cache

COLLATION = re.compile(r"(SQL_)?[A-Z]\w*_(C[SI]_A[SI]|BIN2?)(_\w+)*\Z")  # Windows' and SQL's
_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


def fold(text: str, collation: str) -> str:
    """A key that is equal for texts which the collation holds equal."""
    return fold_inside(text.rstrip(" "), collation)


@lru_cache(10_000)  # the same names are compared again and again
def fold_inside(text: str, collation: str) -> str:
    """As `fold`, where trailing spaces count: inside LIKE and REPLACE."""
    if "_BIN" in collation:
        return text
    if "_WS" not in collation:
        text = "".join(map(_narrow, text))
    if "_KS" not in collation:
        text = text.translate(_HIRAGANA_TO_KATAKANA)
    if "_AI" in collation:
        apart = unicodedata.normalize("NFD", text)
        text = "".join(char for char in apart if not unicodedata.combining(char))
    return text.casefold() if "_CI" in collation else text


def _narrow(char: str) -> str:
    """A full-width or half-width form as the letter that it is a form of."""
    if unicodedata.decomposition(char).startswith(("<wide>", "<narrow>")):
        return unicodedata.normalize("NFKC", char)
    return char


def sort_key(text: str, collation: str) -> tuple[str, str]:
    """Order is by letter first, case second, as Windows collations have it."""
    key = fold(text, collation)
    return key.casefold(), key
