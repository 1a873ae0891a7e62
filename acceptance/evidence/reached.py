"""How a host was reached: part of the evidence, whatever the backend."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Reached:
    """How a host was reached: part of the evidence, so that a reader can judge its worth.

    `through`: the host from which a SQL Server was asked; "": from where the suite ran.
    """

    backend: str
    address: str
    transport: Literal["https", "http", "tds", "local", "ssh", "file"]
    authentication: str
    tls: Literal["verified", "unverified", "none"]
    through: str = ""
