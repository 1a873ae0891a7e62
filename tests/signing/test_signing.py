"""Signing and verifying: every change of every file is found and named."""

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from acceptance.errors import ReportError
from acceptance.findings.finding import COUNTED, Kind, Promised
from acceptance.inventory.models import Customer
from acceptance.report.files import digest
from acceptance.report.fits import load_told
from acceptance.report.results import Results, results_bytes
from acceptance.signing.described import describe
from acceptance.signing.dsse import EnvelopeError, dump, load, pae, seal
from acceptance.signing.keys import Trusted, fingerprint, public_text
from acceptance.signing.sign import sign_report
from acceptance.signing.sign_off import Signature, read_signature, signatures_part
from acceptance.signing.statement import (
    Party,
    SignOff,
    dump_statement,
    load_statement,
    meaning_of,
)
from acceptance.signing.verify import Verification, verify_report
from tests.report.samples import customer, finding, results

NOW = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
SUPPLIER, CUSTOMER = (
    Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2)
)
TRUSTED = {
    fingerprint(SUPPLIER.public_key()): Trusted("Supplier B.V.", "supplier"),
    fingerprint(CUSTOMER.public_key()): Trusted("Customer N.V.", "customer"),
}
PROMISE = Promised(who="J. Jansen", by=date(2026, 12, 1))
DECIDED = [finding(1, Kind.MET), finding(7, Kind.NOT_MET, promise=PROMISE)]
Make = Callable[..., Path]


def sign(folder: Path, party: str = "supplier") -> Signature:
    key, name = (SUPPLIER, "S. Süpplier") if party == "supplier" else (CUSTOMER, "C. Customer")
    return sign_report(folder, key, party=party, name=name, role="manager", now=NOW)  # type: ignore[arg-type]


@pytest.fixture
def signed(make_report: Make) -> Path:
    """A whole report, rejected with everything decided, that both parties have signed."""
    folder = make_report(whole=True, findings=DECIDED)
    sign(folder)
    sign(folder, "customer")
    return folder


def named(result: Verification) -> set[tuple[str, str]]:
    return {(problem.file, problem.what) for problem in result.problems}


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


def forged(folder: Path, **changed: object) -> str:
    """A signature by a signer whose program says something else;
    verified, the sentence about it.
    """
    made = sign(folder).statement
    sign_off = made.predicate.model_copy(update=changed)
    payload = dump_statement(made.model_copy(update={"predicate": sign_off}))
    envelope = dump(seal(payload, SUPPLIER, fingerprint(SUPPLIER.public_key())))
    (folder / "signatures/supplier.dsse.json").write_bytes(envelope)
    return " ".join(problem.sentence for problem in verify_report(folder).problems)


def test_a_signer_cannot_say_what_the_report_does_not(make_report: Make) -> None:
    """Another verdict, another party's meaning, a time that is not in UTC:
    valid signatures, and refused all the same.
    """
    folder = make_report("verdict")
    accepted = sign(make_report("sample")).statement.predicate.report.model_copy(
        update={"verdict": "accepted"}
    )
    assert "speaks of another verdict or run" in forged(folder, report=accepted)
    assert "the supplier never accepts" in forged(make_report("meaning"), meaning="accepts")
    elsewhere = NOW.astimezone(timezone(timedelta(hours=2)))
    assert "must be in UTC" in forged(make_report("time"), signed_at=elsewhere)


def test_an_unsigned_report_is_not_intact(make_report: Make) -> None:
    """Nothing signed is nothing proved."""
    result = verify_report(make_report())
    assert not result.intact
    assert describe(result) == ["Not signed: nobody has signed this report yet."]


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


def test_a_file_that_is_named_twice_is_no_statement(signed: Path) -> None:
    """Two digests for one name: whoever reads may take the one or the other."""
    data = (signed / "signatures/supplier.dsse.json").read_bytes()
    statement = read_signature(data, "signatures/supplier.dsse.json").statement
    twice = statement.model_copy(update={"subject": [*statement.subject, statement.subject[0]]})
    with pytest.raises(EnvelopeError, match="named twice"):
        load_statement(dump_statement(twice))


OPEN_KINDS = (Kind.AWAITING, Kind.COULD_NOT_BE_CHECKED)


def of(environment: Any) -> Customer:
    """The customer, whose servers are said to be these."""
    return customer().model_copy(update={"environment": environment})


