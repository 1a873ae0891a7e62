"""The tables of docs/errors.md, from the code's own: `python -m acceptance.backends.told` prints them."""

from collections.abc import Iterator

from acceptance.backends.sql.classify import DRIVER_NUMBERS, SERVER_NUMBERS
from acceptance.backends.sql.faults import CAUSES
from acceptance.backends.winrm.faults import WSMAN_FAULTS
from acceptance.backends.winrm.words import HTTP_REMEDIES, KERBEROS, ODD_ANSWERS, TLS


def tables() -> str:
    """Markdown: what is met, its sentence, its remedy."""
    return "\n".join([*_table("WinRM", _winrm()), "", *_table("SQL Server", _sql())]) + "\n"


def _table(title: str, rows: Iterator[tuple[str, str, str]]) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    yield "| met | sentence | what to do |"
    yield "| --- | --- | --- |"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _winrm() -> Iterator[tuple[str, str, str]]:
    for number, meaning in WSMAN_FAULTS.items():
        yield f"fault {number}", meaning.message, meaning.remedy
    for status, remedy in HTTP_REMEDIES.items():
        yield f"HTTP {status}", "the answer is an HTTP error", remedy
    for words, (message, remedy) in {**KERBEROS, **TLS}.items():
        yield " / ".join(words), message, remedy
    for kind, message in ODD_ANSWERS.items():
        yield kind.__name__, message, "look for a proxy or another service on that port"


def _sql() -> Iterator[tuple[str, str, str]]:
    numbers = SERVER_NUMBERS | DRIVER_NUMBERS
    for name, cause in CAUSES.items():
        met = ", ".join(str(number) for number, known in numbers.items() if known == name)
        yield met or name.replace("_", " ").lower(), cause.message, cause.remedy


if __name__ == "__main__":
    print(tables(), end="")
