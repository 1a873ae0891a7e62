"""The `acceptance` command: what is no test run."""

from pathlib import Path
from typing import Annotated

import typer

from acceptance.catalogue import load_catalogue
from acceptance.errors import AcceptanceError
from acceptance.explain import explain as explain_requirement
from acceptance.inventory import load_inventory
from acceptance.traceability import traceability as traceability_page

app = typer.Typer(
    help="Acceptance suite: the commands that are no test run.", no_args_is_help=True, add_completion=False
)

TESTS = Path("tests_infra")
Tests = Annotated[Path, typer.Option(help="the folder of the acceptance tests and their catalogue")]


@app.command()
def explain(requirement: str, tests: Tests = TESTS) -> None:
    """Print where a requirement is defined, read and judged, with file and line."""
    try:
        lines = explain_requirement(load_catalogue(tests / "requirements"), tests, requirement)
    except AcceptanceError as error:
        _fail(error)
    typer.echo("\n".join(lines))


@app.command()
def traceability(tests: Tests = TESTS) -> None:
    """Print the table clause -> requirements (docs/traceability.md)."""
    try:
        typer.echo(traceability_page(load_catalogue(tests / "requirements")), nl=False)
    except AcceptanceError as error:
        _fail(error)


@app.command()
def check(inventory: Path = Path("hosts.yaml"), tests: Tests = TESTS) -> None:
    """Check an inventory without connecting anywhere."""
    try:
        loaded = load_inventory(inventory)
        load_catalogue(tests / "requirements").check(loaded)
    except AcceptanceError as error:
        _fail(error)
    typer.echo(f"{inventory}: {len(loaded.customers)} customers, nothing wrong.")


def _fail(error: AcceptanceError) -> None:
    typer.echo(str(error), err=True)
    raise typer.Exit(code=2)
