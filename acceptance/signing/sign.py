"""Signing a report: one statement per party over every file;
the second names the digest of the first.
"""

from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from acceptance.errors import ReportError
from acceptance.report.files import (
    PAGE,
    RESULTS,
    SIGNED_PAGE,
    digest,
    list_report,
    read,
    write_whole,
)
from acceptance.report.fits import ToldResults, load_told, misfits
from acceptance.report.results import load_results
from acceptance.signing import dsse
from acceptance.signing.keys import fingerprint, public_text
from acceptance.signing.sign_off import Signature, signature_file, signed_page
from acceptance.signing.statement import (
    NOTE,
    Digests,
    First,
    Party,
    Signer,
    SignOff,
    Statement,
    Subject,
    dump_statement,
    load_statement,
    meaning_of,
    points_of,
    summary_of,
)
from acceptance.signing.verify import require_intact


def sign_report(
    folder: Path,
    key: Ed25519PrivateKey,
    *,
    party: Party,
    name: str,
    role: str,
    now: datetime,
    remark: str = "",
) -> Signature:
    """Add a party's signature, and make the signed page again.

    Raises ReportError: no report, an unfinished one, this party has signed,
    or something changed since the other did.
    """
    load_results(folder)  # what this suite cannot read whole, nobody signs with it
    results = load_told(read(folder / RESULTS))
    if results.state != "finished":
        raise ReportError(
            "{folder} holds an incomplete run, which nobody can sign: {reason}.",
            "Run it again.",
            folder=str(folder),
            reason=results.reason,
        )
    for file, sentence in misfits(results, list_report(folder), read(folder / PAGE)):
        raise ReportError(
            "{folder} does not fit together: {file}: {sentence}.",
            "Make the page again: acceptance report. Where that does not help, run it again.",
            folder=str(folder),
            file=file,
            sentence=sentence,
        )
    there = require_intact(folder).signatures
    if any(one.statement.predicate.party == party for one in there):
        raise ReportError(
            f"the {party} has signed this report already.", "A second opinion needs a new run."
        )
    if any(one.fingerprint == fingerprint(key.public_key()) for one in there):
        raise ReportError(
            "the other party has signed with this key.", "Each party signs with a key of its own."
        )
    try:
        signer = Signer(name=name, role=role, key=public_text(key.public_key()))
        statement = _statement(
            folder, results, there, party=party, signer=signer, signed_at=now, remark=remark
        )
        payload = dump_statement(statement)
        statement = load_statement(payload)
    except (ValidationError, dsse.EnvelopeError, UnicodeEncodeError):
        raise ReportError(
            "name and role must be text of 1 to 500 characters, a remark of up to 2000."
        ) from None
    return _write(folder, key, statement, payload, there)


def _statement(
    folder: Path,
    results: ToldResults,
    there: list[Signature],
    *,
    party: Party,
    signer: Signer,
    signed_at: datetime,
    remark: str,
) -> Statement:
    listing = list_report(folder)
    if listing.odd:
        raise ReportError(
            f"{folder / listing.odd[0]} is a link or no plain file.", "Put the file itself there."
        )
    first = [First(name=one.file, sha256=digest(read(folder / one.file))) for one in there]
    meaning = meaning_of(party, results)
    sign_off = SignOff(
        party=party,
        meaning=meaning,
        points=[] if meaning == NOTE else points_of(results),
        signer=signer,
        signed_at=signed_at,
        remark=remark.strip(),
        report=summary_of(results),
        first=first[0] if first else None,
    )
    subjects = [
        Subject(name=name, digest=Digests(sha256=value)) for name, value in listing.digests.items()
    ]
    return Statement(subject=subjects, predicate=sign_off)


def _write(
    folder: Path,
    key: Ed25519PrivateKey,
    statement: Statement,
    payload: bytes,
    there: list[Signature],
) -> Signature:
    made = Signature(
        signature_file(statement.predicate.party), statement, fingerprint(key.public_key())
    )
    envelope = dsse.dump(dsse.seal(payload, key, made.fingerprint))
    try:
        page = signed_page(read(folder / PAGE), [*there, made], statement.predicate.report.language)
    except ValueError as error:
        raise ReportError(
            f"{folder / PAGE}: {error}.", "Make it again: acceptance report"
        ) from None
    # The page first: a signature without its page would not verify,
    # a page without its signature is overwritten.
    write_whole(folder / SIGNED_PAGE, page)
    write_whole(folder / made.file, envelope)
    return made
