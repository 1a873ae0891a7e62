"""A SQL Server asked through a host of the customer (`sql: {through: web01}`):
one PowerShell section there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from acceptance.backends.base import StreamingBackend
from acceptance.backends.refusals import Refusals
from acceptance.collecting.collect import output_of
from acceptance.collecting.output import answer_of_section
from acceptance.collecting.script import stdin_payload
from acceptance.collecting.sql_batches import Targets, batches
from acceptance.collecting.sqlclient import NAME, SqlclientBackend, question
from acceptance.errors import HostError, OutputError
from acceptance.inventory.sql import SqlConnection
from acceptance.text import one_line

GRACE_SECONDS = 30  # beyond the collector's own limits
LONGEST = 300  # characters of the other server's words


def behind(
    name: str,
    connection: SqlConnection,
    password: str | None,
    server: StreamingBackend,
    *,
    sections: Sequence[str],
    targets: Targets,
    remembered: Refusals | None,
) -> SqlclientBackend:
    """The SQL Server of host `name`, which `server` asks for these sections."""
    asked = question(connection, sections, targets)
    through = Through(name, connection.through or "", server, asked, password)
    all_of_it = batches(sections, targets)
    return SqlclientBackend(name, connection, password, through, all_of_it, remembered)


class Through:
    """Runs the section sqlclient on `server`.

    The password goes there over standard input, and nowhere else.
    """

    read_at = None  # it is asked now

    def __init__(
        self,
        host: str,
        through: str,
        server: StreamingBackend,
        asked: Mapping[str, Any],
        secret: str | None,
    ) -> None:
        self.host_name, self.through, self.server = host, through, server
        self.asked, self._secret = asked, secret

    def ask(self) -> Mapping[str, Any]:
        """The section's value. Raises HostError, with the other server's own failure in it."""
        seconds = self.asked["deadline_seconds"] + GRACE_SECONDS
        parameters = {"sql": self.asked, "secret": self._secret, "seconds": seconds}
        try:
            output, _ = output_of(self.server, stdin_payload([NAME], parameters))
            answer = answer_of_section(self.through, output, NAME)
        except HostError as failure:
            raise HostError(
                self.host_name,
                "{through}, through which it is asked, could not be asked: {what}",
                failure.mend,
                through=self.through,
                what=failure.problem,
            ) from None
        if answer.get("status") == "ok" and isinstance(answer.get("value"), dict):
            value: Mapping[str, Any] = answer["value"]
            return value
        error = answer.get("error")
        raise OutputError(
            self.host_name,
            "SqlClient did not run on {through}: {what}.",
            "Look at its antivirus and AppLocker logs; "
            "or ask the SQL Server from here (without through).",
            through=self.through,
            what=one_line(
                str(error.get("message") if isinstance(error, dict) else error), LONGEST
            ).rstrip("."),
        )

    def leave(self) -> None:
        """From another thread than the one that waits: close what is open there."""
        self.server.leave()

    def close(self) -> None:
        """Leave nothing open there."""
        self.server.close()
