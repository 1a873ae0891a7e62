"""A customer's rounds: a chain in which nothing can be taken out, and what became of each point."""

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from acceptance.findings.finding import Kind, Promised
from acceptance.report.brief import Brief, brief_of
from acceptance.report.changes import EarlierRuns
from acceptance.report.history import courses, history_html, read_rounds, renew_history
from acceptance.report.results import load_results, write_results
from acceptance.signing.sign import sign_report
from acceptance.signing.who_signed import who_signed
from tests.report.hostile import ALL
from tests.report.samples import NOON, finding, hostile_results, results

Make = Callable[..., Path]
PROMISE = Promised(who="J. Jansen", by=date(2026, 12, 1))
ROUNDS: list[list[Any]] = [
    [finding(7), finding(8, Kind.MET), finding(9)],
    [finding(7, promise=PROMISE), finding(8, Kind.MET), finding(9, Kind.COULD_NOT_BE_CHECKED)],
    [finding(7, Kind.MET), finding(8, Kind.MET), finding(9, Kind.WAIVED)],
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three rounds, each beside the ones before it."""
    for number, found in enumerate(ROUNDS):
        at = NOON + timedelta(days=number)
        place = tmp_path / f"round{number}"
        before = EarlierRuns(place, {"customer": "customer01"}, at).last_sha256
        write_results(results(found, started=at, previous_sha256=before), place)
    return tmp_path


def chains(folder: Path) -> list[str]:
    return [one.chain for one in read_rounds(folder, who_signed)]


def test_the_rounds_form_a_chain(folder: Path) -> None:
    """Each names the digest of the one before it; what was taken out or exchanged is seen."""
    assert chains(folder) == ["first", "follows", "follows"]
    middle = (folder / "round1" / "results.json").read_bytes()
    (folder / "round1" / "results.json").write_bytes(middle.replace(b"Available", b"Installed"))
    assert chains(folder) == ["first", "follows", "broken"]
    shutil.rmtree(folder / "round1")
    assert chains(folder) == ["first", "broken"]
    shutil.rmtree(folder / "round0")
    assert chains(folder) == ["broken"], "the one before it is gone"


def test_a_page_made_again_in_another_language_breaks_no_chain(folder: Path) -> None:
    """Nor one made back; a changed word elsewhere does."""
    for language, chain in (("nl", "follows"), ("en", "follows")):
        middle = load_results(folder / "round1").model_copy(update={"language": language})
        write_results(middle, folder / "round1")
        assert chains(folder)[-1] == chain, language


def test_what_became_of_each_point(folder: Path) -> None:
    """Since when it was open, who promised what, when it was seen settled."""
    told = {one.requirement: one for one in courses(read_rounds(folder, who_signed))}
    assert set(told) == {"IIS-07", "IIS-09"}
    assert (told["IIS-07"].first_open, told["IIS-07"].met) == (NOON, NOON + timedelta(days=2))
    assert told["IIS-07"].promises == [PROMISE]
    early = {one.requirement: one for one in courses(read_rounds(folder, who_signed)[:2])}
    assert early["IIS-09"].met is None


def test_the_page_names_who_signed(make_report: Make) -> None:
    """As the signature says it, where it holds."""
    report = make_report("round")
    at = datetime(2026, 11, 25, tzinfo=UTC)
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    sign_report(report, key, party="supplier", name="S. Signer", role="manager", now=at)
    assert renew_history(report.parent, "en", who_signed) == ""
    page = (report.parent / "index.html").read_text(encoding="utf-8")
    assert "S. Signer, for the supplier, has taken note of this report" in page
    assert "./round/report.html" in page
    (report / "junit.xml").write_text("<testsuites>changed</testsuites>", encoding="utf-8")
    assert renew_history(report.parent, "nl", who_signed) == ""
    page = (report.parent / "index.html").read_text(encoding="utf-8")
    assert "S. Signer" not in page
    assert "junit.xml: is na het ondertekenen gewijzigd" in page


def test_hostile_values_stay_text(tmp_path: Path) -> None:
    """In names, titles and signatures."""
    write_results(hostile_results(ALL), tmp_path / "round")
    (tmp_path / "round" / "signatures").mkdir()
    (tmp_path / "round" / "signatures" / "x.dsse.json").write_text("[" * 100_000)
    page = history_html(read_rounds(tmp_path, who_signed), "nl")
    assert "<script" not in page
    assert "x.dsse.json: " in page


def test_a_brief_report_tells_what_the_whole_one_does(tmp_path: Path) -> None:
    """Field by field; what is no report for the one is none for the other."""
    whole = hostile_results(ALL)
    write_results(whole, tmp_path / "round")
    data = (tmp_path / "round" / "results.json").read_bytes()
    brief = brief_of(data)
    assert brief is not None

    def same(part: Any, told: Any) -> None:
        if isinstance(part, list):
            for one, other in zip(part, told, strict=True):
                same(one, other)
        elif type(part).__module__ == Brief.__module__:
            for name in type(part).model_fields:
                same(getattr(part, name), getattr(told, name))
        else:
            assert part == told

    same(brief, whole)
    for broken in (b"{", b"[]", data.replace(b'"format": 2', b'"format": 3'), data[:-900]):
        assert brief_of(broken) is None
