"""Sentences in another language: the same names, whole or not at all, in a third language too."""

import re
from pathlib import Path
from typing import Any

import pytest

from acceptance.catalogue.requirements import load_catalogue
from acceptance.findings.finding import Kind
from acceptance.findings.questions import QUESTIONS, WAYS
from acceptance.report import translating
from acceptance.report.html import page_html
from acceptance.report.translating import Told, part_of, sentences, told
from acceptance.text import Sentence, said
from tests.report.samples import finding, results

NAME = re.compile(r"\{(\w+)\}")


def test_every_translation_has_the_same_names() -> None:
    """A name that is missing would leave a gap, one that was translated another."""
    for english, dutch in sentences("nl").items():
        assert sorted(NAME.findall(english)) == sorted(NAME.findall(dutch)), english


def test_every_question_is_asked_in_dutch() -> None:
    """Who answers them reads Dutch."""
    missing = [key for key, one in QUESTIONS.items() if one.text.template not in sentences("nl")]
    missing += [way for way, text in WAYS.items() if text not in sentences("nl")]
    assert not missing


def test_the_catalogues_titles_are_in_dutch() -> None:
    """But for new ones: a requirement is added in one place, and is English until then."""
    catalogue = load_catalogue(Path(__file__).parents[2] / "tests_infra" / "requirements")
    titles = [one.title for one in catalogue]
    missing = [title for title in titles if title not in sentences("nl")]
    assert len(missing) <= len(titles) // 10, missing


def test_a_sentence_is_translated_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of it in another language would be read as one sentence."""
    known = {"{count} of {all}: {why}": "{count} van {all}: {why}", "late": "te laat"}
    monkeypatch.setattr(translating, "sentences", lambda _: known)
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
    assert '<span lang="en">because</span>' in page
    assert '<span lang="en">because' not in page_html(results([finding(7, reason="because")]))


def test_values_of_a_server_are_no_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands in them: braces, or a sentence of ours."""
    monkeypatch.setattr(translating, "sentences", lambda _: {"late": "te laat", "{x}": "{x}!"})
    for value in ("{x}", "late", "{0}", "{x.__class__}"):
        sentence: Any = said("{x}", x=value)
        assert told(sentence, "nl").text == f"{value}!"
    assert told(Sentence(template="{x.__class__}"), "nl").text == "{x.__class__}"
