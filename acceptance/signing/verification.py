"""What verifying a report found: the valid signatures, and each file that is not as signed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from acceptance.signing.keys import Trusted
from acceptance.signing.sign_off import Signature

What = Literal["changed", "missing", "added", "not trusted"]


class Problem(NamedTuple):
    """One file that is not as it was signed, and a sentence that begins with its name."""

    file: str
    what: What
    sentence: str


@dataclass
class Verification:
    """`signatures`: the valid ones. `files`: how many files the report has.

    `notes`: told, but no change.
    """

    signatures: list[Signature] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: int = 0
    trusted: Mapping[str, Trusted] | None = None

    @property
    def intact(self) -> bool:
        return bool(self.signatures) and not self.problems
