"""A page in another language is the English one, told again: it cannot go stale unnoticed."""

import re
from collections import Counter
from pathlib import Path

import pytest

from acceptance.report.catalogs import ENGLISH, languages
from acceptance.report.texts import load_texts

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [
    page for language in languages() if language != ENGLISH
    for page in sorted((DOCS / language).rglob("*.md"))
]  # fmt: skip
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def other(page: Path) -> Path:
    """The English page of a translated one."""
    return DOCS.joinpath(*page.relative_to(DOCS).parts[1:])


def shape(page: Path) -> list[str]:
    """Headings by depth, list items, and tables' rows by their cells, in their order."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    found = []
    for line in text.splitlines():
        if line.startswith("|"):
            found.append(f"row of {line.replace(chr(92) + '|', '').count('|')}")
        elif sign := re.match(r"#+ (?:[A-Z]+-\d\d )?|- |\d\. ", line):
            found.append(sign[0])
    return found


def commands(page: Path) -> tuple[list[str], Counter[str]]:
    """Blocks as they stand, and what stands in backticks, in any order of the sentence."""
    text = page.read_text(encoding="utf-8")
    return FENCE.findall(text), Counter(re.findall(r"`+ ?([^`\n]+?) ?`+", FENCE.sub("", text)))


def links(page: Path, root: Path) -> list[str]:
    """Where a page leads, from `root` on; the two pages of a pair lead to each other."""
    targets = re.findall(r"\]\(([^)\s#]+)", page.read_text(encoding="utf-8"))
    ends = [(page.parent / target).resolve() for target in targets]
    return [
        str(end.relative_to(root if end.is_relative_to(root) else DOCS))
        for end in ends
        if end not in {page.resolve(), other(page).resolve()} and end.name != page.name
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_a_translated_page_has_the_shape_of_the_english_one(page: Path) -> None:
    language = DOCS / page.relative_to(DOCS).parts[0]
    assert shape(page) == shape(other(page))
    assert commands(page) == commands(other(page))
    assert links(page, language.resolve()) == links(other(page), DOCS.resolve())


def test_what_the_administrator_reads_is_there_in_every_language() -> None:
    catalogue = {f"catalogue/{path.name}" for path in (DOCS / "catalogue").glob("*.md")}
    for language in languages():
        if language != ENGLISH:
            folder = DOCS / language
            there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")}
            assert there >= {"administrator.md", *catalogue}


@pytest.mark.parametrize("language", languages())
def test_the_administrators_page_has_the_reports_words(language: str) -> None:
    """What he reads there is what he sees in the report: findings, verdicts, buttons."""
    folder = DOCS if language == ENGLISH else DOCS / language
    page = " ".join((folder / "administrator.md").read_text(encoding="utf-8").split()).casefold()
    texts = load_texts(language)
    words = [text for kind, text in texts["kind"].items() if kind != "awaiting confirmation"]
    words += texts["group"].values()  # awaiting is one of two of these
    words += [text for kind, text in texts["verdict"].items() if kind != "label"]
    words += [texts["answers"]["open"], texts["answers"]["save"]]
    assert len(words) > 14
    assert not [word for word in words if word.casefold() not in page]
