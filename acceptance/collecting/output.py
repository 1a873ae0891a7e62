"""What comes back from a host's run: the lines between sentinels as sections,
or one sentence that says what came instead.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from acceptance.backends.base import Output
from acceptance.collecting.script import END, OWN, SECTIONS, START
from acceptance.errors import OutputError, misfit
from acceptance.evidence.envelope import SectionError, Unread
from acceptance.evidence.windows import Sections
from acceptance.text import Sentence, one_line, printable, said

LONGEST = 300  # characters of what somebody else said
CLIXML = re.compile(r"#< CLIXML|<Objs[ >].*?</Objs>", re.DOTALL)  # progress and the like: noise
NO_SUCH_PROGRAM = 9009  # cmd.exe's exit code where it finds none, in any language
ANTIVIRUS = "ScriptContainedMaliciousContent"  # AMSI's answer: an id, in no language
REPORT = "Report it: the suite and this server disagree on a shape."
LOGS = (
    "Look at antivirus and AppLocker logs on the server; "
    "run again with one marker to narrow it down."
)


def parse_output(host: str, output: Output, wanted: Sequence[str] = (), late: str = "") -> Sections:
    """The lines between sentinels as sections; each of `wanted` that has none is unread.

    `late`: why the rest was not waited for.
    Raises OutputError, which says what came instead, where no section came.
    """
    whole, damaged = _lines(host, output)
    try:
        for line in whole:
            if "mode" in line:
                return _constrained(line)
        return _sections(whole, wanted, late or _cause(damaged))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _not_as_agreed(host, error) from None


def answer_of_section(host: str, output: Output, section: str) -> dict[str, Any]:
    """What one section answered, raw: `{"status": "ok", "value": …}`.

    Raises OutputError where nothing of it came.
    """
    whole, damaged = _lines(host, output)
    for line in whole:
        if "mode" in line:
            return {"status": "error", "error": _of_language_mode(str(line["mode"]))}
        if line.get("section") == section and isinstance(line.get("answer"), dict):
            found: dict[str, Any] = line["answer"]
            return found
    raise OutputError(host, *damaged[0]) if damaged else _nothing(host, output)


Told = tuple[Sentence, str]  # what is wrong, and what to do


def _lines(host: str, output: Output) -> tuple[list[dict[str, Any]], list[Told]]:
    """The answers, and why the others are none.

    Raises OutputError where there is no answer, or the script failed.
    """
    lines = [_line(text) for text in _between_sentinels(output.stdout)]
    whole = [line for line in lines if isinstance(line, dict)]
    damaged = [line for line in lines if not isinstance(line, dict)]
    if not whole:
        raise OutputError(host, *damaged[0]) if damaged else _nothing(host, output)
    for line in whole:
        if line.get("ok") is False:
            raise _failed(host, line)
    return whole, damaged


def _between_sentinels(stdout: bytes) -> Iterator[bytes]:
    for line in stdout.split(b"\n"):
        start, end = line.find(START.encode()), line.rfind(END.encode())
        if 0 <= start < end:
            yield line[start + len(START) : end]


def _line(text: bytes) -> dict[str, Any] | Told:
    """One answer; else why it is none."""
    if not text.isascii():
        return (
            said("the collector's answer has characters in it that it did not send."),
            "Something on the way changes output: a code page, a profile, a recorder of sessions.",
        )
    try:
        line = _loads(text.decode("ascii"))
    except (ValueError, RecursionError) as error:
        return _disagreement(error), REPORT
    if not isinstance(line, dict):
        return (
            said("the collector's answer is not an object."),
            "Report this with evidence: it is an error of the suite.",
        )
    return line


def _cause(damaged: Sequence[Told]) -> str:
    if damaged:
        return f"its answer may be one that came damaged: {str(damaged[0][0]).rstrip('.')}"
    return "the collectors ended before this section was read"


def _failed(host: str, line: dict[str, Any]) -> OutputError:
    if line.get("id") == ANTIVIRUS:
        return OutputError(
            host,
            "antivirus on the server refused the collectors' text.",
            "Let its administrator look at the antivirus' log, and allow the script: "
            "it only reads, and stands in the suite as it is sent.",
        )
    return OutputError(
        host,
        "the collector's script failed as a whole: line {line}: {type}: {words}.",
        "It is an error of the suite: report it.",
        line=one_line(str(line.get("line")), LONGEST),
        type=one_line(str(line.get("type")), LONGEST),
        words=one_line(str(line.get("message")), LONGEST).rstrip("."),
    )


def _nothing(host: str, output: Output) -> OutputError:
    """No answer at all: what the server said instead, in whatever form and code page."""
    if output.exit_code == NO_SUCH_PROGRAM:
        return OutputError(
            host,
            "the server has no powershell.exe where it belongs (exit code 9009).",
            "Repair Windows PowerShell; it belongs to every Windows Server.",
        )
    if START.encode() in output.stdout:
        return OutputError(
            host,
            "the collector's answer was cut off in the middle (exit code {code}).",
            "Something ended PowerShell there, such as antivirus or a full disk: "
            "look at the server's event log.",
            code=output.exit_code,
        )
    words = _words(output.stderr) or _words(output.stdout[-4 * LONGEST :])[-LONGEST:]
    return OutputError(
        host,
        "the collector's answer is missing (exit code {code}); PowerShell said: {words}.",
        LOGS,
        code=output.exit_code,
        words=words.rstrip(".") or said("nothing"),
    )


def _words(stream: bytes) -> str:
    """A stream as one line: PowerShell's error records, else its plain text.

    cmd.exe, group policy and antivirus write plain text;
    where it is no UTF-8, in the code page of Western Europe.
    """
    try:
        text = stream.decode("utf-8")
    except UnicodeDecodeError:
        text = stream.decode("cp850")
    return clixml_errors(text) or one_line(CLIXML.sub("", text), LONGEST)


def _not_as_agreed(host: str, error: Exception) -> OutputError:
    return OutputError(host, _disagreement(error), REPORT)


def _disagreement(error: Exception) -> Sentence:
    return said("the collector's answer is not as agreed: {what}.", what=_first_line(error))


def _loads(text: str) -> Any:
    """JSON, with a replacement character for half a surrogate pair,
    which no file of ours could hold.
    """
    return json.loads(_whole_characters(json.dumps(json.loads(text), ensure_ascii=False)))


def _whole_characters(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _sections(
    lines: Sequence[dict[str, Any]], wanted: Sequence[str], missing_because: str
) -> Sections:
    """The sections of the lines; what is wanted and did not come, or came twice, is unread."""
    missing = _unread("Missing", missing_because)
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
    if not isinstance(answers, dict) or not answers.keys() <= {*SECTIONS, OWN}:
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
        return ": ".join(misfit(error))
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def _constrained(answer: dict[str, str]) -> Sections:
    """In ConstrainedLanguage only version and mode can be told: the other sections stay unread."""
    mode = str(answer["mode"])
    unread = {
        "status": "error",
        "error": _of_language_mode(mode),
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


def _of_language_mode(mode: str) -> dict[str, str]:
    message = f"PowerShell runs in {mode}: AppLocker or WDAC forbids the collectors"
    return {"type": "LanguageMode", "message": message}


def clixml_errors(stderr: str) -> str:
    """The error records of PowerShell's CLIXML on stderr, as one line;
    progress records are noise.
    """
    texts = re.findall(r'<S S="Error">(.*?)</S>', stderr, flags=re.DOTALL)
    escaped = html.unescape("".join(texts))
    decoded = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), escaped)
    return " ".join(printable(_whole_characters(decoded)).split())
