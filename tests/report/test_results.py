"""results.json: documented, versioned, and enough to make the report again."""

import json
import os
import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from acceptance.errors import ReportError
from acceptance.findings.finding import Kind, Verdict
from acceptance.inventory.models import Attestation
from acceptance.report.again import make_page_again
from acceptance.report.changes import EarlierRuns
from acceptance.report.files import write_whole
from acceptance.report.formats.hdf import hdf_bytes
from acceptance.report.formats.spreadsheet import csv_bytes
from acceptance.report.html import page_html
from acceptance.report.results import Results, load_results, results_schema, write_results
from tests.evidence.fuzz import GONE, VALUES, paths, replaced
from tests.report.hostile import HOSTILE
from tests.report.samples import (
    HINT,
    NOON,
    customer,
    every_kind,
    evidence,
    finding,
    hostile_results,
    results,
)

Make = Callable[..., Path]
SCHEMA = Path(__file__).parents[2] / "docs" / "results.schema.json"


def test_the_documented_schema_is_the_models() -> None:
    """`python -m acceptance.report.results > docs/results.schema.json` writes it."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == results_schema()


def test_every_key_is_explained() -> None:
    """docs/report.md has a row for each key of results.json, and for no other."""
    page = (SCHEMA.parent / "report.md").read_text(encoding="utf-8")
    table = page.split("## results.json")[1].split("## ")[0]
    first = " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", first)) == set(Results.model_fields)


@pytest.mark.parametrize("state", ["finished", "interrupted", "unfinished"])
def test_what_is_written_fits_the_schema_and_reads_back(tmp_path: Path, state: str) -> None:
    """Nothing is lost on the way."""
    built = results(
        state=state, earlier=[("2026-11-20T120000Z", results(started=NOON - timedelta(days=4)))]
    )
    write_results(built, tmp_path)
    Draft202012Validator(results_schema()).validate(
        json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    )
    assert load_results(tmp_path) == built


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_values_survive_as_they_were(tmp_path: Path, text: str) -> None:
    """results.json keeps what the server said; making it visible is the page's business."""
    write_results(hostile_results(text), tmp_path)
    assert load_results(tmp_path).findings[0].found == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "is no report"),
        ("{", "cannot be read"),
        ('{"format": 2}', "cannot be read"),
        ("[]", "cannot be read"),
    ],
)
def test_what_is_no_report_is_said_in_one_line(
    tmp_path: Path, content: str | None, reason: str
) -> None:
    """Also for a format that this version does not know."""
    if content is not None:
        (tmp_path / "results.json").write_text(content)
    with pytest.raises(ReportError, match=reason) as raised:
        load_results(tmp_path)
    assert "\n" not in str(raised.value)


def test_the_page_is_made_again_from_results_and_evidence_alone(make_report: Make) -> None:
    """In the language it had, or another; byte for byte what the results say."""
    folder = make_report()
    (folder / "report.html").unlink()
    make_page_again(folder, None)
    assert (folder / "report.html").read_text(encoding="utf-8") == page_html(load_results(folder))
    make_page_again(folder, "nl")
    assert '<html lang="nl">' in (folder / "report.html").read_text(encoding="utf-8")
    assert load_results(folder).language == "nl"


def test_no_page_is_made_from_other_evidence_nor_over_a_signature(make_report: Make) -> None:
    """A page must not claim what its evidence does not show."""
    folder = make_report()
    (folder / "evidence" / "web01.json").write_text(evidence(seconds=2).model_dump_json())
    with pytest.raises(ReportError, match="changed since the report was judged"):
        make_page_again(folder, None)
    (folder / "evidence" / "web01.json").unlink()
    with pytest.raises(ReportError, match="is missing"):
        make_page_again(folder, None)
    (folder / "signatures").mkdir()
    (folder / "signatures" / "supplier.dsse.json").write_text("{}")
    with pytest.raises(ReportError, match="never overwritten"):
        make_page_again(folder, None)


