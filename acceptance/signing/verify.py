"""Verifying a report: who signed what and when, and which file changed, is missing or was added.

Everything is decided from bytes that were read once;
a key that stands in a signature proves only that nothing changed, and who signed is known only
where its fingerprint is in the list of trusted keys.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from acceptance.errors import ReportError
from acceptance.report.files import (
    PAGE,
    RESULTS,
    SIGNATURES,
    SIGNED_PAGE,
    Listing,
    digest,
    list_report,
    read,
)
from acceptance.report.fits import ToldResults, load_told, misfits
from acceptance.signing import dsse
from acceptance.signing.keys import Trusted
from acceptance.signing.sign_off import (
    PARTIES,
    Signature,
    read_signature,
    signature_file,
    without_signatures,
)
from acceptance.signing.signers import check_order, check_required, check_trust, odd_date
from acceptance.signing.statement import (
    NOTE,
    Party,
    SignOff,
    Statement,
    meaning_of,
    points_of,
    summary_of,
)
from acceptance.signing.verification import Problem, Verification


def verify_report(
    folder: Path,
    trusted: Mapping[str, Trusted] | None = None,
    required: Collection[Party] = (),
    now: datetime | None = None,
) -> Verification:
    """Check every file under `folder`. Raises ReportError for what is no folder or cannot be read.

    `trusted`: by fingerprint; with a list, a key that is not in it,
    or signs for another party than its own, is a problem. `required`: the parties whose signature
    must be there. `now`: dates after it are told.
    """
    listing = list_report(folder)
    result = Verification(files=len(listing.digests), trusted=trusted)
    envelopes = _read_signatures(folder, result)
    if not envelopes and not result.problems:
        if RESULTS not in listing.digests and PAGE not in listing.digests:
            raise ReportError(
                f"{folder} is no report: it holds neither {PAGE} nor {RESULTS}.",
                "Name the folder of one report, such as reports/customer01/<UTC time>.",
            )
        check_required(required, result)
        return result
    _compare_files(listing, result)
    _check_report(folder, listing, result)
    check_order(envelopes, result)
    _check_signed_page(folder, result)
    check_trust(result)
    check_required(required, result)
    result.notes += [note for one in result.signatures if (note := odd_date(one, now))]
    return result


def _read_signatures(folder: Path, result: Verification) -> dict[str, bytes]:
    """Every file under signatures/: the valid ones into the result, the others as problems;
    bytes by file name.
    """
    known = {signature_file(party) for party in PARTIES}
    place = folder / SIGNATURES
    envelopes: dict[str, bytes] = {}
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        result.problems.append(Problem(SIGNATURES, "changed", f"{SIGNATURES}: is no folder"))
        return envelopes
    for path in sorted(place.rglob("*")) if place.is_dir() else ():
        name = path.relative_to(folder).as_posix()
        if name not in known or path.is_symlink() or not path.is_file():
            result.problems.append(Problem(name, "added", f"{name}: was added; it is no signature"))
            continue
        envelopes[name] = read(path)
        try:
            result.signatures.append(read_signature(envelopes[name], name))
        except dsse.EnvelopeError as error:
            result.problems.append(Problem(name, "changed", f"{name}: {error}"))
    return envelopes


def _compare_files(listing: Listing, result: Verification) -> None:
    found: dict[str, Problem] = {}
    for odd in listing.odd:
        found[odd] = Problem(odd, "added", f"{odd}: was added; it is a link or no plain file")
    for signature in result.signatures:
        for problem in compare(signature.statement, listing):
            found.setdefault(problem.file, problem)
    if not result.signatures:
        result.problems.append(
            Problem(
                SIGNATURES,
                "missing",
                "no signature is valid, so nothing can be said of the other files",
            )
        )
    result.problems += [found[name] for name in sorted(found)]


def compare(statement: Statement, listing: Listing) -> list[Problem]:
    """The files that are not as this statement says."""
    signed, problems = statement.digests(), []
    for name in sorted(signed.keys() | listing.digests.keys()):
        if name not in listing.digests:
            problems.append(Problem(name, "missing", f"{name}: is missing"))
        elif name not in signed:
            problems.append(Problem(name, "added", f"{name}: was added after signing"))
        elif signed[name] != listing.digests[name]:
            problems.append(Problem(name, "changed", f"{name}: was changed after signing"))
    return problems


def _check_report(folder: Path, listing: Listing, result: Verification) -> None:
    """The report must fit together and say what its signers say.

    What cannot be read is never intact.
    """
    if not result.signatures:
        return  # nothing is believed anyhow
    named = {problem.file for problem in result.problems}
    missing = [name for name in (RESULTS, PAGE) if name not in listing.digests]
    for name in missing:
        if name not in named:
            result.problems.append(Problem(name, "missing", f"{name}: is missing"))
    if missing:
        return
    data, page = read(folder / RESULTS), read(folder / PAGE)
    try:
        results = load_told(data)
    except ReportError as error:
        result.problems.append(Problem(RESULTS, "changed", error.message.rstrip(".")))
        return
    for file, sentence in misfits(results, listing, page):
        if file not in named:
            result.problems.append(Problem(file, "changed", f"{file}: {sentence}"))
    for one in result.signatures:
        as_signed = one.statement.digests().get(RESULTS) == digest(data)
        if as_signed and (sentence := _says_otherwise(one, results)):
            result.problems.append(Problem(one.file, "changed", f"{one.file}: {sentence}"))


def _says_otherwise(signature: Signature, results: ToldResults) -> str:
    """What a signature says that does not follow from the results.json that it signs;
    "" where nothing.
    """
    said = signature.statement.predicate
    if said.report != summary_of(results):
        return f"speaks of another verdict or run than the {RESULTS} that it signs"
    if not isinstance(said, SignOff):
        return ""
    meaning = meaning_of(said.party, results)
    if said.meaning != meaning:
        return f"{said.meaning} a report of which can only be said: {meaning}"
    if said.points != ([] if meaning == NOTE else points_of(results)):
        return f"names other points than the {RESULTS} that it signs"
    return ""


def _check_signed_page(folder: Path, result: Verification) -> None:
    """The page with the signatures in it is made from signed bytes only;
    so it is checked against them.
    """
    path = folder / SIGNED_PAGE
    if not result.signatures:
        return
    if path.is_symlink() or not path.is_file():
        result.problems.append(Problem(SIGNED_PAGE, "missing", f"{SIGNED_PAGE}: is missing"))
        return
    statement = result.signatures[0].statement
    try:
        page = without_signatures(
            read(path), result.signatures, statement.predicate.report.language
        )
    except ValueError:
        sentence = (
            f"{SIGNED_PAGE}: was changed; it does not show exactly the signatures in {SIGNATURES}/"
        )
        result.problems.append(Problem(SIGNED_PAGE, "changed", sentence))
        return
    if digest(page) != statement.digests().get(PAGE):
        sentence = (
            f"{SIGNED_PAGE}: was changed; without its signatures it is not the {PAGE} that "
            "was signed"
        )
        result.problems.append(Problem(SIGNED_PAGE, "changed", sentence))


def require_intact(folder: Path) -> Verification:
    """For a second signer: raises ReportError where the first signature no longer holds."""
    result = verify_report(folder)
    for problem in result.problems:
        if problem.file != SIGNED_PAGE:  # made again by the signature that follows
            raise ReportError(
                f"{folder} is not as it was signed: {problem.sentence}.", "Run: acceptance verify"
            )
    return result
