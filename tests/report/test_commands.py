"""The commands keygen, sign, verify, report and pdf, as a person calls them."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import keyring
import pytest
from typer.testing import CliRunner

from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import load_catalogue
from acceptance.cli.app import app
from acceptance.findings.finding import Kind
from acceptance.report import pdf
from acceptance.report.results import id_ranges
from tests.report.samples import finding

Make = Callable[..., Path]
DOCS = Path(__file__).parents[2] / "docs"


def call(*arguments: object) -> tuple[int, str]:
    """Exit status, and stdout with stderr."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def sign(report: Path, party: str, key: object, *more: object) -> tuple[int, str]:
    return call(
        "sign",
        report,
        "--as",
        party,
        "--name",
        "J. Jansen",
        "--role",
        "manager",
        "--key",
        key,
        *more,
    )


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A new key file without a passphrase."""
    assert call("keygen", tmp_path / "key.pem")[0] == 0
    return tmp_path / "key.pem"


def test_from_key_to_verification(
    make_report: Make, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key with and one without passphrase, both parties, a list of trusted keys, and a change."""
    monkeypatch.setenv("KEY_WORDS", "correct horse")
    status, said = call("keygen", tmp_path / "second.pem", "--passphrase", "env:KEY_WORDS")
    fingerprint = said.split()[0]
    report = make_report(whole=True, findings=[finding(1, Kind.MET)])
    assert sign(report, "supplier", key)[0] == 0
    assert sign(report, "customer", tmp_path / "second.pem") == (
        2,
        f"the key {tmp_path / 'second.pem'} needs a passphrase. Use --passphrase env:NAME, "
        "keyring:… or prompt:.\n",
    )
    status, said = sign(
        report,
        "customer",
        tmp_path / "second.pem",
        "--passphrase",
        "env:KEY_WORDS",
        "--remark",
        "IIS-07 by 1 December",
    )
    assert status == 0, said
    status, said = call("verify", report)
    assert status == 0
    assert "J. Jansen (manager), for the customer, accepts this report" in said
    assert "remark: IIS-07 by 1 December" in said
    (tmp_path / "trusted.txt").write_text(
        f"# ours\n{fingerprint} customer Customer N.V.  # by phone\n"
    )
    status, said = call("verify", report, "--trusted", tmp_path / "trusted.txt")
    assert status == 1
    assert "in the list of trusted keys as Customer N.V." in said
    assert "signatures/supplier.dsse.json: the key SHA256:" in said
    (report / "junit.xml").write_text("x")
    status, said = call("verify", report)
    assert status == 1
    assert "junit.xml: was changed after signing" in said
    assert "correct horse" not in said


def test_a_key_is_private_and_never_overwritten(key: Path) -> None:
    """The file is readable by its owner only; a second keygen refuses;
    a key that others can read is refused.
    """
    assert os.name != "posix" or key.stat().st_mode & 0o777 == 0o600
    before = key.read_bytes()
    status, said = call("keygen", key)
    assert (status, key.read_bytes()) == (2, before)
    assert "never overwritten" in said
    assert b"PRIVATE" not in key.with_name("key.pem.pub").read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_a_key_that_others_can_read_is_refused(make_report: Make, key: Path) -> None:
    """With the command that mends it."""
    key.chmod(0o644)
    status, said = sign(make_report(), "supplier", key)
    assert status == 2
    assert f"chmod 600 {key}" in said


