"""`docs/traceability.md`: every clause of the document -> the requirements that cover it, or "to come"."""

from acceptance.catalogue.requirements import Catalogue

HEAD = """# Traceability

Every clause of the vendor's requirements document, in its order, and the requirements that check it.
Made by `acceptance traceability`; a test compares this page with the catalogue.

| clause | marker | requirements |
| --- | --- | --- |
"""


def traceability(catalogue: Catalogue) -> str:
    """The page as Markdown."""
    rows = []
    for clause in catalogue.document.clauses:
        covering = ", ".join(f"{one.id} {one.title}" for one in catalogue.by_clause(clause.clause))
        rows.append(f"| {clause.clause} | {clause.marker} | {covering or 'to come'} |\n")
    return f"{HEAD}{''.join(rows)}"
