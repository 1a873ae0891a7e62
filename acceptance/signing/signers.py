"""The signatures of one report beside each other: their order, whose keys, which are missing,
and dates that cannot be.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from acceptance.report.files import digest
from acceptance.signing.sign_off import PARTIES, Signature, signature_file
from acceptance.signing.statement import Party
from acceptance.signing.verification import Problem, Verification

CLOCKS_DIFFER = timedelta(minutes=10)


def check_order(envelopes: Mapping[str, bytes], result: Verification) -> None:
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
            sentence = (
                f"{first.name}: was exchanged; it is not the signature that {second.file} "
                "was signed after"
            )
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


def check_trust(result: Verification) -> None:
    """With a list: each key stands in it, and signs for its own party."""
    for one in result.signatures if result.trusted is not None else ():
        assert result.trusted is not None
        whose, party = result.trusted.get(one.fingerprint), one.statement.predicate.party
        if whose is None:
            sentence = f"{one.file}: the key {one.fingerprint} is not in the list of trusted keys"
        elif whose.party != party:
            sentence = f"{one.file}: its key is trusted for the {whose.party}, not for the {party}"
        else:
            continue
        result.problems.append(Problem(one.file, "not trusted", sentence))


def check_required(required: Collection[Party], result: Verification) -> None:
    """A party whose signature is asked for must have signed."""
    valid = {one.statement.predicate.party for one in result.signatures}
    for party in PARTIES:
        if party in required and party not in valid:
            file = signature_file(party)
            sentence = f"{file}: is missing; the signature of the {party} is required"
            result.problems.append(Problem(file, "missing", sentence))


def odd_date(signature: Signature, now: datetime | None) -> str:
    """A date that cannot be: before the run that is signed, or in the future. "" for any other."""
    said = signature.statement.predicate
    if said.signed_at < said.report.started:
        return f"{signature.file}: its date lies before the run that it signs"
    if now is not None and said.signed_at > now + CLOCKS_DIFFER:
        return f"{signature.file}: its date lies in the future"
    return ""
