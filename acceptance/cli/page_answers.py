"""`acceptance import` of what a person entered in a report's page:
held against that very report.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from acceptance.errors import EvidenceError
from acceptance.evidence.file import strict_json
from acceptance.findings.answers import (
    Confirmed,
    Done,
    PageAnswers,
    Planned,
    Told,
    answerable,
    code_of,
    folded,
    read_answers,
    sentences,
)
from acceptance.findings.finding import OPEN, Kind
from acceptance.inventory.models import Inventory
from acceptance.report.files import RESULTS
from acceptance.report.results import Results, load_results
from acceptance.text import Sentence, one_line, said

A_DAY = timedelta(days=1)


def is_of_page(file: Path) -> bool:
    """Whether a file claims to hold a page's answers;
    what is wrong with it is told where it is read.
    """
    try:
        data = strict_json(file.read_bytes()[: 2**20])
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(data, dict) and "agreements" in data


def told_of_page(inventory: Inventory, file: Path, now: datetime) -> tuple[list[str], Path]:
    """What a page's answers say and change, and where they are laid.

    Raises EvidenceError for others.
    """
    answers = read_answers(file)
    name = answers.question.customer
    if name not in inventory.customers:
        raise EvidenceError(
            "{file}: is of the customer {customer}, whom {inventory} does not know.",
            "Name the inventory with --inventory.",
            file=str(file),
            customer=one_line(name, 60),
            inventory=str(inventory.path),
        )
    customer = inventory.customers[name]
    _refuse_others(answers, _report_of(inventory, answers, file), file, now)
    free = answerable(customer)
    folded(customer, answers, file.name, free)  # an answer that cannot be used is told now
    code = code_of(file.read_bytes())
    lines = [
        f"{file}: {name}, entered in the page of a report, "
        f"{answers.answered.at:%Y-%m-%d %H:%M} UTC",
        f"  code {code}; who entered it is known by their own word only",
        *(f"  {one_line(str(one))}" for one in sentences(answers)),
        *(
            f"  {key}: the inventory answers it already, and stands"
            for key in _known(answers, free)
        ),
    ]
    folder = inventory.answers_of(name)
    stamp = f"{answers.answered.at:%Y%m%dT%H%M%S}-{code}"
    return lines, folder / f"{name}.{stamp}.answers.json"


def _known(answers: PageAnswers, free: frozenset[str]) -> list[str]:
    told = [one.key for one in answers.agreements if isinstance(one, Told)]
    return [key for key in told if key not in free]


def _report_of(inventory: Inventory, answers: PageAnswers, file: Path) -> Results:
    """The report whose page was filled in: below reports/ here or beside the inventory."""
    name = answers.question.customer
    places = dict.fromkeys([Path("reports"), inventory.path_of(name).parent / "reports"])
    for folder in (place / name for place in places):
        for path in sorted(folder.glob(f"*/{RESULTS}")):
            if sha256(path.read_bytes()).hexdigest() == answers.question.results_sha256:
                return load_results(path.parent)
    raise EvidenceError(
        "{file}: answers another report: none of {places} is the one that was filled in.",
        "Call it in the folder with that report, or send the newest report's page.",
        file=str(file),
        places=", ".join(f"{place / name}" for place in places),
    )


def _refuse_others(answers: PageAnswers, results: Results, file: Path, now: datetime) -> None:
    for why in _contradictions(answers, results, now):
        raise EvidenceError(
            "{file}: does not fit its report: {why}.",
            "Ask for the file again as the page saved it.",
            file=str(file),
            why=why,
        )


def _contradictions(answers: PageAnswers, results: Results, now: datetime) -> Iterator[Sentence]:
    if answers.answered.at > now or answers.answered.at < results.started:
        yield said("it was filled in at {at}", at=answers.answered.at.isoformat())
    still = {(one.requirement, one.host): one.kind for one in results.findings if one.kind in OPEN}
    keys = {asked.key for one in results.findings for asked in one.asks}
    for one in answers.agreements:
        if isinstance(one, Told):
            if one.key not in keys:
                yield said("it asks nothing about {key}", key=one_line(one.key, 60))
            continue
        what = one_line(f"{one.requirement} {one.host}", 120)
        kind = still.get((one.requirement, one.host))
        if kind is None:
            yield said("{what} is no open point of it", what=what)
        elif isinstance(one, Confirmed) and kind is not Kind.AWAITING:
            yield said("{what} waits for no confirmation", what=what)
        yield from _impossible_days(one, what, answers.answered.at, now)


def _impossible_days(
    one: Done | Planned | Confirmed, what: str, filled_in: datetime, now: datetime
) -> Iterator[Sentence]:
    """The browser's day may be the one before or after ours."""
    if isinstance(one, Confirmed) and one.on > now.date():
        yield said("{what} is confirmed on a day to come", what=what)
    if isinstance(one, Done) and one.on > (now + A_DAY).date():
        yield said("{what} is said to be done on a day to come", what=what)
    if isinstance(one, Planned) and one.by < (filled_in - A_DAY).date():
        yield said("{what} is promised for a day that had passed", what=what)
