"""What the commands share: their options, the catalogue that they read,
and how an error is told.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import Catalogue, load_catalogue
from acceptance.errors import AcceptanceError, UsageError, unusable
from acceptance.report.catalogs import languages
from acceptance.text import printable

Tests = Annotated[
    Path | None,
    typer.Option(
        help="a folder of acceptance tests and their catalogue (default: the suite's own)"
    ),
]

Report = Annotated[
    Path, typer.Argument(help="the folder of a report, such as reports/customer01/<UTC time>")
]

Packed = Annotated[Path, typer.Argument(help="the folder of a report, or its zip")]

Passphrase = Annotated[
    str | None, typer.Option(help="the key's passphrase by reference: env:NAME, keyring:…, prompt:")
]

Inventory = Annotated[Path, typer.Option(help="the customers and their servers")]


def one_of(names: Callable[[], Collection[str]]) -> Callable[[str | None], str | None]:
    """A callback that takes only those: an Enum's refusal is in its library's words."""

    def known(value: str | None) -> str | None:
        if value is not None and value not in names():
            raise typer.BadParameter(f"{printable(value)} is none of {', '.join(names())}.")
        return value

    return known


known_language = one_of(languages)


def catalogue_of(tests: Path | None) -> Catalogue:
    """The suite's own, or that of a folder of tests. Raises UsageError where there is none."""
    folder = tests or own_tests()
    if not folder.is_dir():
        raise UsageError("there is no folder {folder}.", folder=str(folder))
    return load_catalogue(folder / "requirements")


@contextmanager
def told() -> Iterator[None]:
    """An error of ours, or a file's that nobody has spoken of, ends the command with its one line
    and status 2.
    """
    try:
        yield
    except AcceptanceError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(code=2) from None
    except OSError as error:
        typer.echo(str(unusable(error)), err=True)
        raise typer.Exit(code=2) from None


def say(*lines: str, err: bool = False) -> None:
    """Each in a line of its own, whatever stands in the names of files."""
    for line in lines:
        typer.echo(printable(line), err=err)
