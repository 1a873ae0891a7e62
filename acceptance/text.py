"""Text from outside, made safe to look at:
nothing invisible, nothing that turns the reading direction, nothing endless.
"""

import re
import unicodedata
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

LONGEST = 2000

# Control characters (but not tab and newline), lone surrogates, direction marks,
# and what takes no room at all.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
# More than a few marks on one letter climb over the lines above (such text is used
# for exactly that).
_STACKED = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def visible(text: str, longest: int = LONGEST) -> str:
    """`text` with unseen characters written out as [U+202E]
    and its end cut off beyond `longest` characters.

    >>> visible("a\\x00b")
    'a[U+0000]b'
    """
    if len(text) <= longest and text.isascii() and text.isprintable():
        return text  # as nearly all is
    cut = text[:longest]
    shown = _STACKED.sub(r"\1", _UNSEEN.sub(_name, cut.replace("\r\n", "\n")))
    return f"{shown} […+{len(text) - longest}]" if len(text) > longest else shown


def _name(match: re.Match[str]) -> str:
    return f"[U+{ord(match[0]):04X}]"


def one_line(text: str, longest: int = LONGEST) -> str:
    """For a terminal: visible, and in one line."""
    return " ".join(visible(text, longest).split())


def printable(text: str) -> str:
    """Text as one line without control characters:
    it may come from a server, and it ends on a terminal.
    """
    return "".join(char if char.isprintable() else " " for char in " ".join(text.splitlines()))


def as_sentence(text: str) -> str:
    """With a capital where it begins with a word, not with a name, and with an end.

    >>> as_sentence("nobody has looked"), as_sentence("web01 was not asked.")
    ('Nobody has looked.', 'web01 was not asked.')
    """
    first = text.partition(" ")[0]
    if re.fullmatch(r"[^\W\d_]+[’',:]?", first):
        text = text[0].upper() + text[1:]
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def css_class(word: str) -> str:
    """DESIGN.md's word as a class: "not met" -> "not-met"."""
    return word.replace(" ", "-")


def fill(template: str, values: Mapping[str, object]) -> str:
    """A text of texts/<language>.yaml with its `{names}` filled in."""
    return template.format_map(values)


class Sentence(BaseModel):
    """A sentence for people: a template and the values of its `{names}`,
    so that every page can say it in its language.

    >>> str(said("{count} of {all} tables", count=3, all=5))
    '3 of 5 tables'

    A value may be a sentence, or a list of them.
    Without values the template is plain text, braces included.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    template: str
    values: dict[str, "Value"] = {}

    def __str__(self) -> str:
        if not self.values:
            return self.template
        return self.template.format_map(
            _Shown({name: shown(one) for name, one in self.values.items()})
        )

    def __bool__(self) -> bool:
        return bool(self.template)


Value = str | int | float | Sentence | list[Sentence]
NOTHING = Sentence(template="")


class _Shown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"  # a message with a gap is better than none


def shown(value: Value) -> str:
    """A value as it stands in a sentence; several sentences are told one after another."""
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def said(template: str, /, **values: Value) -> Sentence:
    """A sentence from its template and values:
    `said("{name} is {state}", name="W3SVC", state="Stopped")`.
    """
    return Sentence(template=template, values=values)


def in_ascii(name: str) -> str:
    """A host's name as it travels, label by label as RFC 5891 does it;
    not Python's own `idna`, which takes straße for strasse.
    """
    labels = unicodedata.normalize("NFC", name.lower()).rstrip(".").split(".")
    return ".".join(
        one if one.isascii() else f"xn--{one.encode('punycode').decode('ascii')}" for one in labels
    )
