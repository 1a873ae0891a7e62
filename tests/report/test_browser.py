"""The report in a real browser: nothing executes, nothing is fetched, everything can be used,
read and printed.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from acceptance.findings.answers import read_answers
from acceptance.findings.finding import Kind
from acceptance.findings.outcome import Outcome
from acceptance.report.html import page_html
from acceptance.report.results import load_results
from acceptance.signing.sign_off import read_signature, signed_page
from tests.fixtures.conftest import run_pytest
from tests.report.hostile import ALL
from tests.report.pytest_html_page import ROWS, with_results
from tests.report.samples import HINT, NOON, every_kind, finding, hostile_results, results

A4_WIDTH = 688  # CSS pixels between the margins
Open = Callable[..., Any]


pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory, log_page: str) -> dict[str, Path]:
    """`whole`: a usual report with its log; `dutch`; `hostile`: hostile values in every place;
    `unfinished`; `signed`.
    """
    before = results([finding(1), finding(7, found="Installed")], started=NOON.replace(day=20))
    usual = results([*every_kind(), HINT], earlier=[("2026-11-20T120000Z", before)])
    written = {
        "whole": with_results(log_page, usual),
        "dutch": with_results(log_page, results([*every_kind(), HINT], language="nl")),
        "hostile": with_results(log_page, hostile_results(ALL)),
        "unfinished": page_html(results([], state="unfinished")),
    }
    signature = read_signature(
        (Path(__file__).parents[1] / "signing" / "signed_1.dsse.json").read_bytes(),
        "signatures/supplier.dsse.json",
    )
    written["signed"] = signed_page(written["whole"].encode(), [signature], "en").decode()
    folder = tmp_path_factory.mktemp("pages")
    for name, page in written.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in written}


@pytest.fixture
def open_page(browser: Any, pages: dict[str, Path]) -> Iterator[Open]:
    """Opens a page; afterwards, nothing may have been fetched, logged or executed."""
    contexts, said, fetched = [], [], []

    def open_it(name: str, width: int = 1200, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: fetched.append(request.url))
        page.goto(pages[name].as_uri())
        return page

    yield open_it
    for context in contexts:
        for page in context.pages:
            assert page.evaluate("window.pwned") is None
        context.close()
    assert said == []
    assert [
        url
        for url in fetched
        if not url.startswith(tuple(path.as_uri() for path in pages.values()))
    ] == []


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("whole", 1200, "light"),
        ("whole", 390, "dark"),
        ("dutch", 1200, "dark"),
        ("hostile", 390, "light"),
        ("unfinished", 390, "dark"),
        ("signed", 390, "light"),
    ],
)
def test_it_is_accessible_and_fits(open_page: Open, name: str, width: int, scheme: str) -> None:
    """axe-core finds nothing, on a desk and on a phone, light and dark;
    nothing is wider than the screen.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_page(name, width, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


def test_the_forms_are_accessible_too(open_page: Open) -> None:
    """All of them open, on a phone."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_page("dutch", 390)
    for button in page.locator(".answer__open").all():
        button.press("Enter")
    assert page.locator("form.answer:visible").count() > 0
    assert page.locator(".write:visible").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found = axe.run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


@pytest.mark.parametrize(("kinds", "most"), [("demo", 6), ("met", 4)])
def test_it_is_few_pages_on_paper(browser: Any, tmp_path: Path, kinds: str, most: int) -> None:
    """The demo, and a customer of whom everything is met."""
    folder = tmp_path / "report"
    run_pytest("--hosts=demo", f"--report-dir={folder}", report=folder)
    told = load_results(folder)
    if kinds == "met":
        update = {"kind": Kind.MET, "outcome": Outcome.MET, "reason": "", "remedy": "", "asks": ()}
        update |= {"sentences": {}, "mends": (), "question": ""}
        findings = [
            one if one.kind is Kind.NOT_APPLICABLE else one.model_copy(update=update)
            for one in told.findings
            if one.weight == "required"
        ]
        counts = dict.fromkeys(told.counts, 0) | Counter(one.kind for one in findings)
        told = told.model_copy(update={"findings": findings, "counts": counts})
    place = tmp_path / "page.html"
    place.write_text(page_html(told), encoding="utf-8")
    page = browser.new_page()
    page.goto(place.as_uri())
    pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
    page.close()
    assert 0 < pages <= most


def test_filters_by_marker_and_finding(open_page: Open) -> None:
    """With the keyboard alone; the number of rows that are shown is told;
    a link to a hidden finding shows it.
    """
    page = open_page("whole")
    shown = page.locator("table.findings tbody tr:visible")
    assert shown.count() == 8
    page.locator('input[name="kind"][value="met"]').focus()
    page.keyboard.press("Space")
    assert shown.count() == 7
    page.get_by_label("Windows", exact=True).uncheck()
    assert shown.count() == 3
    assert page.get_by_role("status").inner_text().startswith("3 of 8 shown")
    page.locator('#changes ~ table a[href="#IIS-01-web01"]').click()
    assert page.locator("#IIS-01-web01").is_visible()


def test_a_remedy_is_copied(open_page: Open) -> None:
    """As it stands in the page."""
    page = open_page("whole", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the command for IIS-07").click()
    page.get_by_text("Copied").wait_for()
    assert (
        page.evaluate("navigator.clipboard.readText()")
        == "Install-WindowsFeature -Name Web-Http-Logging"
    )


def test_the_technical_log_works_with_the_keyboard(open_page: Open) -> None:
    """Filter, unfold, sort; the focus stays on the button that was pressed."""
    page = open_page("hostile")
    rows = page.locator("#results-table tr.collapsible")
    assert rows.count() == ROWS
    page.locator('input[data-test-result="passed"]').focus()
    page.keyboard.press("Space")
    assert rows.count() == 14
    first = page.locator("#results-table .collapsible button").first
    first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#results-table div.log:visible").count() == 1
    assert page.evaluate("document.activeElement.closest('[data-id]') !== null")
    page.locator("#results-table-head").get_by_role("button", name="Test").click()
    assert rows.count() == 14


def test_without_javascript_it_reads_the_same(open_page: Open) -> None:
    """Verdict, findings and sign-off are markup; what needs a script is not shown."""
    page = open_page("whole", java_script_enabled=False)
    assert page.get_by_text("Verdict: rejected").first.is_visible()
    assert page.locator("table.findings tbody tr:visible").count() == 8
    assert page.get_by_text("Signed by pen and ink").is_visible()
    assert page.locator("#filters").is_hidden()
    page.context.close()


@pytest.mark.parametrize("name", ["signed", "dutch", "hostile"])
def test_it_prints_to_a4_whole(open_page: Open, name: str) -> None:
    """No column is cut, and what a filter hides is printed all the same;
    the log and the controls are not.
    """
    page = open_page(name, A4_WIDTH)
    page.locator('input[name="kind"]').first.uncheck()
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_WIDTH
    cut = page.evaluate(
        "[...document.querySelectorAll('.acceptance td, .acceptance th, .acceptance code')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "
        "'inline').map(e => e.outerHTML.slice(0, 200))"
    )
    assert cut == []
    assert (
        page.locator("table.findings tbody tr:visible").count()
        == page.locator("table.findings tbody tr").count()
    )
    for hidden in ("section.log", "#filters", "button.copy"):
        assert page.locator(hidden).first.is_hidden()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_the_page_takes_answers_and_saves_one_file(open_page: Open, tmp_path: Path) -> None:
    """By keyboard, for every kind of point; what is not complete is counted and not saved."""
    page = open_page("whole", accept_downloads=True)
    points = page.locator("li.point")
    assert page.locator(".answer__open").count() == points.count() > 0
    for number in range(points.count()):
        points.nth(number).locator(".answer__open").press("Enter")
        form = points.nth(number).locator("form.answer")
        for field in form.locator("input:visible").all():
            value = "2026-11-25" if field.get_attribute("type") == "date" else "J. Jansen"
            field.fill(value)
    told = page.locator("#answers-told").text_content()
    assert "0 not complete" in told
    with page.expect_download() as download:
        page.locator("#answers-save").press("Enter")
    file = tmp_path / "customer01.answers.json"
    download.value.save_as(file)
    answers = read_answers(file)
    assert told.startswith(f"{len(answers.agreements)} answers")
    seal = page.locator('meta[name="acceptance-results"]').get_attribute("content")
    assert f"sha256={answers.question.results_sha256} " in seal
    points.first.locator("input[name=name]").fill("")
    assert "1 not complete" in page.locator("#answers-told").text_content()


def test_without_javascript_there_is_nothing_to_fill_in(open_page: Open) -> None:
    """The page reads as before, and each point has lines to write on."""
    page = open_page("whole", java_script_enabled=False)
    assert page.locator(".write:visible").count() == page.locator("li.point").count() > 0
    assert not page.locator("#answers").is_visible()
    assert page.locator("form.answer").count() == 0
