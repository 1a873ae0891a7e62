r"""Remedies: the catalogue's templates -> what an administrator can copy,
with names filled in and quoted for where they land.

>>> fill("DROP LOGIN {service_account:sql}", {"service_account": "ACME\\o]brien"})
'DROP LOGIN [ACME\\o]]brien]'

`{name}` is plain text, `{name:ps}` a PowerShell literal, `{name:sql}` an identifier,
`{name:sqltext}` a T-SQL literal. A name that is not known in this run stays as `<name>`
for the reader to fill in.

What a remedy is written in, its first word says:
a cmdlet or `&` is PowerShell, `USE` is SQL, and all else is prose,
which nobody shall take for a command.
"""

import re
import string
from collections.abc import Callable, Collection, Mapping
from typing import Literal

from acceptance.text import Sentence, said

# Filled in from the inventory, for every requirement.
INVENTORY_NAMES = ("service_account", "account_name", "clickker_database", "host", "address")


RemedyType = Literal["powershell", "sql", "text"]
POWERSHELL = re.compile(r'& "|[A-Z][a-z]+-[A-Z]\w+(?: |$)')


def type_of(remedy: str) -> RemedyType:
    """What a remedy, filled in or not, is written in."""
    if POWERSHELL.match(remedy):
        return "powershell"
    return "sql" if remedy.startswith("USE ") else "text"


def needs_restart(remedy: str) -> bool:
    """Whether it ends in a restart of the server: what it says itself, as a command or in prose."""
    return "Restart-Computer" in remedy or "restart the server" in remedy


def _plain(text: str) -> str:
    return " ".join(text.split())


def _powershell(text: str) -> str:
    # PowerShell takes typographic quotes for quotes too: each is doubled.
    doubled = "".join(
        char * 2 if char in "'\u2018\u2019\u201a\u201b" else char for char in _plain(text)
    )
    return f"'{doubled}'"


def _identifier(text: str) -> str:
    return f"[{_plain(text).replace(']', ']]')}]"


def _literal(text: str) -> str:
    doubled = _plain(text).replace("'", "''")
    return f"N'{doubled}'"


QUOTES: dict[str, Callable[[str], str]] = {
    "": _plain,
    "ps": _powershell,
    "sql": _identifier,
    "sqltext": _literal,
}


def check_template(template: str, known: Collection[str]) -> None:
    """Raise ValueError for a placeholder that is unknown or quoted in an unknown way."""
    for _, name, quote, conversion in string.Formatter().parse(template):
        if name is None:
            continue
        if name not in known or conversion:
            raise ValueError(
                f"unknown placeholder {{{name}}}; known: {', '.join(known)}; "
                "braces of a command are doubled"
            )
        if quote not in QUOTES:
            raise ValueError(
                f"unknown quoting {{{name}:{quote}}}; known: {', '.join(filter(None, QUOTES))}"
            )


def filled(template: str, values: Mapping[str, str]) -> Sentence:
    """The remedy with `values` filled in, each quoted for where it lands.
    The template has passed `check_template`.

    `{database:sql}` becomes the sentence's `{database_sql}`;
    a name that is not known stays as `<database>`.
    """
    parts, quoted = [], dict[str, str]()
    for text, name, quote, _ in string.Formatter().parse(template):
        parts.append(text.replace("{", "{{").replace("}", "}}"))
        if name is not None:
            key = f"{name}_{quote}" if quote else name
            quoted[key] = QUOTES[quote or ""](values[name]) if name in values else f"<{name}>"
            parts.append(f"{{{key}}}")
    if not quoted:
        return said(template.replace("{{", "{").replace("}}", "}"))
    return said("".join(parts), **quoted)


def fill(template: str, values: Mapping[str, str]) -> str:
    """The same as text."""
    return str(filled(template, values))
