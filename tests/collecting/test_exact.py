"""Section `exact`, run by a real PowerShell beside a twin's Windows:
where program files are looked for, and what is listed.
"""

import pytest
from acceptance.simulator.windows.twin import Twin, load_twin

from acceptance.evidence.windows import ExactSection, Read
from tests.surgery import rewrite
from tests.twins import ask_quickly

pytestmark = pytest.mark.pwsh
CONFIG = r"C:\Windows\System32\inetsrv\config\applicationHost.config"
SYNERGY = r"C:\Program Files\Exact Synergy Enterprise"
UNINSTALL = r"\Microsoft\Windows\CurrentVersion\Uninstall"


def exact(twin: Twin) -> ExactSection:
    section = ask_quickly(twin, ["exact"]).sections.exact
    assert isinstance(section, Read)
    return section.value


def test_files_are_found_below_the_sites_folders() -> None:
    """A site that maps to Synergy's docs folder leads to its parent;
    each folder once, other folders not at all.
    """
    twin = load_twin("server2019")
    moved = r"D:\Apps\Synergy"
    twin.files = {path.replace(SYNERGY, moved): text for path, text in twin.files.items()}
    rewrite(twin, CONFIG, SYNERGY, rf"{moved}\docs")
    assert [file.path for file in exact(twin).files] == [
        rf"{moved}\bin\Exact.Core.dll",
        rf"{moved}\bin\Productupdater_T15_NL.exe",
    ]


def test_without_iis_the_default_folder_is_looked_at() -> None:
    """A file without VersionInfo has none: null, not an empty version."""
    twin = load_twin("server2019")
    del twin.files[CONFIG]
    twin.files[rf"{SYNERGY}\bin\Exact.Core.dll"] = ""
    found = exact(twin).files
    assert [file.path.rpartition("\\")[2] for file in found] == [
        "Exact.Core.dll",
        "Productupdater_T15_NL.exe",
    ]
    assert found[0].file_version is None


def test_both_uninstall_hives_are_listed() -> None:
    """Of Exact's products only, by word; an entry without a name or version is no error."""
    twin = load_twin("server2019")
    twin.registry[rf"HKLM:\SOFTWARE\WOW6432Node{UNINSTALL}\Globe"] = {
        "DisplayName": "Exact Globe+",
        "Publisher": "Exact",
    }
    twin.registry[rf"HKLM:\SOFTWARE{UNINSTALL}\Update"] = {"ReleaseType": "Update"}
    twin.registry[rf"HKLM:\SOFTWARE{UNINSTALL}\Other"] = {
        "DisplayName": "Inexact Tools",
        "DisplayVersion": "503.1",
    }
    programs = exact(twin).programs
    assert [(one.name, one.version) for one in programs] == [
        ("Exact Synergy Enterprise", "5.0.0.737"),
        ("Exact Globe+", None),
    ]


def test_a_server_without_exact_has_none() -> None:
    """Empty lists: looked for and not found."""
    twin = load_twin("server2019")
    twin.files = {path: text for path, text in twin.files.items() if not path.startswith(SYNERGY)}
    twin.registry = {
        path: values for path, values in twin.registry.items() if "Uninstall" not in path
    }
    assert exact(twin) == ExactSection(files=[], programs=[])
