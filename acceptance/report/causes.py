"""Why a finding is another than it was: told by comparing what it was judged from, field by field.

That is the facts that its rule reads, the catalogue's entry, the inventory, what was agreed,
how the server was reached, and the suite.
Several may differ, and then nobody can say which one decided.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from acceptance.evidence.binding import ACCOUNTS_DATABASE, ACCOUNTS_SQL, differences
from acceptance.findings.finding import Finding
from acceptance.report.compared import Cause
from acceptance.report.results import HostResult, Results

Facts = Callable[[str], Mapping[str, Any]]
"""A host -> its evidence as JSON; {} where there is none."""

# What is another at every run and says nothing.
RESTLESS = frozenset({"milliseconds", "utc_now"})
# What was asked about, and the sections that speak of it:
# asked of something else, they cannot be compared.
RESTS_ON = {
    "service_account": {"accounts", *ACCOUNTS_SQL, *ACCOUNTS_DATABASE},
    "proxy": {"outbound"},
    "targets": {"outbound"},
}
ANSWER = "(answer)"


class Basis(NamedTuple):
    """What a finding was judged from, in its run."""

    finding: Finding
    results: Results
    facts: Facts

    @property
    def parameters(self) -> dict[str, Any]:
        asked = self.facts(self.finding.host).get("parameters", {})
        return {name: asked[name] for name in RESTS_ON if name in asked}

    @property
    def ways(self) -> list[list[str]]:
        """How the host was reached, its Windows and its SQL Server."""
        return [
            [one.reached.backend, one.reached.transport, one.reached.authentication]
            for one in self.parts
        ]

    @property
    def parts(self) -> list[HostResult]:
        return [one for one in self.results.hosts if one.host == self.finding.host]

    def read(self, leaving_out: set[str]) -> dict[str, Any]:
        """The facts that the rule reads, by host and section."""
        return dict(_read(self, leaving_out))


def causes_of(was: Basis, now: Basis) -> list[Cause]:
    """In this order: server, requirement, inventory, agreement, reachability, suite."""
    before, after = was.finding, now.finding
    asked = {one.path for one in differences(was.parameters, now.parameters)}
    elsewhere = {section for name in asked for section in RESTS_ON[name]}
    reads = {read.rpartition("/")[2] for read in after.reads}
    facts, answers, compared = _facts_differ(was, now, elsewhere)
    otherwise = before.found != after.found or before.outcome is not after.outcome
    same_entry = before.definition_sha256 == after.definition_sha256
    told: dict[Cause, bool] = {
        "server": otherwise and (facts or not (compared or asked)),
        "requirement": not same_entry,
        "inventory": bool(reads & elsewhere)
        or (same_entry and before.expected != after.expected)
        or before.question != after.question,
        "agreement": before.agreement != after.agreement
        or (before.outcome is after.outcome and before.kind is not after.kind),
        "reachability": answers or (otherwise and was.ways != now.ways),
        "suite": _suite_changed(was, now),
    }
    found: list[Cause] = [cause for cause, differs in told.items() if differs]
    if found or not otherwise:
        return found
    # The same facts, read otherwise: for another inventory, or by another suite.
    another = differences(was.results.inventory, now.results.inventory)
    return ["inventory"] if another else ["suite"]


def _facts_differ(was: Basis, now: Basis, leaving_out: set[str]) -> tuple[bool, bool, bool]:
    """Whether the server says something else, whether it could be asked otherwise,
    and whether there was anything to compare.
    """
    before, after = _both(was.read(leaving_out), now.read(leaving_out))
    paths = [one.path for one in differences(before, after)]
    answers = [path for path in paths if path.endswith(ANSWER)]
    return len(paths) > len(answers), bool(answers), bool(before)


def _read(basis: Basis, leaving_out: set[str]) -> Iterator[tuple[str, Any]]:
    everywhere = list(dict.fromkeys(one.host for one in basis.results.hosts))
    own = basis.finding.host
    for read in basis.finding.reads:
        place, _, section = read.rpartition("/")
        if section in leaving_out:
            continue
        for host in everywhere if place else [own]:
            # Whatever the inventory calls it in either run.
            yield from _section(basis.facts(host), "" if host == own else host, section)
    if basis.finding.marker == "network":
        yield "from here", basis.facts(own).get("from_here")


def _section(evidence: Mapping[str, Any], host: str, section: str) -> Iterator[tuple[str, Any]]:
    sql = evidence.get("sql") or {}
    places = {"": evidence.get("sections"), "SQL Server": sql.get("sections")}
    for name, sections in (places | sql.get("databases", {})).items():
        if sections and sections.get(section) is not None:
            yield f"{host} {name} {section}", sections[section]


def _both(was: Any, now: Any) -> tuple[Any, Any]:
    """Both, reduced to what each of them tells;
    what one could not read is compared by its answer alone.
    """
    if not isinstance(was, Mapping) or not isinstance(now, Mapping):
        return was, now
    refused = [one.get("status") if _is_answer(one) else "" for one in (was, now)]
    if refused[0] != refused[1] and {"denied", "error"} & set(refused):
        return {ANSWER: refused[0]}, {ANSWER: refused[1]}
    keys = (was.keys() & now.keys()) - RESTLESS
    if "error" in keys and _is_answer(was):
        keys -= {"error"}
    pairs = {key: _both(was[key], now[key]) for key in sorted(keys)}
    return (
        {key: pair[0] for key, pair in pairs.items()},
        {key: pair[1] for key, pair in pairs.items()},
    )


def _is_answer(value: Mapping[str, Any]) -> bool:
    return "status" in value and ("value" in value or "error" in value)


def _suite_changed(was: Basis, now: Basis) -> bool:
    """A digest speaks of the sections that were asked for:
    with other sections, only the suite's version can tell.
    """
    if was.results.suite_version != now.results.suite_version:
        return True
    if [one.sections for one in was.parts] != [one.sections for one in now.parts]:
        return False
    return [one.collector_sha256 for one in was.parts] != [
        one.collector_sha256 for one in now.parts
    ]
