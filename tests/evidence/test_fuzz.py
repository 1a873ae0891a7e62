"""Every field of a compliant pair changed:
no judge breaks, and a field that changes nothing has a reviewed reason.
"""

import json
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml

from acceptance.catalogue.requirements import Catalogue
from acceptance.findings.outcome import Outcome
from tests.evidence.fuzz import broke, name_of, outcomes, paths
from tests.evidence.without_pytest import Judge, Pair

pytestmark = [pytest.mark.slow, pytest.mark.pwsh]
ROOT = Path(__file__).parents[2]
REASONS: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent / "unjudged.yaml").read_text(encoding="utf-8")
)


def test_no_change_breaks_a_judge_and_each_field_counts_or_has_a_reason(
    pair: Pair, catalogue: Catalogue, rules: dict[str, Judge]
) -> None:
    """Some 13,000 changed files; a field that no judge minds is named in unjudged.yaml,
    and only such a one.
    """
    compliant = {name: one.outcome for name, one in pair.judged(catalogue, rules)}
    assert list(compliant.values()).count(Outcome.MET) > 50
    broken: list[str] = []
    minded: dict[str, bool] = {}
    for which in ("web", "database"):
        for path in paths(json.loads(getattr(pair, which).model_dump_json())):
            name = f"{which}:{name_of(path)}"
            for value, said in outcomes(pair, which, path, catalogue, rules):
                broken += [f"{name} = {value!r}: {one}" for one in broke(said)]
                changed = any(said[one].outcome is not kind for one, kind in compliant.items())
                minded[name] = minded.get(name, False) or changed
    assert broken == []
    unminded = {name for name, changed in minded.items() if not changed}
    patterns = [pattern for some in REASONS.values() for pattern in some]
    unexplained = {name for name in unminded if not any(fnmatchcase(name, one) for one in patterns)}
    assert unexplained == set()
    idle = [one for one in patterns if not any(fnmatchcase(name, one) for name in unminded)]
    assert not idle, "\n".join(idle)
