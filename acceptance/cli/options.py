"""What the commands share: their options, the catalogue that they read,
and how an error is told.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import Catalogue, load_catalogue
from acceptance.errors import AcceptanceError, UsageError
from acceptance.report.catalogs import languages

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


class PartyName(StrEnum):
    """Who signs."""

    supplier = "supplier"
    customer = "customer"


def known_language(value: str | None) -> str | None:
    """A language of the report's. Raises typer.BadParameter for another."""
    if value is not None and value not in languages():
        raise typer.BadParameter(f"{value} is none of {', '.join(languages())}.")
    return value


def catalogue_of(tests: Path | None) -> Catalogue:
    """The suite's own, or that of a folder of tests. Raises UsageError where there is none."""
    folder = tests or own_tests()
    if not folder.is_dir():
        raise UsageError("there is no folder {folder}.", folder=str(folder))
    return load_catalogue(folder / "requirements")


@contextmanager
def told() -> Iterator[None]:
    """An error of ours ends the command with its one line and status 2."""
    try:
        yield
    except AcceptanceError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(code=2) from None
