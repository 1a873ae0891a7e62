"""The rules of the marker `synergy`: Exact Synergy: releases, users, roles, its application pool.

A class per rule, its fields are its parameters in the catalogue.
"""

from typing import Annotated, Literal

from pydantic import Field

from acceptance.catalogue.rules.base import Base, Text

Release = Annotated[int, Field(ge=200, le=999)]


class SynergyRelease(Base):
    rule: Literal["synergy.release"]
    minimum: Release


class SynergySupported(Base):
    """supported.yaml says which."""

    rule: Literal["synergy.supported_release"]


class GlobeRelease(Base):
    """supported.yaml says which."""

    rule: Literal["synergy.globe_release"]


class SynergyUser(Base):
    rule: Literal["synergy.user"]


class SynergyRole(Base):
    """`descriptions`: how the role may be called; they decide. `role_id` alone only hints."""

    rule: Literal["synergy.role"]
    descriptions: Annotated[tuple[Text, ...], Field(min_length=1)]
    role_id: Annotated[int, Field(ge=0)]


class ClickkerPool(Base):
    """`pool`: its usual name, where the inventory names none."""

    remedy_names = ("pool",)

    rule: Literal["synergy.pool"]
    pool: Text


class PermissionsForm(Base):
    rule: Literal["synergy.form"]
