"""How a SQL Server is reached: `sql` of a host with the role database."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from acceptance.inventory.types import (
    Address,
    Amount,
    Count,
    HostName,
    Model,
    Port,
    SecretReference,
    Text,
    UserName,
    YesNo,
    with_port,
)

SQL_PORT = 1433  # a default instance's


class SqlConnection(Model):
    """Timeouts in seconds.

    TLS is on and verified unless said otherwise here; what is said here stands in the report.
    """

    server: Address = Field(description="DNS name; Kerberos and TLS need the full one")
    port: Port | None = Field(None, description="default 1433; wins over instance")
    instance: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_$#]{1,16}$")] | None = Field(
        None, description="a named instance; its port is asked of SQL Server Browser (UDP 1434)"
    )
    auth: Literal["windows", "sql"] = Field(
        "windows", description="windows: the account of this session (Kerberos)"
    )
    username: UserName | None = None
    password: SecretReference | None = Field(
        None, description="env:NAME, keyring:service/user or prompt:"
    )
    encrypt: Literal["mandatory", "strict", "optional"] = Field(
        "mandatory",
        description="the driver's own words; strict is TDS 8 (SQL Server 2022), "
        "optional may go in clear",
    )
    verify_certificate: YesNo = True
    certificate_name: Text | None = Field(
        None, description="the name in the certificate, where it is not `server`"
    )
    ca_file: Path | None = Field(
        None, description="PEM file of the CA (not on Windows: import it there)"
    )
    databases: tuple[Text, ...] | None = Field(
        None,
        description="which of the customer's databases are here, "
        "where there are several SQL Servers",
    )
    read_only_intent: YesNo = Field(
        False,
        description="ask a listener for its readable secondary (ApplicationIntent): "
        "another server, with logins of its own",
    )
    through: HostName | None = Field(
        None,
        description="ask it from this host of the customer, by SqlClient of its .NET Framework, "
        "where this machine does not reach it",
    )
    driver: Text | None = Field(
        None, description="an ODBC driver's name or path; default: the newest that is found"
    )
    connect_seconds: Amount = 10
    login_seconds: Count = 15
    query_seconds: Count = 60
    deadline_seconds: Amount = 300

    @property
    def address(self) -> str:
        """For people: server with port or instance."""
        if self.port or not self.instance:
            return with_port(self.server, self.port or SQL_PORT)
        return f"{self.server}\\{self.instance}"

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.auth == "sql" and not (self.username and self.password):
            raise ValueError("auth sql needs username and password")
        if self.auth == "windows" and (self.username or self.password):
            raise ValueError(
                "auth windows takes the account of this session (kinit); "
                "remove username and password"
            )
        if not self.verify_certificate and (self.ca_file or self.certificate_name):
            raise ValueError(
                "ca_file and certificate_name have no effect without verify_certificate: true"
            )
        if not self.verify_certificate and self.encrypt == "strict":
            raise ValueError(
                "encrypt strict always verifies the certificate; remove verify_certificate"
            )
        self._fits_sqlclient()
        return self

    def _fits_sqlclient(self) -> None:
        """SqlClient trusts what its own Windows trusts,
        and knows neither TDS 8 nor a name beside the server's.
        """
        if self.through is None:
            return
        if self.encrypt == "strict":
            raise ValueError(
                "encrypt strict cannot go through a host: SqlClient has no TDS 8; set mandatory"
            )
        for key in ("ca_file", "certificate_name", "driver"):
            if getattr(self, key) is not None:
                raise ValueError(
                    f"{key} has no effect through a host: its SqlClient trusts the certificates "
                    f"that its Windows trusts, for the name of the server; remove {key}"
                )
