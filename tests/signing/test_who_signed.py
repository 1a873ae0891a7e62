"""What counts as signed and accepted where a later run looks back: only what holds."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from acceptance.report.compared import Signer
from acceptance.report.files import SIGNATURES
from acceptance.signing.who_signed import who_signed
from tests.signing.samples import DECIDED, Make, changed_results, sign


def exchanged(folder: Path) -> None:
    """Another report's signature: valid in itself."""
    other = folder.with_name("other")
    shutil.copytree(folder, other)
    shutil.rmtree(other / SIGNATURES)
    (other / "report-signed.html").unlink()
    (other / "junit.xml").write_text("<testsuites>other</testsuites>", encoding="utf-8")
    sign(other, "customer")
    shutil.copy(other / SIGNATURES / "customer.dsse.json", folder / SIGNATURES)


def one_byte_more(folder: Path) -> None:
    path = folder / SIGNATURES / "customer.dsse.json"
    path.write_bytes(path.read_bytes() + b" ")


ATTACKS: dict[str, Callable[[Path], object]] = {
    "results changed": lambda folder: changed_results(folder, customer="other"),
    "evidence missing": lambda folder: (folder / "evidence" / "web01.json").unlink(),
    "a file added": lambda folder: (folder / "more.txt").write_text("x"),
    "no signature": lambda folder: (folder / SIGNATURES / "note.txt").write_text("signed"),
    "its bytes changed": one_byte_more,
    "of another report": exchanged,
    "no envelope": lambda folder: (folder / SIGNATURES / "customer.dsse.json").write_text("[" * 99),
    "the signed page gone": lambda folder: (folder / "report-signed.html").unlink(),
}


def test_who_has_signed_and_whether_the_customer_accepts(make_report: Make) -> None:
    """The supplier alone delivers; nobody has accepted before the customer signs."""
    folder = make_report(whole=True, findings=DECIDED)
    assert not who_signed(folder).by
    sign(folder)
    supplier = Signer(name="S. Süpplier", party="supplier", meaning="delivers")
    assert who_signed(folder).by == (supplier,)
    assert not who_signed(folder).accepted
    sign(folder, "customer")
    told = who_signed(folder)
    assert told.accepted
    assert [one.party for one in told.by] == ["supplier", "customer"]


def test_who_takes_note_does_not_accept(make_report: Make) -> None:
    """A part of a run can be signed; it is accepted by nobody."""
    folder = make_report(findings=DECIDED)
    sign(folder, "customer")
    told = who_signed(folder)
    assert [one.meaning for one in told.by] == ["has taken note of"]
    assert not told.accepted


@pytest.mark.parametrize("attack", ATTACKS)
def test_nobody_has_signed_what_is_not_as_it_was_signed(signed: Path, attack: str) -> None:
    """Whatever lies in signatures/, and whatever else was touched."""
    assert who_signed(signed).accepted
    ATTACKS[attack](signed)
    told = who_signed(signed)
    assert not told.by
    assert not told.accepted
    assert told.broken
