"""What the inventory's models are built from: strict base class, references to secrets, names."""

import re
import unicodedata
from contextlib import suppress
from datetime import date, datetime
from ipaddress import ip_address
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from acceptance.secrets import remember

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


REFERENCE = r"^(env:[A-Za-z_][A-Za-z0-9_]*|keyring:.+/.+|prompt:.*)$"


def _secret_reference(text: str) -> str:
    if not re.fullmatch(REFERENCE, text):
        raise ValueError(
            "must be a reference: env:NAME, keyring:service/user or prompt:;"
            " a password never stands in this file"
        )
    remember(text)
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (
        KeyError,
        OSError,
        ValueError,
    ):  # an unknown name is a KeyError, a folder of zones an OSError
        raise ValueError(f"{text!r} is no time zone; write one such as Europe/Amsterdam") from None
    return text


LAST_YEAR = 2199  # 9999-12-31 is no end, and has no day after it


def _day(value: Any) -> date:
    # pydantic alone takes a number for seconds since 1970.
    if isinstance(value, str):
        with suppress(ValueError):
            value = date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        if value.year > LAST_YEAR:
            raise ValueError(
                f"must lie before the year {LAST_YEAR + 1}: "
                "an agreement without an end has to be renewed"
            )
        return value
    raise ValueError("must be a date such as 2026-11-20")


def _yes_or_no(value: Any) -> Any:
    # pydantic alone takes "no", "off", 0 and "n" for false.
    if not isinstance(value, bool):
        raise ValueError("must be true or false, without quotes")  # noqa: TRY004 - pydantic's
    return value


def _number(value: Any) -> Any:
    # pydantic alone takes true for 1, and text for what stands in it.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number, without quotes")  # noqa: TRY004 - pydantic's
    return value


DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def _file_name(text: str) -> str:
    # Customers are folders and hosts are files of a report, which may be made or read on Windows.
    if DEVICE.fullmatch(text) or text.endswith(".") or len(text) > 100:
        raise ValueError(
            "the name is also that of a file: "
            "no device of Windows (con, nul, com1), no '.' at its end"
        )
    return text


def _one_file_each(named: dict[str, Any]) -> dict[str, Any]:
    seen: dict[str, str] = {}
    for name in named:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise ValueError(
                f"{other} and {name} differ in case only; on Windows they would be one file"
            )
    return named


def _address(text: str) -> str:
    """A DNS name or an address; what people write instead is told by what it is."""
    if "://" in text or "/" in text:
        raise ValueError(
            "must be the name alone, no URL; the port has a key of its own (port), and so has https"
        )
    if text.startswith("["):
        raise ValueError("must be an IPv6 address without brackets, such as ::1")
    if "\\" in text:
        raise ValueError(
            "must be the name alone; an instance has a key of its own, such as instance: EXACT"
        )
    with suppress(ValueError):
        ip_address(text)
        return text
    if re.search(r"[,:] *[0-9]+$", text):
        raise ValueError("must be the name alone; the port has a key of its own, port: NUMBER")
    if not re.fullmatch(ADDRESS, text) or len(text) > 255:
        raise ValueError(
            "must be a name such as web01.example.test, or an address such as 10.0.0.5"
        )
    return text


def with_port(address: str, port: int) -> str:
    """Both as one text, an IPv6 address in brackets as in an URL (RFC 3986 3.2.2).

    >>> with_port("web01", 5986), with_port("::1", 5986)
    ('web01:5986', '[::1]:5986')
    """
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _user_name(text: str) -> str:
    """An escape in double quotes makes an unseen character of a backslash and a letter."""
    if not text.isprintable():
        raise ValueError(
            "has an unseen character in it; write the name in single quotes, such as 'DOMAIN\\user'"
        )
    return text


def letters(name: str) -> str:
    """A person's name by its letters, in whatever order:
    "J. Jansen", "j jansen" and "Jansen, J." are one.

    >>> letters("Jansen, J.P.") == letters("JP Jansen")
    True
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(sorted(char for char in plain if char.isalnum()))


SecretReference = Annotated[
    str,
    AfterValidator(_secret_reference),
    Field(json_schema_extra={"pattern": REFERENCE}),
]
Zone = Annotated[str, AfterValidator(_zone)]
ADDRESS = r"\w([\w-]*\w)?(\.\w([\w-]*\w)?)*\.?"
PROXY = r"^[A-Za-z0-9][A-Za-z0-9._-]*:[0-9]{1,5}$"
NAME, ACCOUNT = r"^[A-Za-z0-9_][A-Za-z0-9._-]*$", r"^[^\\/\s]+\\[^\\/]+$"
DIVISION = r"^[0-9]{1,5}$"
FORMS = {
    DIVISION: "must be an administration's number in quotes, such as '020'",
    NAME: "a name has letters, digits, '.', '-' and '_' only",
    PROXY: "must be host:port",
    ACCOUNT: "must be DOMAIN\\user (.\\user for a local account), or unknown",
}
OptionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]+$")]
OptionValue = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]+$")]
Administration = Annotated[str, StringConstraints(pattern=DIVISION)]
HostName = Annotated[str, StringConstraints(pattern=NAME)]
FileName = Annotated[HostName, AfterValidator(_file_name)]
OneFileEach = AfterValidator(_one_file_each)
Account = Annotated[str, StringConstraints(pattern=ACCOUNT), AfterValidator(_user_name)]
UserName = Annotated[Text, AfterValidator(_user_name)]
Address = Annotated[Text, AfterValidator(_address)]
Proxy = Annotated[str, StringConstraints(pattern=PROXY)]
Count = Annotated[int, Field(gt=0, strict=True)]  # strict: true is no 1
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Amount = Annotated[float, Field(gt=0), BeforeValidator(_number)]
Port = Annotated[int, Field(ge=1, le=65535, strict=True)]
Day = Annotated[date, BeforeValidator(_day)]
Days = Annotated[int, Field(gt=0, le=36525, strict=True)]  # a century: more has no day behind it


UNKNOWN = "unknown"
Told = TypeVar("Told")
# An answer that may be missing: left out, or written as `unknown`. What depends on it awaits it.
ToTell = Annotated[
    Told | None,
    BeforeValidator(lambda value: None if value == UNKNOWN else value),
    Field(json_schema_extra=lambda schema: schema["anyOf"].append({"const": UNKNOWN})),
]


class Model(BaseModel):
    """Unknown keys are errors; nothing changes after reading."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
        defer_build=True,
    )
