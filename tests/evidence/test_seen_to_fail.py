"""A requirement that nobody ever saw fail may be unable to.

Most have faults that are written or made in tests/catalogue.
The others, such as a new one of a rule that is there,
are judged over a compliant pair of which one field that their rule reads was changed.
"""

import json
from dataclasses import replace

import pytest

from acceptance.catalogue.requirements import Catalogue
from acceptance.catalogue.rules import Requirement
from acceptance.findings.outcome import Outcome
from tests.catalogue import faults, faults_access, faults_sql, test_synergy_faults
from tests.catalogue.test_one_fault_one_finding import UNPROVABLE
from tests.catalogue.test_sql_faults import ALONE
from tests.evidence.fuzz import VALUES, changed, paths
from tests.evidence.without_pytest import Judge, Pair

ON_PAPER = {*UNPROVABLE, "SYN-09"}  # attested or awaiting confirmation, and never not met
DATABASE_SERVER = {"OS-20", "OS-21", "OS-22"}  # tests/hosts/test_database_server.py


def seen() -> set[str]:
    """What the faults of tests/catalogue show to be not met."""
    written = (*faults.FAULTS, *faults_access.ACCESS_FAULTS, *faults_sql.FAULTS)
    found = {one for fault in written for one in fault.fails}
    for change in test_synergy_faults.CHANGES:
        found |= {
            one for one, kind in change.becomes.items() if kind == test_synergy_faults.NOT_MET
        }
    return found | ALONE


@pytest.mark.pwsh
def test_every_requirement_was_seen_to_fail(
    request: pytest.FixtureRequest, catalogue: Catalogue
) -> None:
    """Where neither a fault nor one changed field makes it fail, write its fault."""
    required = [one for one in catalogue if one.weight == "required"]  # hints: test_upkeep.py
    others = [one for one in required if one.id not in seen() | ON_PAPER | DATABASE_SERVER]
    if others:
        pair, rules = (request.getfixturevalue(name) for name in ("pair", "rules"))
        never = [one.id for one in others if not fails(one, pair, rules[one.rule])]
        assert never == [], "write their faults in tests/catalogue/faults*.py"


def fails(requirement: Requirement, pair: Pair, judge: Judge) -> bool:
    """Whether one changed field of a section that the judge reads makes it not met."""
    for which in ("web", "database"):
        data = json.loads(getattr(pair, which).model_dump_json())
        for path in paths(data):
            if set(judge.about["sections"]) & set(map(str, path)):
                for value in VALUES:
                    evidence = changed(data, path, value)
                    if evidence is None:
                        continue
                    said = replace(pair, **{which: evidence}).said(requirement, judge)
                    if said.outcome is Outcome.NOT_MET:
                        return True
    return False


@pytest.mark.slow
@pytest.mark.pwsh
def test_a_requirement_that_cannot_fail_is_noticed(
    pair: Pair, catalogue: Catalogue, rules: dict[str, Judge]
) -> None:
    """A threshold that every server passes is no requirement."""
    build = catalogue.entries["OS-01"].requirement
    assert fails(build, pair, rules[build.rule])
    every = catalogue.entries["OS-04"].requirement
    lenient = replace(pair, customer=pair.customer.model_copy(update={"thresholds": None}))
    assert not fails(every, lenient, rules[every.rule])
