"""The bootstrap where it cannot do its work: each ends with a code and a sentence."""

import base64
import subprocess
from pathlib import Path

import pytest

from acceptance.backends.base import Output
from acceptance.collecting.output import parse_output
from acceptance.collecting.script import arguments, stdin_payload
from acceptance.errors import OutputError
from acceptance.evidence.envelope import Read

pytestmark = pytest.mark.pwsh


def test_a_question_that_is_none_ends_the_script_with_its_reason() -> None:
    """Nothing that could be read came over stdin."""
    asked = b"{half\r\n#@@ os\r\n1\r\n"
    done = subprocess.run(["pwsh", *arguments()], input=asked, capture_output=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (70, b"@@DONE@@70")
    with pytest.raises(OutputError, match="the collector's script failed as a whole: "):
        parse_output("web01", Output(done.stdout, done.stderr, done.returncode))


def test_a_constrained_language_is_said_and_nothing_else(shared: Path) -> None:
    """As the script stands on the command line; in Microsoft's PowerShell, which has the mode."""
    sent = base64.b64decode(arguments()[-1]).decode("utf-16-le")
    constrain = "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'"
    command = [str(shared / "pwsh7" / "pwsh"), "-NoProfile", "-NonInteractive", "-Command"]
    done = subprocess.run(
        [*command, f"{constrain}\n{sent}"],
        input=stdin_payload(["os"]), capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (71, b"")
    assert done.stdout.splitlines()[-1] == b"@@DONE@@71"
    read = parse_output("web01", Output(done.stdout, b"", 71))
    assert isinstance(read.powershell, Read)
    assert read.powershell.value.language_mode == "ConstrainedLanguage"
