"""The rules of the marker `sql`: SQL Server, its logins and rights.

A class per rule, its fields are its parameters in the catalogue.
"""

from typing import Literal

from acceptance.catalogue.rules.base import Base


class SqlAnswers(Base):
    rule: Literal["sql.answers"]


class ServiceAccountLogin(Base):
    """`by_group`: a group of the account has a login, and what is said of a group keeps it out."""

    remedy_names = ("group",)
    causes = ("by_group",)

    rule: Literal["sql.login"]


class Sysadmin(Base):
    rule: Literal["sql.sysadmin"]


class NoSysadmin(Base):
    rule: Literal["sql.no_sysadmin"]


class ReadDatabases(Base):
    """Every Exact database of the inventory that is on this server."""

    remedy_names = ("database",)
    causes = ("missing", "denied")
    databases = ("exact",)

    rule: Literal["sql.read"]


class ReadWriteDatabase(Base):
    causes = ("missing", "denied", "read_only", "closed")
    databases = ("clickker",)

    rule: Literal["sql.read_write"]


class Baco(Base):
    rule: Literal["sql.baco"]


class BacoUsable(Base):
    rule: Literal["sql.baco_usable"]


class BacoUser(Base):
    remedy_names = ("database",)
    databases = ("exact",)

    rule: Literal["sql.baco_user"]


class SqlVersion(Base):
    """supported.yaml says which."""

    rule: Literal["sql.version"]


class SqlSupport(Base):
    """supported.yaml says until when."""

    rule: Literal["sql.support"]
