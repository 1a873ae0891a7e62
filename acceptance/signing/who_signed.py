"""Who has signed a report, for what is made from earlier ones: their rounds, and acceptance."""

from pathlib import Path

from acceptance.errors import ReportError
from acceptance.report.compared import Signer
from acceptance.report.files import is_signed
from acceptance.report.signed import Signed


def who_signed(folder: Path) -> Signed:
    """Nobody where anything is not as it was signed: a file in signatures/ proves nothing.

    Whose a key is, is not known here: `acceptance verify --trusted` asks that.
    """
    if not is_signed(folder):
        return Signed()
    # They bring cryptography along: not before somebody has signed.
    from acceptance.signing.sign_off import PARTIES
    from acceptance.signing.verify import verify_report

    try:
        result = verify_report(folder)
    except (ReportError, OSError):
        return Signed(broken=(folder.name, "unreadable"))
    if result.problems:
        return Signed(broken=(result.problems[0].file, result.problems[0].what))
    said = [one.statement.predicate for one in result.signatures]
    said.sort(key=lambda one: PARTIES.index(one.party))
    return Signed(
        tuple(Signer(name=one.signer.name, party=one.party, meaning=one.meaning) for one in said)
    )
