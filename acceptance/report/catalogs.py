"""The page's languages: gettext catalogues beside the English texts, one file for each language.

`texts/<language>.po` is what a translator edits, `.mo` the same compiled
(`python -m acceptance.report.translations`), so that a run needs Python's own gettext only.
A sentence is its own key; a text of `en.yaml` is looked up with its place there as context.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

ENGLISH = "en"


class _Unknown(NullTranslations):
    """What is not translated is told from what reads the same in both languages."""

    def gettext(self, message: str) -> Any:
        return None

    def pgettext(self, context: str, message: str) -> Any:
        return None


def folder() -> Traversable:
    return resources.files("acceptance.report").joinpath("texts")


def languages() -> tuple[str, ...]:
    """English first; a new language is a new file."""
    names = sorted(one.name for one in folder().iterdir())
    return (ENGLISH, *(name.removesuffix(".mo") for name in names if name.endswith(".mo")))


@cache
def _catalog(language: str) -> NullTranslations:
    """One that knows nothing for a language that is none here: of a newer suite's report."""
    if language not in languages():
        return _Unknown()
    with folder().joinpath(f"{language}.mo").open("rb") as file:
        catalog = GNUTranslations(file)
    catalog.add_fallback(_Unknown())
    return catalog


def translated(template: str, language: str, context: str = "") -> str | None:
    """The template in `language`; None where the catalogue does not have it."""
    if language == ENGLISH or not template:
        return template
    catalog = _catalog(language)
    found: str | None = (
        catalog.pgettext(context, template) if context else catalog.gettext(template)
    )
    return found
