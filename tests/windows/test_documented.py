"""What the pages tell a person to type into Windows PowerShell is there, on Server 2016 to 2025."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.collecting import test_powershell_static as static
from tests.collecting.parsing import facts_of
from tests.docs.examples import ROOT, blocks

pytestmark = [pytest.mark.pwsh, pytest.mark.slow]
PAGES = ("administrator.md", "ways-in.md", "getting-started.md", "signing.md", "errors.md")
PROGRAMS = re.compile(r"py|pytest|acceptance|icacls\.exe|schtasks|\.venv\\Scripts\\\S+")
INLINE = re.compile(r"`([A-Z][a-z]+-[A-Z]\w+(?!\.ps1|\w)[^`\n]*)`")
RULES = (
    static.parses, static.no_aliases, static.commands_exist, static.parameters_exist,
    static.commands_are_documented, static.full_command_names, static.full_parameter_names,
)  # fmt: skip


def scripts() -> dict[str, str]:
    """Blocks, and calls in backticks, by their page."""
    found = {}
    for block in blocks():
        if block.language == "powershell" and not block.page.startswith("docs/adding/"):
            found[f"{len(found)} {block.page.replace('/', ' ')}"] = block.text
    for name in PAGES:
        for call in INLINE.findall((ROOT / "docs" / name).read_text(encoding="utf-8")):
            found[f"{len(found)} {name}"] = re.sub(r"<[\w ]+>|…", "x", call) + "\n"
    return found


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, static.Source]:
    texts = {name: text.encode("ascii") for name, text in scripts().items()}
    made = {}
    for name, fact in facts_of(texts, tmp_path_factory.mktemp("documented")).items():
        kept = [one for one in fact["commands"] if not PROGRAMS.fullmatch(one["name"] or "")]
        made[name] = static.Source(name, texts[name], fact | {"commands": kept})
    return made


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_what_a_page_tells_to_type_is_windows_powershells(
    rule: Any, sources: dict[str, static.Source], shared: Path
) -> None:
    truth = static.Truth(shared / "data" / "ps-profiles")
    found = {
        name: list(rule(source) if rule is static.parses else rule(source, truth))
        for name, source in sources.items()
    }
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert len(found) > 15
