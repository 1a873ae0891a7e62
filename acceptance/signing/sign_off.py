"""The signed page: `report.html` with the signatures written into its sign-off block.

`report.html` itself never changes, so its plain SHA-256 stays what was signed. The signed page is made from it
and the signature files alone; `verify` makes the inserted part again and compares. So a template
`signatures_<number>.<language>.html` never changes once it was released: a change is a new number.
"""

from dataclasses import dataclass

from acceptance.report.templating import environment
from acceptance.signing.statement import Statement

PLACE = b"<!-- signatures -->"  # stands once in every page; what comes from outside is escaped and cannot hold it
BEGIN, END = b"<!-- signatures 1 -->", b"<!-- end of signatures -->"
LANGUAGES = ("en", "nl")


@dataclass(frozen=True)
class Signature:
    """A valid signature: its file under the report's folder, what it says, and the key's fingerprint."""

    file: str
    statement: Statement
    fingerprint: str


def signatures_part(signatures: list[Signature], language: str) -> bytes:
    """What is written at the page's place for signatures."""
    name = language if language in LANGUAGES else "en"
    ordered = sorted(signatures, key=lambda one: one.statement.predicate.first is not None)
    text = environment().get_template(f"signatures_1.{name}.html").render(signatures=ordered)
    return BEGIN + b"\n" + text.encode("utf-8") + b"\n" + END


def signed_page(page: bytes, signatures: list[Signature], language: str) -> bytes:
    """`report.html` with its signatures. Raises ValueError for a page without exactly one place for them."""
    if page.count(PLACE) != 1:
        raise ValueError("the page has no place for signatures")
    return page.replace(PLACE, signatures_part(signatures, language))


def without_signatures(page: bytes, signatures: list[Signature], language: str) -> bytes:
    """The way back: exactly these signatures out of the page. Raises ValueError where it does not hold them once."""
    part = signatures_part(signatures, language)
    if page.count(part) != 1 or page.count(BEGIN) != 1 or PLACE in page:
        raise ValueError("the page does not hold these signatures")
    return page.replace(part, PLACE)
