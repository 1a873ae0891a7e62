"""The signed page: `report.html` with the signatures written into its sign-off block.

`report.html` itself never changes, so its plain SHA-256 stays what was signed.
The signed page is made from it and the signature files alone;
`verify` makes the inserted part again and compares. So a template
`signatures_<number>.<language>.html` never changes once it was released: a change is a new number.
"""

from typing import NamedTuple, get_args

from acceptance.report.files import SIGNATURES
from acceptance.report.templating import environment
from acceptance.signing import dsse
from acceptance.signing.keys import fingerprint, is_weak, public_from_text
from acceptance.signing.statement import Party, SignOff, Statement, load_statement

# stands once in every page; what comes from outside is escaped and cannot hold it
PLACE = b"<!-- signatures -->"
END = b"<!-- end of signatures -->"
LANGUAGES = ("en", "nl")
PARTIES: tuple[Party, ...] = get_args(Party)


class Signature(NamedTuple):
    """A valid signature: its file under the report's folder, what it says,
    and the key's fingerprint.
    """

    file: str
    statement: Statement
    fingerprint: str


def signatures_part(signatures: list[Signature], language: str) -> bytes:
    """What is written at the page's place for signatures."""
    name = language if language in LANGUAGES else "en"
    ordered = sorted(signatures, key=lambda one: one.statement.predicate.first is not None)
    number = 2 if any(isinstance(one.statement.predicate, SignOff) for one in signatures) else 1
    template = environment().get_template(f"signatures_{number}.{name}.html")
    text = template.render(signatures=ordered)
    return b"<!-- signatures %d -->\n" % number + text.encode("utf-8") + b"\n" + END


def signed_page(page: bytes, signatures: list[Signature], language: str) -> bytes:
    """`report.html` with its signatures.

    Raises ValueError for a page without exactly one place for them.
    """
    if page.count(PLACE) != 1:
        raise ValueError("the page has no place for signatures")
    return page.replace(PLACE, signatures_part(signatures, language))


def without_signatures(page: bytes, signatures: list[Signature], language: str) -> bytes:
    """The way back: exactly these signatures out of the page.

    Raises ValueError where it does not hold them once.
    """
    part = signatures_part(signatures, language)
    if page.count(part) != 1 or page.count(END) != 1 or PLACE in page:
        raise ValueError("the page does not hold these signatures")
    return page.replace(part, PLACE)


def signature_file(party: Party) -> str:
    """Where a party's signature stands, under the report's folder."""
    return f"{SIGNATURES}/{party}.dsse.json"


def read_signature(data: bytes, file: str) -> Signature:
    """One signature file.

    Raises `dsse.EnvelopeError` for anything but a valid signature that belongs into this file.
    """
    envelope = dsse.load(data)
    statement = load_statement(envelope.payload)
    try:
        key = public_from_text(statement.predicate.signer.key)
    except ValueError:
        raise dsse.EnvelopeError("does not hold an Ed25519 key") from None
    if is_weak(envelope.signature[:32]):
        raise dsse.EnvelopeError("was changed: its signature would fit other content too")
    dsse.check(envelope, key)
    if envelope.keyid != fingerprint(key):
        raise dsse.EnvelopeError("was changed: its keyid is not the fingerprint of its key")
    if file != signature_file(statement.predicate.party):
        raise dsse.EnvelopeError(
            f"was moved: it is the signature of the {statement.predicate.party}"
        )
    return Signature(file, statement, fingerprint(key))
