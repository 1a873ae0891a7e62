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
from acceptance.cli.by_hand import HandOver, lay_in, told_of, write_script
from acceptance.cli.check import check_inventory
from acceptance.cli.explain import explain as explain_requirement
from acceptance.cli.init import init as make_folder
from acceptance.cli.report import Format, write_index, write_report
from acceptance.errors import AcceptanceError, UsageError
from acceptance.report.files import RESULTS, SIGNED_PAGE, write_whole
from acceptance.secrets import ask_at_terminal, resolve
from acceptance.signing import keys
from acceptance.signing.described import MEANS, describe
from acceptance.signing.sign import sign_report
from acceptance.signing.sign_off import PARTIES
from acceptance.signing.statement import Party
from acceptance.signing.verify import verify_report
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


Inventory = Annotated[Path, typer.Option(help="the customers and their servers")]


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
def traceability(
    tests: Tests = None,
    output: Annotated[
        Path | None, typer.Option(help="write it there, whole or not at all; default: print it")
    ] = None,
) -> None:
    """The table clause -> requirements (docs/traceability.md)."""
    with _told():
        page = traceability_page(_catalogue(tests))
        if output is not None:
            write_whole(output, page.encode("utf-8"))
            page = f"{output}\n"
    typer.echo(page, nl=False)


@app.command()
def check(
    inventory: Annotated[Path, typer.Option(help="the customers and their servers")] = Path(
        "hosts.yaml"
    ),
    tests: Tests = None,
    connect: Annotated[
        str | None,
        typer.Option(
            metavar="CUSTOMER",
            help="also try each server's name, port, TLS and log-in; nothing else is asked there",
        ),
    ] = None,
) -> None:
    """Check an inventory; without --connect it connects nowhere."""
    with _told():
        catalogue = _catalogue(tests)
        result = check_inventory(
            inventory, catalogue, tests or own_tests(), datetime.now(UTC).date()
        )
    typer.echo("\n".join(result.lines), err=bool(result.wrong))
    if result.wrong or connect is None:
        raise typer.Exit(code=2 if result.wrong else 0)
    failed = False
    with _told():
        # Only who connects needs the libraries for it.
        from acceptance.cli.connect import connect as try_ways

        for line, bad in try_ways(inventory, connect):
            typer.echo(line)
            failed |= bad
    raise typer.Exit(code=1 if failed else 0)


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
        typer.Option("--as", help="for whom; what the signature says follows from the report"),
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
        f"{one_line(said.signer.name)} {MEANS[said.meaning]}: verdict {said.report.verdict} ({said.report.reason})."
    )
    typer.echo(f"Signed {len(made.statement.subject)} files with the key {made.fingerprint}.")
    typer.echo(f"Signature: {report / made.file}\nPage:      {report / SIGNED_PAGE}")


@app.command()
def verify(
    report: Report,
    trusted: Annotated[
        Path | None,
        typer.Option(
            help="list of trusted keys: SHA256:<64 digits> supplier|customer <name> per line"
        ),
    ] = None,
    require: Annotated[
        str, typer.Option(help="who must have signed: supplier, customer or both with a comma")
    ] = "",
) -> None:
    """Say who signed a report, and every file that changed, is missing or was added. Exit status 0: signed and intact."""
    with _told():
        result = verify_report(
            report,
            keys.load_trusted(trusted) if trusted else None,
            _parties(require),
            datetime.now(UTC),
        )
    for line in describe(result):
        typer.echo(
            visible(line).replace("\n", "[U+000A]")
        )  # names and remarks must not write lines of their own
    raise typer.Exit(code=0 if result.intact else 1)


@app.command()
def report(
    report: Report,
    to: Annotated[
        Format,
        typer.Option(help="html: report.html again; pdf, csv, hdf: a file beside the folder"),
    ] = Format.html,
    output: Annotated[
        Path | None, typer.Option(help="default: <customer>-<time>.<format> beside the folder")
    ] = None,
    language: Annotated[Language | None, typer.Option(help="default: as it was")] = None,
    browser: Annotated[
        str | None, typer.Option(help="the Chromium, Chrome or Edge that prints the PDF")
    ] = None,
    tests: Tests = None,
    max_age: Annotated[
        str | None,
        typer.Option(
            help="of a folder of reports: exit 1 where a customer's last run is older, such as 2d"
        ),
    ] = None,
) -> None:
    """Make report.html again, or write it in another format; of a folder of reports, index.html over all customers."""
    if not (report / RESULTS).is_file() and to is Format.html and output is None:
        with _told():
            lines, old = write_index(report, language.value if language else "en", max_age)
        typer.echo("\n".join(lines))
        raise typer.Exit(code=1 if old else 0)
    with _told():
        made = write_report(
            report,
            to,
            output=output,
            language=language.value if language else None,
            browser=browser,
            catalogue=lambda: _catalogue(tests),
        )
    typer.echo(str(made))


@app.command()
def script(
    selection: Annotated[str, typer.Argument(help="customer01, or customer01/web01")],
    inventory: Inventory = Path("hosts.yaml"),
    output: Annotated[Path, typer.Option(help="the folder to write into")] = Path(),
    markers: Annotated[str, typer.Option("-m", help='only these: iis, or "iis or os"')] = "",
    zipped: Annotated[
        bool, typer.Option("--zip", help="one file, with a guide and the mail's text")
    ] = False,
    language: Annotated[Language, typer.Option(help="of the guide and the mail")] = Language.en,
    sign: Annotated[
        Path | None,
        typer.Option(help="a PKCS#12 file (.pfx) to sign the script with (osslsigncode)"),
    ] = None,
    passphrase: Passphrase = None,
    tests: Tests = None,
) -> None:
    """Write the read-only script that a person runs on a server, and each server's question."""
    with _told():
        secret = resolve(passphrase, ask_at_terminal) if passphrase else None
        how = HandOver(output, markers, zipped, language.value, sign, secret)
        folder = tests or own_tests()
        lines = write_script(
            inventory, selection, _catalogue(tests), folder, how, datetime.now(UTC)
        )
    typer.echo("\n".join(lines))


@app.command(name="import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="what the script wrote: *.answer.json")],
    inventory: Inventory = Path("hosts.yaml"),
    tests: Tests = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Show what answers are of, and lay them unchanged into answers/<customer>/ beside the inventory."""
    now = datetime.now(UTC)
    with _told():
        catalogue = _catalogue(tests)
        told = [told_of(inventory, file, catalogue, now) for file in files]
    typer.echo("\n".join(line for one in told for line in one.lines))
    if not yes:
        typer.confirm("Lay them in?", abort=True)
    with _told():
        lines = [lay_in(one) for one in told]
    typer.echo("\n".join(lines))


@app.command(hidden=True)
def pdf(report: Report) -> None:
    """The old name of `acceptance report REPORT --to pdf`."""
    typer.echo(f"`acceptance pdf` is now: acceptance report {report} --to pdf", err=True)
    raise typer.Exit(code=2)


def _parties(names: str) -> list[Party]:
    known: dict[str, Party] = {party: party for party in PARTIES}
    wanted = [name.strip() for name in names.split(",")] if names else []
    for name in wanted:
        if name not in known:
            raise UsageError("--require: {name} is no party.", "supplier, customer", name=name)
    return [known[name] for name in wanted]


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
