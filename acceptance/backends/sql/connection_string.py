"""ODBC's connection string, every value in its place."""

from acceptance.inventory.sql import SqlConnection
from acceptance.secrets import Secret


def quoted(value: str) -> str:
    """A value of a connection string:
    `{...}` with `}` doubled, so that nothing in it ends the value.
    """
    return "{" + value.replace("}", "}}") + "}"


def connection_string(connection: SqlConnection, port: int, password: str | None) -> Secret:
    """Everything but the driver. One try, never a prompt.

    Read-only intent only where the inventory wants it:
    it makes no session read-only, but a listener may answer it
    with another replica (Microsoft Learn, Configure read-only routing).
    """
    keys = {
        "Server": f"tcp:{connection.server},{port}",
        "Database": "master",
        "Encrypt": connection.encrypt,
        "TrustServerCertificate": "no" if connection.verify_certificate else "yes",
        "APP": "Acceptance suite",
        "ConnectRetryCount": "0",
    }
    if connection.read_only_intent:
        keys["ApplicationIntent"] = "ReadOnly"
    if connection.certificate_name:
        keys["HostnameInCertificate"] = connection.certificate_name
    if connection.auth == "sql":
        keys |= {"UID": connection.username or "", "PWD": Secret(password or "")}
    else:
        keys["Trusted_Connection"] = "yes"
    return Secret("".join(f"{key}={quoted(value)};" for key, value in keys.items()))
