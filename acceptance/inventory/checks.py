"""What holds between the keys of one customer: hosts and databases that agreements name,
files that are there.
"""

from collections.abc import Collection, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from acceptance.errors import InventoryError
from acceptance.inventory.models import Attestation, Customer, Host, Place
from acceptance.inventory.sql import SqlConnection
from acceptance.yamlfile import Keys

FILES = {
    "connection": ("ca_file", "certificate", "certificate_key", "identity_file"),
    "sql": ("ca_file",),
}


def check_agreements(customer: Customer, place: Place) -> None:
    """Waivers, attestations and promises name hosts of their customer; waivers its databases."""
    databases = customer.databases.names
    for kind, index, agreement in customer.agreements():
        _check_names("host", agreement.hosts, list(customer.hosts), place, kind, index)
        named = getattr(agreement, "databases", None)
        _check_names("database", named, databases, place, kind, index)


def _check_names(
    what: str,
    named: tuple[str, ...] | None,
    known: Collection[str],
    place: Place,
    kind: str,
    index: int,
) -> None:
    for name in named or ():
        if name not in known:
            raise InventoryError(
                place.source.path,
                place.source.line_of(*place.keys, kind, index, f"{what}s"),
                "{where}: no {what} '{name}'; known: {known}.",
                where=".".join(map(str, (*place.keys, kind, index))),
                what=what,
                name=name,
                known=", ".join(known),
            )


def check_databases(customer: Customer, place: Place) -> None:
    """Which databases a SQL Server has are the customer's; where every one says which,
    none of the customer's is left out: nobody would ask it.
    """
    servers = {
        name: host.sql.databases if host.sql else None
        for name, host in customer.hosts.items()
        if "database" in host.roles
    }
    exact, clickker = customer.databases.exact, customer.databases.clickker
    known = customer.databases.names
    # What nobody has named yet may be among them.
    for name, databases in servers.items() if exact and clickker else ():
        for index, database in enumerate(databases or ()):
            if database not in known:
                raise _wrong(
                    place,
                    ("hosts", name, "sql", "databases", index),
                    "{where}: no database '{name}'; known: {known}.",
                    name=database,
                    known=", ".join(known),
                )
    if not servers or any(databases is None for databases in servers.values()):
        return
    placed = {one for databases in servers.values() for one in databases or ()}
    asked: dict[Keys, str] = {}
    asked |= {("databases", "exact", index): name for index, name in enumerate(exact)}
    asked |= {("databases", "clickker"): clickker} if clickker else {}
    for keys, name in asked.items():
        if name not in placed:
            raise _wrong(
                place,
                keys,
                "{where}: {name} is on no SQL Server: sql.databases of {hosts} leaves it out.",
                "Name it where it is.",
                name=name,
                hosts=", ".join(servers),
            )


def _wrong(
    place: Place, keys: Keys, message: str, remedy: str = "", /, **values: str
) -> InventoryError:
    """`where`: the keys, as far as they are names."""
    where = (*place.keys, *keys)
    path, line = place.source.path, place.source.line_of(*where)
    named = ".".join(one for one in map(str, where) if not one.isdigit())
    return InventoryError(path, line, message, remedy, where=named, **values)


def check_through(customer: Customer, place: Place) -> None:
    """A SQL Server is asked through a host that can be asked,
    and by a log-in that gets that far.
    """
    for name, host in customer.hosts.items():
        if host.sql is None or host.sql.through is None:
            continue
        where = (*place.keys, "hosts", name, "sql", "through")
        values = {
            "where": ".".join(map(str, where)),
            "through": host.sql.through,
            "known": ", ".join(one for one, has in customer.hosts.items() if has.connection),
        }
        through = customer.hosts.get(host.sql.through)
        for holds, message, remedy in _faults_of_way(host.sql, name, through):
            if holds:
                file, line = place.source.path, place.source.line_of(*where)
                raise InventoryError(file, line, message, remedy, **values)


def _faults_of_way(
    sql: SqlConnection, name: str, through: Host | None
) -> Iterator[tuple[bool, str, str]]:
    if through is None or through.connection is None:
        text = "{where}: no host '{through}' with a connection; those that have one: {known}."
        yield True, text, "Name a host of this customer that can be asked."
        return
    connection = through.connection
    yield (
        # On the same machine nothing has to be handed on.
        (sql.auth, connection.backend, connection.auth) == ("windows", "winrm", "ntlm")
        and sql.through != name,
        "{where}: Windows authentication cannot work: "
        "a log-in by NTLM at {through} goes no further than {through}.",
        "Set sql.auth: sql with a login of SQL Server, or connection.auth: credssp for {through}.",
    )
    # Without a key named, ssh may come in by a ticket that it hands on (GSSAPI).
    by_key = connection.identity_file is not None and connection.password is None
    yield (
        (sql.auth, connection.backend) == ("windows", "ssh") and by_key and sql.through != name,
        "{where}: Windows authentication cannot work: "
        "a log-in by key at {through} has no credentials for another server.",
        "Set sql.auth: sql with a login of SQL Server, or connection.password for {through}.",
    )


def with_paths(customer: Customer, place: Place) -> Customer:
    """Files are relative to the file that names them, and must exist;
    a document's file is hashed.
    """
    folder = place.source.path.parent
    hosts = {
        name: host.model_copy(update=_with_files(host, name, folder, place))
        for name, host in customer.hosts.items()
    }
    attestations = tuple(with_digest(attestation, folder) for attestation in customer.attestations)
    return customer.model_copy(update={"hosts": hosts, "attestations": attestations})


def _with_files(host: Host, name: str, folder: Path, place: Place) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for part, keys in FILES.items():
        connection = getattr(host, part)
        files = {key: file for key in keys if (file := getattr(connection, key, None)) is not None}
        for key, file in files.items():
            if not (folder / file).is_file():
                where = (*place.keys, "hosts", name, part, key)
                raise InventoryError(
                    place.source.path,
                    place.source.line_of(*where),
                    "{where}: no such file {it}.",
                    where=".".join(map(str, where)),
                    it=str(file),
                )
        if files:
            update = {key: folder / file for key, file in files.items()}
            changed[part] = connection.model_copy(update=update)
    return changed


def with_digest(attestation: Attestation, folder: Path) -> Attestation:
    """The attestation, its document named with its SHA-256
    where it is a file beside the inventory.
    """
    file = folder / attestation.document
    try:
        content = file.read_bytes()
    except (OSError, ValueError):  # a description, such as "mail of 2026-11-20"
        return attestation
    return attestation.model_copy(
        update={"document": f"{attestation.document} (SHA-256 {sha256(content).hexdigest()})"}
    )
