"""Who has signed a report, as the page and a later run need it.

Whoever makes a report cannot verify one: the room `signing` reads reports, and hands this in.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from acceptance.report.compared import Signer


class Signed(NamedTuple):
    """What a report's signatures say, once they were verified.

    `by`: nobody where they do not hold; then `broken` names the first file that is not as it was
    signed, and what became of it ("changed", "missing", "added" or "unreadable").
    """

    by: tuple[Signer, ...] = ()
    broken: tuple[str, str] | None = None

    @property
    def accepted(self) -> bool:
        """Whether the customer accepts it: who only takes note, or delivers, does not."""
        return any(one.party == "customer" and one.meaning in ACCEPTS for one in self.by)


ACCEPTS = ("accepts", "accepts with the named points")
# The report of a folder -> who has signed it. Raises nothing.
WhoSigned = Callable[[Path], Signed]


def broken_told(signed: Signed, texts: Mapping[str, Any]) -> str:
    """Why the signatures do not hold; "" where they do, or nobody has signed."""
    if signed.broken is None:
        return ""
    file, what = signed.broken
    return f"{file}: {texts['verify'][what]}"


def signers_told(by: Iterable[Signer], texts: Mapping[str, Any]) -> str:
    """Each signer with the party and the meaning, in the reader's language."""
    return "; ".join(
        texts["history"]["signer"].format(
            name=one.name,
            party=texts["owner_article"][one.party],
            meaning=texts["verify"]["means"][one.meaning],
        )
        for one in by
    )
