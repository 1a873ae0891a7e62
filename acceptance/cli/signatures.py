"""keygen, sign, verify: the commands over a report's signatures."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from acceptance.cli.options import Packed, Passphrase, one_of, say, told
from acceptance.errors import UsageError
from acceptance.report.files import SIGNED_PAGE
from acceptance.report.packed import as_folder, pack_again
from acceptance.secrets import ask_at_terminal, resolve
from acceptance.signing import keys
from acceptance.signing.described import MEANS, describe
from acceptance.signing.sign import sign_report
from acceptance.signing.sign_off import PARTIES
from acceptance.signing.statement import Party
from acceptance.signing.verify import verify_report
from acceptance.text import one_line, visible


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
    with told():
        secret = resolve(passphrase, ask_at_terminal) if passphrase else None
        made = keys.make_key(key, secret)
    say(
        keys.fingerprint(made),
        "Give this fingerprint to the other party by another way than the report.",
    )


def sign(
    report: Packed,
    party: Annotated[
        str,
        typer.Option(
            "--as",
            callback=one_of(lambda: PARTIES),
            help="for whom, supplier or customer; what the signature says follows from the report",
        ),
    ],
    name: Annotated[str, typer.Option(help="the signer's name")],
    role: Annotated[str, typer.Option(help="the signer's role")],
    key: Annotated[str, typer.Option(help="a PEM file, or keyring:service/user")],
    passphrase: Passphrase = None,
    remark: Annotated[str, typer.Option(help="stands in the signature, such as a condition")] = "",
) -> None:
    """Sign a report for one party; the page with the signatures is report-signed.html."""
    with told():
        secret = keys.load_key(key, passphrase, ask_at_terminal)
        with as_folder(report) as folder:
            made = sign_report(
                folder,
                secret,
                party=_parties(party)[0],
                name=name,
                role=role,
                now=datetime.now(UTC),
                remark=remark,
            )
            pack_again(report, folder)
    said = made.statement.predicate
    say(
        f"{one_line(said.signer.name)} {MEANS[said.meaning]}: "
        f"verdict {said.report.verdict} ({said.report.reason}).",
        f"Signed {len(made.statement.subject)} files with the key {made.fingerprint}.",
        f"Signature: {report / made.file}",
        f"Page:      {report / SIGNED_PAGE}",
    )


def verify(
    report: Packed,
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
    """Say who signed a report, and every file that changed, is missing or was added.

    Exit status 0: signed and intact.
    """
    with told(), as_folder(report) as folder:
        result = verify_report(
            folder,
            keys.load_trusted(trusted) if trusted else None,
            _parties(require),
            datetime.now(UTC),
        )
    for line in describe(result):
        typer.echo(
            visible(line).replace("\n", "[U+000A]")
        )  # names and remarks must not write lines of their own
    raise typer.Exit(code=0 if result.intact else 1)


def _parties(names: str) -> list[Party]:
    known: dict[str, Party] = {party: party for party in PARTIES}
    wanted = [name.strip() for name in names.split(",")] if names else []
    for name in wanted:
        if name not in known:
            raise UsageError(
                "--require: {name} is no party.",
                "Name one or both: supplier,customer.",
                name=name,
            )
    return [known[name] for name in wanted]
