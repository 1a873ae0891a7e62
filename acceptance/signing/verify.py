"""Verifying a report: who signed what and when, and which file changed, is missing or was added.

Everything is decided from bytes that were read once; a key that stands in a signature proves only that nothing
changed, and who signed is known only where its fingerprint is in the list of trusted keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from pydantic import ValidationError

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
from acceptance.report.results import load_results
from acceptance.signing import dsse
from acceptance.signing.keys import fingerprint, public_from_text
from acceptance.signing.sign_off import Signature, without_signatures
from acceptance.signing.statement import Party, Statement, load_statement, summary_of

PARTIES: tuple[Party, ...] = get_args(Party)

What = Literal["changed", "missing", "added", "not trusted"]


@dataclass(frozen=True)
class Problem:
    """One file that is not as it was signed, and a sentence that begins with its name."""

    file: str
    what: What
    sentence: str


@dataclass
class Verification:
    """`signatures`: the valid ones. `files`: how many files the report has. `trusted`: names by fingerprint."""

    signatures: list[Signature] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: int = 0
    trusted: Mapping[str, str] | None = None

    @property
    def intact(self) -> bool:
        return bool(self.signatures) and not self.problems


def signature_file(party: Party) -> str:
    """Where a party's signature stands, under the report's folder."""
    return f"{SIGNATURES}/{party}.dsse.json"


def verify_report(folder: Path, trusted: Mapping[str, str] | None = None) -> Verification:
    """Check every file under `folder`. Raises ReportError for what is no folder or cannot be read.

    `trusted`: fingerprint -> name; with a list, a key that is not in it is a problem.
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
        return result
    _compare_files(listing, result)
    _check_summaries(folder, listing, result)
    _check_order(envelopes, result)
    _check_signed_page(folder, result)
    if trusted is not None:
        for one in result.signatures:
            if one.fingerprint not in trusted:
                sentence = (
                    f"{one.file}: the key {one.fingerprint} is not in the list of trusted keys"
                )
                result.problems.append(Problem(one.file, "not trusted", sentence))
    return result


def read_signature(data: bytes, file: str) -> Signature:
    """One signature file. Raises `dsse.EnvelopeError` for anything but a valid signature that belongs into this file."""
    envelope = dsse.load(data)
    statement = load_statement(envelope.payload)
    try:
        key = public_from_text(statement.predicate.signer.key)
    except ValueError:
        raise dsse.EnvelopeError("does not hold an Ed25519 key") from None
    dsse.check(envelope, key)
    if envelope.keyid != fingerprint(key):
        raise dsse.EnvelopeError("was changed: its keyid is not the fingerprint of its key")
    if file != signature_file(statement.predicate.party):
        raise dsse.EnvelopeError(
            f"was moved: it is the signature of the {statement.predicate.party}"
        )
    return Signature(file, statement, fingerprint(key))


def _read_signatures(folder: Path, result: Verification) -> dict[str, bytes]:
    """Every file under signatures/: the valid ones into the result, the others as problems; bytes by file name."""
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


def _check_summaries(folder: Path, listing: Listing, result: Verification) -> None:
    """What a signer says of the verdict must be what the signed results.json says."""
    try:
        summary = summary_of(load_results(folder))
    except (ReportError, ValidationError):
        return  # its digest is compared all the same
    for one in result.signatures:
        as_signed = one.statement.digests().get(RESULTS) == listing.digests.get(RESULTS)
        if as_signed and one.statement.predicate.report != summary:
            sentence = (
                f"{one.file}: speaks of another verdict or run than the {RESULTS} that it signs"
            )
            result.problems.append(Problem(one.file, "changed", sentence))


def _check_order(envelopes: Mapping[str, bytes], result: Verification) -> None:
    """The second signature names the first one's digest: neither can be taken out or exchanged."""
    seconds = [one for one in result.signatures if one.statement.predicate.first]
    firsts = [one for one in result.signatures if not one.statement.predicate.first]
    for second in seconds:
        first = second.statement.predicate.first
        assert first is not None
        if first.name == second.file or first.name not in {
            signature_file(party) for party in PARTIES
        }:
            sentence = (
                f"{second.file}: names {first.name!r} as the first signature, which cannot be"
            )
            result.problems.append(Problem(second.file, "changed", sentence))
        elif first.name not in envelopes:
            sentence = f"{first.name}: is missing; {second.file} was signed after it"
            result.problems.append(Problem(first.name, "missing", sentence))
        elif digest(envelopes[first.name]) != first.sha256:
            sentence = f"{first.name}: was exchanged; it is not the signature that {second.file} was signed after"
            result.problems.append(Problem(first.name, "changed", sentence))
    if len({one.fingerprint for one in result.signatures}) < len(result.signatures):
        sentence = (
            f"{signature_file('customer')}: has the supplier's key; two parties have two keys"
        )
        result.problems.append(Problem(signature_file("customer"), "changed", sentence))
    if len(firsts) > 1:
        names = " and ".join(one.file for one in firsts)
        sentence = f"{names}: neither names the other, so one of them was put in later"
        result.problems.append(Problem(firsts[-1].file, "changed", sentence))


def _check_signed_page(folder: Path, result: Verification) -> None:
    """The page with the signatures in it is made from signed bytes only; so it is checked against them."""
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
        sentence = f"{SIGNED_PAGE}: was changed; without its signatures it is not the {PAGE} that was signed"
        result.problems.append(Problem(SIGNED_PAGE, "changed", sentence))


def describe(result: Verification) -> list[str]:
    """The verification for people, line by line."""
    if not result.signatures and not result.problems:
        return ["Not signed: nobody has signed this report yet."]
    lines = []
    for one in result.signatures:
        said = one.statement.predicate
        when = said.signed_at.strftime("%Y-%m-%d %H:%M:%S UTC")
        lines.append(
            f"{said.signer.name} ({said.signer.role}), for the {said.party}, {said.meaning} this report:"
        )
        lines.append(
            f"  verdict {said.report.verdict} ({said.report.reason}), run of {said.report.started:%Y-%m-%d %H:%M:%S} UTC"
        )
        if said.remark:
            lines.append(f"  remark: {said.remark}")
        lines.append(
            f"  on {when}; this date is the signer's claim: no timestamp authority was asked"
        )
        lines.append(f"  key {one.fingerprint}: {_whose(one, result)}")
    lines += [problem.sentence for problem in result.problems]
    if result.intact:
        missing = [
            party
            for party in PARTIES
            if party not in {one.statement.predicate.party for one in result.signatures}
        ]
        lines.append(f"Nothing changed: all {result.files} files are as they were signed.")
        lines += [f"The {party} has not signed." for party in missing]
    else:
        lines.append("NOT as it was signed: see the files above.")
    return lines


def _whose(signature: Signature, result: Verification) -> str:
    if result.trusted is None:
        return "not compared with any list; the signature proves that nothing changed, not who signed (--trusted FILE)"
    name = result.trusted.get(signature.fingerprint)
    if name is None:
        return "NOT in the list of trusted keys; the signature proves that nothing changed, not who signed"
    return f"in the list of trusted keys as {name}"


def require_intact(folder: Path) -> Verification:
    """For a second signer: raises ReportError where the first signature no longer holds."""
    result = verify_report(folder)
    for problem in result.problems:
        if problem.file != SIGNED_PAGE:  # made again by the signature that follows
            raise ReportError(
                f"{folder} is not as it was signed: {problem.sentence}.", "Run: acceptance verify"
            )
    return result
