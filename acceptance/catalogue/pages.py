"""Two pages of docs/, made from the catalogue: traceability.md and rules.md
(cli/pages.py writes them).
"""

from collections.abc import Iterator

from acceptance.catalogue.judges import Rule
from acceptance.catalogue.requirements import Catalogue, Tied
from acceptance.catalogue.rules import RULES, Requirement
from acceptance.catalogue.rules.base import Base

TRACEABILITY = """# Traceability

Every sentence and half-sentence of the vendor's requirements document
([{title}](../tests_infra/requirements/document.md), {edition}), in its order,
and the requirements that check it, with their readings, or why nothing can.
Made from the catalogue by `python -m acceptance.cli.pages`; `acceptance explain` prints it.

| the document says | requirements |
| --- | --- |
"""
HINTS = """
## Hints

What the document does not ask for: tested and shown, and counted nowhere.

"""
RULES_PAGE = """# Rules and their parameters

A requirement names one of these as its `rule`;
[how to add one that a rule covers](adding/requirement.md). Where there are no parameters, what
differs from customer to customer stands in the [inventory](inventory.md).
Made from the rules' classes and tests by `python -m acceptance.cli.pages`.

| rule | what it expects | its parameters |
| --- | --- | --- |
"""


def traceability(catalogue: Catalogue) -> str:
    """Every sentence of the document -> the requirements that check it, or why none does;
    Markdown.
    """
    document = catalogue.document
    head = TRACEABILITY.format(title=document.title, edition=document.dated or "no version")
    clauses = [Tied(words=one.clause, clause=one.clause) for one in document.clauses]
    rows = [
        f"| {one.words.replace('|', '&#124;')} | {_tested_by(catalogue, one)} |\n"
        for one in document.sentences or clauses
    ]
    hints = [f"- {_line(one)}\n" for one in catalogue if not one.clause]
    return "".join([head, *rows, HINTS if hints else "", *hints])


def _tested_by(catalogue: Catalogue, one: Tied) -> str:
    if one.not_testable:
        return f"not testable: {one.not_testable}"
    return "<br>".join(map(_line, catalogue.by_clause(one.clause))) or "to come"


def _line(requirement: Requirement) -> str:
    weight = " (hint)" if requirement.weight == "hint" else ""
    since = f" (from {requirement.since})" if requirement.since else ""
    reading = f": *{requirement.reading}*" if requirement.reading else ""
    return f"{requirement.id} {requirement.title}{weight}{since}{reading}"


def rules_page(judged: list[Rule]) -> str:
    """Every rule: what its test expects, and what its class takes; Markdown."""
    return RULES_PAGE + "".join(_rows(judged))


def _rows(judged: list[Rule]) -> Iterator[str]:
    expected = {rule.name: rule.expected for rule in judged}
    for name, made in RULES.items():
        fields = [one for one in made.model_fields if one not in Base.model_fields]
        about = _about(made)
        unsaid = [f"`{one}`" for one in fields if f"`{one}`" not in about]
        names = ", ".join(unsaid) if fields else "none"
        said = ". ".join(part for part in (names, about) if part)
        yield f"| `{name}` | {expected.get(name, '')} | {said} |\n"


def _about(made: type[Base]) -> str:
    """What the class says of itself, or the nearest of those that it is made of, in one line."""
    own = made.__mro__[: made.__mro__.index(Base)]
    return next((" ".join(one.__doc__.split()) for one in own if one.__doc__), "")
