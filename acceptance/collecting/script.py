"""One script for a host's whole run: what is sent over stdin, and what comes back.

stdin: line 1 is the parameters as JSON, then the prelude and, after a line of its own, each section's text. The
bootstrap, which is always the same and stands on the command line, runs the sections one by one, each under a clock,
and writes each answer as one line as soon as it is there. All of it is ASCII, since consoles' code pages differ.
"""

import base64
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from importlib import resources
from typing import Any

from pydantic import ValidationError

from acceptance.backends.base import Output
from acceptance.errors import OutputError
from acceptance.evidence.envelope import SectionError, Unread
from acceptance.evidence.windows import Sections
from acceptance.text import printable

POWERSHELL = r"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe"
SECTIONS = tuple(Sections.model_fields)
START, END = "@@FACT@@", "@@END@@"
LANGUAGE_MODE = "PowerShell runs in {mode}: AppLocker or WDAC forbids the collectors"
SECTION_SECONDS = 100  # what one section may take; a hanging call costs its own section only


def source(name: str) -> str:
    """A collector, the prelude or the bootstrap, as it stands in the repository."""
    return (
        resources.files("acceptance.collecting")
        .joinpath("powershell", f"{name}.ps1")
        .read_text(encoding="ascii")
    )


def arguments() -> list[str]:
    """powershell.exe's arguments: the bootstrap reads stdin and writes a line between sentinels for each section."""
    encoded = base64.b64encode(source("bootstrap").encode("utf-16-le")).decode("ascii")
    switches = ["-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass"]
    return [*switches, "-EncodedCommand", encoded]


def collector_script(sections: Sequence[str]) -> str:
    """The prelude, the functions of these sections only, and the calls. ASCII, `\\r\\n`."""
    return "\n".join([source("prelude"), *map(_text, sections)]).replace("\n", "\r\n")


def _text(section: str) -> str:
    """A section's own text, compiled by itself: antivirus refuses a whole text before its first line runs."""
    function = f"${{function:Get-{section.capitalize()}Section}}"
    call = f"Invoke-Section -Section {function} -Parameters $Parameters"
    return f"#@@ {section}\n{source(section)}\n{call}"


def stdin_payload(sections: Sequence[str], parameters: Mapping[str, Any] | None = None) -> bytes:
    """What the bootstrap reads: the sections' names and their parameters as one line of JSON, then the script."""
    asked = {"sections": list(sections), "seconds": SECTION_SECONDS}
    line = json.dumps({**asked, **(parameters or {})})
    return f"{line}\r\n{collector_script(sections)}\r\n".encode("ascii")


def digest(sections: Sequence[str]) -> str:
    """SHA-256 of everything that was run on the host: part of the evidence."""
    return sha256("\n".join([*arguments(), collector_script(sections)]).encode("ascii")).hexdigest()


def parse_output(host: str, output: Output, wanted: Sequence[str] = ()) -> Sections:
    """The lines between sentinels as sections; each of `wanted` that has none is unread.

    Raises OutputError, which says what came instead, where no section came at all.
    """
    lines = _lines(host, output)
    try:
        for line in lines:
            if "mode" in line:
                return _constrained(line)
        return _sections(lines, wanted)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _not_as_agreed(host, error) from None


def answer_of_section(host: str, output: Output, section: str) -> dict[str, Any]:
    """What one section answered, raw: `{"status": …}`. Raises OutputError where nothing of it came."""
    for line in _lines(host, output):
        if "mode" in line:
            message = LANGUAGE_MODE.format(mode=line["mode"])
            return {"status": "error", "error": {"type": "LanguageMode", "message": message}}
        if line.get("section") == section and isinstance(line.get("answer"), dict):
            found: dict[str, Any] = line["answer"]
            return found
    raise _nothing(host, output)


