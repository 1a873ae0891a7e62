"""Every field of a whole answer by hand changed, Windows and SQL Server: nothing is met that was
not, but where the changed value itself says so.

An edited answer can say anything: only the comparison of its code finds that. What is held here is
that no damage, no missing part and no value of another kind decides anything.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.by_hand import Person
from acceptance.simulator.windows.twin import load_twin

from acceptance.backends.logins import LogIns
from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import Catalogue
from acceptance.cli.asked_by_hand import question_of, selected
from acceptance.collecting.by_hand.script import question_file, script_by_hand
from acceptance.collecting.plan import Needed
from acceptance.collecting.script import SECTIONS
from acceptance.collecting.server import Site, server
from acceptance.evidence.sql import SQL_SECTIONS
from acceptance.findings.outcome import Outcome
from acceptance.inventory.file import load_inventory
from acceptance.inventory.models import Customer
from acceptance.inventory.supported import load_supported
from tests.evidence.fuzz import GONE, name_of, paths, replaced
from tests.evidence.fuzz import Path as Place
from tests.evidence.without_pytest import Judge, Pair

pytestmark = pytest.mark.slow
NAME = "demo-by-hand"
VALUES = (None, 10**12, "x", [], GONE)
# What a changed value says itself: the requirement that is then met, and where.
SAYS_SO = {
    ("OS-02", "facts.dotnet.value.release"),
}


def nobody(_: str) -> str:
    raise AssertionError("nobody is asked")


@dataclass(frozen=True)
class Judged:
    """A customer whose servers are read from one answer."""

    folder: Path
    customer: Customer
    catalogue: Catalogue
    rules: dict[str, Judge]

    def met(self, answer: Any) -> set[str]:
        """The requirements that are met by this answer."""
        file = self.folder / f"{NAME}-web01.1.answer.json"
        file.write_text(json.dumps(answer), encoding="ascii")
        site = Site(NAME, self.customer, self.catalogue, self.folder, simulated=True)
        needed = Needed(windows=frozenset(SECTIONS), sql=frozenset(SQL_SECTIONS))
        web, database = (
            server(site, one, self.customer.hosts[one], needed, log_ins=LogIns(), ask=nobody).ask()
            for one in ("web01", "db01")
        )
        supported = load_supported(self.folder, self.folder / "none.yaml")
        pair = Pair(self.customer, web, database, supported)
        said = pair.judged(self.catalogue, self.rules)
        return {name for name, one in said if one.outcome is Outcome.MET}


@pytest.fixture(scope="module")
def answer(catalogue: Catalogue) -> Any:
    """As the script writes it on the demo's server."""
    path = Path(str(resources.files("acceptance.simulator"))) / "demo-by-hand.yaml"
    customer = load_inventory(path).customers[NAME]
    asked = question_of(
        NAME, customer, "web01", catalogue, selected(catalogue, ""), own_tests(),
        datetime.now(UTC), simulated=True,
    )  # fmt: skip
    twin = load_twin("demo-web01-delegated")
    with Endpoints(twin.network) as endpoints:
        person = Person(twin, endpoints)
        return json.loads(person.replayed(script_by_hand(), question_file(asked)))


@pytest.fixture
def judged(tmp_path: Path, catalogue: Catalogue, rules: dict[str, Judge]) -> Judged:
    path = Path(str(resources.files("acceptance.simulator"))) / "demo-by-hand.yaml"
    return Judged(tmp_path, load_inventory(path).customers[NAME], catalogue, rules)


PARTS = [
    "question", "answered", "facts.sqlclient", *(f"facts.{one}" for one in SECTIONS if one != "own")
]  # fmt: skip


def places(answer: Any, part: str) -> list[Place]:
    """One of those that are alike; of a SQL Server's batches each."""
    keys = part.split(".")
    found = [one for one in paths(answer) if list(one[: len(keys)]) == keys]
    if part == "facts.sqlclient":
        to = ("facts", "sqlclient", "db01", "value", "answers")
        batches = answer["facts"]["sqlclient"]["db01"]["value"]["answers"]
        found = [one for one in found if len(one) <= len(to)]
        for number, batch in enumerate(batches):
            alike = {name_of(one): (*to, number, *one) for one in reversed(list(paths(batch)))}
            found += alike.values()
        return found
    return list({name_of(one): one for one in reversed(found)}.values())


@pytest.mark.parametrize("part", PARTS)
def test_no_change_of_a_field_meets_anything(judged: Judged, answer: Any, part: str) -> None:
    before = judged.met(answer)
    assert len(before) > 40
    new = {
        (requirement, name_of(place))
        for place in places(answer, part)
        for value in VALUES
        for requirement in judged.met(replaced(answer, place, value)) - before
    }
    assert new == {one for one in SAYS_SO if one[1].startswith(f"{part}.")}


def test_an_answer_that_was_wholly_refused_meets_nothing(judged: Judged, answer: Any) -> None:
    """Every section denied, and the SQL Server: whatever one field is changed to."""
    fault = {"type": "X", "message": "no", "hresult": 1, "line": 1, "id": "x"}
    denied = {"status": "denied", "error": fault, "milliseconds": 1}
    facts = dict.fromkeys(answer["question"]["sections"], denied)
    refused = answer | {"facts": facts | {"sqlclient": {"db01": denied}}}
    assert judged.met(refused) == set()
    for place in paths(refused["facts"]):
        for value in VALUES:
            assert judged.met(replaced(refused, ("facts", *place), value)) == set(), place
