"""A customer's rounds in one offline page,
`reports/<customer>/index.html`: what an auditor asks two years later.

Each results.json names the digest of the customer's report before it,
so that the rounds form a chain: one that was taken out or exchanged is seen. Who signed is told
where the signatures hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from acceptance.errors import AcceptanceError, ReportError
from acceptance.findings.finding import OPEN, SETTLED, Promised
from acceptance.report.brief import Brief, brief_of
from acceptance.report.catalogs import languages
from acceptance.report.files import PAGE, RESULTS, digest, read, write_whole
from acceptance.report.html import page_policy, shown_name
from acceptance.report.same import Key, todays_key
from acceptance.report.signed import Signed, WhoSigned, broken_told, signers_told
from acceptance.report.templating import environment
from acceptance.report.texts import instant, load_texts
from acceptance.report.translating import told
from acceptance.text import Sentence, css_class, one_line

INDEX = "index.html"


class Round(NamedTuple):
    """One report.

    `chain`: "first", "follows" the one before it, or "broken"; "" where it names none.
    """

    folder: str
    results: Brief
    signed: Signed
    chain: str


@dataclass
class Course:
    """One requirement on one server over all rounds:
    when it was first open, who promised what, when it was seen met.
    """

    requirement: str
    host: str
    title: str
    first_open: datetime
    promises: list[Promised] = field(default_factory=list)
    met: datetime | None = None


def renew_history(customer: Path, language: str, who_signed: WhoSigned) -> str:
    """Write the page after a run; why it could not be made, or ""."""
    try:
        page = history_html(read_rounds(customer, who_signed), language)
        write_whole(customer / INDEX, page.encode("utf-8"))
    except (AcceptanceError, OSError) as error:
        return f"The page of the customer's rounds was not made: {one_line(str(error))}"
    return ""


def read_rounds(customer: Path, who_signed: WhoSigned) -> list[Round]:
    """The finished reports of a customer's folder, by the start that they tell."""
    found = []
    for path in customer.glob(f"*/{RESULTS}"):
        try:
            data = read(path)
        except ReportError:
            continue
        results = brief_of(data)
        if results is not None and results.state == "finished":
            found.append((results, path.parent, in_every_language(data, results.language)))
    found.sort(key=lambda one: (one[0].started, one[1].name))
    rounds = []
    before: set[str] = set()
    for results, folder, own in found:
        told = results.previous_sha256
        chain = "first" if not told and not before else "follows" if told in before else "broken"
        rounds.append(
            Round(folder.name, results, who_signed(folder), chain if told or not before else "")
        )
        before = own
    return rounds


def in_every_language(data: bytes, language: str) -> set[str]:
    """The digests that a results.json has, or had before its page was made again in another
    language: that changes one word of it, and breaks no chain.
    """
    here = f'"language": "{language}"'.encode()
    return {digest(data.replace(here, f'"language": "{one}"'.encode(), 1)) for one in languages()}


def courses(rounds: Sequence[Round]) -> list[Course]:
    """Every requirement that was open once, under the names of the last round of everything."""
    found: dict[Key, Course] = {}
    whole = [one.results for one in rounds if one.results.scope.complete]
    for one in rounds:
        at = one.results.started
        named = todays_key(one.results, whole[-1] if whole else rounds[-1].results)
        for finding in one.results.findings:
            key = named(finding)
            course = found.get(key)
            if finding.kind in OPEN:
                if course is None:
                    course = found[key] = Course(*key, finding.title, at)
                course.met = None
                if finding.promise and finding.promise not in course.promises:
                    course.promises.append(finding.promise)
            elif course is not None and finding.kind in SETTLED and course.met is None:
                course.met = at
    return [found[key] for key in sorted(found)]


def history_html(rounds: list[Round], language: str) -> str:
    """The page; links are relative, nothing is fetched."""
    texts = load_texts(language)
    context = {
        "texts": texts,
        "language": language,
        "rounds": rounds,
        "courses": courses(rounds),
        "name": shown_name(rounds[-1].results) if rounds else "",
        "links": {one.folder: f"./{one.folder}/{PAGE}" for one in rounds},
        "policy": page_policy(""),
        "footer": "",
        "seal": "",
        "instant": instant,
        "broken": partial(broken_told, texts=texts),
        "title": lambda title: told(Sentence(template=title), language).text,
        "signers": partial(signers_told, texts=texts),
        "css_class": css_class,
    }
    return environment().get_template("history.html").render(context)