def test_a_run_without_an_end_is_incomplete_whatever_it_found() -> None:
    """Also where everything so far was met."""
    for state in ("unfinished", "interrupted"):
        built = results([finding(1, Kind.MET)], state=state)
        assert built.verdict is Verdict.INCOMPLETE
        assert not built.finished_whole


def test_changes_are_grouped_by_what_they_mean() -> None:
    """Newly met, newly open, still open, first seen; not applicable is neither better nor worse."""
    before = results(
        [finding(1), finding(2, Kind.MET), finding(3), finding(5), finding(6, Kind.NOT_APPLICABLE)]
    )
    now = [
        finding(1, Kind.MET),
        finding(2),
        finding(3, Kind.AWAITING),
        finding(4),
        finding(6, Kind.MET),
    ]
    changes = results(now, earlier=[("old", before)]).changes
    assert changes is not None
    groups = (changes.newly_met, changes.newly_broken, changes.still_open, changes.first_seen)
    assert [[one.requirement for one in group] for group in groups] == [
        ["IIS-01"],
        ["IIS-02"],
        ["IIS-03"],
        ["IIS-04"],
    ]
    assert changes.no_longer_asked == 1


def test_earlier_runs_are_the_customers_finished_ones_by_their_own_start(tmp_path: Path) -> None:
    """Of the same phase and environment;
    never another customer's, an interrupted one, a later or a broken one.
    """
    staging = customer().model_copy(update={"environment": "staging"})
    for name, state, changed in [
        ("a", "finished", {"started": NOON - timedelta(days=2)}),
        ("b", "finished", {"started": NOON - timedelta(days=9)}),  # written last
        ("c", "interrupted", {"started": NOON - timedelta(days=1)}),
        ("d", "finished", {"customer_name": "other", "started": NOON - timedelta(days=1)}),
        ("e", "finished", {"phase": "installed", "started": NOON - timedelta(days=1)}),
        ("f", "finished", {"customer": staging, "started": NOON - timedelta(days=1)}),
        ("g", "finished", {"simulated": True, "started": NOON - timedelta(days=1)}),
        ("h", "finished", {"started": NOON + timedelta(days=1)}),
    ]:
        write_results(results(state=state, **changed), tmp_path / name)  # type: ignore[arg-type]
    for name, text in (("x", "{"), ("y", "[]"), ("z", "[" * 100_000)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "results.json").write_text(text)
    like = {
        "customer": "customer01",
        "phase": "prepare",
        "environment": "production",
        "simulated": False,
    }
    found = EarlierRuns(tmp_path / "now", like, NOON)
    assert [folder for folder, _ in found] == ["a", "b"]
    assert not list(EarlierRuns(tmp_path / "now", like | {"customer": "nobody"}, NOON))


def test_of_the_reports_beside_it_no_more_is_read_than_who_and_when(tmp_path: Path) -> None:
    """Hundreds of customers' reports may lie there; what is cut off behind is no report."""
    who = customer().model_copy(update={"title": '",\n  "verdict": "x'})
    write_results(results(customer=who, started=NOON - timedelta(days=1)), tmp_path / "whole")
    data = (tmp_path / "whole" / "results.json").read_bytes()
    for name in ("cut", "other"):
        (tmp_path / name).mkdir()
    cut = data[: data.index(b'"reason"')].replace(b"-11-23T", b"-11-24T")
    (tmp_path / "cut" / "results.json").write_bytes(cut)
    other = cut.replace(b'"customer01"', b'"another"')
    (tmp_path / "other" / "results.json").write_bytes(other)
    found = EarlierRuns(tmp_path / "now", {"customer": "customer01"}, NOON + timedelta(hours=1))
    assert [folder.name for folder in found.folders] == ["cut", "whole"], "by their heads alone"
    assert [folder for folder, _ in found] == ["whole"]
    assert found.last_sha256 == sha256(data).hexdigest()


