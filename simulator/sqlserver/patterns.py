"""LIKE: %, _, [a-z] and [^a], under a collation."""

import re

from acceptance.simulator.sqlserver.collations import fold_inside

PARTS = re.compile(r"%|_|\[\^?[^\]]+\]|.", re.DOTALL)


def like(text: str | None, pattern: str | None, collation: str) -> bool | None:
    """Whether a text is as the pattern says; None where either is NULL."""
    if text is None or pattern is None:
        return None
    folded = fold_inside(pattern, collation)
    expression = "".join(_part(part) for part in PARTS.findall(folded))
    return re.fullmatch(expression, fold_inside(text, collation), re.DOTALL) is not None


def _part(part: str) -> str:
    if part in "%_":
        return {"%": ".*", "_": "."}[part]
    if len(part) == 1:
        return re.escape(part)
    inner = part[1:-1].replace("\\", "\\\\").replace("[", "\\[")
    return f"[{inner}]"
