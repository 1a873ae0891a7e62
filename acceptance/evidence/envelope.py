"""What every fact comes in: read, or not read and why. Unread is never empty, absent or false."""

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Unknown keys are errors, and nothing changes once it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class SectionError(Strict):
    """Why a section has no value. `type` and `hresult` are the exception's; `message` is in the server's language."""

    type: str
    message: str
    hresult: int | None = None
    line: int | None = None
    id: str | None = None


class Unread(Strict):
    """A section, or a part of one, without a value. absent: the thing itself is not on this server; denied: no rights."""

    status: Literal["absent", "denied", "error"]
    error: SectionError
    milliseconds: int


Value = TypeVar("Value")


class Read(Strict, Generic[Value]):
    """A section, or a part of one, that was read, and how long that took on the server."""

    status: Literal["ok"]
    value: Value
    milliseconds: int
