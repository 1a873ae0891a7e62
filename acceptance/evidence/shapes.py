"""What a fact may look like: flags, counts, closed sets of words, moments, names that stand once.

A section that says what cannot be is not read, whatever the rest of it says;
it costs no other section.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, Field, ValidationError, field_validator
from pydantic.functional_validators import AfterValidator

from acceptance.evidence.envelope import SectionError, Strict, Unread
from acceptance.text import one_line

Flag = Annotated[int, Field(ge=0, le=1)]  # SQL Server's yes and no; its bit comes as a bool
Count = Annotated[int, Field(ge=0, strict=True)]
Truth = Annotated[bool, Field(strict=True)]
Hexadecimal = Annotated[str, Field(pattern=r"^([0-9a-fA-F]{2})*$")]

# When something was asked, answered, run or signed, by the clock of who wrote it down, and how long
# it took: judges add days to it, and to 9999-12-31 nothing can be added. What may end only then (a
# certificate "without an end", RFC 5280 4.1.2.5) is compared alone, and is an AwareDatetime.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Moment = Annotated[AwareDatetime, Field(ge=EARLIEST, lt=LATEST)]
A_WEEK = 7 * 86400
Seconds = Annotated[float, Field(ge=0, le=A_WEEK)]

Item = TypeVar("Item", bound=BaseModel)


def once(*fields: str) -> Any:
    """A validator for a list: no two of it have the same values there,
    names compared without case.
    """
    return _once(fields, _folded)


def once_exactly(*fields: str) -> Any:
    """The same for names that differ in case only on some servers, and are two then."""
    return _once(fields, lambda value: value)


def _once(fields: tuple[str, ...], key: Callable[[Any], Any]) -> Any:
    def check(items: list[Item]) -> list[Item]:
        twice = _first_twice(tuple(key(getattr(item, name)) for name in fields) for item in items)
        if twice is not None:
            raise ValueError(f"{', '.join(map(str, twice))} stands there twice")
        return items

    return AfterValidator(check)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _first_twice(keys: Iterable[tuple[Any, ...]]) -> tuple[Any, ...] | None:
    seen = set()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    return None


class EachCostsItself(Strict):
    """Sections side by side: one of another shape, or that contradicts itself, is unread,
    and the others stand.
    """

    @field_validator("*", mode="wrap")
    @classmethod
    def _costs_itself(cls, value: Any, handler: Callable[[Any], Any]) -> Any:
        try:
            return handler(value)
        except ValidationError as error:
            what = _what_is_wrong(value, error)
            message = f"the collector's answer is not as agreed: {what}"
            found = SectionError(type="Shape", message=one_line(message, 300))
            return Unread(status="error", error=found)


def _what_is_wrong(value: Any, error: ValidationError) -> str:
    """The first complaint of the shape that the section says it has: read, or not."""
    says_read = isinstance(value, dict) and value.get("status") == "ok"
    shape = "Read[" if says_read else "Unread"
    all_of_them = error.errors(include_input=False, include_url=False)
    of_its_shape = [one for one in all_of_them if str(one["loc"][:1]).find(shape) >= 0]
    first = (of_its_shape or all_of_them)[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
