"""Whether a customer's servers can be asked as the inventory says: name, port, TLS, log-in.

Nothing else is asked.
"""

import base64
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from acceptance.backends.logins import LogIns
from acceptance.backends.probe import instance_port, probe
from acceptance.backends.process.backend import ProcessBackend
from acceptance.backends.refusals import Refusals, state_folder
from acceptance.backends.sql.backend import SqlBackend
from acceptance.backends.waiting import side_by_side
from acceptance.backends.winrm.backend import WinRMBackend
from acceptance.backends.winrm.greeting import offered, tls_of
from acceptance.catalogue.rules import Requirement
from acceptance.collecting.openings import BY_HAND, besides
from acceptance.collecting.parameters import sql_targets
from acceptance.collecting.script import POWERSHELL
from acceptance.collecting.sql_batches import batches, collector
from acceptance.collecting.through import behind
from acceptance.errors import AcceptanceError, HostError
from acceptance.inventory.connection import Connection
from acceptance.inventory.models import Customer, Host
from acceptance.inventory.sql import SQL_PORT, SqlConnection
from acceptance.inventory.types import with_port
from acceptance.secrets import Ask, Secret, resolve
from acceptance.text import NOTHING, Sentence, said

MOST = 16  # servers side by side
EXIT = base64.b64encode("exit".encode("utf-16-le")).decode("ascii")
VISIBLE = "SELECT d.name AS name, HAS_DBACCESS(d.name) AS accessible FROM sys.databases AS d"
Told = Iterator[tuple[str, Sentence]]


class Step(NamedTuple):
    """One thing that was tried: what, and what came of it.

    `mend`: of one that failed, with which its server ends.
    """

    what: str
    found: Sentence
    failed: bool = False
    mend: Sentence = NOTHING


@dataclass(frozen=True)
class Way:
    """One way in that the inventory names, and its steps as far as they went.

    `others`: which ways to that server there are, and which to take.
    """

    name: str
    steps: list[Step]
    others: list[Sentence] = field(default_factory=list)

    @property
    def open(self) -> bool:
        return not any(step.failed for step in self.steps)