def _lines(host: str, output: Output) -> list[dict[str, Any]]:
    """What stands between the sentinels. Raises OutputError for nothing, no JSON, or a script that failed as a whole."""
    texts = list(_between_sentinels(output.stdout.decode("ascii", errors="replace")))
    if not texts:
        raise _nothing(host, output)
    try:
        lines = [_loads(text) for text in texts]
    except (ValueError, RecursionError) as error:
        raise _not_as_agreed(host, error) from None
    for line in lines:
        if not isinstance(line, dict):
            raise OutputError(
                host,
                "the collector's answer is not an object.",
                "Report this with evidence: it is an error of the suite.",
            )
        if line.get("ok") is False:
            where = f"line {line.get('line')}: {line.get('type')}: {str(line.get('message')).rstrip('.')}"
            raise OutputError(
                host,
                f"the collector's script failed as a whole: {where}.",
                "It is an error of the suite: report it.",
            )
    return lines


def _not_as_agreed(host: str, error: Exception) -> OutputError:
    return OutputError(
        host,
        f"the collector's answer is not as agreed: {_first_line(error)}.",
        "Report it: the suite and this server disagree on a shape.",
    )


def _between_sentinels(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        start, end = line.find(START), line.rfind(END)
        if 0 <= start < end:
            yield line[start + len(START) : end]


def _nothing(host: str, output: Output) -> OutputError:
    text = output.stdout.decode("ascii", errors="replace")
    errors = (
        clixml_errors(output.stderr.decode("utf-8", errors="replace"))
        or printable(text).strip()[-300:]
    )
    said = errors.rstrip(".") or "nothing"
    return OutputError(
        host,
        f"the collector's answer is missing (exit code {output.exit_code}); PowerShell said: {said}.",
        "Look at antivirus and AppLocker logs on the server; run again with one marker to narrow it down.",
    )


def _loads(text: str) -> Any:
    """JSON, with a replacement character for half a surrogate pair, which no file of ours could hold."""
    return json.loads(_whole_characters(json.dumps(json.loads(text), ensure_ascii=False)))


def _whole_characters(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _sections(lines: Sequence[dict[str, Any]], wanted: Sequence[str]) -> Sections:
    """The sections of the lines; what is wanted and did not come, or came twice, is unread."""
    missing = _unread("Missing", "the collectors ended before this section was read")
    twice = _unread("Shape", "the collector's answer is not as agreed: it came twice")
    read: dict[str, Any] = dict.fromkeys(wanted, missing)
    came = set[str]()
    for line in lines:
        name = line["section"]
        read[name] = twice if name in came else line["answer"]
        came.add(name)
    return sections_of(read)


def sections_of(answers: Any) -> Sections:
    """The sections of an answer. Raises ValueError for what is not as agreed."""
    if not isinstance(answers, dict) or not answers.keys() <= set(SECTIONS):
        raise ValueError(
            f"sections must be an object with no other keys than {', '.join(SECTIONS)}"
        )
    null = _unread("Shape", "the collector's answer is not as agreed: it is null")
    return Sections.model_validate(
        {name: null if answer is None else answer for name, answer in answers.items()}
    )


def _unread(kind: str, message: str) -> Unread:
    error = SectionError(type=kind, message=message)
    return Unread(status="error", error=error, milliseconds=0)


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def _constrained(answer: dict[str, str]) -> Sections:
    """In ConstrainedLanguage only version and mode can be told: the other sections stay unread."""
    mode = str(answer["mode"])
    unread = {
        "status": "error",
        "error": {
            "type": "LanguageMode",
            "message": LANGUAGE_MODE.format(mode=mode),
        },
        "milliseconds": 0,
    }
    powershell = {
        "status": "ok",
        "milliseconds": 0,
        "value": {
            "version": str(answer["version"]),
            "edition": None,
            "language_mode": mode,
            "is_64_bit": None,
            "execution_policies": None,
        },
    }
    return Sections.model_validate(dict.fromkeys(SECTIONS, unread) | {"powershell": powershell})


def clixml_errors(stderr: str) -> str:
    """The error records of PowerShell's CLIXML on stderr, as one line; progress records are noise."""
    texts = re.findall(r'<S S="Error">(.*?)</S>', stderr, flags=re.DOTALL)
    escaped = html.unescape("".join(texts))
    decoded = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), escaped)
    return " ".join(printable(_whole_characters(decoded)).split())
