"""One finding for each requirement and host."""

from itertools import permutations

import pytest

from acceptance.findings.finding import Kind
from acceptance.findings.verdict import once
from tests.report.samples import finding, results


@pytest.mark.parametrize(("first", "second"), list(permutations(Kind, 2)))
def test_the_worst_of_several_stands_once(first: Kind, second: Kind) -> None:
    """However often a test ran and in whatever order: a pass after a failure proves nothing."""
    [stands] = once([finding(7, first), finding(7, second)])
    assert stands.kind is min(first, second, key=list(Kind).index)


def test_other_hosts_and_requirements_stay() -> None:
    """Only the same requirement on the same host is the same finding; the counts agree."""
    twice = [finding(7, Kind.MET), finding(7, Kind.MET), finding(7, Kind.MET, "web02"), finding(8)]
    made = results(twice)
    assert [(one.requirement, one.host) for one in made.findings] == [
        ("IIS-07", "web01"),
        ("IIS-07", "web02"),
        ("IIS-08", "web01"),
    ]
    assert sum(made.counts.values()) == 3
