"""The acceptance part: what stands in it, in which order, and that nothing from outside gets out of its place."""

import re
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from acceptance.catalogue.rules.base import Owner
from acceptance.findings.finding import COUNTED, Kind, Promised
from acceptance.findings.verdict import count, verdict
from acceptance.report.html import acceptance_html, bars, footer, page_html
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


def test_the_parts_stand_in_the_order_that_the_two_parties_read_them() -> None:
    """Verdict first, then the run, the picture, what to do, every requirement, agreements, hints, evidence, sign-off."""
    page = acceptance_html(results([*every_kind(), HINT]))
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", page)
    assert headings == [
        "This run",
        "Findings per marker",
        "What remains to be done",
        "Every requirement",
        "Attestations and waivers",
        "Hints",
        "Evidence",
        "Sign-off",
    ]
    assert page.index("Verdict: rejected") < page.index("This run")
    assert page.count(PLACE.decode()) == 1


def test_a_server_that_gave_no_evidence_has_no_verified_identity() -> None:
    """TLS that is asked for in the inventory is not TLS that was seen."""
    told = results()
    silent = told.model_copy(
        update={"hosts": [told.hosts[0].model_copy(update={"failure": "web01: silence"})]}
    )
    assert "verified by TLS" in acceptance_html(told)
    assert "verified by TLS" not in acceptance_html(silent)
    assert "not established" in acceptance_html(silent)


def test_what_remains_is_a_punch_list_by_who_must_do_it() -> None:
    """Remedy and promise beside each point; a promise changes no finding; one that is past is overdue."""
    late = finding(7, promise=Promised(who="J. Jansen", by=NOON.date().replace(day=1)))
    page = acceptance_html(results([late, *every_kind()[2:]]))
    part = page[page.index('id="todo"') : page.index('id="findings"')]
    for words in (
        "ICT administrator, open points: 1",
        "Exact partner, open points: 1",
        "customer, open points: 1",
    ):
        assert words in part
    assert "Install-WindowsFeature -Name Web-Http-Logging" in part
    assert "J. Jansen, by 2026-11-01" in part
    assert "OVERDUE" in part
    assert "OVERDUE" not in acceptance_html(results())


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("owner", get_args(Owner))
def test_whoever_must_mend_it_it_stands_in_the_punch_list(owner: str, language: str) -> None:
    """An owner that the page does not know would take his points off it."""
    page = acceptance_html(results([finding(7, owner=owner)], language=language))
    part = page[page.index('id="todo"') : page.index('id="findings"')]
    assert load_texts(language)["owner"][owner] in part
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
    """No element, no attribute, no address comes from a value; nothing invisible and nothing endless reaches the page."""
    calm = Elements(page_html(hostile_results("calm", language)))
    page = page_html(hostile_results(ALL, language))
    hostile = Elements(page)
    assert hostile.tags == calm.tags
    assert [name for name, _ in hostile.attributes] == [name for name, _ in calm.attributes]
    assert not [name for name, _ in hostile.attributes if name.startswith("on")]
    assert all(
        (value or "").startswith("#")
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


def test_every_language_has_the_same_texts() -> None:
    """Same keys, same names to fill in."""

    def flat(node: Any, way: str = "") -> dict[str, set[str]]:
        if isinstance(node, dict):
            return {
                key: names
                for name, one in node.items()
                for key, names in flat(one, f"{way}/{name}").items()
            }
        return {way: set(re.findall(r"\{(\w+)\}", node))}

    folder = resources.files("acceptance.report").joinpath("texts")
    english, dutch = (
        yaml.safe_load(folder.joinpath(f"{name}.yaml").read_text(encoding="utf-8"))
        for name in ("en", "nl")
    )
    assert flat(english) == flat(dutch)


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
    for words in ("Oordeel: afgewezen", "Wat nog moet gebeuren", "niet voldaan", "Ondertekening"):
        assert words in page
    assert load_texts("nl")["kind"]["met"] == "voldaan"


def test_ages_are_short() -> None:
    """The evidence's age is read at a glance."""
    now = NOON
    for text, ago in {
        "5 s": 5,
        "12 min": 725,
        "3 h 20 min": 12_000,
        "2 d 1 h": 176_400,
        "0 s": -5,
    }.items():
        assert duration(now - now.fromtimestamp(now.timestamp() - ago, now.tzinfo)) == text


def test_style_and_script_keep_to_the_house_rules() -> None:
    """Only textContent is written, under 150 lines; no address of the outside stands in style or script."""
    folder = Path(str(resources.files("acceptance.report").joinpath("templates")))
    script, style = (
        (folder / name).read_text(encoding="utf-8") for name in ("report.js", "style.css")
    )
    assert len(script.splitlines()) < 150
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
