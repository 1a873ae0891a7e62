"""What the inventory's models are built from: strict base class, references to secrets, names."""

import re
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from acceptance.secrets import SCHEMES

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def _secret_reference(text: str) -> str:
    scheme, colon, name = text.partition(":")
    forms = {"env": r"[A-Za-z_][A-Za-z0-9_]*", "keyring": r".+/.+", "prompt": r".*"}
    if not colon or scheme not in SCHEMES or not re.fullmatch(forms[scheme], name):
        raise ValueError(
            "must be a reference: env:NAME, keyring:service/user or prompt:; a password never stands in this file"
        )
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
                f"must lie before the year {LAST_YEAR + 1}: an agreement without an end has to be renewed"
            )
        return value
    raise ValueError("must be a date such as 2026-11-20")


DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def _file_name(text: str) -> str:
    # Customers are folders and hosts are files of a report, which may be made or read on Windows.
    if DEVICE.fullmatch(text) or text.endswith(".") or len(text) > 100:
        raise ValueError(
            "the name is also that of a file: no device of Windows (con, nul, com1), no '.' at its end"
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


SecretReference = Annotated[str, AfterValidator(_secret_reference)]
Zone = Annotated[str, AfterValidator(_zone)]
PROXY = r"^[A-Za-z0-9][A-Za-z0-9.-]*:[0-9]{1,5}$"
NAME, ACCOUNT = r"^[A-Za-z0-9][A-Za-z0-9.-]*$", r"^[^\\/\s]+\\[^\\/]+$"
FORMS = {
    NAME: "a name has letters, digits, '.' and '-' only",
    PROXY: "must be host:port",
    ACCOUNT: "must be DOMAIN\\user (.\\user for a local account)",
}
HostName = Annotated[str, StringConstraints(pattern=NAME)]
FileName = Annotated[HostName, AfterValidator(_file_name)]
OneFileEach = AfterValidator(_one_file_each)
Account = Annotated[str, StringConstraints(pattern=ACCOUNT)]
Proxy = Annotated[str, StringConstraints(pattern=PROXY)]
Count = Annotated[int, Field(gt=0, strict=True)]  # strict: true is no 1
Day = Annotated[date, BeforeValidator(_day)]


class Model(BaseModel):
    """Unknown keys are errors; nothing changes after reading."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )
