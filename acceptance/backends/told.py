"""The tables of docs/errors.md, from the code's own:
`python -m acceptance.backends.told` prints them.

Each row goes the way that the fault itself takes:
what is met is classified, and the sentence is what that gives.
"""

from collections.abc import Iterator

from winrm.exceptions import WinRMTransportError, WSManFaultError

from acceptance.backends.probe import PROBED
from acceptance.backends.process.failures import FAILURES
from acceptance.backends.sql.classify import DRIVER_NUMBERS, SERVER_NUMBERS
from acceptance.backends.sql.faults import CAUSES
from acceptance.backends.sql.sqlclient import CLIENT_CODES
from acceptance.backends.winrm.challenge import Challenge
from acceptance.backends.winrm.faults import WSMAN_FAULTS
from acceptance.backends.winrm.sentences import told
from acceptance.backends.winrm.words import BROKEN, HTTP_REMEDIES, KERBEROS, ODD_ANSWERS, TLS
from acceptance.inventory.connection import Connection
from acceptance.text import Sentence

ANY_HOST = Connection(address="web01", auth="kerberos")
OTHER_STATUS = 418  # one that nothing is said of
Row = tuple[str, str, str]


def tables() -> str:
    """Markdown: what is met, its sentence, its remedy."""
    each = [
        _table("Before any protocol", _probe()),
        _table("WinRM", _winrm()),
        _table("SSH", _ssh()),
        _table("SQL Server", _sql()),
    ]
    return "\n\n".join("\n".join(one) for one in each) + "\n"


def _table(title: str, rows: Iterator[Row]) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    yield "| met | sentence | what to do |"
    yield "| --- | --- | --- |"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _probe() -> Iterator[Row]:
    for name, (_, message, remedy) in PROBED.items():
        yield _words(name), message, remedy


def _ssh() -> Iterator[Row]:
    """What ssh says is told by an expression; the first that is found decides."""
    for sign, _, problem, mend in FAILURES:
        yield f"says `{sign}`", problem, mend


def _winrm() -> Iterator[Row]:
    for number in WSMAN_FAULTS:
        yield f"fault {number}", *said(WSManFaultError(500, "", "", "", wsman_fault_code=number))
    for status in (*HTTP_REMEDIES, OTHER_STATUS):
        met = f"HTTP {status}" if status in HTTP_REMEDIES else "any other HTTP status"
        yield met, *said(WinRMTransportError("http", status, ""))
    for words, (message, remedy) in {**KERBEROS, **TLS}.items():
        yield " / ".join(words), message, remedy
    for broken, (message, remedy) in BROKEN.items():
        yield f"broken by {broken.__name__}", message, remedy
    for kind in ODD_ANSWERS:
        yield kind.__name__, *said(_made(kind))


def said(error: Exception) -> tuple[str, str]:
    """The sentence and the remedy of an exception of the conversation, as a run tells them,
    without their host.
    """
    found = told("host", ANY_HOST, error, Challenge())
    what = found.problem.values["what"]
    assert isinstance(what, Sentence)
    inner = {name: one for name, one in what.values.items() if isinstance(one, Sentence)}
    text = what.template
    for name, one in inner.items():
        text = text.replace(f"{{{name}}}", one.template)
    return text, found.mend.template


def _made(kind: type[Exception]) -> Exception:
    if kind is UnicodeDecodeError:
        return UnicodeDecodeError("utf-8", b"\xff", 0, 1, "")
    return kind()


def _sql() -> Iterator[Row]:
    numbers = {**SERVER_NUMBERS, **DRIVER_NUMBERS, **CLIENT_CODES}
    for name, cause in CAUSES.items():
        if name in PROBED:
            continue
        met = ", ".join(str(number) for number, known in numbers.items() if known == name)
        yield met or _words(name), cause.message, cause.remedy


def _words(name: str) -> str:
    return name.replace("_", " ").lower()


if __name__ == "__main__":
    print(tables(), end="")
