"""A language in which every sentence is marked: what is left unmarked was forgotten.

It is one file more, as any third language is.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import load_catalogue
from acceptance.cli.hand_over import words
from acceptance.findings.finding import COUNTED, Kind
from acceptance.report import catalogs, texts, translations
from acceptance.report.html import page_html
from acceptance.report.mending import mending_scripts
from acceptance.report.results import Results
from acceptance.report.terminal import closing_table, finding_line
from acceptance.text import Sentence, said
from tests.report.samples import finding, results

BEGIN, END = "\u27e6", "\u27e7"
PROSE = re.compile(r"[A-Za-z]+(?:[ ,:;]+[a-z]+){2,}")  # three words: a sentence's
# What the inventory and the document say in their own words.
OWN_WORDS = {"asked for by", "mail of that day", "System requirements and preparation"}
# Never translated: commands, names and paths, the document's own words.
DATA = {"code", "script", "style", "title"}


@pytest.fixture(scope="module")
def pseudo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("texts")
    catalog = translations.renewed("en", b"")
    for one in catalog:
        if one.id:
            one.string = f"{BEGIN}{one.id}{END}"
    (folder / "qps.mo").write_bytes(translations.written(catalog)[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogs, "folder", lambda: folder)
        for cached in (catalogs._catalog, texts.load_texts):
            cached.cache_clear()
        yield "qps"
    for cached in (catalogs._catalog, texts.load_texts):
        cached.cache_clear()


def unmarked(text: str) -> list[str]:
    """Sentences outside every mark; marks stand in each other."""
    while (inner := re.sub(f"{BEGIN}[^{BEGIN}{END}]*{END}", "", text)) != text:
        text = inner
    return [one.group() for one in PROSE.finditer(text)]


class Shown(HTMLParser):
    """A page's texts, without its data."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._inside: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        quoted = "clause" in (dict(attrs).get("class") or "").split()
        if tag in DATA or quoted or self._inside:
            self._inside.append(tag)
        if tag in ("br", "input", "meta", "link", "col"):
            self._inside[-1:] = []

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag in self._inside:
            del self._inside[len(self._inside) - 1 - self._inside[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.texts.append(data)


def everything(language: str) -> Results:
    """Each requirement once, of every kind in turn, with sentences of ours."""
    one = said("the name {name} is unknown.", name="WEB01")
    found = []
    for number, each in enumerate(load_catalogue(own_tests() / "requirements")):
        kind = [kind for kind in COUNTED if kind is not Kind.WAIVED][number % 6]
        told: dict[str, Sentence] = dict.fromkeys(("expected", "found", "reason", "remedy"), one)
        about = {"requirement": each.id, "marker": each.marker, "title": each.title}
        about |= {"clause": each.clause, "reading": each.reading, "owner": each.owner}
        text = {part: str(sentence) for part, sentence in told.items()}
        changed = about | text | {"remedy_type": "text", "sentences": told}
        found.append(finding(number, kind).model_copy(update=changed))
    return results(found, language=language)


def test_no_sentence_of_the_page_is_forgotten(pseudo: str) -> None:
    page = Shown(page_html(everything(pseudo)))
    left = [one for text in page.texts for one in unmarked(text)]
    assert set(left) == OWN_WORDS
    assert sum(BEGIN in text for text in page.texts) > 300


def test_no_line_of_the_terminal_is_forgotten(pseudo: str) -> None:
    told = everything(pseudo)
    lines = closing_table(told, Path("report"), colour=False).splitlines()
    lines += [finding_line(one, pseudo) for one in told.findings]
    assert [one for line in lines for one in unmarked(line)] == []


@pytest.mark.parametrize("kind", ["guide", "mail"])
def test_nor_what_goes_to_the_person_at_the_server(pseudo: str, kind: str) -> None:
    text = words(kind, pseudo, "acme", ["web01"], signed=True)
    assert unmarked(text) == []


def test_nor_the_mending_scripts_words(pseudo: str) -> None:
    """Its function is code, and so is whatever stands in quotes beside it."""
    for text in mending_scripts(everything(pseudo)).values():
        comments = [line for line in text.splitlines() if line.startswith(("#", "--"))]
        assert [one for line in comments for one in unmarked(line)] == []
