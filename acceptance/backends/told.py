"""The tables of docs/errors.md, from the code's own, in any language
(fixtures/errors.py writes them).

Each row goes the way that the fault itself takes:
what is met is classified, and the sentence is what that gives.
"""

from collections.abc import Callable, Iterator, Sequence

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
from acceptance.text import Sentence, said

ANY_HOST = Connection(address="web01", auth="kerberos")
OTHER_STATUS = 418  # one that nothing is said of
Row = tuple[str, str, str]  # what is met, the sentence, the remedy
Say = Callable[[Sentence], str]  # a sentence in the reader's language
# What has no number, by its name in the code.
MET = {
    "NO_NAME": said("no name"),
    "REFUSES": said("refuses"),
    "NO_ANSWER": said("no answer"),
    "NO_WAY": said("no way"),
    "NO_BROWSER": said("no browser"),
    "OTHER_INSTANCE": said("other instance"),
    "NO_TCP": said("no tcp"),
    "WEAK": said("weak"),
    "NO_STRICT": said("no strict"),
    "KERBEROS": said("kerberos"),
    "SPN": said("spn"),
    "SERVER_SAYS": said("server says"),
    "SILENT": said("silent"),
    "NO_REASON": said("no reason"),
    "CERTIFICATE": said("certificate"),
    "NO_SECOND_HOP": said("no second hop"),
    "NO_TDS": said("no tds"),
}


def tables(say: Say = str) -> str:
    """Markdown: what is met, its sentence, its remedy."""
    parts = {
        say(said("Before any protocol")): _probe(say),
        say(said("WinRM")): _winrm(say),
        say(said("SSH")): _ssh(say),
        say(said("SQL Server")): _sql(say),
    }
    heads = [say(one) for one in (said("met"), said("sentence"), said("what to do"))]
    each = ("\n".join(_table(title, heads, rows)) for title, rows in parts.items())
    return "\n\n".join(each) + "\n"


def _table(title: str, heads: Sequence[str], rows: Iterator[Row]) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    yield f"| {' | '.join(heads)} |"
    yield "| --- | --- | --- |"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _row(say: Say, met: Sentence, message: str, remedy: str) -> Row:
    return say(met), say(Sentence(template=message)), say(Sentence(template=remedy))


def _probe(say: Say) -> Iterator[Row]:
    for name, (_, message, remedy) in PROBED.items():
        yield _row(say, MET[name], message, remedy)


def _ssh(say: Say) -> Iterator[Row]:
    """What ssh says is told by an expression; the first that is found decides."""
    for sign, _, problem, mend in FAILURES:
        yield _row(say, said("says `{sign}`", sign=sign), problem, mend)


def _winrm(say: Say) -> Iterator[Row]:
    for number in WSMAN_FAULTS:
        fault = WSManFaultError(500, "", "", "", wsman_fault_code=number)
        yield say(said("fault {number}", number=number)), *told_of(fault, say)
    for status in (*HTTP_REMEDIES, OTHER_STATUS):
        known = said("HTTP {status}", status=status)
        met = known if status in HTTP_REMEDIES else said("any other HTTP status")
        yield say(met), *told_of(WinRMTransportError("http", status, ""), say)
    for words, (message, remedy) in {**KERBEROS, **TLS}.items():
        yield _row(say, said("{words}", words=" / ".join(words)), message, remedy)
    for broken, (message, remedy) in BROKEN.items():
        yield _row(say, said("broken by {kind}", kind=broken.__name__), message, remedy)
    for kind in ODD_ANSWERS:
        yield kind.__name__, *told_of(_made(kind), say)


def told_of(error: Exception, say: Say = str) -> tuple[str, str]:
    """The sentence and the remedy of an exception of the conversation, as a run tells them,
    without their host.
    """
    found = told("host", ANY_HOST, error, Challenge())
    what = found.problem.values["what"]
    assert isinstance(what, Sentence)
    inner = {name: one for name, one in what.values.items() if isinstance(one, Sentence)}
    text = say(Sentence(template=what.template))
    for name, one in inner.items():
        text = text.replace(f"{{{name}}}", say(Sentence(template=one.template)))
    return text, say(Sentence(template=found.mend.template))


def _made(kind: type[Exception]) -> Exception:
    if kind is UnicodeDecodeError:
        return UnicodeDecodeError("utf-8", b"\xff", 0, 1, "")
    return kind()


def _sql(say: Say) -> Iterator[Row]:
    numbers = {**SERVER_NUMBERS, **DRIVER_NUMBERS, **CLIENT_CODES}
    for name, cause in CAUSES.items():
        if name in PROBED:
            continue
        met = ", ".join(str(number) for number, known in numbers.items() if known == name)
        known = said("{met}", met=met) if met else MET[name]
        yield _row(say, known, cause.message, cause.remedy)
