"""The acceptance part: what stands in it, in which order,
and that nothing from outside gets out of its place.
"""

import re
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import get_args

import pytest

from acceptance.catalogue.rules.requirement import Owner
from acceptance.findings.finding import COUNTED, Kind, Promised
from acceptance.findings.questions import ask
from acceptance.findings.verdict import count, verdict
from acceptance.report.html import acceptance_html, bars, footer, page_html, shortened
from acceptance.report.texts import duration, load_texts, reason
from acceptance.signing.sign_off import PLACE
from acceptance.text import visible
from tests.report.hostile import ALL, HOSTILE
from tests.report.samples import HINT, NOON, every_kind, finding, hostile_results, results


class Elements(HTMLParser):
    """Every element and attribute of a page; text by the element that it stands in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_parts_stand_in_the_order_in_which_they_are_needed() -> None:
    """Verdict, what remains, then what it rests on; what only an archivist reads comes last."""
    before = results([finding(1)], started=NOON.replace(day=20))
    page = acceptance_html(results([*every_kind(), HINT], earlier=[("2026-11-20T120000Z", before)]))
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", page)
    assert headings == [
        "What remains to be done",
        "Servers",
        "Numbers",
        "Every requirement",
        "Confirmations and waivers",
        "Hints",
        "What was read",
        "What changed since each point was last decided",
        "Sign-off",
        "About this report",
    ]
    assert page.index("Verdict: rejected") < page.index("What remains")
    assert page.index('class="digest"') > page.index('id="about"')
    assert page.count(PLACE.decode()) == 1


def test_a_server_that_gave_no_evidence_has_no_verified_identity() -> None:
    """TLS that is asked for in the inventory is not TLS that was seen."""
    told = results()
    silent = told.model_copy(
        update={"hosts": [told.hosts[0].model_copy(update={"failure": "web01: silence"})]}
    )
    assert "verified by its certificate" in acceptance_html(told)
    assert "verified by its certificate" not in acceptance_html(silent)
    assert "not established" in acceptance_html(silent)


def part_of_page(page: str) -> str:
    """What remains to be done."""
    return page[page.index('id="todo"') : page.index('id="servers"')]


def test_what_remains_is_told_by_whose_it_is_and_never_mixed() -> None:
    """Person by person, kind by kind; a promise changes no finding; one that is past is overdue."""
    late = finding(7, promise=Promised(who="J. Jansen", by=NOON.date().replace(day=1)))
    page = acceptance_html(results([late, *every_kind()[2:]]))
    order = [
        "For the ICT administrator",
        "To mend: 1",
        "Install-WindowsFeature -Name Web-Http-Logging",
        "For the Exact partner",
        "Could not be checked: 1",
        "For the customer",
        "To confirm: 1",
    ]
    part = part_of_page(page)
    assert [part.index(words) for words in order] == sorted(part.index(one) for one in order)
    assert "J. Jansen, by 2026-11-01" in part
    assert "OVERDUE" in part
    assert "OVERDUE" not in acceptance_html(results())


def test_the_first_lines_count_every_kind_and_say_whose_they_are() -> None:
    """Zeros too: who reads no number does not know it; the sums are those of the lists."""
    waiting = [finding(n, Kind.AWAITING, asks=(ask("globe"),)) for n in (11, 12)]
    page = acceptance_html(results([*every_kind(), *waiting]))
    first = page[: page.index('id="todo"')]
    counted = "1 to mend, 1 to confirm, 1 to answer, 1 could not be checked"
    assert f"<strong>Verdict: rejected</strong>: {counted}." in first
    assert "Customer</a>: 1 to confirm, 1 to answer" in first
    assert part_of_page(page).count("Is Exact Globe+ used") == 1


def test_what_only_awaits_shows_no_remedy() -> None:
    """Nobody knows yet whether there is anything to mend; the confirmation is what is asked for."""
    for asks in ((), (ask("globe"),)):
        told = [
            finding(4, Kind.AWAITING, reason="look", remedy="Buy a server.", asks=asks),
            finding(5, Kind.AWAITING, remedy="Order it.", asks=asks),
        ]
        part = part_of_page(acceptance_html(results(told)))
        assert "Buy a server" not in part
        assert "Order it" not in part


def test_only_a_command_looks_like_one() -> None:
    """Prose has no Copy button, and is not set as code."""
    told = [
        finding(7, remedy_type="powershell"),
        finding(8, remedy="Give the server more memory.", remedy_type="text"),
    ]
    page = acceptance_html(results(told))
    assert page.count("data-copy=") == 1
    assert re.search(r"<code[^>]*>Install-WindowsFeature", page)
    assert not re.search(r"<code[^>]*>Give the server", page)


def test_what_others_depend_on_comes_first_and_a_restart_last() -> None:
    """Windows before SQL Server; one restart, named once, after everything that needs it."""
    told = [
        finding(3, requirement="SQL-03", marker="sql"),
        finding(2, requirement="OS-02", marker="os", restart=True),
        finding(1),
        finding(4, requirement="OS-04", marker="os"),
        finding(5, requirement="NET-05", marker="network", restart=True),
    ]
    part = part_of_page(acceptance_html(results(told)))
    ids = re.findall(r'<a href="#[^"]*">([A-Z]+-\d+)</a>', part)
    assert ids == ["OS-04", "IIS-01", "SQL-03", "OS-02", "NET-05"]
    assert part.count("Then restart, once: web01.") == 1


def test_one_remedy_of_many_servers_is_one_point() -> None:
    """So is one cause of many requirements; what was found otherwise stays apart."""
    many = [finding(7, host=f"web{n:02}") for n in range(5)] + [
        finding(7, found="Removed", host="x")
    ]
    unread = [
        finding(n, Kind.COULD_NOT_BE_CHECKED, reason="silence", remedy="Open 5986.")
        for n in range(11, 15)
    ]
    part = part_of_page(acceptance_html(results(many + unread)))
    assert part.count("<li class=") == 3
    assert "web00, web01, web02, web03, web04" in part
    assert "4 requirements (IIS-11 … IIS-14)" in part
    assert "To mend: 6" in part
    assert "Could not be checked: 4" in part


def test_a_long_answer_is_one_glance_and_the_rest_stands_behind_details() -> None:
    """Whole in the page all the same."""
    long = "; ".join(f"folder {number}: C:\\Program Files\\{number}" for number in range(40))
    page = part_of_page(acceptance_html(results([finding(7, found=long)])))
    assert len(shortened(long)) < 220
    assert f"{shortened(long)}</span><details>" in page
    assert f"</summary>{long}</details>" in page


def test_the_readers_words() -> None:
    """No word that only the suite's makers use; names stand beside Windows' numbers."""
    told = [*every_kind(), finding(9, remedy="Add-X -SID S-1-5-32-544", remedy_type="powershell")]
    for language in ("en", "nl"):
        page = acceptance_html(results(told, language=language))
        text = re.sub(r"evidence/\w+\.json", "", "".join(Elements(page).text)).lower()
        for word in ("marker", "evidence", "attest", "tds", "bewijs", "bevinding", "remedie"):
            assert word not in text, word
        assert not re.search(r"\b0 s\b", text)
        assert "s-1-5-32-544: administrators" in text
        assert len(load_texts(language)["glossary"]["words"]) == 10


def test_the_sign_off_carries_the_open_points_or_says_none() -> None:
    """Who signs reads beside the line what stays open."""
    part = acceptance_html(results()).partition('id="sign-off"')[2]
    assert (
        "<b>Open points:</b> IIS-07 (web01): J. Jansen, by 2026-12-01; IIS-25 (web01); OS-04"
        in part
    )
    part = acceptance_html(results([finding(1, Kind.MET)])).partition('id="sign-off"')[2]
    assert "<b>Open points:</b> none." in part


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("owner", get_args(Owner))
def test_whoever_must_mend_it_it_stands_in_the_punch_list(owner: str, language: str) -> None:
    """An owner that the page does not know would take his points off it."""
    page = acceptance_html(results([finding(7, owner=owner)], language=language))
    part = page[page.index('id="todo"') : page.index('id="findings"')]
    assert load_texts(language)["owner_article"][owner] in part
    assert "Install-WindowsFeature -Name Web-Http-Logging" in part


def test_waivers_that_end_within_14_days_say_so() -> None:
    """And an attestation that holds for months does not."""
    page = acceptance_html(results())
    assert page.count("ENDS WITHIN 14 DAYS") == 1


@pytest.mark.parametrize("state", ["unfinished", "interrupted"])
def test_a_run_without_an_end_never_looks_accepted(state: str) -> None:
    """Even where all that was found so far is met: "incomplete", and no place to sign."""
    page = page_html(results([finding(1, Kind.MET)], state=state))
    assert "Verdict: incomplete" in page
    assert "An incomplete run cannot be signed" in page
    assert PLACE.decode() not in page
    assert "verdict--accepted" not in page[page.index("<body>") :]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_hostile_values_stay_text(language: str) -> None:
    """No element, no attribute, no address comes from a value;
    nothing invisible and nothing endless reaches the page.
    """
    calm = Elements(page_html(hostile_results("calm " * 100, language)))
    page = page_html(hostile_results(ALL, language))
    hostile = Elements(page)
    assert hostile.tags == calm.tags
    assert [name for name, _ in hostile.attributes] == [name for name, _ in calm.attributes]
    assert not [name for name, _ in hostile.attributes if name.startswith("on")]
    assert all(
        re.match(r"#|mend/[\w.-]+$", value or "")
        for name, value in hostile.attributes
        if name in ("href", "src")
    )
    assert page.count(PLACE.decode()) == 1
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", page
    )
    assert len(page) < 1_000_000


@pytest.mark.parametrize("text", HOSTILE)
def test_visible_text_shows_what_cannot_be_seen(text: str) -> None:
    """It is printable, bounded, and the same when it is made visible twice."""
    shown = visible(text)
    assert len(shown) < 20_000
    assert visible(shown, 30_000) == shown
    assert all(char.isprintable() or char in "\n\t" for char in shown)


@pytest.mark.parametrize(
    "kinds",
    [
        [],
        [Kind.MET],
        [Kind.NOT_MET],
        [Kind.WAIVED, Kind.MET],
        [Kind.AWAITING],
        [Kind.MET, Kind.AWAITING, Kind.COULD_NOT_BE_CHECKED],
    ],
)
def test_the_pages_reason_is_the_judges(kinds: list[Kind]) -> None:
    """The English page says what `findings.verdict` says, in every case."""
    findings = [finding(number, kind) for number, kind in enumerate(kinds, 1)]
    built = results(findings)
    assert reason(built) == verdict(findings, whole=built.scope.complete)[1]


def test_every_output_counts_alike() -> None:
    """Table, picture and results.json show `findings.count`."""
    built = results()
    assert built.counts == count(every_kind())
    drawn: dict[Kind, int] = dict.fromkeys(COUNTED, 0)
    for bar in bars(built):
        for part in bar.parts:
            drawn[part.kind] += part.number
    assert drawn == built.counts
    page = acceptance_html(built)
    numbers = page[page.index('class="numbers"') :]
    last = re.findall(
        r"<td>(\d+)</td>", numbers[numbers.index("<tfoot>") : numbers.index("</tfoot>")]
    )
    assert [int(number) for number in last] == [
        built.counts[kind] for kind in COUNTED if built.counts[kind]
    ]


def test_dutch_has_dutch_words() -> None:
    """A page in Dutch says so in its language attribute and its words."""
    page = page_html(results(language="nl"))
    assert '<html lang="nl">' in page
    for words in ("Oordeel: niet geaccepteerd", "Wat nog moet gebeuren", "voldoet niet"):
        assert words in page
    assert load_texts("nl")["kind"]["met"] == "voldoet"


def test_ages_are_short() -> None:
    """The evidence's age is read at a glance."""
    now = NOON
    for text, ago in {
        "< 1 min": 5,
        "12 min": 725,
        "3 h 20 min": 12_000,
        "2 d 1 h": 176_400,
    }.items():
        assert duration(now - now.fromtimestamp(now.timestamp() - ago, now.tzinfo)) == text


