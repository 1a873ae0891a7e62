"""What a server is asked that is read by hand: the question beside the script."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from acceptance.catalogue.judges import rules
from acceptance.catalogue.requirements import MARKERS, Catalogue, definition_sha256
from acceptance.catalogue.rules import Requirement
from acceptance.collecting.by_hand.script import (
    Compared,
    OpenPoint,
    Question,
    needs_administrator,
)
from acceptance.collecting.by_hand.sql import questions_through
from acceptance.collecting.parameters import parameters_of
from acceptance.collecting.script import OWN_FACTS, SECTIONS
from acceptance.errors import UsageError
from acceptance.evidence.binding import OF_ACCOUNT
from acceptance.findings.finding import OPEN, Finding
from acceptance.inventory.models import Customer
from acceptance.report.results import load_results
from acceptance.secrets import environment
from acceptance.text import one_line

ADVICE = "upkeep"  # what advice needs is asked together with anything else


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
    if not checks.is_dir() and (checks.suffix != ".py" or not checks.is_file()):
        text = "--checks: {folder} is neither a folder nor a test_*.py."
        raise UsageError(text, folder=str(checks))
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
            words = one_line(" ".join(told), 600).replace(f"{Path.cwd()}{os.sep}", "")
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
    return tuple(Compared(**one._asdict()) for one in each)
