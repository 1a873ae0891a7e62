"""A file of the server that is no XML:
its place is told, and nothing of its text, which holds passwords.
"""

from typing import Any

import pytest
from acceptance.simulator.windows.twin import Twin, load_twin

from acceptance.evidence.envelope import Read, Unread
from tests.twins import ask_quickly

pytestmark = pytest.mark.pwsh
FOLDER = r"C:\Windows\System32\inetsrv\config"
SECRET = "Geheim-4711"
BROKEN = [
    f'<configuration><add name="a" password="{SECRET}">\n<b></configuration>',
    f"{SECRET} is no XML",
    "",
    f'<configuration password="{SECRET}',
    f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///{SECRET}">]><configuration>&e;',
    f"<configuration><{SECRET}/></wrong>",
]


def asked(twin: Twin) -> Any:
    return ask_quickly(twin, ["iis", "exact", "os"])


@pytest.mark.parametrize("text", BROKEN)
@pytest.mark.parametrize("file", ["applicationHost.config", "redirection.config"])
def test_no_error_quotes_a_file(file: str, text: str) -> None:
    twin = load_twin("server2019")
    twin.files[f"{FOLDER}\\{file}"] = text
    evidence = asked(twin)
    assert isinstance(evidence.sections.iis, Unread)
    assert isinstance(evidence.sections.os, Read)
    assert SECRET not in evidence.model_dump_json()
    message = evidence.sections.iis.error.message
    assert file in message
    assert "is no XML" in message


REDIRECTED = (
    '<configuration><configurationRedirection enabled="true" path="\\\\gone\\iisconfig" />'
    "</configuration>"
)


def test_a_shared_configuration_out_of_reach_costs_what_rests_on_it() -> None:
    """Without it Synergy's folder is not known: what lies in the default one may be left over."""
    twin = load_twin("server2019")
    twin.files[f"{FOLDER}\\redirection.config"] = REDIRECTED
    sections = asked(twin).sections
    for section in (sections.iis, sections.exact):
        assert isinstance(section, Unread)
        assert "out of reach" in section.error.message
