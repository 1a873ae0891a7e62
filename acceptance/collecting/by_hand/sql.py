"""A SQL Server that the script by hand asked: its answer, as one asked now would give it."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from acceptance.collecting.by_hand.answer import Answer
from acceptance.collecting.by_hand.joined import Wanted, no_answer, usable
from acceptance.collecting.parameters import sql_targets
from acceptance.collecting.sql_batches import Batch, batches
from acceptance.collecting.sqlclient import question
from acceptance.errors import HostError, OutputError
from acceptance.evidence.sql import DATABASE_SECTIONS, SERVER_SECTIONS
from acceptance.inventory.models import Customer
from acceptance.text import one_line

# By hand everything is asked at once: nobody runs a script twice for two sections.
EVERYTHING = (*SERVER_SECTIONS, *DATABASE_SECTIONS)
AGAIN = "Have the script run again with a new question: acceptance script {customer}/{through}"


def questions_through(customer: Customer, through: str) -> dict[str, dict[str, Any]]:
    """What the SQL Servers are asked that the inventory reaches through this host."""
    return {
        name: question(host.sql, EVERYTHING, sql_targets(customer, host))
        for name, host in customer.hosts.items()
        if host.sql is not None and host.sql.through == through
    }


def batches_of(customer: Customer, name: str) -> list[Batch]:
    """The batches of that question, in its order."""
    return batches(EVERYTHING, sql_targets(customer, customer.hosts[name]))


class AnsweredSql:
    """Brings the newest answer about the SQL Server `name`; `read_at`: when that was read."""

    def __init__(
        self, folder: Path, wanted: Wanted, name: str, asked: Mapping[str, Any], now: datetime
    ) -> None:
        self._folder, self._wanted, self._name, self._now = folder, wanted, name, now
        self._asked = json.loads(json.dumps(dict(asked)))
        self.read_at = now

    def ask(self) -> Mapping[str, Any]:
        """The value that the script wrote.

        Raises HostError where there is none, or one of another question.
        """
        answer = self._newest()
        if answer.question.sql[self._name] != self._asked:
            raise HostError(
                self._name,
                "the answer of {through} is to another question about {host} than today's.",
                AGAIN,
                through=self._wanted.host,
                host=self._name,
                customer=self._wanted.customer,
            )
        self.read_at = answer.answered.at
        said = answer.sql[self._name]
        value = said.get("value") if isinstance(said, dict) else None
        if isinstance(value, dict) and said.get("status") == "ok":
            return value
        error = said.get("error") if isinstance(said, dict) else None
        what = str(error.get("message") if isinstance(error, dict) else error)
        raise OutputError(
            self._name,
            "SqlClient did not run on {through}: {what}.",
            AGAIN,
            through=self._wanted.host,
            what=one_line(what, 300).rstrip("."),
            customer=self._wanted.customer,
        )

    def _newest(self) -> Answer:
        answers, refused = usable(self._folder, self._wanted, self._now)
        holding = [one for one in answers if self._name in one.sql]
        if not holding:
            raise refused or no_answer(self._wanted)
        return max(holding, key=lambda one: (one.question.asked_at, one.answered.at))

    def leave(self) -> None:
        """Nobody is asked now."""

    def close(self) -> None:
        """A file holds nothing open."""
