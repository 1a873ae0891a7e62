"""The rules of the marker `licence`: the Exact licence.

A class per rule, its fields are its parameters in the catalogue.
"""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from acceptance.catalogue.rules.base import Base


class UserLicence(Base):
    """Values of humres.UserLicenseType; any other awaits confirmation."""

    rule: Literal["licence.user"]
    licensed: Annotated[tuple[PositiveInt, ...], Field(min_length=1)]
    unlicensed: tuple[int, ...]


class ConnectivityModule(Base):
    rule: Literal["licence.module"]
