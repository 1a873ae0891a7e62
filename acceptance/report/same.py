"""Which finding of an earlier run speaks of the same as one of today's: by requirement and host,
under the names that both have today.

A requirement's entry says what it `replaces`. A host that the inventory calls otherwise now is the
server that was reached at the same address: a new name makes no old point new.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

Key = tuple[str, str]
"""A requirement and a host."""


class Named(Protocol):
    """A finding, whole or brief."""

    @property
    def requirement(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def replaces(self) -> str: ...


class Place(Protocol):
    @property
    def address(self) -> str: ...


class Server(Protocol):
    @property
    def host(self) -> str: ...
    @property
    def reached(self) -> Place: ...


class Told(Protocol):
    """A report, whole or brief."""

    @property
    def findings(self) -> Sequence[Named]: ...
    @property
    def hosts(self) -> Sequence[Server]: ...


def key_of(finding: Named) -> Key:
    """Under the names of its own run."""
    return finding.requirement, finding.host


def todays_key(earlier: Told, now: Told) -> Callable[[Named], Key]:
    """Of the earlier run's findings, each under today's names."""
    successors = {(one.replaces, one.host): key_of(one) for one in now.findings if one.replaces}
    names = _renamed(earlier, now)

    def named(finding: Named) -> Key:
        key = finding.requirement, names.get(finding.host, finding.host)
        return successors.get(key, key)

    return named


def _renamed(earlier: Told, now: Told) -> dict[str, str]:
    """Old name -> new one, where one server alone was reached at an address under each of them."""
    were, are = _addresses(earlier), _addresses(now)
    known, still = _names(earlier), _names(now)
    names = {}
    for address in were.keys() & are.keys():
        old, new = were[address] - still, are[address] - known
        if len(were[address]) == len(are[address]) == len(old) == len(new) == 1:
            names[old.pop()] = new.pop()
    return names


def _names(results: Told) -> set[str]:
    return {one.host for one in results.findings} | {one.host for one in results.hosts}


def _addresses(results: Told) -> dict[str, set[str]]:
    """Who was reached there."""
    found: dict[str, set[str]] = {}
    for one in results.hosts:
        if one.reached.address:
            found.setdefault(one.reached.address.casefold(), set()).add(one.host)
    return found
