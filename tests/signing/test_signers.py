"""Who signed: whose key, for which party, in which order and when."""

from pathlib import Path

import pytest

from acceptance.errors import ReportError
from acceptance.signing.described import describe
from acceptance.signing.dsse import dump, seal
from acceptance.signing.keys import Trusted, fingerprint, public_text
from acceptance.signing.sign import sign_report
from acceptance.signing.sign_off import read_signature
from acceptance.signing.statement import (
    Party,
    dump_statement,
)
from acceptance.signing.verify import verify_report
from tests.signing.samples import (
    NOW,
    SUPPLIER,
    TRUSTED,
    Make,
    named,
    sign,
)


def test_without_a_listed_key_nothing_is_said_of_who_signed(signed: Path) -> None:
    """A key that stands in the signature itself proves only that nothing changed;
    the date is a claim.
    """
    text = "\n".join(describe(verify_report(signed)))
    assert "proves that nothing changed, not who signed" in text
    assert "this date is the signer's claim" in text
    text = "\n".join(describe(verify_report(signed, TRUSTED)))
    assert "in the list of trusted keys as Supplier B.V." in text
    assert named(verify_report(signed, {})) == {
        ("signatures/supplier.dsse.json", "not trusted"),
        ("signatures/customer.dsse.json", "not trusted"),
    }


def test_nobody_signs_twice_nor_after_a_change_nor_an_incomplete_run(make_report: Make) -> None:
    """Each refusal says why."""
    folder = make_report()
    sign(folder)
    with pytest.raises(ReportError, match="supplier has signed this report already"):
        sign(folder)
    (folder / "junit.xml").write_text("changed")
    with pytest.raises(ReportError, match=r"junit\.xml: was changed after signing"):
        sign(folder, "customer")
    with pytest.raises(ReportError, match="incomplete run, which nobody can sign"):
        sign(make_report("broken-off", state="interrupted"))


def test_one_key_cannot_sign_for_both_parties(signed: Path, make_report: Make) -> None:
    """Whoever holds the supplier's key could otherwise accept in the customer's name,
    even against a list of trusted keys.
    """
    alone = make_report("alone")
    sign(alone)
    with pytest.raises(ReportError, match="the other party has signed with this key"):
        sign_report(alone, SUPPLIER, party="customer", name="C. Customer", role="manager", now=NOW)
    # A tool of one's own would not refuse.
    file = signed / "signatures/customer.dsse.json"
    statement = read_signature(file.read_bytes(), "signatures/customer.dsse.json").statement
    signer = statement.predicate.signer.model_copy(
        update={"key": public_text(SUPPLIER.public_key())}
    )
    forged = statement.model_copy(
        update={"predicate": statement.predicate.model_copy(update={"signer": signer})}
    )
    key = fingerprint(SUPPLIER.public_key())
    file.write_bytes(dump(seal(dump_statement(forged), SUPPLIER, key)))
    result = verify_report(signed, {key: Trusted("the supplier", "supplier")})
    assert "two parties have two keys" in " ".join(problem.sentence for problem in result.problems)
    assert not result.intact


def test_a_trusted_key_signs_for_its_own_party_only(make_report: Make) -> None:
    """The supplier's key under the customer's name is no signature of the customer."""
    folder = make_report()
    sign_report(folder, SUPPLIER, party="customer", name="C", role="manager", now=NOW)
    result = verify_report(folder, TRUSTED)
    assert named(result) == {("signatures/customer.dsse.json", "not trusted")}
    assert "trusted for the supplier, not for the customer" in result.problems[0].sentence


def test_a_required_party_must_have_signed(make_report: Make) -> None:
    """Of two, one is not enough; and of a report that nobody has signed, none is there."""
    folder = make_report()
    both: list[Party] = ["supplier", "customer"]
    assert len(verify_report(folder, required=both).problems) == 2
    sign(folder)
    assert verify_report(folder, required=["supplier"]).intact
    assert named(verify_report(folder, required=both)) == {
        ("signatures/customer.dsse.json", "missing")
    }
    sign(folder, "customer")
    assert verify_report(folder, required=both).intact


@pytest.mark.parametrize(("year", "says"), [(1990, "before the run"), (2199, "in the future")])
def test_a_date_that_cannot_be_is_told(make_report: Make, year: int, says: str) -> None:
    """Nobody's clock is proved, so it is no change; but it does not pass in silence."""
    folder = make_report()
    at = NOW.replace(year=year)
    sign_report(folder, SUPPLIER, party="supplier", name="S", role="manager", now=at)
    result = verify_report(folder, now=NOW)
    assert result.intact
    assert says in "\n".join(describe(result))