def test_each_finding_is_compared_with_the_run_that_decided_it_last() -> None:
    """A run of a part, and one that reached nobody, make nothing new and nothing better."""
    unread = Kind.COULD_NOT_BE_CHECKED
    whole = results([finding(1), finding(2, Kind.MET), finding(3, Kind.MET), finding(4)])
    noon = results([finding(1)])
    unreached = results([finding(2, unread), finding(4, unread)])
    now = [finding(1), finding(2, Kind.MET), finding(3), finding(4, Kind.MET), finding(5, unread)]
    changes = results(now, earlier=[("c", unreached), ("b", noon), ("a", whole)]).changes
    assert changes is not None
    groups = changes.model_dump(
        include={"newly_met", "newly_broken", "still_open", "first_seen", "not_checked"}
    )
    assert {name: [one["requirement"] for one in group] for name, group in groups.items()} == {
        "newly_met": ["IIS-04"],
        "newly_broken": ["IIS-03"],
        "still_open": ["IIS-01"],
        "first_seen": [],
        "not_checked": ["IIS-05"],
    }


def test_agreements_that_end_within_14_days_are_told() -> None:
    """Not those that ended, or do not hold yet."""
    days = {"past": -1, "soon": 5, "beyond": 15}
    [waiver] = customer().waivers
    waivers = [
        waiver.model_copy(
            update={"requirement": name, "until": NOON.date() + timedelta(days=number)}
        )
        for name, number in days.items()
    ]
    tomorrow = NOON.date() + timedelta(days=1)
    waivers.append(waivers[1].model_copy(update={"requirement": "future", "agreed_on": tomorrow}))
    attestations = [
        Attestation(
            requirement=name,
            name="C",
            role="IT",
            document="mail",
            on=NOON.date() - timedelta(days=180 - number),
        )
        for name, number in days.items()
    ]
    agreed = customer().model_copy(
        update={"waivers": tuple(waivers), "attestations": tuple(attestations)}
    )
    soon = [
        (one.kind, one.requirement)
        for one in results([], customer=agreed).agreements
        if one.ends_soon
    ]
    assert soon == [("waiver", "soon"), ("attestation", "soon")]


@pytest.mark.skipif(os.name == "nt", reason="POSIX has the umask")
@pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o022, 0o644)])
def test_a_report_is_readable_for_whom_the_umask_lets(
    tmp_path: Path, umask: int, mode: int
) -> None:
    """Evidence tells what is open on a customer's servers:
    who keeps files private gets them private.
    """
    before = os.umask(umask)
    try:
        write_whole(tmp_path / "web01.json", b"{}")
    finally:
        os.umask(before)
    assert [path.name for path in tmp_path.iterdir()] == ["web01.json"]
    assert (tmp_path / "web01.json").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize(
    ("environment", "verdict", "words"),
    [
        ("production", "accepted", "none open"),
        ("staging", "incomplete", "staging servers"),
        (None, "incomplete", "does not say whether"),
    ],
)
def test_only_servers_of_production_are_accepted(
    environment: Any, verdict: str, words: str
) -> None:
    """What nobody has said is asked; a rejected staging customer stays rejected."""
    where = customer().model_copy(update={"environment": environment})
    made = results([finding(1, Kind.MET)], whole=True, customer=where)
    assert made.verdict.value == verdict
    assert words in made.reason
    broken = results([finding(1, Kind.NOT_MET)], whole=True, customer=where)
    assert broken.verdict.value == "rejected"


@pytest.mark.slow
def test_changed_results_are_refused_or_shown_and_never_break(tmp_path: Path) -> None:
    """Every field replaced by each of the values of the evidence's fuzz, and removed:
    one line, or a page.
    """
    data = json.loads(results([*every_kind(), HINT]).model_dump_json())
    for path in paths(data):
        for value in [*VALUES, GONE]:
            write_whole(tmp_path / "results.json", json.dumps(replaced(data, path, value)).encode())
            try:
                read = load_results(tmp_path)
            except ReportError:
                continue
            assert page_html(read)
            assert csv_bytes(read)
            assert hdf_bytes(read, {})
