"""The `acceptance` command: what is no test run."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from acceptance.catalogue.pages import traceability as traceability_page
from acceptance.catalogue.place import own_tests
from acceptance.cli.by_hand import HandOver, lay_in, told_of, write_script
from acceptance.cli.check import check_inventory
from acceptance.cli.explain import explain as explain_requirement
from acceptance.cli.init import init as make_folder
from acceptance.cli.options import (
    Inventory,
    Passphrase,
    Report,
    Tests,
    catalogue_of,
    known_language,
    one_of,
    say,
    told,
)
from acceptance.cli.report import Format, write_index, write_report
from acceptance.cli.signatures import keygen, sign, verify
from acceptance.report.files import RESULTS
from acceptance.secrets import ask_at_terminal, resolve

app = typer.Typer(
    help="Commands around the acceptance tests, which pytest --hosts=… runs: inventories, "
    "signed reports, PDF.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # one of them may be a secret
)


@app.command(epilog="Example: acceptance explain IIS-07")
def explain(
    requirement: Annotated[
        list[str] | None,
        typer.Argument(
            help="its id, such as IIS-07, a label of the document (Standard Document), or words; "
            "without one: every clause and its ids"
        ),
    ] = None,
    tests: Tests = None,
) -> None:
    """Print where a requirement is defined, read, judged and mended, with file and line."""
    with told():
        catalogue = catalogue_of(tests)
        if requirement:
            lines = explain_requirement(catalogue, tests or own_tests(), " ".join(requirement))
        else:
            lines = traceability_page(catalogue).splitlines()
    say(*lines)


@app.command(epilog="Example: acceptance check --inventory=hosts.yaml")
def check(
    inventory: Annotated[Path, typer.Option(help="the customers and their servers")] = Path(
        "hosts.yaml"
    ),
    tests: Tests = None,
    connect: Annotated[
        str | None,
        typer.Option(
            metavar="CUSTOMER",
            help="also try each server's name, port, TLS and log-in; which other ways are open",
        ),
    ] = None,
) -> None:
    """Check an inventory; without --connect it connects nowhere."""
    with told():
        catalogue = catalogue_of(tests)
        result = check_inventory(
            inventory, catalogue, tests or own_tests(), datetime.now(UTC).date()
        )
    say(*result.lines, err=bool(result.wrong))
    if result.wrong or connect is None:
        raise typer.Exit(code=2 if result.wrong else 0)
    failed = False
    with told():
        # Only who connects needs the libraries for it.
        from acceptance.cli.connect import connect as try_ways

        for line, bad in try_ways(inventory, connect, catalogue):
            say(line)
            failed |= bad
    raise typer.Exit(code=1 if failed else 0)


@app.command(epilog="Example: acceptance init customers")
def init(
    folder: Annotated[Path, typer.Argument(help="made where it is missing")] = Path(),
) -> None:
    """Make a folder to work in: a commented hosts.yaml and .gitignore. Overwrites nothing."""
    with told():
        lines = make_folder(folder)
    say(*lines)


@app.command(
    epilog="Example: acceptance report reports/customer01/2026-11-25T120000Z --language=nl"
)
def report(
    report: Report,
    to: Annotated[
        str,
        typer.Option(
            callback=one_of(lambda: list(Format)),
            help="html: report.html again; pdf, csv, hdf: a file beside the folder",
        ),
    ] = Format.html,
    output: Annotated[
        Path | None, typer.Option(help="default: <customer>-<time>.<format> beside the folder")
    ] = None,
    language: Annotated[
        str | None, typer.Option(callback=known_language, help="default: as it was")
    ] = None,
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
    """Make report.html again, or write it in another format;
    of a folder of reports, index.html over all customers.
    """
    with told():
        is_one = (report / RESULTS).is_file()
    if not is_one and to == Format.html and output is None:
        with told():
            lines, old = write_index(report, language or "en", max_age)
        say(*lines)
        raise typer.Exit(code=1 if old else 0)
    with told():
        made = write_report(
            report,
            Format(to),
            output=output,
            language=language,
            browser=browser,
            catalogue=lambda: catalogue_of(tests),
        )
    say(str(made))


@app.command(epilog="Example: acceptance script customer01/web01 --output=to-mail")
def script(
    selection: Annotated[str, typer.Argument(help="customer01, or customer01/web01")],
    inventory: Inventory = Path("hosts.yaml"),
    output: Annotated[Path, typer.Option(help="the folder to write into")] = Path(),
    markers: Annotated[str, typer.Option("-m", help='only these: iis, or "iis or os"')] = "",
    zipped: Annotated[
        bool, typer.Option("--zip", help="one file, with a guide and the mail's text")
    ] = False,
    language: Annotated[
        str, typer.Option(callback=known_language, help="of the guide and the mail")
    ] = "en",
    sign: Annotated[
        Path | None,
        typer.Option(help="a PKCS#12 file (.pfx) to sign the script with (osslsigncode)"),
    ] = None,
    passphrase: Passphrase = None,
    report: Annotated[
        Path | None,
        typer.Option(help="a report's folder: the script shows its open points again"),
    ] = None,
    checks: Annotated[
        Path | None, typer.Option(help="a folder of your own checks, whose facts are read too")
    ] = None,
    tests: Tests = None,
) -> None:
    """Write the read-only script that a person runs on a server, and each server's question."""
    with told():
        secret = resolve(passphrase, ask_at_terminal) if passphrase else None
        how = HandOver(output, markers, zipped, language, sign, secret, report, checks)
        folder = tests or own_tests()
        lines = write_script(
            inventory, selection, catalogue_of(tests), folder, how, datetime.now(UTC)
        )
    say(*lines)


