"""What goes to the person at the server: only what was asked for, packed, in a language, signed."""

import io
import json
import shutil
import string
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from acceptance.cli.hand_over import signed_script
from acceptance.collecting.by_hand.script import NAME, script_by_hand, script_digest
from acceptance.errors import UsageError
from acceptance.report.texts import load_texts
from tests.cli.test_by_hand import HOSTS, call


@pytest.fixture(autouse=True)
def inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with hosts.yaml."""
    monkeypatch.chdir(tmp_path)
    Path("hosts.yaml").write_text(HOSTS, encoding="utf-8")


def asked() -> dict[str, list[str]]:
    """Of the question: the sections, and who waits for which."""
    data = json.loads(Path("acme-web01.ask.json").read_bytes())
    return {"sections": data["sections"], **data["requirements"]}


def test_markers_ask_for_less() -> None:
    """Only the sections that their requirements need, and what advice needs."""
    assert call("script", "acme", "-m", "iis")[0] == 0
    assert asked()["sections"] == ["features", "iis", "upkeep"]
    assert {one.split("-")[0] for one in asked()["features"]} == {"IIS"}
    assert call("script", "acme", "-m", "iis or network")[0] == 0
    assert set(asked()["sections"]) == {
        "features",
        "iis",
        "remote",
        "outbound",
        "schannel",
        "upkeep",
    }
    status, said = call("script", "acme", "-m", "iss")
    assert (status, "iss is no marker" in said) == (2, True)


@pytest.mark.parametrize(("language", "word"), [("en", "telephone"), ("nl", "telefoon")])
def test_a_zip_holds_all_that_a_person_needs(language: str, word: str) -> None:
    """Script, question, guide and mail; nothing lies beside it."""
    status, said = call("script", "acme", "--zip", "--language", language, "--output", "out")
    assert (status, script_digest() in said) == (0, True)
    (made,) = Path("out").iterdir()
    with zipfile.ZipFile(io.BytesIO(made.read_bytes())) as file:
        texts = {name: file.read(name) for name in file.namelist()}
    assert sorted(texts) == [NAME, "acme-web01.ask.json", "guide.txt", "mail.txt"]
    assert texts[NAME] == script_by_hand()
    guide = texts["guide.txt"].decode()
    assert word in guide
    assert "Turn on Script Execution" in guide
    for text in (guide, texts["mail.txt"].decode()):
        assert script_digest() in text
        assert "acme-web01.answer.json" in text


@pytest.mark.parametrize("kind", ["guide", "mail"])
def test_the_languages_say_the_same(kind: str) -> None:
    """The same values, no line beyond a page, as many paragraphs."""
    names, parts = {}, {}
    for language in ("en", "nl"):
        text = load_texts(language)["hand_over"][kind]
        names[language] = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        parts[language] = text.count("\n\n")
        assert len(text.splitlines()) <= 60
    assert names["en"] == names["nl"]
    assert parts["en"] == parts["nl"]


def test_a_key_that_is_none_is_told() -> None:
    """One line, without a traceback; also where the program is missing."""
    Path("key.pfx").write_bytes(b"no key")
    status, said = call("script", "acme", "--sign", "key.pfx")
    assert status == 2
    assert "could not be signed" in said or "osslsigncode, which is not installed" in said


def code_signing_key(passphrase: str) -> Path:
    """A self-made certificate for code, in a PKCS#12 file."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Clickker test")])
    now = datetime.now(UTC)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    path = Path("key.pfx")
    encryption = BestAvailableEncryption(passphrase.encode())
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"test", key, certificate, None, encryption)
    )
    return path


@pytest.mark.slow
def test_one_changed_byte_of_a_signed_script_fails(tmp_path: Path) -> None:
    """By the tool that others use; and a wrong passphrase is told, never printed."""
    if shutil.which("osslsigncode") is None:
        pytest.skip("needs osslsigncode")
    key = code_signing_key("pass-word")
    signed = signed_script(script_by_hand(), key, "pass-word")
    assert signed.startswith(script_by_hand().rstrip(b"\r\n"))
    at = signed.index(b"changes")
    for name, data in {
        "whole": signed,
        "changed": signed[:at] + b"C" + signed[at + 1 :],
    }.items():
        path = tmp_path / f"{name}.ps1"
        path.write_bytes(data)
        done = subprocess.run(
            ["osslsigncode", "verify", "-in", str(path)], capture_output=True, check=False
        )
        intact = b"MISMATCH" not in done.stdout
        assert intact == (name == "whole"), done.stdout
    with pytest.raises(UsageError) as refused:
        signed_script(script_by_hand(), key, "wrong-word")
    assert "wrong-word" not in str(refused.value)


SECRET = "a passphrase that nobody prints"


def test_no_secret_goes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the inventory or the key: not in what is written or said, not on a command line."""
    monkeypatch.setenv("ACME_SQL", SECRET)
    monkeypatch.setenv("KEY", SECRET)
    database = """
      db01:
        roles: [database]
        sql: {server: db01.acme.example, auth: sql, username: reader, password: env:ACME_SQL}
"""
    Path("hosts.yaml").write_text(HOSTS.rstrip() + database, encoding="utf-8")
    Path("key.pfx").write_bytes(b"any")
    program = tmp_path / "bin" / "osslsigncode"
    program.parent.mkdir()
    program.write_text(
        """#!/bin/sh
echo "$@" > "$PWD/arguments"; env > "$PWD/environment"; cat > "$PWD/stdin"
while [ "$1" != -in ]; do shift; done; cp "$2" "$4"
""",
        encoding="ascii",
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    arguments = ("--sign", "key.pfx", "--passphrase", "env:KEY", "--output", "out")
    status, said = call("script", "acme", *arguments)
    assert status == 0, said
    assert Path("stdin").read_text(encoding="utf-8") == SECRET
    assert SECRET not in Path("arguments").read_text(encoding="utf-8")
    assert SECRET not in said
    for one in Path("out").iterdir():
        assert SECRET.encode() not in one.read_bytes()
