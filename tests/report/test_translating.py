"""Sentences in another language: the same names, whole or not at all, in a third language too."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from acceptance.backends.probe import PROBED
from acceptance.backends.process.failures import FAILURES
from acceptance.backends.sql.faults import CAUSES
from acceptance.findings.finding import Kind
from acceptance.report import catalogs, translating, translations
from acceptance.report.html import page_html
from acceptance.report.translating import Told, part_of, told
from acceptance.text import Sentence, said
from tests.report.samples import finding, results

NAME = re.compile(r"\{(\w*)[^}]*\}")
LANGUAGES = [name for name in catalogs.languages() if name != catalogs.ENGLISH]


@pytest.fixture(params=LANGUAGES)
def po(request: pytest.FixtureRequest) -> Path:
    return translations.TEXTS / f"{request.param}.po"


def test_nothing_is_missing_or_fuzzy_and_what_runs_is_what_was_written(po: Path) -> None:
    """`python -m acceptance.report.translations` brings today's sentences in, and compiles."""
    data = po.read_bytes()
    assert translations.untranslated(data) == []
    there = {(one.context, one.id): one.string for one in read_po(BytesIO(data)) if one.id}
    renewed = translations.renewed(po.stem, data)
    assert there.keys() == {(one.context, one.id) for one in renewed if one.id}
    for (context, template), text in there.items():
        assert catalogs.translated(str(template), po.stem, context or "") == text


def test_every_translation_has_the_same_names(po: Path) -> None:
    """Which Babel does not compare: a gap in the sentence, or a name in another language."""
    for one in read_po(BytesIO(po.read_bytes())):
        if one.id:
            assert sorted(NAME.findall(str(one.id))) == sorted(NAME.findall(str(one.string))), (
                one.id
            )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_servers_answer_is_translated_as_it_is_said(language: str) -> None:
    """The whole sentence, also where the code puts it together of two texts."""
    causes = [text for one in CAUSES.values() for text in (one.message, one.remedy)]
    ssh = [text for _, _, *both in FAILURES for text in both]
    probed = [text for _, *both in PROBED.values() for text in both]
    said = [text for text in (*causes, *ssh, *probed) if text]
    assert len(said) > 100
    assert not [text for text in said if catalogs.translated(text, language) is None]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A language's sentences, as a test puts them in."""
    sentences: dict[str, str] = {}
    monkeypatch.setattr(translating, "translated", lambda text, *_: sentences.get(text))
    return sentences


def test_a_sentence_is_translated_whole_or_not_at_all(known: dict[str, str]) -> None:
    """Half of it in another language would be read as one sentence."""
    known |= {"{count} of {all}: {why}": "{count} van {all}: {why}", "late": "te laat"}
    whole = said("{count} of {all}: {why}", count=3, all=5, why=said("late"))
    assert told(whole, "nl") == Told("3 van 5: te laat", translated=True)
    assert told(whole, "en") == Told("3 of 5: late", translated=True)
    half = said("{count} of {all}: {why}", count=3, all=5, why=said("early"))
    assert told(half, "nl") == Told("3 of 5: early", translated=False)
    several = said("{each}", each=[said("late"), said("late")])
    assert told(several, "nl") == Told("te laat; te laat", translated=True)
    assert not told(said("{each} late", each=[said("late")]), "nl").translated


def test_a_sentence_that_says_something_else_than_the_finding_is_not_shown() -> None:
    """What was judged and signed is the text."""
    kind = Kind.AWAITING
    other = finding(7, kind, reason="the one", sentences={"reason": said("the other")})
    assert part_of(other, "reason", "nl").text == "the one"


def test_what_is_not_translated_is_marked_as_english() -> None:
    """A screen reader must not read English with Dutch sounds; Dutch is not marked."""
    page = page_html(results([finding(7, reason="because")], language="nl"))
    assert '<span lang="en">Because.</span>' in page
    assert '<span lang="en">because' not in page_html(results([finding(7, reason="because")]))


def test_values_of_a_server_are_no_templates(known: dict[str, str]) -> None:
    """Whatever stands in them: braces, or a sentence of ours."""
    known |= {"late": "te laat", "{x}": "{x}!"}
    for value in ("{x}", "late", "{0}", "{x.__class__}"):
        sentence: Any = said("{x}", x=value)
        assert told(sentence, "nl").text == f"{value}!"
    assert told(Sentence(template="{x.__class__}"), "nl").text == "{x.__class__}"


def test_a_language_of_a_newer_suite_is_read_in_english() -> None:
    assert "Verdict" in page_html(results(language="fy"))
