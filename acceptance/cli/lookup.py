"""A requirement by its id, by a label of the document, or by words of its title in any language."""

import difflib
import re
from collections.abc import Iterator

from acceptance.catalogue.requirements import Catalogue
from acceptance.catalogue.rules import Requirement
from acceptance.errors import UsageError
from acceptance.report.catalogs import languages, translated
from acceptance.report.results import id_ranges

NEAR = 5  # so many suggestions


def looked_up(catalogue: Catalogue, asked: str) -> list[Requirement]:
    """`iis-7`, `Standard Document`, `Standaarddocument`, `recycle pool`: one or several.

    A whole label wins over words in a text. Raises UsageError with what is near.
    """
    prefix, _, digits = asked.strip().upper().rpartition("-")
    entry = catalogue.entries.get(f"{prefix}-{digits.zfill(2)}")
    if entry is not None:
        return [entry.requirement]
    words = _words(asked)
    labelled = [one for one in catalogue if words and words in map(_words, _labels(one))]
    found = labelled or [one for one in catalogue if words and words <= _text(catalogue, one)]
    if found:
        return found
    near = _near(catalogue, asked)
    raise UsageError(
        "no requirement {asked!r}; known: {known}.",
        "Near it: {near}." if near else "",
        asked=asked,
        known=id_ranges(catalogue.entries),
        near=near,
    )


def _labels(requirement: Requirement) -> Iterator[str]:
    """What the document calls it, either side of its slash, and what Windows does."""
    yield from requirement.clause.rpartition(" > ")[2].split("/")
    yield requirement.parameters.named.get("feature", "")


def _titles(requirement: Requirement) -> Iterator[str]:
    yield requirement.title
    for language in languages():
        yield translated(requirement.title, language) or ""


def _text(catalogue: Catalogue, requirement: Requirement) -> frozenset[str]:
    """Every word of it: titles, the clause, and the document's sentences that are tied to it."""
    clause = requirement.clause
    tied = [one.words for one in catalogue.document.sentences if clause and one.clause == clause]
    texts = (*_titles(requirement), clause, *_labels(requirement), *tied)
    return frozenset().union(*map(_words, texts))


def _words(text: str) -> frozenset[str]:
    """Without case and punctuation: `ISAPI Extensions(Extensions)` is two words."""
    return frozenset(re.findall(r"[^\W_]+(?:[.-][^\W_]+)*", text.casefold()))


def _near(catalogue: Catalogue, asked: str) -> str:
    names: dict[str, str] = {}
    for one in catalogue:
        for name in filter(None, (*_labels(one), *_titles(one))):
            names.setdefault(name.casefold(), f"{name} ({one.id})")
    close = difflib.get_close_matches(asked.casefold(), names, NEAR, 0.5)
    return ", ".join(names[name] for name in close)
