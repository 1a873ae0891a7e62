"""`acceptance script` and `acceptance import`: the way there and back of a server that is read
by hand.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from acceptance.catalogue.judges import rules
from acceptance.catalogue.requirements import MARKERS, Catalogue, definition_sha256
from acceptance.catalogue.rules import Requirement
from acceptance.cli.hand_over import GUIDE, MAIL, packed, signed_script, words
from acceptance.cli.page_answers import is_of_page, told_of_page
from acceptance.collecting.by_hand.answer import read_answer
from acceptance.collecting.by_hand.joined import refuse_other, wanted_of
from acceptance.collecting.by_hand.script import (
    NAME,
    Compared,
    OpenPoint,
    Question,
    needs_administrator,
    question_file,
    script_by_hand,
    script_digest,
)
from acceptance.collecting.by_hand.sql import questions_through
from acceptance.collecting.parameters import parameters_of
from acceptance.collecting.script import OWN, OWN_FACTS, SECTIONS
from acceptance.errors import EvidenceError, UsageError
from acceptance.evidence.binding import OF_ACCOUNT
from acceptance.findings.finding import OPEN, Finding
from acceptance.inventory.file import load_inventory
from acceptance.inventory.models import Customer
from acceptance.inventory.select import RESERVED, select_hosts
from acceptance.report.files import write_whole
from acceptance.report.results import load_results
from acceptance.secrets import environment
from acceptance.text import one_line

ADVICE = "upkeep"  # what advice needs is asked together with anything else


@dataclass(frozen=True)
class Told:
    """An answer that may be laid in: what a person reads first, its bytes, and where it goes."""

    lines: list[str]
    data: bytes
    place: Path


@dataclass(frozen=True)
class HandOver:
    """How the script goes out.

    `markers` "": everything; `key`: a PKCS#12 file to sign the script with; `report`: the folder of
    one whose open points the script is to show again; `checks`: a folder of an engineer's own.
    """

    output: Path
    markers: str = ""
    zipped: bool = False
    language: str = "en"
    key: Path | None = None
    passphrase: str | None = None
    report: Path | None = None
    checks: Path | None = None


def write_script(
    inventory: Path,
    selection: str,
    catalogue: Catalogue,
    tests: Path,
    how: HandOver,
    now: datetime,
) -> list[str]:
    """The script once, and one question for each chosen host that is read by hand."""
    read = load_inventory(inventory, RESERVED)
    name, chosen = select_hosts(read, selection)
    customer = read.customers[name]
    hosts = [
        host
        for host, one in chosen.items()
        if one.connection and one.connection.backend == "script"
    ]
    if not hosts:
        raise UsageError(
            "{selection}: no host there is read by hand.",
            "Set backend: script in its connection.",
            selection=selection,
        )
    wanted = selected(catalogue, how.markers)
    script = script_by_hand()
    if how.key is not None:
        script = signed_script(script, how.key, how.passphrase)
    files = {NAME: script}
    own = facts_of(how.checks, inventory, selection) if how.checks is not None else None
    for host in hosts:
        asked = question_of(name, customer, host, catalogue, wanted, tests, now)
        if how.report is not None:
            points = open_points(how.report, name, customer, host, catalogue)
            asked = asked.model_copy(update={"open": points})
        if own is not None:
            more = {"sections": (*asked.sections, OWN), "parameters": asked.parameters | {OWN: own}}
            asked = asked.model_copy(update=more)
        files[f"{name}-{host}.ask.json"] = question_file(asked)
    if how.zipped:
        signed = how.key is not None
        for kind in (GUIDE, MAIL):
            text = words(kind, how.language, name, hosts, signed=signed)
            files[f"{kind}.txt"] = text.replace("\n", "\r\n").encode("utf-8")
        files = {f"{name}-script.zip": packed(files)}
    how.output.mkdir(parents=True, exist_ok=True)
    for file, data in files.items():
        write_whole(how.output / file, data)
    return [
        *(f"{how.output / file}" for file in files),
        f"The script's SHA-256: {script_digest()}",
        "Copy all to the server, read the script, run it there; then: acceptance import FILE",
    ]


def selected(catalogue: Catalogue, markers: str) -> list[Requirement]:
    """The requirements of `iis`, or of `iis or os`; of all markers for "".

    Raises UsageError for another word.
    """
    names = [word.strip() for word in markers.split(" or ")] if markers.strip() else list(MARKERS)
    for name in names:
        if name not in MARKERS:
            raise UsageError(
                "-m: {name} is no marker.",
                'Name one of {known}, or several: -m "iis or os".',
                name=name,
                known=", ".join(MARKERS),
            )
    return [requirement for requirement in catalogue if requirement.marker in names]


def question_of(
    name: str,
    customer: Customer,
    host: str,
    catalogue: Catalogue,
    wanted: Iterable[Requirement],
    tests: Path,
    now: datetime,
    *,
    simulated: bool = False,
) -> Question:
    """What the script is asked of one host:
    the sections that its requirements need, and who waits for which.
    """
    by_name = {rule.name: rule for rule in rules(tests)}
    phase, told = customer.phase, customer.service_account is not None
    there = {role for one in customer.hosts.values() for role in one.roles}
    today = [
        one for one in wanted if there & set(one.roles) and (phase is None or phase in one.phases)
    ]
    here = [one for one in today if set(customer.hosts[host].roles) & set(one.roles)]
    # Another server's requirement may rest on sections of this one too.
    concerned = [
        (one, (*by_name[one.rule].elsewhere, *(by_name[one.rule].sections if one in here else ())))
        for one in today
        if one.rule in by_name
    ]
    waiting = {
        section: tuple(one.id for one, rests_on in concerned if section in rests_on)
        for section in SECTIONS
        if told or section not in OF_ACCOUNT
    }
    asked = [one for one in waiting if waiting[one] or one == ADVICE]
    return Question(
        customer=name,
        host=host,
        simulated=simulated,
        asked_at=now,
        sections=tuple(asked),
        parameters=parameters_of(customer, host, catalogue),
        requirements={section: ids for section, ids in waiting.items() if ids},
        sql=questions_through(customer, host),
        elevated=tuple(_need_elevation(asked, waiting, here)),
        directory=tuple(one.id for one in here if told and one.parameters.asks_directory),
    )


def _need_elevation(
    asked: Iterable[str], waiting: Mapping[str, Iterable[str]], here: Iterable[Requirement]
) -> list[str]:
    found = {one for section in asked if needs_administrator(section) for one in waiting[section]}
    in_question = {one for section in asked for one in waiting[section]}
    found |= {one.id for one in here if one.parameters.asks_rights and one.id in in_question}
    return sorted(found)


def facts_of(checks: Path, inventory: Path, selection: str) -> dict[str, Any]:
    """What an engineer's own checks name: pytest collects them, and asks nothing.

    Raises UsageError with pytest's words where it cannot.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "facts.json"
        options = [f"--hosts={selection}", f"--inventory={inventory}", "--collect-only", "-qq"]
        done = subprocess.run(  # noqa: S603 - our own arguments, no shell
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, str(checks)],
            env=environment() | {OWN_FACTS: str(file)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0 or not file.is_file():
            lines = f"{done.stdout}\n{done.stderr}".splitlines()
            told = [line[2:] for line in lines if line.startswith("E ")] or lines[-3:]
            words = one_line(" ".join(told), 600)
            raise UsageError("--checks: {folder}: {words}", folder=str(checks), words=words)
        facts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return facts


def open_points(
    report: Path, name: str, customer: Customer, host: str, catalogue: Catalogue
) -> tuple[OpenPoint, ...]:
    """What a report of this customer found open on a host, each with the comparisons of its rule.

    Raises UsageError for another customer's report, ReportError for none.
    """
    results = load_results(report)
    if results.customer != name:
        raise UsageError(
            "{report} is of the customer {other}, and the script is for {name}.",
            report=str(report),
            other=one_line(results.customer, 60),
            name=name,
        )
    here = [one for one in results.findings if one.host == host and one.kind in OPEN]
    return tuple(
        OpenPoint(
            requirement=one.requirement,
            title=one_line(one.title, 200),
            compared=_compared(one, customer, catalogue),
        )
        for one in here
    )


def _compared(finding: Finding, customer: Customer, catalogue: Catalogue) -> tuple[Compared, ...]:
    """() where no plain comparison decides, or the requirement has changed since."""
    entry = catalogue.entries.get(finding.requirement)
    if entry is None or definition_sha256(entry.requirement) != finding.definition_sha256:
        return ()
    each = entry.requirement.parameters.comparisons(customer.thresholds)
    return tuple(Compared(**asdict(one)) for one in each)


def told_of(inventory: Path, file: Path, catalogue: Catalogue, now: datetime) -> Told:
    """What an answer is of.

    Raises EvidenceError for one that no run of this inventory would take.
    """
    customers = load_inventory(inventory, RESERVED)
    if is_of_page(file):
        told, place = told_of_page(customers, file, now)
        return Told(told, file.read_bytes(), place)
    answer = read_answer(file)
    name, host = answer.question.customer, answer.question.host
    customer = customers.customers.get(name)
    connection = customer.hosts[host].connection if customer and host in customer.hosts else None
    if customer is None or connection is None or connection.backend != "script":
        raise EvidenceError(
            "{file}: is of {customer}/{host}, which {inventory} does not read by hand.",
            "Name the inventory with --inventory, or set backend: script there.",
            file=str(file),
            customer=one_line(name, 60),
            host=one_line(host, 60),
            inventory=str(inventory),
        )
    refuse_other(answer, file, wanted_of(name, customer, host, catalogue), now)
    hours = (now - answer.answered.at).total_seconds() / 3600
    read = [section for section in SECTIONS if getattr(answer.sections, section) is not None]
    states = ", ".join(f"{one} {getattr(answer.sections, one).status}" for one in read)
    lines = [
        f"{file}: {name}/{host}, read by {answer.who}, {hours:.1f} hours ago",
        f"  code {answer.code}: compare it over the telephone; nothing else finds an edited answer",
        f"  {states or 'no section was read'}",
    ]
    stamp = f"{answer.answered.at:%Y%m%dT%H%M%S}-{answer.code}"
    folder = customers.path_of(name).parent / "answers" / name
    return Told(lines, file.read_bytes(), folder / f"{name}-{host}.{stamp}.answer.json")


def lay_in(told: Told) -> str:
    """Lay the answer's bytes unchanged into its place, never over another."""
    told.place.parent.mkdir(parents=True, exist_ok=True)
    try:
        with told.place.open("xb") as file:
            file.write(told.data)
    except FileExistsError:
        if told.place.read_bytes() == told.data:
            return f"{told.place}: is there already."
        raise UsageError("{place}: exists and is another.", place=str(told.place)) from None
    return f"{told.place}: laid in."
