"""Which finding of an earlier run speaks of the same as one of today's: by requirement and host,
under the names that both have today.

A requirement's entry says what it `replaces`. A host that the inventory calls otherwise now is the
server that was reached at the same address: a new name makes no old point new.
"""

from collections.abc import Callable

from acceptance.findings.finding import Finding
from acceptance.report.results import Results

Key = tuple[str, str]
"""A requirement and a host."""


def key_of(finding: Finding) -> Key:
    """Under the names of its own run."""
    return finding.requirement, finding.host


def todays_key(earlier: Results, now: Results) -> Callable[[Finding], Key]:
    """Of the earlier run's findings, each under today's names."""
    successors = {(one.replaces, one.host): key_of(one) for one in now.findings if one.replaces}
    names = _renamed(earlier, now)

    def named(finding: Finding) -> Key:
        key = finding.requirement, names.get(finding.host, finding.host)
        return successors.get(key, key)

    return named


def _renamed(earlier: Results, now: Results) -> dict[str, str]:
    """Old name -> new one, where one server alone was reached at an address under each of them."""
    were, are = _addresses(earlier), _addresses(now)
    known, still = _names(earlier), _names(now)
    names = {}
    for address in were.keys() & are.keys():
        old, new = were[address] - still, are[address] - known
        if len(were[address]) == len(are[address]) == len(old) == len(new) == 1:
            names[old.pop()] = new.pop()
    return names


def _names(results: Results) -> set[str]:
    return {one.host for one in results.findings} | {one.host for one in results.hosts}


def _addresses(results: Results) -> dict[str, set[str]]:
    """Who was reached there."""
    found: dict[str, set[str]] = {}
    for one in results.hosts:
        if one.reached.address:
            found.setdefault(one.reached.address.casefold(), set()).add(one.host)
    return found
