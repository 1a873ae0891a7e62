"""supported.yaml: expired and newer releases await, older ones are not met,
and nothing is guessed.
"""

from datetime import date, timedelta
from pathlib import Path

import pytest

from acceptance.catalogue.requirements import load_catalogue
from acceptance.errors import CatalogueError, InventoryError
from acceptance.inventory.supported import (
    SUPPORTED,
    YEARS,
    Product,
    State,
    Supported,
    load_supported,
)

ROOT = Path(__file__).parents[2]
DEFAULT = ROOT / "tests_infra" / "requirements" / SUPPORTED
TODAY = date(2026, 11, 25)
LINE = (
    "- {product: %s, release: %s, state: %s, source: s, confirmed_by: c, valid_until: 2026-11-25}\n"
)
LISTED = "".join(
    LINE % one
    for one in (
        ("Synergy", 502, "supported"),
        ("Synergy", 504, "supported"),
        ("Synergy", 501, "ended"),
        ("Globe+", 503, "awaiting"),
        ("SQL Server", 2019, "supported"),
        ("SQL Server", "16.0.4000", "supported"),
        ("Windows", 2019, "supported"),
    )
)


def listed(folder: Path, text: str = LISTED) -> Supported:
    (folder / SUPPORTED).write_text(text, encoding="utf-8")
    return load_supported(DEFAULT, folder / SUPPORTED)


@pytest.mark.parametrize(
    ("product", "found", "state"),
    [
        ("Synergy", 502, "supported"),
        ("Synergy", 505, "awaiting"),  # newer than the list
        ("Synergy", 503, "awaiting"),  # a gap is no consent
        ("Synergy", 501, "ended"),
        ("Synergy", 500, "ended"),  # older than the list
        ("Globe+", 503, "awaiting"),
        ("Globe+", 401, "awaiting"),  # older, but nobody stands for any release
        ("SQL Server", "15.0.4123.1", "supported"),
        ("SQL Server", "14.0.3000.1", "ended"),
        ("SQL Server", "16.0.4000.5", "supported"),
        ("SQL Server", "16.0.1000.6", "awaiting"),  # 2022, but another build than the confirmed one
        ("SQL Server", "17.0.1.1", "awaiting"),
        ("SQL Server", "15", "awaiting"),  # cut off: a part of 15.0
        ("SQL Server", "", "awaiting"),
        ("SQL Server", "14.x.y", "awaiting"),
        ("Windows", 17763, "supported"),
        ("Windows", 14393, "ended"),
        ("Windows", 26100, "awaiting"),
    ],
)
def test_what_a_release_is(
    tmp_path: Path, product: Product, found: str | int, state: State
) -> None:
    """Only a release that somebody stands for today is supported; what is left open says why."""
    answer = listed(tmp_path).of(product, found, on=TODAY)
    assert answer.state == state
    assert bool(answer.why) == (state != "supported")


def test_the_last_day_counts_and_the_next_one_awaits(tmp_path: Path) -> None:
    supported = listed(tmp_path)
    assert supported.of("Synergy", 502, on=TODAY).state == "supported"
    later = supported.of("Synergy", 502, on=TODAY + timedelta(days=1))
    assert later.state == "awaiting"
    assert "2026-11-25" in str(later.why)


def test_of_several_releases_the_worst_decides(tmp_path: Path) -> None:
    """Each of Globe+'s databases has a release of its own."""
    supported = listed(tmp_path)
    assert supported.of("Synergy", 502, 505, on=TODAY).state == "awaiting"
    assert supported.of("Synergy", 505, 502, 501, on=TODAY).state == "ended"
    assert supported.of("Synergy", on=TODAY).state == "awaiting"


def test_ones_own_list_decides_the_products_that_it_names(tmp_path: Path) -> None:
    """The others are the catalogue's, which lists no release of Globe+."""
    own = listed(tmp_path, LINE % ("Synergy", 505, "supported"))
    assert own.of("Synergy", 503, on=TODAY).state == "ended"
    default = load_supported(DEFAULT, tmp_path / "nothing.yaml")
    assert default.of("Synergy", 503, on=TODAY).state == "supported"
    for found in (501, 502, 503, 504, 505):
        assert default.of("Globe+", found, on=TODAY).state == "awaiting"
    for year in YEARS["SQL Server"].values():
        assert default.of("SQL Server", year, on=TODAY).state == "awaiting"
    assert own.sha256 != default.sha256


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (LINE % ("Synergy", "newest", "supported"), 1, "a release such as 503"),
        (LINE % ("SQL Server", "2020", "supported"), 1, "a year such as 2019"),
        (LINE % ("Synergy", "true", "supported"), 1, "release"),
        (LINE % ("Exact", 503, "supported"), 1, "product"),
        (LINE % ("Synergy", 503, "yes"), 1, "state"),
        (LISTED + LINE % ("SQL Server", "15.0", "ended"), 8, "twice"),
        ("- {product: Synergy, release: 503, state: supported, source: s}\n", 1, "confirmed_by"),
        ((LINE % ("Synergy", 503, "supported")).replace("2026-11-25", "soon"), 1, "date"),
        ("product: Synergy\n", 1, "list"),
    ],
)
def test_a_broken_list_names_file_and_line(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    with pytest.raises(InventoryError) as caught:
        listed(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / SUPPORTED}:{line}:")
    assert words in str(caught.value)


def test_what_the_catalogue_accepted_is_refused_with_the_line_to_write(tmp_path: Path) -> None:
    (tmp_path / "document.yaml").write_text(
        'title: T\nclauses:\n  - {clause: "A > b", marker: synergy}\n', encoding="utf-8"
    )
    (tmp_path / "synergy.yaml").write_text(
        '- {id: SYN-03, title: t, clause: "A > b", rule: synergy.supported_release, roles: [web],\n'
        "   remedy: r,\n   accepted: [502, 505]}\n",
        encoding="utf-8",
    )
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(tmp_path)
    assert ":3: " in str(caught.value)
    assert '- {product: Synergy, release: "502", state: supported' in str(caught.value)
    assert '- {product: Synergy, release: "505", state: supported' in str(caught.value)


def test_the_demos_own_list_never_expires() -> None:
    demo = load_supported(DEFAULT, ROOT / "simulator" / SUPPORTED)
    for release in (502, 503, 504):
        assert demo.of("Synergy", release, on=date(2099, 1, 1)).state == "supported"
