"""Each twin of a Windows server differs in what its name says, as the collector of accounts sees
it.
"""

from typing import Any

import pytest
from acceptance.simulator.windows.twin import load_twin

from acceptance.evidence.windows import Read
from tests.twins import ask_quickly

pytestmark = pytest.mark.pwsh


def accounts(name: str) -> dict[str, Any]:
    section = ask_quickly(load_twin(name), ["accounts"]).sections.accounts
    assert isinstance(section, Read)
    found: dict[str, Any] = section.value.model_dump()
    return found


@pytest.mark.parametrize(
    ("twin", "account", "token", "directory", "administrators"),
    [
        ("server2019", "ok", "ok", "error", r"BUILTIN\Administrators"),
        ("server2019-delegated", "ok", "ok", "ok", r"BUILTIN\Administrators"),
        ("server2019-dc", "ok", "ok", "ok", None),
        ("server2019-workgroup", "absent", None, None, r"BUILTIN\Administrators"),
        ("server2019-de", "ok", "ok", "ok", r"VORDEFINIERT\Administratoren"),
        ("server2019-nl", "ok", "ok", "ok", r"BUILTIN\Beheerders"),
    ],
)
def test_a_twin_answers_as_its_kind_of_server(
    twin: str, account: str, token: str | None, directory: str | None, administrators: str | None
) -> None:
    """Without delegation no directory, in a workgroup no domain, on a controller no local group."""
    found = accounts(twin)
    assert found["account"]["status"] == account
    assert (found["tokens"][0]["answer"]["status"] if found["tokens"] else None) == token
    assert (found["directory"]["status"] if found["directory"] else None) == directory
    group = found["administrators"]
    assert (group["value"]["name"] if group["status"] == "ok" else None) == administrators


def test_no_token_without_a_domain_controller() -> None:
    """S4U asks a domain controller: where none answers, there is none, however known the name."""
    twin = load_twin("server2019-delegated")
    twin.accounts["domain_controller"] = False
    section = ask_quickly(twin, ["accounts"]).sections.accounts
    assert isinstance(section, Read)
    answers = [one["answer"]["status"] for one in section.value.model_dump()["tokens"]]
    assert "ok" not in answers


def test_a_slow_server_takes_its_time() -> None:
    twin = load_twin("server2019-slow")
    twin.delays = {"Get-WindowsFeature": 1}
    section = ask_quickly(twin, ["features"]).sections.features
    assert isinstance(section, Read)
    assert section.milliseconds >= 1000
