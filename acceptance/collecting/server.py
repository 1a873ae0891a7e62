"""One server of a customer: the ways in that the inventory names, and what it answers by them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from acceptance.backends.base import StreamingBackend
from acceptance.backends.untried import Untried
from acceptance.catalogue.requirements import Catalogue
from acceptance.collecting.collect import collect, not_asked
from acceptance.collecting.collect_sql import Backend, collect_sql
from acceptance.collecting.parameters import parameters_of, sql_targets
from acceptance.collecting.plan import Needed
from acceptance.collecting.script import OWN
from acceptance.errors import AcceptanceError, HostError
from acceptance.evidence.file import Evidence
from acceptance.inventory.connection import Connection
from acceptance.inventory.models import Customer, Host
from acceptance.inventory.sql import SqlConnection
from acceptance.secrets import Ask, Secret, resolve

if TYPE_CHECKING:
    from acceptance.backends.logins import LogIns
    from acceptance.backends.process.backend import ProcessBackend
    from acceptance.backends.winrm.backend import WinRMBackend


@dataclass(frozen=True)
class Site:
    """A customer's servers as a whole: what the inventory and the catalogue say of all of them.

    `own`: what an engineer's own checks name.
    `answers`: the folder of what servers answered that are read by hand.
    """

    name: str
    customer: Customer
    catalogue: Catalogue
    answers: Path
    simulated: bool
    own: Mapping[str, Any] = field(default_factory=dict)


class Server(NamedTuple):
    """A host that can be asked: its backends hold what they need. Made by `server`.

    `windows`, `sql`: None where nothing is asked that way.
    """

    site: Site
    name: str
    host: Host
    needed: Needed
    windows: StreamingBackend | None
    sql: Backend | None

    def ask(self) -> Evidence:
        """What it answers now. A server that cannot be asked is evidence too, with its failure."""
        evidence = self._windows()
        if self.sql is None:
            return evidence
        customer = self.site.customer
        answer = collect_sql(
            self.sql,
            sections=sorted(self.needed.sql),
            targets=sql_targets(customer, self.host),
            now=_now,
        )
        parameters = evidence.parameters | {"service_account": customer.service_account}
        more: dict[str, Any] = {"sql": answer, "parameters": parameters}
        # What a file says is as old as the file.
        at = self.sql.read_at
        if at is not None:
            more["sql"] = answer.model_copy(update={"collected_at": at})
            if evidence.reached is None:
                more["collected_at"] = at
        return evidence.model_copy(update=more)

    def _windows(self) -> Evidence:
        site, sections = self.site, sorted(self.needed.windows)
        about: dict[str, Any] = {
            "customer": site.name,
            "host": self.name,
            "simulated": site.simulated,
        }
        connection = self.host.connection
        if connection is None or not sections:
            return not_asked(at=_now(), **about)
        about["sections"] = sections
        about["parameters"] = parameters_of(site.customer, self.name, site.catalogue)
        if OWN in sections:
            about["parameters"] |= {OWN: site.own}
        if self.windows is not None:
            seconds = connection.deadline_seconds
            return collect(self.windows, now=_now, deadline=seconds, **about)
        # Only who reads answers needs the script that they answer.
        from acceptance.collecting.by_hand.joined import answer_of, wanted_of

        wanted = wanted_of(
            site.name, site.customer, self.name, site.catalogue, simulated=site.simulated
        )
        wanted = replace(wanted, own=site.own)
        place = connection.place
        return answer_of(site.answers, wanted, sections=sections, place=place, now=_now())

    def leave(self) -> None:
        """From another thread than the one that waits: close what is open on the server."""
        for one in (self.windows, self.sql):
            if one is not None:
                one.leave()


def server(
    site: Site, name: str, host: Host, needed: Needed, *, log_ins: "LogIns", ask: Ask
) -> Server:
    """The host with its ways in. Resolves its passwords; `ask` puts a question to a person."""
    windows = sql = None
    connection = host.connection
    if connection is not None and needed.windows and connection.backend != "script":
        windows = _windows(name, connection, log_ins, ask)
    if host.sql is not None and needed.sql:
        if host.sql.through is None:
            sql = _sql(name, host.sql, log_ins, ask)
        else:
            sql = _through(site, name, host, needed, log_ins, ask)
    return Server(site, name, host, needed, windows, sql)


def _windows(name: str, connection: Connection, log_ins: "LogIns", ask: Ask) -> StreamingBackend:
    backend = _backend(connection)
    try:
        password = _password(connection.password, name, ask)
    except HostError as why:
        return Untried(name, backend(name, connection, None).reached(), why)
    return backend(name, connection, password, log_ins=log_ins)


def _backend(connection: Connection) -> "type[WinRMBackend | ProcessBackend]":
    # Only who asks a server needs WinRM's libraries; judging stored evidence does not.
    if connection.backend == "winrm":
        from acceptance.backends.winrm.backend import WinRMBackend

        return WinRMBackend
    from acceptance.backends.process.backend import ProcessBackend

    return ProcessBackend


def _sql(name: str, connection: SqlConnection, log_ins: "LogIns", ask: Ask) -> Backend:
    from acceptance.backends.sql.backend import SqlBackend

    try:
        password = _password(connection.password, name, ask)
    except HostError as why:
        return Untried(name, SqlBackend(name, connection, None).reached(), why)
    return SqlBackend(name, connection, password, log_ins.remembered)


def _through(
    site: Site, name: str, host: Host, needed: Needed, log_ins: "LogIns", ask: Ask
) -> Backend:
    """A SQL Server that another host of the customer asks."""
    from acceptance.collecting.through import behind

    assert host.sql is not None
    assert host.sql.through is not None
    other = site.customer.hosts[host.sql.through].connection
    assert other is not None, "checked when the inventory was read"
    if other.backend == "script":
        return _by_hand(site, name, host, host.sql.through)
    windows = _windows(host.sql.through, other, log_ins, ask)
    try:
        secret, why = _password(host.sql.password, name, ask), None
    except HostError as error:
        secret, why = None, error
    backend = behind(
        name,
        host.sql,
        secret,
        windows,
        sections=sorted(needed.sql),
        targets=sql_targets(site.customer, host),
        remembered=log_ins.remembered,
    )
    return backend if why is None else Untried(name, backend.reached(), why)


def _by_hand(site: Site, name: str, host: Host, through: str) -> Backend:
    """A SQL Server that the script asked on another host.

    Nobody is asked now, and no password is needed.
    """
    from acceptance.collecting.by_hand.joined import wanted_of
    from acceptance.collecting.by_hand.sql import AnsweredSql, batches_of, questions_through
    from acceptance.collecting.sqlclient import SqlclientBackend

    assert host.sql is not None
    customer = site.customer
    wanted = wanted_of(site.name, customer, through, site.catalogue, simulated=site.simulated)
    asked = questions_through(customer, through)[name]
    brought = AnsweredSql(site.answers, wanted, name, asked, _now())
    return SqlclientBackend(name, host.sql, None, brought, batches_of(customer, name))


def _password(reference: str | None, name: str, ask: Ask) -> Secret | None:
    """None where the way in needs none. Raises HostError for one that is not there."""
    if reference is None:
        return None
    try:
        return resolve(reference, ask)
    except AcceptanceError as error:
        raise HostError(name, error.problem, error.mend) from None


def _now() -> datetime:
    return datetime.now(UTC)
