"""What every fact comes in: read, or not read and why. Unread is never empty, absent or false."""

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from acceptance.errors import HostError
from acceptance.text import Sentence, printable


class Strict(BaseModel):
    """Unknown keys are errors, and nothing changes once it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def class_name(section: str) -> str:
    """The stem of a section in a name: `features` -> FeaturesSection, and Get-FeaturesSection."""
    return f"{section.capitalize()}Section"


class SectionError(Strict):
    """Why a section has no value. `type` and `hresult` are the exception's,
    `number` is SQL Server's.

    `message` is in the server's language.
    """

    type: str = "SQL Server"
    message: str
    number: int | None = None
    hresult: int | None = None
    line: int | None = None
    id: str | None = None


class Unread(Strict):
    """A section, or a part of one, without a value.

    absent: the thing itself is not on this server; denied: no rights.
    """

    status: Literal["absent", "denied", "error"]
    error: SectionError
    milliseconds: int = 0


Value = TypeVar("Value")


class Read(Strict, Generic[Value]):
    """A section, or a part of one, that was read, and how long that took."""

    status: Literal["ok"]
    value: Value
    milliseconds: int = 0


class Failure(Strict):
    """Why a whole server could not be asked:
    the error's class name, its sentence and its remedy.

    `problem` and `mend`: the same as templates and values, for other languages; None in evidence of
    earlier suites. The texts decide: a sentence that says something else is not used.
    """

    kind: str
    message: str
    remedy: str
    problem: Sentence | None = None
    mend: Sentence | None = None

    @classmethod
    def of(cls, error: HostError) -> "Failure":
        """As part of the evidence."""
        return cls(
            kind=type(error).__name__,
            message=error.message,
            remedy=error.remedy,
            problem=error.problem,
            mend=error.mend,
        )

    @property
    def told(self) -> tuple[Sentence, Sentence]:
        """What is wrong, and what to do."""
        return _same(self.problem, self.message), _same(self.mend, self.remedy)


def _same(sentence: Sentence | None, text: str) -> Sentence:
    same = sentence is not None and printable(str(sentence)) == text
    return sentence if sentence is not None and same else Sentence(template=text)
