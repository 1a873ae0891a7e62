"""Which other ways into a server are open from here, what each leaves undecided,
and which to take.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from acceptance.backends.probe import probe
from acceptance.backends.winrm.greeting import offered
from acceptance.catalogue.rules import Requirement
from acceptance.catalogue.ways import (
    CREDSSP,
    SCRIPT_DOMAIN,
    SSH_KEY,
    WINRM,
    Way,
    undecided,
    way_of,
)
from acceptance.errors import HostError
from acceptance.inventory.connection import Connection
from acceptance.text import Sentence, said

SCHEMES = {5986: "https", 5985: "http"}
BY_HAND = "a person runs the script there: acceptance script"


class Opening(NamedTuple):
    """A way that is not the inventory's; `open`: as far as can be told without credentials."""

    way: Way
    open: bool
    found: Sentence


def besides(
    host: str, connection: Connection, let_in: bool, wanted: Sequence[Requirement]
) -> Iterator[Sentence]:
    """A sentence for the inventory's way and each other one; the last says which to take.

    `let_in`: whether the inventory's way came as far as the log-in.
    """
    named, others = way_of(connection), list(openings(host, connection))
    here = Opening(named, let_in, said("as the inventory says"))
    for one in (here, *others):
        left = ", ".join(undecided(one.way, wanted)) or said("nothing")
        sentence = "{way}: {found}; leaves undecided: {left}" if one.open else "{way}: {found}"
        yield said(sentence, way=said(one.way.name), found=one.found, left=left)
    yield said("recommended: {way}", way=recommended(named, let_in, others, wanted))


def openings(host: str, connection: Connection) -> Iterator[Opening]:
    """By WinRM, by SSH and by hand, without the one that the inventory names:
    that is tried itself.
    """
    named = way_of(connection)
    if named in (WINRM, CREDSSP):
        listener: Connection | None = connection
    else:
        listener, found = _listener(host, connection)
        yield Opening(WINRM, listener is not None, found)
    if named is not CREDSSP and listener is not None:
        yield _credssp(host, listener)
    if named.ports != SSH_KEY.ports:
        yield Opening(SSH_KEY, *_answers(host, connection, SSH_KEY.ports[0]))
    if named is not SCRIPT_DOMAIN:
        yield Opening(SCRIPT_DOMAIN, True, said("needs a person there: acceptance script"))


def recommended(
    named: Way, let_in: bool, others: Sequence[Opening], wanted: Sequence[Requirement]
) -> Sentence:
    """The inventory's way where it is open, else the first that is; and what decides the rest."""
    open_ = [named] * let_in + [one.way for one in others if one.open]
    best = open_[0] if open_ else SCRIPT_DOMAIN
    left = undecided(best, wanted)
    fuller = next((way for way in open_ if not undecided(way, wanted)), None)
    if not left or fuller is None:
        return said("{way}", way=said(best.name))
    return said(
        "{way}; for {requirements}: {other}",
        way=said(best.name),
        requirements=", ".join(left),
        other=said(fuller.name),
    )


def _listener(host: str, connection: Connection) -> tuple[Connection | None, Sentence]:
    """WinRM as the inventory could name it; None where neither of its ports answers."""
    for port in WINRM.ports:
        answers, found = _answers(host, connection, port)
        if answers:
            changes = {"backend": "winrm", "scheme": SCHEMES[port], "port": port}
            return connection.model_copy(update=changes), found
    return None, found


def _credssp(host: str, listener: Connection) -> Opening:
    try:
        schemes = offered(host, listener)
    except HostError as error:
        return Opening(CREDSSP, False, error.problem)
    if "credssp" in [one.casefold() for one in schemes]:
        return Opening(CREDSSP, True, said("is offered"))
    return Opening(CREDSSP, False, said("is not offered"))


def _answers(host: str, connection: Connection, port: int) -> tuple[bool, Sentence]:
    try:
        probe(host, connection.address, port, connection.connect_seconds)
    except HostError as error:
        return False, error.problem
    return True, said("{port} answers", port=port)
