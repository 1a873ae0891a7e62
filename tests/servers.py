"""The inventory's connection to a simulated WinRM service, and services that answer wrongly."""

from collections.abc import Callable
from typing import Any

import pytest
from acceptance.simulator.winrm.messages import Request
from acceptance.simulator.winrm.server import WsManServer
from acceptance.simulator.winrm.shells import Shells

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


def answering(
    monkeypatch: pytest.MonkeyPatch, action: str, change: Callable[[Request, bytes], bytes]
) -> None:
    """The service's answers to one action (the last word of its URI, in small letters), changed."""
    original = Shells.answer

    def changed(shells: Shells, request: Request, owner: str) -> bytes:
        answer = original(shells, request, owner)
        return change(request, answer) if request.action.lower().endswith(f"/{action}") else answer

    monkeypatch.setattr(Shells, "answer", changed)
