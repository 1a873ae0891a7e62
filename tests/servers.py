"""The inventory's connection to a simulated WinRM service."""

from typing import Any

from acceptance.simulator.winrm.server import WsManServer

from acceptance.inventory.connection import Connection

ACCOUNT = r"DEMO\acceptance"


def connection_to(server: WsManServer, **changes: Any) -> Connection:
    """By NTLM as `ACCOUNT`, over TLS where the service has it; `changes` win."""
    values: dict[str, Any] = {
        "address": "localhost",
        "port": server.port,
        "scheme": "https" if server.tls else "http",
        "username": ACCOUNT,
        "password": "env:UNUSED",
        "operation_seconds": 1,
    }
    if server.tls:
        values["ca_file"] = server.ca_file
    return Connection(**values | changes)
