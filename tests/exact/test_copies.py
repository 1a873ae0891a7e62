"""Which copy's program files state Synergy's release: that of the IIS application in use."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from acceptance.simulator.windows.runner import recorded

from acceptance.exact.copies import Copies, copies
from acceptance.exact.site import SynergySite
from acceptance.hosts.windows import WindowsHost
from tests.written import written

NEW, OLD = r"D:\Synergy", r"C:\Program Files (x86)\Exact Synergy Enterprise"
NAME = "synergy.example.test"


def library(folder: str, release: int | None) -> dict[str, Any]:
    version = f"{release}.0.1.2" if release else "5.0.0.737"
    path = rf"{folder}\bin\Exact.Core.dll"
    return {"path": path, "file_version": version, "product_version": version}


def seen(
    served: dict[str, str],
    files: list[dict[str, Any]],
    programs: list[str],
    named: str | None = None,
    external: str | None = None,
) -> Copies:
    """`served`: site name -> its application's folder; https://NAME reaches the site `new`."""
    sections = deepcopy(recorded("demo-web01-delegated"))
    [site] = sections["iis"]["value"]["sites"]
    synergy, bound = site["applications"][-1], site["bindings"][0]
    sections["iis"]["value"]["sites"] = [
        site
        | {"name": name, "id": number}
        | {"bindings": [bound | {"information": f"*:443:{NAME if name == 'new' else 'x'}"}]}
        | {"applications": [synergy | {"folders": [each | {"path": folder}]}]}
        for number, (name, folder) in enumerate(served.items(), 1)
        for each in synergy["folders"][:1]
    ]
    listed = [{"name": one, "version": None, "publisher": "Exact"} for one in programs]
    sections["exact"]["value"] = {"files": files, "programs": listed}
    evidence = written("web01", sections, datetime(2026, 11, 26, tzinfo=UTC))
    host = WindowsHost(evidence)
    return copies(SynergySite(host, named, external), host.exact)


def states(found: Copies) -> set[int]:
    return {one.release for one in found.values if one.release is not None}


BOTH = [library(NEW, 503), library(OLD, 501)]


def test_an_old_copy_that_iis_does_not_serve_states_nothing_and_is_shown() -> None:
    found = seen({"new": NEW}, BOTH, ["Exact Synergy Enterprise 501"])
    assert states(found) == {503}
    assert not found.differ
    shown = [str(one.in_words()) for one in found.values]
    assert rf"{OLD}\bin\Exact.Core.dll: 501.0.1.2" in shown
    assert "installed program: Exact Synergy Enterprise 501" in shown


def test_without_another_copy_windows_list_is_of_the_one_there() -> None:
    """It may contradict the files, and then it awaits."""
    found = seen({"new": NEW}, [library(NEW, 503)], ["Exact Synergy Enterprise 502"])
    assert states(found) == {502, 503}


def test_files_of_no_application_decide_nothing() -> None:
    """What lies in a folder that IIS does not serve may be left over."""
    assert states(seen({}, [library(OLD, 503)], ["Exact Synergy Enterprise 503"])) == set()


@pytest.mark.parametrize(
    ("named", "external", "releases", "differ"),
    [
        (None, None, {501, 503}, True),
        ("new/Synergy", None, {503}, False),
        ("old", None, {501}, False),
        (None, NAME, {503}, False),
    ],
)
def test_of_several_served_copies_the_one_in_use_is_named_or_asked_for(
    named: str | None, external: str | None, releases: set[int], differ: bool
) -> None:
    """By the inventory's synergy_site, or by the external name; else the question is asked."""
    found = seen({"new": NEW, "old": OLD}, BOTH, [], named, external)
    assert (states(found), found.differ) == (releases, differ)


def test_a_site_of_the_docs_folder_is_of_the_copy_above_and_in_any_case() -> None:
    found = seen({"new": NEW.upper() + r"\docs"}, [library(NEW, 503)], [])
    assert states(found) == set()  # the folder above was not recorded as one of the application's
    assert states(seen({"new": NEW.upper()}, [library(NEW, 503)], [])) == {503}


def test_copies_that_state_the_same_need_no_question() -> None:
    same = [library(NEW, 503), library(OLD, 503)]
    found = seen({"new": NEW, "old": OLD}, same, [])
    assert (states(found), found.differ) == ({503}, False)