MEANS: dict[str, tuple[Results, str, str]] = {
    "accepted": (results([finding(1, Kind.MET)], whole=True), "delivers", "accepts"),
    "waived": (results([finding(1, Kind.WAIVED)], whole=True), "delivers", "accepts"),
    "rejected": (results(DECIDED, whole=True), "delivers", "accepts with the named points"),
    "partial": (results([finding(1, Kind.MET)]), "has taken note of", "has taken note of"),
    "rejected in part": (results(DECIDED), "has taken note of", "has taken note of"),
    "simulated": (
        results([finding(1, Kind.MET)], whole=True, simulated=True),
        "has taken note of",
        "has taken note of",
    ),
    **{
        str(environment): (
            results([finding(1, Kind.MET)], whole=True, customer=of(environment)),
            "has taken note of",
            "has taken note of",
        )
        for environment in ("staging", None)
    },
    "nothing": (results([], whole=True), "has taken note of", "has taken note of"),
    **{
        f"rejected, one {kind.value}": (
            results([*DECIDED, finding(9, kind)], whole=True),
            "has taken note of",
            "has taken note of",
        )
        for kind in OPEN_KINDS
    },
    **{
        kind.value: (
            results([finding(1, Kind.MET), finding(9, kind)], whole=True),
            "has taken note of",
            "has taken note of",
        )
        for kind in OPEN_KINDS
    },
}


@pytest.mark.parametrize(("made", "supplier", "customer"), MEANS.values(), ids=list(MEANS))
def test_the_meaning_follows_from_the_report(made: Results, supplier: str, customer: str) -> None:
    """Every row of DESIGN.md's paragraph on what a signature may say."""
    told = load_told(results_bytes(made))
    assert (meaning_of("supplier", told), meaning_of("customer", told)) == (supplier, customer)


@pytest.mark.parametrize("party", ["supplier", "customer"])
def test_what_cannot_be_accepted_is_only_taken_note_of(make_report: Make, party: Party) -> None:
    """A partial report can be signed; neither the signature nor the page says more.

    Nor may a forged one.
    """
    folder = make_report()
    made = sign(folder, party)
    assert made.statement.predicate.meaning == "has taken note of"
    assert "accepts" not in (folder / "report-signed.html").read_text(encoding="utf-8")
    assert verify_report(folder).intact
    assert "of which can only be said" in forged(make_report("forged"), meaning="delivers")


def test_points_cannot_be_left_out(make_report: Make) -> None:
    """What is accepted with points names each of them."""
    folder = make_report(whole=True, findings=DECIDED)
    assert "names other points" in forged(folder, points=[])


def changed_results(folder: Path, **changed: object) -> None:
    content = json.loads((folder / "results.json").read_bytes())
    (folder / "results.json").write_text(json.dumps(content | changed), encoding="utf-8")


UNFIT: dict[str, Callable[[Path], object]] = {
    "verdict": lambda folder: changed_results(folder, verdict="accepted"),
    "counts": lambda folder: changed_results(folder, counts=dict.fromkeys(COUNTED, 0)),
    "findings": lambda folder: changed_results(folder, findings=[]),
    "page of another run": lambda folder: (folder / "report.html").write_text(
        '<meta name="acceptance-results" content="x"><!-- signatures -->'
    ),
    "page of an older suite": lambda folder: (folder / "report.html").write_text(
        "<!-- signatures -->"
    ),
    "evidence changed": lambda folder: (folder / "evidence/web01.json").write_text("{}"),
    "evidence missing": lambda folder: (folder / "evidence/web01.json").unlink(),
    "evidence added": lambda folder: (folder / "evidence/web02.json").write_text("{}"),
    "results unreadable": lambda folder: (folder / "results.json").write_text("{"),
    "results missing": lambda folder: (folder / "results.json").unlink(),
}


@pytest.mark.parametrize("spoil", UNFIT.values(), ids=list(UNFIT))
def test_a_report_that_does_not_fit_together_is_neither_signed_nor_intact(
    make_report: Make, spoil: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """sign refuses; and what was signed all the same, by a tool of one's own, is not intact."""
    folder = make_report(whole=True, findings=DECIDED)
    told = load_told((folder / "results.json").read_bytes())
    spoil(folder)
    with pytest.raises(ReportError):
        sign(folder)
    monkeypatch.setattr("acceptance.signing.sign.load_results", lambda _folder: None)
    monkeypatch.setattr("acceptance.signing.sign.load_told", lambda _data: told)
    monkeypatch.setattr("acceptance.signing.sign.misfits", lambda *_parts: [])
    monkeypatch.setattr("acceptance.signing.sign.read", read_or_nothing)
    sign(folder)
    result = verify_report(folder)
    assert result.signatures, "the test's own premise"
    assert not result.intact


def read_or_nothing(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b"{}"


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