def test_a_key_in_the_keyring(make_report: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made there, used from there, never overwritten there."""
    entries: dict[tuple[str, str], str] = {}
    monkeypatch.setattr(keyring, "get_password", lambda service, user: entries.get((service, user)))
    monkeypatch.setattr(
        keyring, "set_password", lambda service, user, text: entries.update({(service, user): text})
    )
    assert call("keygen", "keyring:acceptance/supplier")[0] == 0
    assert call("keygen", "keyring:acceptance/supplier")[0] == 2
    report = make_report()
    assert sign(report, "supplier", "keyring:acceptance/supplier")[0] == 0
    assert call("verify", report)[0] == 0


@pytest.mark.parametrize(
    "content", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_what_is_no_key_is_one_line(make_report: Make, tmp_path: Path, content: str) -> None:
    """And nothing is signed."""
    path = tmp_path / "bad.pem"
    path.write_text(content)
    path.chmod(0o600)
    report = make_report()
    status, said = sign(report, "supplier", path)
    assert status == 2
    assert "no private key in PEM" in said
    assert not (report / "signatures").exists()


@pytest.mark.parametrize("trusted", ["SHA256:xyz me", "me", f"SHA256:{'a' * 64}"])
def test_a_list_of_trusted_keys_is_read_strictly(
    make_report: Make, tmp_path: Path, trusted: str
) -> None:
    """A line that is none is an error with its number, not a key less."""
    (tmp_path / "trusted.txt").write_text(f"\n{trusted}\n")
    status, said = call("verify", make_report(), "--trusted", tmp_path / "trusted.txt")
    assert status == 2
    assert "trusted.txt:2: is no line of trusted keys" in said


def test_names_reach_the_terminal_without_control_characters(make_report: Make, key: Path) -> None:
    """A name that turns or hides text is written out."""
    report = make_report()
    assert (
        call(
            "sign",
            report,
            "--as",
            "supplier",
            "--name",
            "a\x1b[2Jb\u202ec",
            "--role",
            "r",
            "--key",
            key,
        )[0]
        == 0
    )
    said = call("verify", report)[1]
    assert "a[U+001B][2Jb[U+202E]c" in said
    assert "\x1b" not in said


def test_the_page_is_made_again_in_another_language(make_report: Make, key: Path) -> None:
    """And not once it is signed."""
    report = make_report()
    assert call("report", report, "--language", "nl") == (0, f"{report / 'report.html'}\n")
    assert sign(report, "supplier", key)[0] == 0
    assert "Digitale handtekeningen" in (report / "report-signed.html").read_text(encoding="utf-8")
    status, said = call("report", report)
    assert status == 2
    assert "never overwritten" in said


def test_a_folder_that_is_no_report_is_one_line(tmp_path: Path, key: Path) -> None:
    """For every command."""
    for arguments in (
        ["verify", tmp_path / "none"],
        ["report", tmp_path],
        ["report", tmp_path, "--to", "pdf"],
    ):
        status, said = call(*arguments)
        assert status == 2
        assert len(said.splitlines()) == 1
    assert sign(tmp_path, "supplier", key)[0] == 2


def test_pdf_by_the_systems_browser(make_report: Make, key: Path, browser: object) -> None:
    """Beside the folder; a signed report still verifies afterwards;
    inside a signed folder it is refused.
    """
    report = make_report()
    assert call("report", report)[0] == 0
    assert sign(report, "supplier", key)[0] == 0
    status, said = call("report", report, "--to", "pdf")
    assert status == 0, said
    assert Path(said.strip()).read_bytes().startswith(b"%PDF")
    assert Path(said.strip()).parent == report.parent
    assert call("verify", report)[0] == 0
    status, said = call("report", report, "--to", "pdf", "--output", report / "report.pdf")
    assert status == 2
    assert "added to a signed report" in said


def test_without_a_browser_the_pdf_says_what_to_do(
    make_report: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence, with the way that needs none."""
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(pdf, "PLACES", ())
    status, said = call("report", make_report(), "--to", "pdf")
    assert status == 2
    assert said.startswith("there is no Chromium, Chrome or Edge on this machine")
    assert "open report.html in any browser and print it" in said


def test_a_browser_that_fails_is_told(make_report: Make) -> None:
    """Not there, or no browser at all."""
    report = make_report()
    assert (
        "could not be started"
        in call("report", report, "--to", "pdf", "--browser", "/no/such/browser")[1]
    )
    if os.name == "posix":
        assert (
            "made no PDF (exit status 0)"
            in call("report", report, "--to", "pdf", "--browser", shutil.which("true"))[1]
        )


@pytest.mark.skipif(
    os.name != "posix" or not shutil.which("openssl"), reason="needs a POSIX shell and openssl"
)
def test_others_can_check_it_as_documented(make_report: Make, key: Path, tmp_path: Path) -> None:
    """The commands of docs/signing.md, with Python's standard library and openssl alone."""
    report = make_report()
    assert sign(report, "supplier", key)[0] == 0
    page = (DOCS / "signing.md").read_text(encoding="utf-8")
    script = page.split("## Checking it without this suite")[1].split("```sh\n")[1].split("```")[0]
    script = script.replace("/tmp/", f"{tmp_path}/")
    done = subprocess.run(
        ["sh", "-ec", script], cwd=report, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout
    assert "results.json: OK" in done.stdout
    (report / "results.json").write_text("{}")
    assert (
        subprocess.run(
            ["sh", "-ec", script], cwd=report, capture_output=True, check=False
        ).returncode
        != 0
    )


def test_a_folder_that_holds_no_report_is_not_called_unsigned(make_report: Make) -> None:
    """Somebody named the customer's folder, not the run's."""
    report = make_report()
    status, said = call("verify", report.parent)
    assert status == 2
    assert said.startswith(
        f"{report.parent} is no report: it holds neither report.html nor results.json."
    )
    assert call("verify", report) == (1, "Not signed: nobody has signed this report yet.\n")


def test_ids_may_be_typed_in_short() -> None:
    """`iis-7` is IIS-07; an unknown one gets the known ones, in brief."""
    assert call("explain", "iis-7")[1].startswith("IIS-07 ")
    status, said = call("explain", "IIS-00")
    assert status == 2
    known = load_catalogue(own_tests() / "requirements").entries
    assert f"known: {id_ranges(known)}." in said.replace("\n", " ")


def test_names_and_remarks_write_no_lines_of_their_own(make_report: Make, key: Path) -> None:
    """A remark could otherwise say that its key is trusted,
    or a file's name that nothing changed.
    """
    report = make_report()
    claim = "Nothing changed: all 9 files are as they were signed."
    assert sign(report, "supplier", key, "--remark", f"ok\n{claim}")[0] == 0
    (report / f"x\n{claim}").write_text("", encoding="utf-8")
    status, said = call("verify", report)
    assert status == 1
    assert claim not in said.splitlines()
    assert f"[U+000A]{claim}" in said
