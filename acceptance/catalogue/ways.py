"""The ways in, what each needs, and what it cannot decide:
from the catalogue, so that it stays true.

>>> python -m acceptance.catalogue.ways  # the table of docs/ways-in.md
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from acceptance.catalogue.rules import Requirement


@dataclass(frozen=True)
class Way:
    """`reaches_directory`: the session has credentials for another machine (a second hop)."""

    name: str
    needs: str
    allows: str  # what an administrator must allow, in the words to ask him with
    reaches_directory: bool


WAYS = (
    Way(
        "`backend: winrm`, `auth: ntlm` or `kerberos`",
        "the network way to WinRM (5986, or 5985), an account that is an administrator there",
        '"Please allow WinRM over https from our address to web01, for one account."',
        reaches_directory=False,
    ),
    Way(
        "`backend: winrm`, `auth: credssp`",
        "the same, and CredSSP switched on at the server",
        '"… and please run Enable-WSManCredSSP -Role Server on it while we check."',
        reaches_directory=True,
    ),
    Way(
        "`backend: script`, run by an account of the domain",
        "a person at the server, by Remote Desktop or TeamViewer, who is an administrator there",
        '"Please read and run this script, and send us the file that it writes."',
        reaches_directory=True,
    ),
    Way(
        "`backend: script`, run by a local account",
        "the same",
        "the same",
        reaches_directory=False,
    ),
)


def undecided(way: Way, requirements: Iterable[Requirement]) -> list[str]:
    """The ids that await confirmation by this way, whatever the server is like."""
    if way.reaches_directory:
        return []
    return [requirement.id for requirement in requirements if requirement.parameters.asks_directory]


def table(requirements: Iterable[Requirement]) -> Iterator[str]:
    """The lines of docs/ways-in.md's table."""
    known = list(requirements)
    yield "| way | what it needs | what an administrator must allow | what it cannot decide |"
    yield "| --- | --- | --- | --- |"
    for way in WAYS:
        left = ", ".join(undecided(way, known)) or "nothing"
        yield f"| {way.name} | {way.needs} | {way.allows} | {left} |"


if __name__ == "__main__":
    from acceptance.catalogue.place import own_tests
    from acceptance.catalogue.requirements import load_catalogue

    print("\n".join(table(load_catalogue(own_tests() / "requirements"))))
