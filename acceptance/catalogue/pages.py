"""The pages of docs/ that are made from the catalogue: traceability.md and rules.md.

Renew them in the repository's folder: python -m acceptance.catalogue.pages
"""

from collections.abc import Iterator
from pathlib import Path

from acceptance.catalogue.judges import Rule, rules
from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import Catalogue, load_catalogue
from acceptance.catalogue.rules import RULES, Requirement

TRACEABILITY = """# Traceability

Every clause of the vendor's requirements document, in its order, and the requirements that check it.
Made from the catalogue by `python -m acceptance.catalogue.pages`; `acceptance explain` prints it.

| clause | marker | requirements |
| --- | --- | --- |
"""
RULES_PAGE = """# Rules and their parameters

A requirement names one of these as its `rule`; [how to add one that a rule covers](adding/requirement.md).
Where there are no parameters, what differs from customer to customer stands in the [inventory](inventory.md).
Made from the rules' classes and tests by `python -m acceptance.catalogue.pages`.

| rule | what it expects | its parameters |
| --- | --- | --- |
"""


def traceability(catalogue: Catalogue) -> str:
    """Every clause of the document -> the requirements that cover it, or "to come"; Markdown."""
    rows = []
    for clause in catalogue.document.clauses:
        covering = ", ".join(f"{one.id} {one.title}" for one in catalogue.by_clause(clause.clause))
        rows.append(f"| {clause.clause} | {clause.marker} | {covering or 'to come'} |\n")
    return f"{TRACEABILITY}{''.join(rows)}"


def rules_page(judged: list[Rule]) -> str:
    """Every rule: what its test expects, and what its class takes; Markdown."""
    return RULES_PAGE + "".join(_rows(judged))


def _rows(judged: list[Rule]) -> Iterator[str]:
    expected = {rule.name: rule.expected for rule in judged}
    for name, made in RULES.items():
        fields = [one for one in made.model_fields if one not in Requirement.model_fields]
        about = _about(made)
        unsaid = [f"`{one}`" for one in fields if f"`{one}`" not in about]
        names = ", ".join(unsaid) if fields else "none"
        said = ". ".join(part for part in (names, about) if part)
        yield f"| `{name}` | {expected.get(name, '')} | {said} |\n"


def _about(made: type[Requirement]) -> str:
    """What the class says of itself, or the nearest of those that it is made of, in one line."""
    own = made.__mro__[: made.__mro__.index(Requirement)]
    return next((" ".join(one.__doc__.split()) for one in own if one.__doc__), "")


def main() -> None:
    """Write both pages; nothing is written where the catalogue is wrong."""
    tests = own_tests()
    pages = {
        "traceability.md": traceability(load_catalogue(tests / "requirements")),
        "rules.md": rules_page(rules(tests)),
    }
    for name, text in pages.items():
        (Path("docs") / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
