"""`acceptance explain` finds a requirement by what people call it."""

from functools import cache

import pytest

from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import Catalogue, load_catalogue
from acceptance.cli.explain import explain
from acceptance.cli.lookup import looked_up
from acceptance.errors import UsageError


@cache
def catalogue() -> Catalogue:
    return load_catalogue(own_tests() / "requirements")


def found(asked: str) -> list[str]:
    return [one.id for one in looked_up(catalogue(), asked)]


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ("iis-7", ["IIS-07"]),
        ("Frequent HTTP Features", ["IIS-19"]),
        ("common http features", ["IIS-19"]),
        ("Standard Document", ["IIS-02"]),
        ("Standaarddocument", ["IIS-02"]),  # as Dutch Windows calls it
        ("Web-Default-Doc", ["IIS-02"]),
        ("ASP", ["IIS-13"]),
        ("ISAPI Extensions", ["IIS-16"]),
        ("user licence", ["LIC-01"]),  # words of the document that no title has
        ("belongs BACO", ["SQL-08"]),
    ],
)
def test_a_label_or_words_lead_to_the_requirement(asked: str, ids: list[str]) -> None:
    assert found(asked) == ids


def test_every_label_of_the_list_of_components_finds_its_own() -> None:
    """Either side of the slash: the document prints both."""
    for one in catalogue():
        if one.rule == "iis.component":
            for label in one.clause.rpartition(" > ")[2].split("/"):
                assert one.id in found(label), label


def test_words_of_several_are_listed() -> None:
    lines = explain(catalogue(), own_tests(), "application pool")
    assert [line.split()[0] for line in lines] == found("application pool")
    assert {"IIS-26", "IIS-27", "SYN-08"} <= {line.split()[0] for line in lines}


@pytest.mark.parametrize(
    ("asked", "near"),
    [("Standart Document", "Standard Document (IIS-02)"), ("Web-Default-Dok", "IIS-02")],
)
def test_what_is_not_known_is_told_with_what_is_near(asked: str, near: str) -> None:
    with pytest.raises(UsageError) as raised:
        found(asked)
    assert near in str(raised.value)


@pytest.mark.parametrize("asked", ["zzzzzz", "-", "", "99"])
def test_nothing_near_is_no_suggestion(asked: str) -> None:
    with pytest.raises(UsageError, match="known: IIS-01") as raised:
        found(asked)
    assert "Near it" not in str(raised.value)
