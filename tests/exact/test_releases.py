"""Which release raw values state: a program with a database decides, hints contradict,
and a build is no release.
"""

import pytest

from acceptance.evidence.exact import ReleaseSection
from acceptance.evidence.windows import ExactSection
from acceptance.exact.releases import (
    Place,
    Stated,
    decided,
    of_database,
    of_programs,
    of_synergys_files,
)


def database(name: str = "Synergy", **values: object) -> ReleaseSection:
    return ReleaseSection.model_validate(
        {"name": name, "divisions": [], "settings": [], "logged": []} | values
    )


def division(major: int | None, batch: int | None, build: int = 1204) -> dict[str, object]:
    version = {
        "version_major": major,
        "version_minor": 0,
        "revision": 0,
        "build": build,
        "batch_level": batch,
    }
    return {"division": "001"} | version


def setting(value: str | None, number: int | None = None) -> dict[str, object]:
    return {
        "setting_group": "g",
        "setting_name": "Release",
        "string_value": value,
        "long_value": number,
    }


def stated(values: list[Stated]) -> set[int]:
    return {value.release for value in values if value.release is not None}


@pytest.mark.parametrize(
    ("section", "releases"),
    [
        (database(divisions=[division(503, 503)]), {503}),
        (database(divisions=[division(5, 503)]), {503}),
        (database(divisions=[division(5, 0, build=512)]), set()),
        (database(divisions=[division(502, 503)]), {502, 503}),
        (database(divisions=[division(502, None), division(503, None)]), {502, 503}),
        (database(settings=[setting("503SP2")]), {503}),
        (database(settings=[setting("503 SP 1")]), {503}),
        (database(settings=[setting("5.0.0.512")]), set()),
        (database(settings=[setting("build 512 of 2024")]), set()),
        (database(settings=[setting("", 503)]), {503}),
        (database(settings=[setting("5031")]), set()),
        (database(logged=[{"release": "503", "service_pack": "1"}]), {503}),
        (database(logged=[{"release": None, "service_pack": None}]), set()),
        (database("Synergy_503"), {503}),
        (database("510"), set()),
        (database("Synergy5031"), set()),
    ],
)
def test_what_a_database_states(section: ReleaseSection, releases: set[int]) -> None:
    """Whole values; a build, a longer number and a database that
    is called a number state nothing.
    """
    assert stated(of_database(section)) == releases


@pytest.mark.parametrize(
    ("file_version", "name", "version", "releases"),
    [
        ("5.0.0.737", "Exact Synergy Enterprise", "5.0.0.512", set()),
        ("503.0.1.2", "Exact Synergy Enterprise", None, {503}),
        (None, "Exact Synergy Enterprise 503", None, {503}),
        (None, "Exact Synergy Enterprise 502 to 503", None, set()),
        (None, "Exact Synergy Enterprise", "503.0", {503}),
        (None, "Exact Globe+ 501", "501.0", set()),
    ],
)
def test_what_programs_state(
    file_version: str | None, name: str, version: str | None, releases: set[int]
) -> None:
    """The first part of a version, a word of a program's name;
    other products' programs say nothing of this one.
    """
    path = r"C:\Program Files\Exact Synergy Enterprise\bin\Exact.Core.dll"
    file = {"path": path, "file_version": file_version, "product_version": file_version}
    program = {"name": name, "version": version, "publisher": None}
    section = ExactSection.model_validate({"files": [file], "programs": [program]})
    assert stated([*of_synergys_files(section.files), *of_programs(section, "Synergy")]) == releases


def one(of: Place, release: int | None, hint: bool = False) -> Stated:
    return Stated(of, of, str(release), release, hint)


@pytest.mark.parametrize(
    ("values", "release"),
    [
        ([], None),
        ([one("database", 503)], None),
        ([one("database", 503), one("database", 503)], None),
        ([one("program", 503), one("program", 503)], None),
        ([one("program", 503), one("database", 503)], 503),
        ([one("program", 503), one("database", 503), one("database", None)], 503),
        ([one("program", 503), one("database", 502)], None),
        ([one("program", 503), one("database", 503), one("database", 501)], None),
        ([one("database", 503), one("program", 503, hint=True)], None),
        ([one("program", 503), one("database", 503, hint=True)], None),
        ([one("program", 503, hint=True), one("database", 503, hint=True)], None),
        ([one("program", 503), one("database", 503), one("program", 502, hint=True)], None),
    ],
)
def test_a_program_and_a_database_decide(values: list[Stated], release: int | None) -> None:
    """The rows of one database are one witness, however many:
    programs and database are updated apart.
    """
    assert decided(values) == release


def test_a_division_without_a_number_is_told_as_it_is() -> None:
    """A value of a sentence that is nothing broke the judge."""
    found = of_database(database(divisions=[division(503, 503) | {"division": None}]))
    assert any("division NULL" in str(one.where) for one in found)