def test_style_and_script_keep_to_the_house_rules() -> None:
    """Only textContent is written, under 150 lines;
    no address of the outside stands in style or script.
    """
    folder = Path(str(resources.files("acceptance.report").joinpath("templates")))
    names = ("report.js", "answers.js")
    scripts = [(folder / name).read_text(encoding="utf-8") for name in names]
    style = (folder / "style.css").read_text(encoding="utf-8")
    assert all(len(script.splitlines()) < 150 for script in scripts)
    script = "".join(scripts)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", script)
    for text in (script, style):
        assert "http" not in text
        assert "@import" not in text
    for path in folder.glob("*.html"):
        assert not re.search(r"\|\s*safe|style=|\son\w+=", path.read_text(encoding="utf-8")), path


def test_every_printed_page_says_which_report_it_belongs_to() -> None:
    """Customer and start, as a CSS string that nothing can end."""
    assert "customer01\\00002c\\0000202026" in page_html(results())
    foot = footer(hostile_results(ALL))
    assert re.fullmatch(r"(?:[A-Za-z0-9]|\\[0-9a-f]{6})+", foot)


def test_what_a_browser_need_not_draw_yet_waits() -> None:
    """Of many findings: a hundred rows to a table, each drawn once it comes into sight."""
    few = acceptance_html(results([finding(1, Kind.MET, host=f"web{n}") for n in range(99)]))
    assert 'class="later"' not in few
    many = acceptance_html(results([finding(1, host=f"web{n}", found=str(n)) for n in range(250)]))
    assert many.count('<div class="later">') == many.count('<table class="findings') == 3
    assert many.count('<li class="point later"') == 250
    style = resources.files("acceptance.report").joinpath("templates", "style.css")
    printed = style.read_text(encoding="utf-8").partition("@media print")[2]
    assert ".later { content-visibility: visible; }" in printed
