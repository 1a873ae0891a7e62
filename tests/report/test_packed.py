"""A report as one zip: taken as its folder is; refused where two readers could see two things."""

import shutil
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from acceptance.errors import ReportError
from acceptance.report.beside import sums, verify_page, write_beside
from acceptance.report.files import digest
from acceptance.report.packed import as_folder, pack_again
from acceptance.signing.sign import sign_report
from acceptance.signing.verify import verify_report

Make = Callable[..., Path]
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def zipped(folder: Path, root: str = "") -> Path:
    made = folder.with_suffix(".zip")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            archive.write(path, f"{root}{path.relative_to(folder).as_posix()}")
    return made


@pytest.mark.parametrize("root", ["", "customer01/2026-11-24T120000Z/"])
def test_a_zip_is_signed_and_verified_as_its_folder_is(make_report: Make, root: str) -> None:
    """The zip comes back with the signature in it, under the names that it had."""
    report = zipped(make_report(), root)
    with as_folder(report) as folder:
        assert (folder / "results.json").is_file()
        at = datetime(2026, 11, 25, tzinfo=UTC)
        sign_report(folder, KEY, party="supplier", name="S", role="manager", now=at)
        pack_again(report, folder)
    with zipfile.ZipFile(report) as archive:
        assert f"{root}signatures/supplier.dsse.json" in archive.namelist()
    with as_folder(report) as folder:
        assert verify_report(folder).intact
        (folder / "junit.xml").write_text("other")
        pack_again(report, folder)
    with as_folder(report) as folder:
        assert [one.file for one in verify_report(folder).problems] == ["junit.xml"]


ODD: dict[str, Callable[[zipfile.ZipFile], None]] = {
    "twice": lambda archive: archive.writestr("REPORT.html", "x"),
    "above": lambda archive: archive.writestr("../../out.txt", "x"),
    "absolute": lambda archive: archive.writestr("/etc/out.txt", "x"),
    "backslash": lambda archive: archive.writestr("evidence\\..\\out.txt", "x"),
    "drive": lambda archive: archive.writestr("C:out.txt", "x"),
    "packing": lambda archive: archive.writestr("x", "x" * 99, zipfile.ZIP_BZIP2),
}


@pytest.mark.parametrize("odd", ODD)
def test_a_zip_that_two_readers_could_read_otherwise_is_refused(
    make_report: Make, odd: str
) -> None:
    """And nothing is written outside of it."""
    folder = make_report()
    report = zipped(folder)
    with zipfile.ZipFile(report, "a") as archive:
        ODD[odd](archive)
    with pytest.raises(ReportError, match="no zip that can be taken"), as_folder(report):
        pass
    assert not list(folder.parent.rglob("out.txt"))


def test_what_is_no_report_is_said(make_report: Make, tmp_path: Path) -> None:
    """Half a zip, a zip of something else, and the signed page alone."""
    report = zipped(make_report())
    report.write_bytes(report.read_bytes()[:-30])
    with pytest.raises(ReportError, match="no zip"), as_folder(report):
        pass
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.txt").write_text("x")
    with pytest.raises(ReportError, match="holds no report"), as_folder(zipped(tmp_path / "other")):
        pass
    page = tmp_path / "report-signed.html"
    page.write_text("x")
    with pytest.raises(ReportError, match="a page alone") as raised, as_folder(page):
        pass
    assert "evidence/ and signatures/" in str(raised.value)


def test_sums_name_every_file_but_themselves(make_report: Make) -> None:
    """As `sha256sum --check` reads them; signatures come later and are none of them."""
    folder = make_report()
    write_beside(folder, "en")
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    told = {name: value for value, _, name in (line.partition("  ") for line in lines)}
    assert set(told) == {
        "evidence/web01.json",
        "junit.xml",
        "report.html",
        "results.json",
        "verify.html",
    }
    assert all(digest((folder / name).read_bytes()) == value for name, value in told.items())
    shutil.copytree(folder, folder / "signatures")
    assert sums(folder) == (folder / "SHA256SUMS").read_text()


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_page_that_verifies_is_small_and_fetches_nothing(language: str) -> None:
    """At most 300 lines, which somebody can read; nothing from outside, no markup written."""
    page = verify_page(language)
    assert len(page.splitlines()) <= 300
    assert f'<html lang="{language}">' in page
    for word in ("http:", "https:", "fetch(", "innerHTML", "eval(", "unsafe-", "import("):
        assert word not in page
