"""A signature says what the report says, and the report fits together."""

from collections.abc import Callable
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from acceptance.errors import ReportError
from acceptance.findings.finding import COUNTED, Kind
from acceptance.inventory.models import Customer
from acceptance.report.fits import load_told
from acceptance.report.results import Results, results_bytes
from acceptance.signing.dsse import dump, seal
from acceptance.signing.keys import fingerprint
from acceptance.signing.statement import (
    Party,
    dump_statement,
    meaning_of,
)
from acceptance.signing.verify import verify_report
from tests.report.samples import customer, finding, results
from tests.signing.samples import DECIDED, NOW, SUPPLIER, Make, changed_results, sign


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
