"""What goes to the person at the server: script, questions, a one-page guide, the mail's text;
signed where asked for.
"""

import io
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from acceptance.collecting.by_hand.script import script_digest
from acceptance.errors import UsageError
from acceptance.report.texts import load_texts
from acceptance.secrets import environment
from acceptance.text import one_line

GUIDE, MAIL = "guide", "mail"
SIGNER = (
    "osslsigncode"  # writes Authenticode signatures outside Windows; PowerShell scripts since 2.8
)


def words(kind: str, language: str, customer: str, hosts: list[str], *, signed: bool) -> str:
    """The guide or the mail, in a language."""
    texts = load_texts(language)["hand_over"]
    text: str = texts[kind]
    return text.format(
        customer=customer,
        hosts=", ".join(hosts),
        questions=", ".join(f"{customer}-{host}.ask.json" for host in hosts),
        answers=", ".join(f"{customer}-{host}.answer.json" for host in hosts),
        answer=f"{customer}-{hosts[0]}.answer.json",
        digest=script_digest(),
        signed=texts["signed"] if signed else "",
    )


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip file of them."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return made.getvalue()


def signed_script(script: bytes, key: Path, passphrase: str | None) -> bytes:
    """The script with an Authenticode block at its end,
    by the key and certificate of a PKCS#12 file.

    Raises UsageError where that cannot be made. The passphrase goes over stdin:
    a command line can be read by others.
    """
    if not key.is_file():
        raise UsageError("--sign: there is no file {key}.", key=os.fspath(key))
    with tempfile.TemporaryDirectory() as folder:
        plain, made = Path(folder) / "plain.ps1", Path(folder) / "signed.ps1"
        plain.write_bytes(script)
        command = [SIGNER, "sign", "-h", "sha256", "-pkcs12", str(key.absolute())]
        command += ["-readpass", "-"] if passphrase else []
        command += ["-in", str(plain), "-out", str(made)]
        try:
            done = subprocess.run(  # noqa: S603 - our own arguments, no shell
                command,
                input=(passphrase or "").encode(),
                env=environment(),
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise UsageError(
                "--sign needs the program {signer}, which is not installed.",
                "Debian and Ubuntu: apt-get install osslsigncode; it must be 2.8 or later.",
                signer=SIGNER,
            ) from None
        if done.returncode != 0 or not made.is_file():
            said = (done.stdout + done.stderr).decode("utf-8", "replace")
            said = said.replace(str(key.absolute()), key.name).replace(f"{folder}{os.sep}", "")
            raise UsageError(
                "{key}: the script could not be signed with it: {why}.",
                "Name a PKCS#12 file (.pfx) with a code signing certificate; "
                "--passphrase where it has one.",
                key=os.fspath(key),
                why=one_line(said, 200).rstrip("."),
            )
        return made.read_bytes()
