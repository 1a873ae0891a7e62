"""How one server is reached, and which of its settings fit together."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from acceptance.inventory.types import (
    Address,
    Amount,
    Count,
    HostName,
    Model,
    OptionName,
    OptionValue,
    Port,
    SecretReference,
    UserName,
    YesNo,
    with_port,
)


class Connection(Model):
    """How a host is reached. Timeouts in seconds."""

    backend: Literal["winrm", "ssh", "local", "script"] = Field(
        "winrm",
        description="ssh: the system's OpenSSH client; local: the suite runs on the server; "
        "script: a person runs one script there (acceptance script)",
    )
    address: Address = Field(description="DNS name; Kerberos and TLS need the full one")
    computer: HostName | None = Field(
        None,
        description="backend script: the server's own name, where address does not begin with it",
    )
    scheme: Literal["https", "http"] = "https"
    port: Port | None = Field(
        None, description="default 5986 for https, 5985 for http; ssh: as ~/.ssh/config says"
    )
    auth: Literal["ntlm", "kerberos", "credssp", "certificate", "basic"] = "ntlm"
    username: UserName | None = Field(
        None, description="DOMAIN\\user, user@domain, or .\\user for a local account"
    )
    password: SecretReference | None = Field(
        None, description="env:NAME, keyring:service/user or prompt:"
    )
    certificate: Path | None = Field(None, description="PEM file, for auth certificate")
    certificate_key: Path | None = Field(None, description="PEM file, for auth certificate")
    identity_file: Path | None = Field(
        None, description="backend ssh: the private key; default: the agent's and ssh's own"
    )
    options: dict[OptionName, OptionValue] = Field(
        {}, description="backend ssh: settings of ssh_config(5), such as ProxyJump: jump.example"
    )
    verify_tls: YesNo = True
    ca_file: Path | None = Field(
        None, description="PEM file of the CA that issued the server's certificate"
    )
    kerberos_hostname: Address | None = None
    connect_seconds: Amount = 10
    operation_seconds: Count = 20
    deadline_seconds: Amount = 300

    @property
    def effective_port(self) -> int:
        return self.port or (5986 if self.scheme == "https" else 5985)

    @property
    def place(self) -> str:
        """Where evidence of it comes from: the port is WinRM's, or ssh's where it is said."""
        if self.backend == "ssh" and self.port is not None:
            return with_port(self.address, self.port)
        if self.backend != "winrm":
            return self.address
        return with_port(self.address, self.effective_port)

    @property
    def own_name(self) -> str | None:
        """The computer's name that an answer by hand must tell.

        None: the address does not say it.
        """
        if self.computer is not None:
            return self.computer
        first = self.address.partition(".")[0]
        return None if first.isdigit() or ":" in self.address else first

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.backend != "ssh" and (self.identity_file or self.options):
            raise ValueError("identity_file and options belong to backend: ssh")
        if self.backend == "script":
            return self  # nobody logs in from here
        if self.computer is not None:
            raise ValueError("computer belongs to backend: script; elsewhere address says it all")
        if self.backend == "ssh" and self.password and not self.username:
            raise ValueError("a password over ssh needs username")
        if self.backend != "winrm":
            return self  # what follows is about WinRM
        if self.auth in ("basic", "certificate") and self.scheme != "https":
            raise ValueError(
                f"auth {self.auth} is allowed over https only: over http it would go in clear"
            )
        if self.auth in ("ntlm", "credssp", "basic") and not (self.username and self.password):
            raise ValueError(f"auth {self.auth} needs username and password")
        if self.auth == "certificate" and not (self.certificate and self.certificate_key):
            raise ValueError("auth certificate needs certificate and certificate_key")
        if self.ca_file and (self.scheme != "https" or not self.verify_tls):
            raise ValueError(
                "ca_file has no effect without https and verify_tls: true; remove one of them"
            )
        return self
