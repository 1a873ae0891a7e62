"""Signing and verifying: every change of every file is found and named."""

import base64
import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from acceptance.report.files import digest
from acceptance.signing.described import describe
from acceptance.signing.dsse import EnvelopeError, load, pae
from acceptance.signing.sign import sign_report
from acceptance.signing.sign_off import read_signature, signatures_part
from acceptance.signing.statement import (
    SignOff,
    dump_statement,
    load_statement,
)
from acceptance.signing.verify import verify_report
from tests.signing.samples import (
    NOW,
    SUPPLIER,
    Make,
    changed_results,
    named,
    sign,
)


def test_pae_is_that_of_the_dsse_specification() -> None:
    """The specification's own example."""
    assert (
        pae("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_two_parties_sign_and_it_verifies(signed: Path) -> None:
    """Name, role, meaning and date come out of the signed payload;
    the second names the first's digest.
    """
    result = verify_report(signed)
    assert result.intact
    first, second = (
        one.statement.predicate
        for one in sorted(result.signatures, key=lambda one: one.file, reverse=True)
    )
    assert (first.party, first.meaning, first.signer.name, first.signed_at) == (
        "supplier",
        "delivers",
        "S. Süpplier",
        NOW,
    )
    assert second.meaning == "accepts with the named points"
    assert isinstance(second, SignOff)
    assert [(one.requirement, one.who, one.by) for one in second.points] == [
        ("IIS-07", "J. Jansen", date(2026, 12, 1))
    ]
    assert second.first is not None
    assert second.first.sha256 == digest((signed / "signatures/supplier.dsse.json").read_bytes())


def test_every_changed_byte_of_every_file_is_found(signed: Path) -> None:
    """A changed byte in any file is named as changed (bench/report_bytes.py tries every single
    one).
    """
    for path in [path for path in signed.rglob("*") if path.is_file()]:
        name, data = path.relative_to(signed).as_posix(), path.read_bytes()
        for changed in mutations(data, step=len(data) // 40 + 1):
            path.write_bytes(changed)
            assert (name, "changed") in named(verify_report(signed)), (name, changed[:80])
        path.write_bytes(data)
    assert verify_report(signed).intact


def test_every_byte_of_a_signature_file_counts(signed: Path) -> None:
    """Each byte with one bit flipped, and as the other case of a letter:
    no longer a valid signature.
    """
    name = "signatures/customer.dsse.json"
    for changed in mutations((signed / name).read_bytes(), step=1):
        with pytest.raises(EnvelopeError):
            read_signature(changed, name)


def mutations(data: bytes, step: int) -> Iterator[bytes]:
    for position in range(0, len(data), step):
        for other in (data[position] ^ 1, data[position] ^ 0x20):
            yield data[:position] + bytes([other]) + data[position + 1 :]
    yield data + b"\n"
    yield data + b" "
    yield data[:-1]


def test_what_reads_the_same_but_is_spelt_otherwise_is_a_change(signed: Path) -> None:
    """Duplicate keys, other white space and unused bits of base64 change no meaning,
    and are found all the same.
    """
    path = signed / "signatures/supplier.dsse.json"
    text = path.read_text()
    content = json.loads(text)
    sig = content["signatures"][0]["sig"]
    other_bits = sig[:-3] + chr(ord(sig[-3]) + 1) + sig[-2:]
    assert base64.b64decode(other_bits) == base64.b64decode(sig), "the test's own premise"
    for spelt in (
        json.dumps(content),
        text.replace('"payload"', '"payload": "e30=",\n  "payload"', 1),
        text.replace(sig, other_bits),
        text.replace("\n", "\r\n"),
        "\ufeff" + text,
    ):
        with pytest.raises(EnvelopeError):
            load(spelt.encode())


def test_a_removed_and_an_added_file_are_named(signed: Path) -> None:
    """Also in a new folder below, and as a link."""
    (signed / "junit.xml").unlink()
    (signed / "evidence" / "more").mkdir()
    (signed / "evidence" / "more" / "web02.json").write_text("{}")
    (signed / "link.json").symlink_to(signed / "results.json")
    (signed / "signatures" / "note.txt").write_text("x")
    assert named(verify_report(signed)) == {
        ("junit.xml", "missing"),
        ("evidence/more/web02.json", "added"),
        ("link.json", "added"),
        ("signatures/note.txt", "added"),
    }


def test_neither_signature_can_be_cut_out(signed: Path) -> None:
    """The first is missed by the second, the second by the signed page."""
    first = signed / "signatures/supplier.dsse.json"
    data = first.read_bytes()
    first.unlink()
    assert ("signatures/supplier.dsse.json", "missing") in named(verify_report(signed))
    first.write_bytes(data)
    (signed / "signatures/customer.dsse.json").unlink()
    assert named(verify_report(signed)) == {("report-signed.html", "changed")}


def test_a_swapped_a_moved_and_a_borrowed_signature_are_found(
    signed: Path, make_report: Make
) -> None:
    """Under the other party's name; from another report;
    the same party's second signature over the same report.
    """
    supplier, customer = (
        signed / f"signatures/{party}.dsse.json" for party in ("supplier", "customer")
    )
    first, second = supplier.read_bytes(), customer.read_bytes()
    supplier.write_bytes(second)
    customer.write_bytes(first)
    sentences = " ".join(problem.sentence for problem in verify_report(signed).problems)
    assert "was moved: it is the signature of the customer" in sentences
    assert "was moved: it is the signature of the supplier" in sentences
    customer.write_bytes(second)

    other = make_report("other", phase="installed")
    sign(other)
    supplier.write_bytes((other / "signatures/supplier.dsse.json").read_bytes())
    found = named(verify_report(signed))
    assert ("signatures/supplier.dsse.json", "changed") in found
    assert ("results.json", "changed") in found

    again = make_report("again")
    shutil.rmtree(again)
    shutil.copytree(
        signed, again, ignore=shutil.ignore_patterns("signatures", "report-signed.html")
    )
    sign_report(again, SUPPLIER, party="supplier", name="S. Süpplier", role="chef", now=NOW)
    supplier.write_bytes((again / "signatures/supplier.dsse.json").read_bytes())
    assert ("signatures/supplier.dsse.json", "changed") in named(verify_report(signed))


def test_an_unsigned_report_is_not_intact(make_report: Make) -> None:
    """Nothing signed is nothing proved."""
    result = verify_report(make_report())
    assert not result.intact
    assert describe(result) == ["Not signed: nobody has signed this report yet."]


def test_the_signed_page_is_that_of_every_later_version() -> None:
    """Reports signed with template 1 must verify for years:
    these bytes never change (sign_off.py).
    """
    envelope = (Path(__file__).parent / "signed_1.dsse.json").read_bytes()
    signature = read_signature(envelope, "signatures/supplier.dsse.json")
    assert [digest(signatures_part([signature], language)) for language in ("en", "nl")] == FROZEN


@pytest.mark.parametrize("number", [1, 2])
def test_a_report_that_was_signed_once_still_verifies(number: int, tmp_path: Path) -> None:
    """Whole reports as earlier suites signed them (1:
    results.json of format 1), whose bytes never change.
    """
    folder = tmp_path / "report"
    shutil.copytree(Path(__file__).parent / f"signed_{number}", folder)
    result = verify_report(folder)
    assert result.intact, result.problems
    assert len(result.signatures) == 2
    changed_results(folder, findings=[])
    assert ("results.json", "changed") in named(verify_report(folder))


FROZEN = [
    "6ecf5cd725d4e9d96ce9c742521b02cb9a2d4bb9d46455548b8e2be8231f2ef4",
    "f84775f0556ac99840f8c3bdb1537e2e085c56efe52ad3a0cf4fdc7b24c8bc68",
]


def test_a_file_that_is_named_twice_is_no_statement(signed: Path) -> None:
    """Two digests for one name: whoever reads may take the one or the other."""
    data = (signed / "signatures/supplier.dsse.json").read_bytes()
    statement = read_signature(data, "signatures/supplier.dsse.json").statement
    twice = statement.model_copy(update={"subject": [*statement.subject, statement.subject[0]]})
    with pytest.raises(EnvelopeError, match="named twice"):
        load_statement(dump_statement(twice))
