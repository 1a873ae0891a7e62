"""Evidence that a test writes itself, of sections as JSON has them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from acceptance.evidence.file import Evidence
from acceptance.evidence.reached import Reached
from acceptance.evidence.windows import Sections


def written(
    host: str, sections: Mapping[str, Any], at: datetime, customer: str = "acme"
) -> Evidence:
    """As of a real server, asked over WinRM by Kerberos."""
    return Evidence(
        customer=customer,
        host=host,
        collected_at=at,
        seconds=5,
        suite_version="1",
        collector_sha256="0",
        reached=Reached("winrm", f"{host}.example.test:5986", "https", "kerberos", "verified"),
        simulated=False,
        parameters={"service_account": "DEMO\\svc-clickker"},
        sections=Sections.model_validate(sections),
        failure=None,
    )
