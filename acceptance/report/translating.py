"""What tests, the catalogue and the judge say, in the language of the page:
whole sentences or none.

`texts/sentences.<language>.yaml` has a translation for an English template;
its `{names}` are the same.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from acceptance.findings.finding import Finding, Part
from acceptance.text import Sentence, Value, shown
from acceptance.yamlfile import SAFE_LOADER


@dataclass(frozen=True)
class Told:
    """A text, and whether it is in the language that was asked for."""

    text: str
    translated: bool


@cache
def sentences(language: str) -> dict[str, str]:
    """English template -> the template in `language`; none for English itself."""
    source = resources.files("acceptance.report").joinpath("texts", f"sentences.{language}.yaml")
    if not source.is_file():
        return {}
    text = source.read_text(encoding="utf-8")
    read: dict[str, str] = yaml.load(text, Loader=SAFE_LOADER)  # noqa: S506 - a safe one
    return read


def told(sentence: Sentence, language: str) -> Told:
    """The sentence in `language`; in English where it, or a sentence in it, has no translation."""
    if language == "en":
        return Told(str(sentence), translated=True)
    other = _translated(sentence, sentences(language))
    if other is None:
        return Told(str(sentence), translated=False)
    return Told(str(other), translated=True)


def part_of(finding: Finding, part: Part, language: str) -> Told:
    """A finding's sentence in `language`."""
    text: str = getattr(finding, part)
    if language == "en":
        return Told(text, translated=True)
    kept = finding.sentences.get(part)
    # What was counted on: the text. A sentence that says otherwise is not shown.
    if kept is None or str(kept) != text:
        kept = Sentence(template=text)
    return told(kept, language)


def title_of(finding: Finding, language: str) -> str:
    """A requirement's title in `language`."""
    return told(Sentence(template=finding.title), language).text


def _translated(sentence: Sentence, known: dict[str, str]) -> Sentence | None:
    template = known.get(sentence.template)
    values: dict[str, Value] = {}
    for name, value in sentence.values.items():
        other = _value(value, known)
        if other is None:
            return None
        values[name] = other
    if template is None:
        # Several sentences one after another need no words of their own.
        template = sentence.template if _is_frame(sentence.template) else None
    return Sentence(template=template, values=values) if template is not None else None


def _value(value: Value, known: dict[str, str]) -> Value | None:
    if isinstance(value, Sentence):
        return _translated(value, known)
    if isinstance(value, list):
        each = [_translated(one, known) for one in value]
        return None if None in each else [one for one in each if one is not None]
    return shown(value)


def _is_frame(template: str) -> bool:
    """Names and punctuation alone: `{each}`, `{first}. {second}`, or nothing at all."""
    outside = [part.partition("}")[2] for part in template.split("{")]
    return not any(char.isalpha() for char in "".join(outside)) and template[:1] in ("", "{")
