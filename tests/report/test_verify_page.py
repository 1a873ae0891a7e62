"""verify.html in a real browser, held against `acceptance verify` over the attacks on bytes."""

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from acceptance.report.beside import verify_page, write_beside
from acceptance.signing.dsse import Envelope, EnvelopeError, dump
from acceptance.signing.keys import PRIME, SMALL_ORDER, fingerprint, is_weak, public_text
from acceptance.signing.sign_off import read_signature
from acceptance.signing.statement import dump_statement
from acceptance.signing.verify import verify_report
from tests.signing.samples import DECIDED, sign

Make = Callable[..., Path]
Answer = tuple[str, set[tuple[str, str]]]
Ask = Callable[[Path], Answer]
SUPPLIER, CUSTOMER = (f"signatures/{one}.dsse.json" for one in ("supplier", "customer"))


@pytest.fixture
def signed(make_report: Make) -> Path:
    folder = make_report(whole=True, findings=DECIDED)
    write_beside(folder, "en")
    sign(folder)
    sign(folder, "customer")
    return folder


@pytest.fixture
def ask(browser: Any, tmp_path: Path) -> Iterator[Ask]:
    """Gives a folder, as a zip, to the page from disk: its verdict, and the files that it names."""
    (tmp_path / "verify.html").write_text(verify_page("en"), encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "verify.html").as_uri())

    def answer(folder: Path) -> Answer:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(one for one in folder.rglob("*") if one.is_file()):
                archive.write(path, f"report/{path.relative_to(folder).as_posix()}")
        page.evaluate("() => { delete document.body.dataset.verdict; }")
        file = {"name": "report.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}
        page.set_input_files("input[accept]", file)
        page.locator("body[data-verdict]").wait_for()
        named = page.eval_on_selector_all(
            "li[data-what]", "some => some.map(one => [one.dataset.file, one.dataset.what])"
        )
        return page.evaluate("document.body.dataset.verdict"), {(one[0], one[1]) for one in named}

    yield answer
    page.close()


def attacked(folder: Path, name: str, change: Callable[[Path], None]) -> Path:
    other = folder.with_name(name)
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(folder, other)
    change(other)
    return other


def flipped(file: str, place: float) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        data = bytearray((folder / file).read_bytes())
        data[int(place * (len(data) - 1))] ^= 0x20
        (folder / file).write_bytes(bytes(data))

    return change


def swapped(folder: Path) -> None:
    first, second = (folder / SUPPLIER).read_bytes(), (folder / CUSTOMER).read_bytes()
    (folder / SUPPLIER).write_bytes(second)
    (folder / CUSTOMER).write_bytes(first)


def respelt(folder: Path) -> None:
    text = (folder / CUSTOMER).read_text()
    (folder / CUSTOMER).write_text(text.replace('"payload"', '"payload": "e30=",\n  "payload"', 1))


def weak(folder: Path) -> None:
    """A key of small order: R the identity and S = 0 hold for every message, in every engine."""
    point = (1).to_bytes(32, "little")
    made = read_signature((folder / SUPPLIER).read_bytes(), SUPPLIER).statement
    key = Ed25519PublicKey.from_public_bytes(point)
    signer = made.predicate.signer.model_copy(update={"key": public_text(key)})
    predicate = made.predicate.model_copy(update={"signer": signer})
    payload = dump_statement(made.model_copy(update={"predicate": predicate}))
    envelope = Envelope(payload, fingerprint(key), point + bytes(32))
    (folder / SUPPLIER).write_bytes(dump(envelope))
    with pytest.raises(EnvelopeError):
        read_signature(dump(envelope), SUPPLIER)


ATTACKS: dict[str, Callable[[Path], None]] = {
    "removed": lambda folder: (folder / "junit.xml").unlink(),
    "added": lambda folder: (folder / "evidence" / "web02.json").write_text("{}") and None,
    "noted": lambda folder: (folder / "signatures" / "note.txt").write_text("x") and None,
    "first cut out": lambda folder: (folder / SUPPLIER).unlink(),
    "second cut out": lambda folder: (folder / CUSTOMER).unlink(),
    "both cut out": lambda folder: shutil.rmtree(folder / "signatures"),
    "swapped": swapped,
    "respelt": respelt,
    "weak": weak,
    "no signed page": lambda folder: (folder / "report-signed.html").unlink(),
    **{
        f"{file} at {place}": flipped(file, place)
        for file in ("report.html", "results.json", "evidence/web01.json", "SHA256SUMS")
        for place in (0.1, 0.9)
    },
    **{
        f"{file} at {place}": flipped(file, place)
        for file in (SUPPLIER, CUSTOMER)
        for place in (0.02, 0.3, 0.6, 0.97)
    },
    "signed page": flipped("report-signed.html", 0.02),
}


@pytest.mark.slow  # some thirty signed reports, each packed and read in a browser
def test_it_says_what_acceptance_verify_says(signed: Path, ask: Ask) -> None:
    """Intact where it is, and each attack by the same file and the same word.

    What `acceptance verify` finds besides: whether the report fits together, and every byte of
    the signatures' block.
    """
    assert ask(signed) == ("intact", set())
    for name, attack in ATTACKS.items():
        folder = attacked(signed, "attacked", attack)
        result = verify_report(folder)
        expected = {(one.file, one.what) for one in result.problems}
        verdict, named = ask(folder)
        assert verdict != "intact", name
        assert not result.intact, name
        assert named <= expected, name
        assert {one for one in expected if one[1] in ("missing", "added")} <= named | {
            ("signatures", "missing")
        }, name
        assert bool(named) == bool(expected), name


def test_every_point_of_small_order_and_every_odd_spelling_is_weak() -> None:
    """With either sign; the base point and a usual key are not."""
    assert len(SMALL_ORDER) == 5
    for y in [*SMALL_ORDER, PRIME, PRIME + 1, 2**255 - 1]:
        for sign_bit in (0, 1 << 255):
            assert is_weak((y | sign_bit).to_bytes(32, "little"))
    base = (4 * pow(5, -1, PRIME)) % PRIME
    assert not is_weak(base.to_bytes(32, "little"))
    eight = sorted(SMALL_ORDER)[2:4]
    assert sum(eight) == PRIME, "y and -y"