class Passwords:
    """The secrets behind references, each asked for once; `missing`: why one is not there."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._found: dict[str, Secret | AcceptanceError] = {}

    def fetch(self, reference: str | None) -> None:
        """Look behind a reference, or ask for it."""
        if reference is not None and reference not in self._found:
            try:
                self._found[reference] = resolve(reference, self._ask)
            except AcceptanceError as error:
                self._found[reference] = error

    @property
    def missing(self) -> Mapping[str, AcceptanceError]:
        return {name: one for name, one in self._found.items() if isinstance(one, AcceptanceError)}

    def of(self, host: str, reference: str | None) -> Secret | None:
        """Raises HostError for one that is not there."""
        found = None if reference is None else self._found[reference]
        if isinstance(found, AcceptanceError):
            raise HostError(host, found.problem, found.mend)
        return found


def ways_of(
    customer: Customer,
    hosts: Mapping[str, Host],
    passwords: Passwords,
    wanted: Sequence[Requirement],
) -> Iterator[Way]:
    """Each host's ways in, tried side by side, in the inventory's order.

    `wanted`: the catalogue.
    """
    log_ins = LogIns(Refusals(state_folder()))
    tries: dict[str, Callable[[], Way]] = {}
    for name, host in hosts.items():
        passwords.fetch(host.connection.password if host.connection else None)
        passwords.fetch(host.sql.password if host.sql else None)
        if host.connection is not None:
            steps = partial(_windows, name, host.connection, passwords, log_ins)
            title = f"{name} ({host.connection.address})"
            here = [one for one in wanted if {*one.roles} & {*host.roles}]
            tries[name] = partial(_beside_others, name, host.connection, title, steps, here)
        if host.sql is not None:
            steps = partial(_sql, name, customer, host.sql, passwords, log_ins)
            if host.sql.through is not None:
                other = customer.hosts[host.sql.through].connection
                passwords.fetch(other.password if other else None)
                steps = partial(_sql_through, name, customer, host, passwords, log_ins)
            title = f"{name}, SQL Server ({host.sql.address})"
            tries[f"{name} sql"] = partial(_sql_way, customer, host.sql, title, steps)
    for future in side_by_side(tries, MOST):
        yield future.result()


def _way(name: str, steps: Callable[[], Told]) -> Way:
    """Its steps, up to the first that fails."""
    done: list[Step] = []
    try:
        for what, found in steps():
            done.append(Step(what, found))
    except HostError as error:
        done.append(Step("FAILED", error.problem, failed=True, mend=error.mend))
    return Way(name, done)


def _beside_others(
    name: str,
    connection: Connection,
    title: str,
    steps: Callable[[], Told],
    wanted: Sequence[Requirement],
) -> Way:
    """Its way by the inventory, and beside it the others."""
    way = _way(title, steps)
    return replace(way, others=list(besides(name, connection, way.open, wanted)))


def _sql_way(
    customer: Customer, connection: SqlConnection, title: str, steps: Callable[[], Told]
) -> Way:
    """Where it is closed, the servers that can ask SQL Server in its place."""
    way = _way(title, steps)
    able = [name for name, host in customer.hosts.items() if host.connection is not None]
    others = [said("from {host}: sql.through: {host}", host=name) for name in able]
    if way.open or connection.through is not None or not others:
        return way
    best = said("recommended: {way}", way=said("sql.through: {host}", host=able[0]))
    return replace(way, others=[*others, best])


def _windows(host: str, connection: Connection, passwords: Passwords, log_ins: LogIns) -> Told:
    if connection.backend == "script":
        yield "by hand", said(BY_HAND)
        return
    if connection.backend != "winrm":
        yield from _process(host, connection, passwords, log_ins)
        return
    yield "name", _addresses(connection.address)
    port = connection.effective_port
    probe(host, connection.address, port, connection.connect_seconds)
    yield "port", said("{port} answers", port=port)
    if connection.scheme == "https":
        tls = tls_of(host, connection)
        yield (
            "TLS",
            said(
                "{version}, certificate {verified}, for {subject}, until {until}",
                version=tls.version,
                verified=said("verified" if connection.verify_tls else "NOT verified"),
                subject=tls.subject or said("no name of its own"),
                until=tls.until,
            ),
        )
    else:
        yield "TLS", said("none: the messages themselves are sealed")
    yield "offers", said("{schemes}", schemes=", ".join(offered(host, connection)) or "nothing")
    backend = WinRMBackend(
        host, connection, passwords.of(host, connection.password), log_ins=log_ins
    )
    try:
        backend.connect()
    finally:
        backend.close()
    who = connection.username or said("the account of this session")
    yield (
        "login",
        said("{who} is let in ({auth}) and may open a shell", who=who, auth=connection.auth),
    )


def _process(host: str, connection: Connection, passwords: Passwords, log_ins: LogIns) -> Told:
    """A PowerShell that ends at once: ssh tells name, port, host key and log-in apart by itself."""
    backend = ProcessBackend(host, connection, passwords.of(host, connection.password), log_ins)
    backend.stream(POWERSHELL, ["-NoProfile", "-NonInteractive", "-EncodedCommand", EXIT], b"")
    yield "login", said("PowerShell starts there ({how})", how=backend.reached().authentication)


def _sql(
    host: str, customer: Customer, connection: SqlConnection, passwords: Passwords, log_ins: LogIns
) -> Told:
    server, seconds = connection.server, connection.connect_seconds
    yield "name", _addresses(server)
    port = connection.port or SQL_PORT
    if connection.instance and not connection.port:
        port = instance_port(host, server, connection.instance, seconds)
    probe(host, server, port, seconds)
    yield "port", said("{place} answers", place=with_port(server, port))
    password = passwords.of(host, connection.password)
    backend = SqlBackend(host, connection, password, log_ins.remembered)
    try:
        backend.connect()
        verified = said("verified" if connection.verify_certificate else "NOT verified")
        yield "TLS", said("encrypt {word}, certificate {it}", word=connection.encrypt, it=verified)
        who = connection.username or said("the account of this session")
        yield "login", said("{who} is let in ({auth})", who=who, auth=connection.auth)
        found = [one for sets in backend.run(VISIBLE, []) for one in sets.records()]
    finally:
        backend.close()
    yield "databases", _databases(customer, connection, found)


def _sql_through(
    name: str, customer: Customer, host: Host, passwords: Passwords, log_ins: LogIns
) -> Told:
    """Not from here: the host that is to ask it says how far it gets."""
    connection = host.sql
    assert connection is not None
    assert connection.through is not None
    other = customer.hosts[connection.through].connection
    assert other is not None, "checked when the inventory was read"
    yield "through", said("{host} ({address})", host=connection.through, address=other.address)
    if other.backend == "script":
        yield "by hand", said(BY_HAND)
        return
    asks = WinRMBackend if other.backend == "winrm" else ProcessBackend
    secret = passwords.of(connection.through, other.password)
    windows = asks(connection.through, other, secret, log_ins=log_ins)
    targets = sql_targets(customer, host)
    backend = behind(
        name,
        connection,
        passwords.of(name, connection.password),
        windows,
        sections=["databases"],
        targets=targets,
        remembered=log_ins.remembered,
    )
    try:
        backend.connect()
        who = connection.username or said("the account of this session")
        yield "login", said("{who} is let in ({auth})", who=who, auth=connection.auth)
        asked = next(one for one in batches(["databases"], targets) if one.section == "databases")
        *_, listed = backend.run(collector("in_database"), asked.parameters)
    finally:
        backend.close()
    yield "databases", _databases(customer, connection, listed.records())


def _addresses(name: str) -> Sentence:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return said("leads nowhere")  # the port's step says so, and what to do
    return said("{all}", all=", ".join(dict.fromkeys(str(one[4][0]) for one in found)))


def _databases(
    customer: Customer, connection: SqlConnection, found: list[dict[str, object]]
) -> Sentence:
    """Those that the login sees, and those of the inventory that it does not, or may not open."""
    open_ = {str(one["name"]).casefold() for one in found if one["accessible"] == 1}
    seen = {str(one["name"]).casefold() for one in found}
    named = customer.databases.names
    here = [name for name in named if connection.databases is None or name in connection.databases]
    return said(
        "{count} seen{hidden}{closed}",
        count=len(seen),
        hidden=_listed("not seen: {names}", [one for one in here if one.casefold() not in seen]),
        closed=_listed(
            "not open to the login: {names}",
            [one for one in here if one.casefold() in seen - open_],
        ),
    )


def _listed(template: str, names: list[str]) -> Sentence:
    return said(f"; {template}", names=", ".join(names)) if names else said("")
