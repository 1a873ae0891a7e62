"""`acceptance import` of a page's answers: held against the report that they answer."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from acceptance.findings.finding import Kind
from acceptance.report.results import write_results
from tests.cli.test_by_hand import HOSTS, call
from tests.report.samples import finding, results

STARTED = datetime.now(UTC) - timedelta(hours=2)


@pytest.fixture
def filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A report of acme with two open points, and what its page saved."""
    monkeypatch.chdir(tmp_path)
    Path("hosts.yaml").write_text(HOSTS, encoding="utf-8")
    folder = Path("reports/acme/2026-11-25T120000Z")
    folder.mkdir(parents=True)
    points = [finding(7), finding(8, kind=Kind.AWAITING)]
    write_results(results(points, customer_name="acme", started=STARTED), folder)
    digest = sha256((folder / "results.json").read_bytes()).hexdigest()
    done = {"kind": "done", "name": "Jan", "on": "2026-11-25"}
    confirmed = {
        "kind": "confirmed",
        "name": "Jan",
        "role": "administrator",
        "on": "2026-11-24",
        "document": "mail",
    }
    return {
        "question": {"customer": "acme", "results_sha256": digest},
        "answered": {"at": (STARTED + timedelta(hours=1)).isoformat()},
        "agreements": [
            done | {"requirement": points[0].requirement, "host": points[0].host},
            confirmed | {"requirement": points[1].requirement, "host": points[1].host},
        ],
    }


def taken(data: Any, *arguments: str) -> tuple[int, str]:
    Path("mail.json").write_text(json.dumps(data), encoding="utf-8")
    return call("import", "mail.json", "--yes", *arguments)


def test_what_it_says_is_shown_and_laid_in_unchanged(filled_in: dict[str, Any]) -> None:
    """And the customer is checked as before."""
    status, said = taken(filled_in)
    assert status == 0, said
    assert "IIS-07 web01: done on 2026-11-25, says Jan; the next run will tell." in said
    assert "IIS-08 web01: confirmed by Jan (administrator) on 2026-11-24: mail." in said
    assert "known by their own word only" in said
    (laid,) = Path("answers/acme").iterdir()
    assert laid.name.endswith(".answers.json")
    assert laid.read_bytes() == Path("mail.json").read_bytes()


PAST = "2001-01-01"
CHANGES: dict[str, Any] = {
    "answers another report": lambda one: one["question"].update(results_sha256="1" * 64),
    "whom hosts.yaml does not know": lambda one: one["question"].update(customer="corp"),
    "is no open point": lambda one: one["agreements"][0].update(requirement="IIS-09"),
    "waits for no confirmation": lambda one: one["agreements"][1].update(requirement="IIS-07"),
    "a day to come": lambda one: one["agreements"][1].update(on="2099-01-01"),
    "said to be done on a day to come": lambda one: one["agreements"][0].update(on="2099-01-01"),
    "promised for a day that had passed": lambda one: one["agreements"].__setitem__(
        0, {"kind": "planned", "requirement": "IIS-07", "host": "web01", "who": "J", "by": PAST}
    ),
    "agreements.0.done.host: is missing": lambda one: one["agreements"][0].pop("host"),
    "agreements.0: is of a kind that is not known": lambda one: one["agreements"][0].update(
        kind="waiver"
    ),
    "agreements.0.done.on: must be a date": lambda one: one["agreements"][0].update(on=20261125),
    "filled in at 2099": lambda one: one["answered"].update(at="2099-01-01T00:00:00Z"),
    "asks nothing about globe": lambda one: one["agreements"].append(
        {"kind": "told", "key": "globe", "answer": "no", "name": "Jan"}
    ),
    "not usable as a page's answers": lambda one: one.update(facts={}),
}


@pytest.mark.parametrize("why", CHANGES)
def test_what_does_not_fit_its_report_is_refused_whole(filled_in: dict[str, Any], why: str) -> None:
    CHANGES[why](filled_in)
    status, said = taken(filled_in)
    assert (status, why in said) == (2, True), said
    assert not Path("answers").exists()
