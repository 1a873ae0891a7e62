"""The rules of the markers `sql`, `synergy` and `licence`: a class each, whose fields are its parameters in the catalogue."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from acceptance.catalogue.rules.base import Base, Text, Version

Release = Annotated[int, Field(ge=200, le=999)]
Releases = tuple[Release, ...]


class SqlAnswers(Base):
    rule: Literal["sql.answers"]


class ServiceAccountLogin(Base):
    rule: Literal["sql.login"]


class Sysadmin(Base):
    rule: Literal["sql.sysadmin"]


class ReadDatabases(Base):
    """Every Exact database of the inventory that is on this server."""

    remedy_names = ("database",)

    rule: Literal["sql.read"]


class ReadWriteDatabase(Base):
    rule: Literal["sql.read_write"]


class Baco(Base):
    rule: Literal["sql.baco"]


class BacoUsable(Base):
    rule: Literal["sql.baco_usable"]


class BacoUser(Base):
    remedy_names = ("database",)

    rule: Literal["sql.baco_user"]


class SqlVersion(Base):
    """`accepted`: major versions such as "15.0"; empty and none in the inventory = awaiting confirmation."""

    rule: Literal["sql.version"]
    accepted: tuple[Version, ...] = ()


class SynergyRelease(Base):
    rule: Literal["synergy.release"]
    minimum: Release


class SynergySupported(Base):
    """`accepted` empty = awaiting confirmation."""

    rule: Literal["synergy.supported_release"]
    accepted: Releases = ()


class GlobeRelease(Base):
    """`accepted` empty = awaiting confirmation."""

    rule: Literal["synergy.globe_release"]
    accepted: Releases = ()


class SynergyUser(Base):
    rule: Literal["synergy.user"]


class SynergyRole(Base):
    """`descriptions`: how the role may be called; they decide. `role_id` alone only hints (facts-exact 3.2)."""

    rule: Literal["synergy.role"]
    descriptions: Annotated[tuple[Text, ...], Field(min_length=1)]
    role_id: Annotated[int, Field(ge=0)]


class ClickkerPool(Base):
    rule: Literal["synergy.pool"]
    pool: Text


class PermissionsForm(Base):
    rule: Literal["synergy.form"]


class UserLicence(Base):
    """Values of humres.UserLicenseType; any other awaits confirmation."""

    rule: Literal["licence.user"]
    licensed: Annotated[tuple[PositiveInt, ...], Field(min_length=1)]
    unlicensed: tuple[int, ...]


class ConnectivityModule(Base):
    rule: Literal["licence.module"]
