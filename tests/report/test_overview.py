"""`reports/index.html`: every customer's last whole run, the worst first."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from acceptance.cli.app import app
from acceptance.errors import ReportError
from acceptance.findings.endings import Ending
from acceptance.findings.finding import Kind, Verdict
from acceptance.report.overview import write_overview
from acceptance.report.results import Scope, write_results
from acceptance.report.runs import KEPT, read_runs
from tests.report import samples

WHOLE = Scope(hosts_left_out=[], requirements_left_out=[], clauses_to_come=0)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def put(
    reports: Path, customer: str, started: datetime = NOON, kind: Kind = Kind.MET, **changed: Any
) -> Path:
    """A report of this customer with one finding."""
    verdict = Verdict.ACCEPTED if kind is Kind.MET else Verdict.REJECTED
    about = {
        "customer": customer,
        "title": "",
        "started": started,
        "verdict": verdict,
        "scope": WHOLE,
        "agreements": [],
    }
    folder = reports / customer / f"{started:%Y-%m-%dT%H%M%SZ}"
    folder.mkdir(parents=True)
    results = samples.results([samples.finding(7, kind)]).model_copy(update=about | changed)
    write_results(results, folder)
    return folder


def test_the_worst_stands_first(tmp_path: Path) -> None:
    put(tmp_path, "good")
    put(tmp_path, "bad", kind=Kind.NOT_MET)
    page, last = write_overview(tmp_path, NOON)
    assert [run.customer for run in last] == ["bad", "good"]
    text = page.read_text(encoding="utf-8")
    assert text.index("./bad/") < text.index("./good/")


def test_a_later_part_does_not_hide_the_last_whole_run(tmp_path: Path) -> None:
    put(tmp_path, "one", kind=Kind.NOT_MET)
    part = Scope(hosts_left_out=[], requirements_left_out=["SQL-01"], clauses_to_come=0)
    put(tmp_path, "one", NOON + timedelta(hours=1), scope=part)
    page, last = write_overview(tmp_path, NOON)
    assert [(run.verdict, run.whole) for run in last] == [(Verdict.REJECTED, True)]
    assert "a later run of a part" in page.read_text(encoding="utf-8")


def test_a_run_that_was_killed_is_not_the_last_whole_one(tmp_path: Path) -> None:
    put(tmp_path, "one")
    put(tmp_path, "one", NOON + timedelta(hours=1), state="unfinished")
    assert [run.started for run in write_overview(tmp_path, NOON)[1]] == [NOON]


def test_folders_collected_from_several_jobs_are_found(tmp_path: Path) -> None:
    put(tmp_path / "job1" / "reports", "one")
    put(tmp_path / "job2" / "reports", "two")
    assert {run.customer for run in write_overview(tmp_path, NOON)[1]} == {"one", "two"}


def test_what_ends_within_60_days_is_listed_over_all_customers(tmp_path: Path) -> None:
    ends = [
        Ending(host="web01", what="certificate", name="CN=near", on=date(2027, 1, 23)),
        Ending(host="web01", what="certificate", name="CN=far", on=date(2027, 1, 24)),
    ]
    put(tmp_path, "one", endings=ends)
    text = write_overview(tmp_path, NOON)[0].read_text(encoding="utf-8")
    assert "CN=near" in text
    assert "CN=far" not in text


def test_a_report_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    put(tmp_path, "one")
    (tmp_path / "two" / "x").mkdir(parents=True)
    (tmp_path / "two" / "x" / "results.json").write_text("{", encoding="utf-8")
    assert "two/x" in write_overview(tmp_path, NOON)[0].read_text(encoding="utf-8")


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    """And rows that another suite kept otherwise are read anew."""
    folder = put(tmp_path, "one")
    runs, _ = read_runs(tmp_path)
    (tmp_path / KEPT).write_text("[]", encoding="utf-8")
    assert read_runs(tmp_path)[0] == runs
    kept = (tmp_path / KEPT).stat().st_mtime_ns
    assert read_runs(tmp_path)[0] == runs
    assert (tmp_path / KEPT).stat().st_mtime_ns == kept
    changed = samples.results([]).model_copy(update={"customer": "renamed", "scope": WHOLE})
    write_results(changed, folder)
    assert read_runs(tmp_path)[0][0].customer == "renamed"


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    put(tmp_path, "one", title="<script>alert(1)</script>", reason="x")
    text = write_overview(tmp_path, NOON)[0].read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_silence_is_not_health(tmp_path: Path) -> None:
    put(tmp_path, "one")
    done = CliRunner().invoke(app, ["report", str(tmp_path), "--max-age", "1d"])
    assert done.exit_code == 1
    assert "one: no run for" in done.output
    put(tmp_path, "one", datetime.now(UTC))
    assert CliRunner().invoke(app, ["report", str(tmp_path), "--max-age", "1d"]).exit_code == 0


@pytest.mark.parametrize("age", ["", "d", "2", "2w", "-1d", "1.5d", "²d"])
def test_an_age_is_written_as_days_or_hours(tmp_path: Path, age: str) -> None:
    put(tmp_path, "one")
    done = CliRunner().invoke(app, ["report", str(tmp_path), "--max-age", age or "x"])
    assert done.exit_code == 2
    assert "Write it as 2d or 36h." in done.output


def test_a_folder_without_reports_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="holds no report"):
        write_overview(tmp_path, NOON)


def test_it_is_accessible_and_can_be_searched(tmp_path: Path, browser: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    put(tmp_path, "alpha")
    put(tmp_path, "beta", kind=Kind.NOT_MET)
    path, _ = write_overview(tmp_path, NOON)
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    results = axe.Axe().run(page).response
    assert [one["id"] for one in results["violations"]] == []
    page.fill("#words", "alph")
    assert page.locator("#shown").text_content() == "1 of 2 customers"
    assert page.locator("tr[data-words=customer]:visible").count() == 1
    assert said == []
    page.close()


FIRST_PAINT = """() => new Promise(done => new PerformanceObserver(
  list => done(list.getEntriesByName("first-contentful-paint")[0].startTime)
).observe({type: "paint", buffered: true}))"""


@pytest.mark.slow
def test_500_customers_are_painted_within_a_second(tmp_path: Path, browser: Any) -> None:
    """Each with three open points and two things that end, as many as a bad night brings."""
    ends = [
        Ending(what="certificate", name=f"CN=web{one}.example.test", host="web01", on=NOON.date())
        for one in range(2)
    ]
    kinds = (Kind.NOT_MET, Kind.AWAITING, Kind.COULD_NOT_BE_CHECKED)
    for number in range(500):
        put(tmp_path, f"customer{number:03}", kind=kinds[number % 3], endings=ends)
    path, last = write_overview(tmp_path, NOON)
    assert len(last) == 500
    page = browser.new_page()
    page.goto(path.as_uri())
    painted = page.evaluate(FIRST_PAINT)
    page.close()
    print(f"first paint after {painted:.0f} ms, {path.stat().st_size} bytes")
    assert painted < 1000
