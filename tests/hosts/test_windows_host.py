"""WindowsHost: unread is never absent, stopped or false."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from acceptance.simulator.windows.runner import Result, recorded

from acceptance.errors import UnreadError, UsageError
from acceptance.exact.site import SynergySite
from acceptance.hosts.windows import WindowsHost
from tests.twins import ask


class Sections:
    """Answers with a recording in which a test has changed something."""

    def __init__(self) -> None:
        self.value: dict[str, Any] = recorded("demo-web01-delegated")

    def run(self, _line: str, stdin: Iterator[bytes], _emit: object) -> Result:
        wanted = json.loads(next(stdin).split(b"\n", 1)[0])["sections"]
        lines = [json.dumps({"section": name, "answer": self.value[name]}) for name in wanted]
        return Result("".join(f"@@FACT@@{line}@@END@@\n" for line in lines).encode(), b"", 0)


@pytest.fixture
def sections() -> Sections:
    return Sections()


def host(sections: Sections, *names: str) -> WindowsHost:
    return WindowsHost(ask(sections, sections=names or tuple(sections.value)))


def test_a_pool_that_appcmd_does_not_list_is_unread(sections: Sections) -> None:
    """An encoding mishap must not look like a stopped pool."""
    sections.value["iis"]["value"]["pools"][1]["state"] = None
    [application] = SynergySite(host(sections)).applications
    with pytest.raises(UnreadError, match="appcmd did not list the pool Synergy"):
        _ = application.pool_state


def test_an_unknown_feature_is_unread_not_absent(sections: Sections) -> None:
    """A misspelt name in the catalogue must not fail a customer."""
    with pytest.raises(UnreadError, match="lists no feature Web-Typo"):
        host(sections).windows_feature("Web-Typo")


def test_a_folder_out_of_reach_leaves_the_site_unread(sections: Sections) -> None:
    """No Synergy found, but one folder could not be looked at: nobody knows."""
    for application in sections.value["iis"]["value"]["sites"][0]["applications"]:
        application["folders"] = [
            {
                "path": r"\\nas\synergy",
                "exists": None,
                "error": "NetworkPathOutOfReach",
                "marks": None,
            }
        ]
    with pytest.raises(UnreadError, match="could not be looked at: NetworkPathOutOfReach"):
        _ = SynergySite(host(sections)).applications


def test_a_section_that_was_not_asked_for_is_unread(sections: Sections) -> None:
    """Stored evidence of another selection decides nothing here."""
    with pytest.raises(UnreadError, match="section os is not in the evidence"):
        _ = host(sections, "dotnet").os


def test_a_failed_section_is_unread_with_its_error(sections: Sections) -> None:
    """Denied says which right is missing."""
    fault = {
        "type": "System.UnauthorizedAccessException",
        "message": "Toegang geweigerd",
        "hresult": -2147024891,
    }
    sections.value["features"] = {"status": "denied", "error": fault, "milliseconds": 1}
    with pytest.raises(UnreadError, match="denied") as caught:
        host(sections).windows_feature("Web-Server")
    assert "local administrator" in caught.value.remedy


def test_no_iis_at_all_is_an_answer(sections: Sections) -> None:
    """Absent is told by the server: then there is no site, and that was decided."""
    fault = {"type": "ItemNotFound", "message": "", "hresult": -2147024894}
    sections.value["iis"] = {"status": "absent", "error": fault, "milliseconds": 1}
    assert host(sections).iis is None
    assert SynergySite(host(sections)).applications == []
    assert host(sections).windows_service("W3SVC") is None


def test_judging_never_touches_a_server(sections: Sections) -> None:
    """Behind `host` stands a backend that refuses to run anything."""
    with pytest.raises(UsageError, match="judging never touches a server"):
        host(sections).run("whoami")
