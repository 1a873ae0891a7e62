"""A verification for people: who signed what and when, and what is not as it was signed."""

from acceptance.signing.sign_off import PARTIES, Signature
from acceptance.signing.statement import Meaning, SignOff
from acceptance.signing.verification import Verification

MEANS: dict[Meaning, str] = {
    "delivers": "delivers this report",
    "accepts": "accepts this report",
    "accepts with the named points": "accepts this report with the named points",
    "has taken note of": "has taken note of this report",
}
NOBODY = "Not signed: nobody has signed this report yet."


def describe(result: Verification) -> list[str]:
    """The verification for people, line by line."""
    if not result.signatures and not result.problems:
        return [NOBODY]
    lines = [] if result.signatures else [NOBODY]
    for one in result.signatures:
        said = one.statement.predicate
        when = said.signed_at.strftime("%Y-%m-%d %H:%M:%S UTC")
        lines.append(
            f"{said.signer.name} ({said.signer.role}), for the {said.party}, {MEANS[said.meaning]}:"
        )
        lines.append(
            f"  verdict {said.report.verdict} ({said.report.reason}), "
            f"run of {said.report.started:%Y-%m-%d %H:%M:%S} UTC"
        )
        points = said.points if isinstance(said, SignOff) else []
        lines += [f"  point {one.requirement} {one.host}: {one.title}" for one in points]
        if said.remark:
            lines.append(f"  remark: {said.remark}")
        lines.append(
            f"  on {when}; this date is the signer's claim: no timestamp authority was asked"
        )
        lines.append(f"  key {one.fingerprint}: {_whose(one, result)}")
    lines += [problem.sentence for problem in result.problems] + result.notes
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
        return (
            "not compared with any list; the signature proves that nothing changed, "
            "not who signed (--trusted FILE)"
        )
    whose = result.trusted.get(signature.fingerprint)
    if whose is None:
        return (
            "NOT in the list of trusted keys; the signature proves that nothing changed, "
            "not who signed"
        )
    return f"in the list of trusted keys as {whose.name}, {whose.party}"
