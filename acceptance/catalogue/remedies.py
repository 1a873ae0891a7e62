r"""Remedies: the catalogue's templates -> what an administrator can copy,
with names filled in and quoted for where they land.

>>> fill("DROP LOGIN {service_account:sql}", {"service_account": "ACME\\o]brien"})
'DROP LOGIN [ACME\\o]]brien]'

`{name}` is plain text, `{name:ps}` a PowerShell literal, `{name:sql}` an identifier,
`{name:sqltext}` a T-SQL literal. A name that is not known in this run stays as `<name>`
for the reader to fill in.

A remedy that is plain text in the catalogue is prose, which nobody shall take for a command;
a command says in what it is written: `{powershell: …}`, `{sql: …}` or `{feature: …}`.
"""

import string
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, model_validator

from acceptance.text import Sentence, said

# Filled in from the inventory, for every requirement.
INVENTORY_NAMES = ("service_account", "account_name", "clickker_database", "host", "address")

RemedyType = Literal["powershell", "sql", "text"]
Template = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Remedy(BaseModel):
    """What mends a requirement: one of `text`, `powershell`, `sql` (in the database `use`) and
    `feature`, a Windows feature to install. All are templates.

    For a script that mends (report/mending.py): `now` tells what is there, an expression or a query
    in the same language; `done` is a condition, true where nothing is left to do; a command
    without it may be run again. `stops`: Synergy is interrupted. `restart`: it needs, or is, a
    restart of the server. `by_hand`: a command that somebody has to complete or decide on first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    text: Template | None = None
    powershell: Template | None = None
    sql: Template | None = None
    use: Template | None = None
    feature: Template | None = None
    now: Template | None = None
    done: Template | None = None
    stops: bool = False
    restart: bool = False
    by_hand: bool = False

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if (
            sum(one is not None for one in (self.text, self.powershell, self.sql, self.feature))
            != 1
        ):
            raise ValueError("a remedy is one of text, powershell, sql and feature")
        if (self.sql is None) != (self.use is None):
            raise ValueError("a remedy in sql names the database that it is for: use")
        if self.text is not None and (self.now or self.done):
            raise ValueError("now and done belong to a command")
        return self

    @property
    def type(self) -> RemedyType:
        if self.text is not None:
            return "text"
        return "sql" if self.sql is not None else "powershell"

    @property
    def template(self) -> str:
        """What a person reads and copies."""
        if self.feature is not None:
            return f"Install-WindowsFeature -Name {self.feature}"
        if self.sql is not None:
            return f"USE {self.use}; {self.sql}"
        return self.text or self.powershell or ""

    def templates(self) -> Iterator[str]:
        """All that are filled in."""
        yield self.template
        yield from (one for one in (self.now, self.done) if one is not None)


def _of_text(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


Mends = Annotated[Remedy, BeforeValidator(_of_text)]  # in the catalogue, plain text is prose


def _plain(text: str) -> str:
    return " ".join(text.split())


def powershell_literal(text: str) -> str:
    """A name as PowerShell reads it whole, whatever is in it."""
    # PowerShell takes typographic quotes for quotes too: each is doubled.
    doubled = "".join(
        char * 2 if char in "'\u2018\u2019\u201a\u201b" else char for char in _plain(text)
    )
    return f"'{doubled}'"


def _identifier(text: str) -> str:
    return f"[{_plain(text).replace(']', ']]')}]"


def sql_literal(text: str) -> str:
    """A name as T-SQL reads it whole."""
    doubled = _plain(text).replace("'", "''")
    return f"N'{doubled}'"


QUOTES: dict[str, Callable[[str], str]] = {
    "": _plain,
    "ps": powershell_literal,
    "sql": _identifier,
    "sqltext": sql_literal,
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


def names_of(template: str) -> set[str]:
    """The names that a template has filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


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
