"""The judges called as plain functions, for thousands of changed evidence files:
what pytest's fixtures would give them.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from acceptance.fixtures.sql import told_sids
from acceptance.fixtures.supported import SupportedToday
from acceptance.fixtures.synergy import globe_releases_of, release_of, synergy_on

from acceptance.catalogue.judges import expectation
from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import Catalogue
from acceptance.catalogue.rules import Requirement
from acceptance.collecting.parameters import sql_targets
from acceptance.collecting.plan import needed
from acceptance.evidence.file import Evidence
from acceptance.exact.site import SynergySite
from acceptance.findings.outcome import Said, outcome_of_test
from acceptance.findings.record import Record
from acceptance.hosts.sql_checks import Expected
from acceptance.hosts.sql_instance import SqlInstance
from acceptance.hosts.windows import WindowsHost
from acceptance.inventory.models import Customer
from acceptance.inventory.supported import Supported


@dataclass(frozen=True)
class Judge:
    """A test function of tests_infra, and what its marker says."""

    function: Callable[..., None]
    about: Mapping[str, Any]
    wants: tuple[str, ...]


def judges() -> dict[str, Judge]:
    """By rule."""
    found = {}
    for file in sorted(own_tests().glob("test_*.py")):
        module = import_module(f"acceptance.tests_infra.{file.stem}")
        for _, function in inspect.getmembers(module, inspect.isfunction):
            for mark in getattr(function, "pytestmark", []):
                if isinstance(mark, pytest.Mark) and mark.name == "requirements":
                    wants = tuple(inspect.signature(function).parameters)
                    found[mark.args[0]] = Judge(function, mark.kwargs, wants)
    return found


@dataclass(frozen=True)
class Pair:
    """A web server and a database server of one customer."""

    customer: Customer
    web: Evidence
    database: Evidence
    supported: Supported

    def judged(
        self, catalogue: Catalogue, rules: Mapping[str, Judge]
    ) -> Iterator[tuple[str, Said]]:
        """`(requirement's id, what its judge said)` for every requirement of the catalogue."""
        for requirement in catalogue:
            judge = rules[requirement.rule]
            yield requirement.id, self.said(requirement, judge)

    def said(self, requirement: Requirement, judge: Judge) -> Said:
        record = Record(expectation(judge.about["expected"], requirement))
        error: BaseException | None = None
        try:
            given = {name: self._given(name, requirement, record) for name in judge.wants}
            if "host" in given:
                for section in sorted(needed(judge.about["sections"]).windows):
                    given["host"].require(section)
            judge.function(**given)
        except Exception as caught:
            error = caught
        file = Path(inspect.getfile(judge.function))
        return outcome_of_test(error, file, said_what=bool(record.what))

    def _given(self, name: str, requirement: Requirement, record: Record) -> Any:
        host = WindowsHost(self.web)
        everything: dict[str, Callable[[], Any]] = {
            "requirement": lambda: requirement.parameters,
            "record": lambda: record,
            "customer": lambda: self.customer,
            "host": lambda: host,
            "windows_if_asked": lambda: None,  # of db01, whose SQL Server alone is asked
            "synergy_site": lambda: SynergySite(
                host, self.customer.synergy_site, self.customer.external_host
            ),
            "sql": self._sql,
            "sql_as_asked": self._sql,
            "replicas_asked": list,
            "supported": lambda: SupportedToday(self.supported, date(2026, 11, 25)),
            "synergy": lambda: synergy_on(self._sql(), self.customer, record),
            "release": lambda: release_of(self.web, [self._sql()], self.customer, record),
            "globe_releases": lambda: globe_releases_of(
                {"web01": self.web, "db01": self.database}, self._sql(), self.customer, record
            ),
        }
        return everything[name]()

    def _sql(self) -> SqlInstance:
        account = self.customer.service_account
        where = sql_targets(self.customer, self.customer.hosts["db01"])
        sids = told_sids({"web01": self.web, "db01": self.database}, account)
        return SqlInstance(
            "db01", self.database.sql, Expected(where.exact, where.clickker, account, None, sids)
        )