@app.command(name="import", epilog="Example: acceptance import web01.answer.json --yes")
def import_(
    files: Annotated[list[Path], typer.Argument(help="what a script or a report's page wrote")],
    inventory: Inventory = Path("hosts.yaml"),
    tests: Tests = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Show what answers are of, and lay them unchanged into answers/<customer>/ beside the
    inventory.
    """
    now = datetime.now(UTC)
    with told():
        catalogue = catalogue_of(tests)
        answers = [told_of(inventory, file, catalogue, now) for file in files]
    say(*(line for one in answers for line in one.lines))
    if not yes:
        typer.confirm("Lay them in?", abort=True)
    with told():
        lines = [lay_in(one) for one in answers]
    say(*lines)


REPORT = "reports/customer01/2026-11-25T120000Z"
for command, example in (
    (keygen, "keygen supplier.key"),
    (sign, f"sign {REPORT} --as=supplier --name=Jansen --role=engineer --key=supplier.key"),
    (verify, f"verify {REPORT}"),
):
    app.command(epilog=f"Example: acceptance {example}")(command)


WHATEVER = {"ignore_unknown_options": True, "allow_extra_args": True}  # an old name's options


@app.command(epilog="Example: acceptance redact hosts.yaml --output redacted")
def redact(
    files: Annotated[list[Path], typer.Argument(help="evidence, answers, an inventory")],
    output: Annotated[Path, typer.Option(help="a new folder")] = Path("redacted"),
) -> None:
    """Write files without the customer's names, the same name replaced alike in all of them."""
    from acceptance.cli.redact import redact as redact_files

    with told():
        lines = redact_files(files, output)
    say(*lines)


@app.command(hidden=True, context_settings=WHATEVER)
def pdf() -> None:
    """The old name of `acceptance report REPORT --to pdf`."""
    _renamed("pdf", "acceptance report REPORT --to pdf")


@app.command(hidden=True, context_settings=WHATEVER)
def traceability() -> None:
    """The old name of `acceptance explain` without an id."""
    _renamed("traceability", "acceptance explain")


def _renamed(old: str, new: str) -> NoReturn:
    say(f"`acceptance {old}` is now: {new}", err=True)
    raise typer.Exit(code=2)
