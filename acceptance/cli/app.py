"""The `acceptance` command: what is no test run."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import Catalogue, load_catalogue
from acceptance.catalogue.traceability import traceability as traceability_page
from acceptance.cli.check import check_inventory
from acceptance.cli.explain import explain as explain_requirement
from acceptance.cli.init import init as make_folder
from acceptance.errors import AcceptanceError, UsageError
from acceptance.report.again import make_page_again
from acceptance.report.files import SIGNED_PAGE
from acceptance.report.pdf import print_pdf
from acceptance.secrets import ask_at_terminal, resolve
from acceptance.signing import keys
from acceptance.signing.sign import sign_report
from acceptance.signing.verify import describe, verify_report
from acceptance.text import one_line, visible

app = typer.Typer(
    help="Commands around the acceptance tests, which pytest --hosts=… runs: inventories, signed reports, PDF.",
    no_args_is_help=True,
    add_completion=False,
)

Tests = Annotated[
    Path | None,
    typer.Option(
        help="a folder of acceptance tests and their catalogue (default: the suite's own)"
    ),
]
Report = Annotated[
    Path, typer.Argument(help="the folder of a report, such as reports/customer01/<UTC time>")
]
Passphrase = Annotated[
    str | None, typer.Option(help="the key's passphrase by reference: env:NAME, keyring:…, prompt:")
]


class PartyName(StrEnum):
    """Who signs."""

    supplier = "supplier"
    customer = "customer"


class Language(StrEnum):
    """The report's languages."""

    en = "en"
    nl = "nl"


@app.command()
def explain(
    requirement: Annotated[str, typer.Argument(help="its id, such as IIS-07")], tests: Tests = None
) -> None:
    """Print where a requirement is defined, read and judged, with file and line."""
    with _told():
        lines = explain_requirement(_catalogue(tests), tests or own_tests(), requirement)
    typer.echo("\n".join(lines))


@app.command()
def traceability(tests: Tests = None) -> None:
    """Print the table clause -> requirements (docs/traceability.md)."""
    with _told():
        typer.echo(traceability_page(_catalogue(tests)), nl=False)


@app.command()
def check(
    inventory: Annotated[Path, typer.Option(help="the customers and their servers")] = Path(
        "hosts.yaml"
    ),
    tests: Tests = None,
) -> None:
    """Check an inventory without connecting anywhere."""
    with _told():
        catalogue = _catalogue(tests)
        result = check_inventory(
            inventory, catalogue, tests or own_tests(), datetime.now(UTC).date()
        )
    typer.echo("\n".join(result.lines), err=bool(result.wrong))
    raise typer.Exit(code=2 if result.wrong else 0)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="made where it is missing")] = Path(),
) -> None:
    """Make a folder to work in: a commented hosts.yaml and .gitignore. Overwrites nothing."""
    with _told():
        lines = make_folder(folder)
    typer.echo("\n".join(lines))


@app.command()
def keygen(
    key: Annotated[
        str,
        typer.Argument(
            help="a new file (its public half beside it, .pub), or keyring:service/user"
        ),
    ],
    passphrase: Passphrase = None,
) -> None:
    """Make a key to sign reports with, and print its fingerprint."""
    with _told():
        secret = resolve(passphrase, ask_at_terminal) if passphrase else None
        made = keys.make_key(key, secret)
    typer.echo(
        f"{keys.fingerprint(made)}\nGive this fingerprint to the other party by another way than the report."
    )


@app.command()
def sign(
    report: Report,
    party: Annotated[
        PartyName,
        typer.Option("--as", help="for whom: the supplier delivers, the customer accepts"),
    ],
    name: Annotated[str, typer.Option(help="the signer's name")],
    role: Annotated[str, typer.Option(help="the signer's role")],
    key: Annotated[str, typer.Option(help="a PEM file, or keyring:service/user")],
    passphrase: Passphrase = None,
    remark: Annotated[str, typer.Option(help="stands in the signature, such as a condition")] = "",
) -> None:
    """Sign a report for one party; the page with the signatures is report-signed.html."""
    with _told():
        secret = keys.load_key(key, passphrase, ask_at_terminal)
        made = sign_report(
            report,
            secret,
            party=party.value,
            name=name,
            role=role,
            now=datetime.now(UTC),
            remark=remark,
        )
    said = made.statement.predicate
    typer.echo(
        f"{one_line(said.signer.name)} {said.meaning}: verdict {said.report.verdict} ({said.report.reason})."
    )
    typer.echo(f"Signed {len(made.statement.subject)} files with the key {made.fingerprint}.")
    typer.echo(f"Signature: {report / made.file}\nPage:      {report / SIGNED_PAGE}")


@app.command()
def verify(
    report: Report,
    trusted: Annotated[
        Path | None, typer.Option(help="list of trusted keys: SHA256:<64 digits> <name> per line")
    ] = None,
) -> None:
    """Say who signed a report, and every file that changed, is missing or was added. Exit status 0: signed and intact."""
    with _told():
        result = verify_report(report, keys.load_trusted(trusted) if trusted else None)
    for line in describe(result):
        typer.echo(
            visible(line).replace("\n", "[U+000A]")
        )  # names and remarks must not write lines of their own
    raise typer.Exit(code=0 if result.intact else 1)


@app.command()
def pdf(
    report: Report,
    output: Annotated[
        Path | None, typer.Option(help="default: <customer>-<time>.pdf beside the report's folder")
    ] = None,
    browser: Annotated[
        str | None, typer.Option(help="the Chromium, Chrome or Edge to print with")
    ] = None,
) -> None:
    """Print a report to PDF (A4) with the system's Chromium, Chrome or Edge."""
    with _told():
        made = print_pdf(report, output, browser)
    typer.echo(str(made))


@app.command()
def report(
    report: Report,
    language: Annotated[Language | None, typer.Option(help="default: as it was")] = None,
) -> None:
    """Make report.html again from results.json and the evidence alone; a signed report is left as it is."""
    with _told():
        page = make_page_again(report, language.value if language else None)
    typer.echo(str(page))


def _catalogue(tests: Path | None) -> Catalogue:
    folder = tests or own_tests()
    if not folder.is_dir():
        raise UsageError("there is no folder {folder}.", folder=str(folder))
    return load_catalogue(folder / "requirements")


@contextmanager
def _told() -> Iterator[None]:
    """An error of ours ends the command with its one line and status 2."""
    try:
        yield
    except AcceptanceError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(code=2) from None
