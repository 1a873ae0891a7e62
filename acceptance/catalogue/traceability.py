"""`docs/traceability.md`: every sentence of the document -> the requirements that check it, or why none does."""

from collections.abc import Iterable

from acceptance.catalogue.requirements import Catalogue, Tied
from acceptance.catalogue.rules import Requirement

HEAD = """# Traceability

Every sentence and half-sentence of the vendor's requirements document
([{title}](../tests_infra/requirements/document.md), {edition}), in its order,
and the requirements that check it or why nothing can.
Made by `acceptance traceability`; a test compares this page with the catalogue and with the document.

| the document says | requirements |
| --- | --- |
"""
HINTS = """
## Hints

What the document does not ask for: tested and shown, and counted nowhere.

"""


def traceability(catalogue: Catalogue) -> str:
    """The page as Markdown."""
    document = catalogue.document
    head = HEAD.format(title=document.title, edition=document.edition or "without a version")
    tied = document.sentences or [
        Tied(words=one.clause, clause=one.clause) for one in document.clauses
    ]
    rows = [f"| {one.words} | {_tested_by(catalogue, one)} |\n" for one in tied]
    hints = [one for one in catalogue if not one.clause]
    return "".join(
        [head, *rows, HINTS if hints else "", *(f"- {line}\n" for line in _lines(hints))]
    )


def _tested_by(catalogue: Catalogue, one: Tied) -> str:
    if one.not_testable:
        return f"not testable: {one.not_testable}"
    return "<br>".join(_lines(catalogue.by_clause(one.clause))) or "to come"


def _lines(requirements: Iterable[Requirement]) -> list[str]:
    return [_line(one) for one in requirements]


def _line(requirement: Requirement) -> str:
    weight = " (hint)" if requirement.weight == "hint" else ""
    since = f" (from {requirement.since})" if requirement.since else ""
    reading = f": *{requirement.reading}*" if requirement.reading else ""
    return f"{requirement.id} {requirement.title}{weight}{since}{reading}"
