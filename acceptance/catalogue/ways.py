"""The ways in, what each needs, and what it cannot decide:
from the catalogue, so that it stays true.

>>> python -m acceptance.catalogue.ways  # the table of docs/ways-in.md
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from acceptance.catalogue.rules import Requirement
from acceptance.inventory.connection import Connection


class Way(NamedTuple):
    """`ports`: where it is tried from here; none for one that is no connection.

    `reaches_directory`: the session has credentials for another machine (a second hop).
    """

    name: str
    written: str  # in the inventory
    needs: str
    allows: str  # what an administrator must allow, in the words to ask him with
    reaches_directory: bool
    ports: tuple[int, ...] = ()


WINRM = Way(
    "WinRM",
    "`backend: winrm`, `auth: ntlm`, `kerberos`, `certificate` or `basic`",
    "the network way to WinRM (5986, or 5985), an account that is an administrator there",
    '"Please allow WinRM over https from our address to web01, for one account."',
    reaches_directory=False,
    ports=(5986, 5985),
)
CREDSSP = Way(
    "WinRM with CredSSP",
    "`backend: winrm`, `auth: credssp`",
    "the same, and CredSSP switched on at the server",
    '"… and please run Enable-WSManCredSSP -Role Server on it while we check."',
    reaches_directory=True,
    ports=WINRM.ports,
)
SSH_KEY = Way(
    "SSH by key",
    "`backend: ssh`",
    "the network way to OpenSSH's server (22), a key that it takes, an account that is an "
    "administrator there",
    '"Please allow SSH from our address to web01, and put this public key in '
    'administrators_authorized_keys."',
    reaches_directory=False,
    ports=(22,),
)
SSH_PASSWORD = Way(
    "SSH by password",
    "`backend: ssh` with `password:`",
    "the same without a key; not from Windows",
    '"Please allow SSH from our address to web01, by password, for one account."',
    reaches_directory=True,
    ports=SSH_KEY.ports,
)
LOCAL_DOMAIN = Way(
    "on the server itself, by an account of the domain",
    "`backend: local`",
    "Python and the suite on the server, in an elevated session of an administrator",
    '"May we install Python and the suite on web01, and take them away afterwards?"',
    reaches_directory=True,
)
LOCAL_ACCOUNT = Way(
    "on the server itself, by a local account",
    "`backend: local`",
    "the same",
    "the same",
    reaches_directory=False,
)
SCRIPT_DOMAIN = Way(
    "by hand, by an account of the domain",
    "`backend: script`",
    "a person at the server, by Remote Desktop or TeamViewer, who is an administrator there",
    '"Please read and run this script, and send us the file that it writes."',
    reaches_directory=True,
)
SCRIPT_LOCAL = Way(
    "by hand, by a local account",
    "`backend: script`",
    "the same",
    "the same",
    reaches_directory=False,
)
WAYS = (
    WINRM, CREDSSP, SSH_KEY, SSH_PASSWORD, LOCAL_DOMAIN, LOCAL_ACCOUNT, SCRIPT_DOMAIN, SCRIPT_LOCAL,
)  # fmt: skip


def way_of(connection: Connection) -> Way:
    """The way that the inventory names.

    By hand and on the server itself it is the better one: whoever will run it is not known yet.
    """
    if connection.backend == "script":
        return SCRIPT_DOMAIN
    if connection.backend == "local":
        return LOCAL_DOMAIN
    if connection.backend == "ssh":
        return SSH_PASSWORD if connection.password else SSH_KEY
    return CREDSSP if connection.auth == "credssp" else WINRM


def undecided(way: Way, requirements: Iterable[Requirement]) -> list[str]:
    """The ids that await confirmation by this way, whatever the server is like."""
    if way.reaches_directory:
        return []
    return [requirement.id for requirement in requirements if requirement.parameters.asks_directory]


def table(requirements: Iterable[Requirement]) -> Iterator[str]:
    """The lines of docs/ways-in.md's table."""
    known = list(requirements)
    heads = (
        "way", "in the inventory", "what it needs", "what an administrator must allow",
        "what it cannot decide",
    )  # fmt: skip
    yield f"| {' | '.join(heads)} |"
    yield "| --- " * len(heads) + "|"
    for way in WAYS:
        left = ", ".join(undecided(way, known)) or "nothing"
        yield f"| {way.name} | {way.written} | {way.needs} | {way.allows} | {left} |"


if __name__ == "__main__":
    from acceptance.catalogue.place import own_tests
    from acceptance.catalogue.requirements import load_catalogue

    print("\n".join(table(load_catalogue(own_tests() / "requirements"))))
