"""What tests, the catalogue and the judge say, in the language of the page:
whole sentences or none (catalogs.py).
"""

from typing import NamedTuple

from acceptance.findings.finding import Finding, Mend, Part
from acceptance.report.catalogs import translated
from acceptance.text import Sentence, Value, shown


class Told(NamedTuple):
    """A text, and whether it is in the language that was asked for."""

    text: str
    translated: bool


def told(sentence: Sentence, language: str) -> Told:
    """The sentence in `language`; in English where it, or a sentence in it, has no translation."""
    if language == "en":
        return Told(str(sentence), translated=True)
    other = _translated(sentence, language)
    if other is None:
        return Told(str(sentence), translated=False)
    return Told(str(other), translated=True)


def part_of(finding: Finding, part: Part, language: str) -> Told:
    """A finding's sentence in `language`."""
    return _as_counted(getattr(finding, part), finding.sentences.get(part), language)


def command_of(mend: Mend, language: str) -> str:
    """What to do, to read: a command as it is, prose in `language`."""
    return _as_counted(mend.command, mend.sentence, language).text


def _as_counted(text: str, kept: Sentence | None, language: str) -> Told:
    """What was counted on is the text: a sentence that says otherwise is not shown."""
    if kept is None or str(kept) != text:
        kept = Sentence(template=text)
    return told(kept, language)


def title_of(finding: Finding, language: str) -> str:
    """A requirement's title in `language`."""
    return told(Sentence(template=finding.title), language).text


def _translated(sentence: Sentence, language: str) -> Sentence | None:
    template = translated(sentence.template, language)
    values: dict[str, Value] = {}
    for name, value in sentence.values.items():
        other = _value(value, language)
        if other is None:
            return None
        values[name] = other
    if template is None:
        # Several sentences one after another need no words of their own.
        template = sentence.template if _is_frame(sentence.template) else None
    return Sentence(template=template, values=values) if template is not None else None


def _value(value: Value, language: str) -> Value | None:
    if isinstance(value, Sentence):
        return _translated(value, language)
    if isinstance(value, list):
        each = [_translated(one, language) for one in value]
        return None if None in each else [one for one in each if one is not None]
    return shown(value)


def _is_frame(template: str) -> bool:
    """Names and punctuation alone: `{each}`, `{first}. {second}`, or nothing at all."""
    outside = [part.partition("}")[2] for part in template.split("{")]
    return not any(char.isalpha() for char in "".join(outside)) and template[:1] in ("", "{")
