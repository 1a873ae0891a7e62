"""A batch's statements, read by hand; queries and expressions stay text for sqlglot.

Semicolons are optional in T-SQL, so a statement ends where the next one's first word stands outside
of parentheses and
of CASE … END. What the collectors do not write is not evaluated; among it every statement that
changes anything.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from acceptance.simulator.sqlserver.errors import error, not_evaluated

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*)
    |(?P<string>N?'(?:[^']|'')*')
    |(?P<quoted>\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*")
    |(?P<word>[@\#]{0,2}[^\W\d][\w@$\#]*)
    |(?P<number>\d+)
    |(?P<sign>/\*|<>|<=|>=|!=|\+=|::|.)""",
    re.VERBOSE | re.DOTALL,
)
_STARTS = frozenset((
    "SELECT", "WITH", "DECLARE", "SET", "IF", "ELSE", "BEGIN", "END", "USE", "EXEC", "EXECUTE",
    "REVERT", "PRINT", "RETURN", "THROW", "RAISERROR", "WHILE", "INSERT", "UPDATE", "DELETE",
    "MERGE", "CREATE", "ALTER", "DROP", "TRUNCATE", "GRANT", "REVOKE", "DENY", "COMMIT",
    "ROLLBACK", "WAITFOR", "GOTO", "BREAK", "CONTINUE", "OPEN", "CLOSE", "FETCH", "DEALLOCATE",
    "BACKUP", "RESTORE", "DBCC", "KILL", "SHUTDOWN", "RECONFIGURE", "SAVE",
))  # fmt: skip


@dataclass(frozen=True)
class Query:
    """A SELECT."""

    text: str


@dataclass(frozen=True)
class Declare:
    """DECLARE @a type [= value], … (access, options)."""

    variables: tuple[tuple[str, str, str | None], ...]


@dataclass(frozen=True)
class SetOption:
    """SET NOCOUNT ON and the like (in_database, and what clients set)."""

    text: str


@dataclass(frozen=True)
class Use:
    """USE database: what clients send to change it."""

    name: str


@dataclass(frozen=True)
class ExecuteAs:
    """EXECUTE AS LOGIN = value (access, rights)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Revert:
    """REVERT (access, rights)."""


@dataclass(frozen=True)
class Execute:
    """EXECUTE procedure arguments (in_database, options).

    `procedure` is the name as written, or a variable; arguments are (name, text).
    """

    procedure: str
    arguments: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class If:
    """IF condition … ELSE … (release)."""

    condition: str
    then: "Statement"
    otherwise: "Statement | None"


Statement = Query | Declare | SetOption | Use | ExecuteAs | Revert | Execute | If


@dataclass(frozen=True)
class Lexeme:
    """A token: its kind, its text and where it stands."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        return self.text.upper() if self.kind == "word" else ""


def scan(text: str) -> list[Lexeme]:
    """The tokens without white space and comments. Raises SqlError 102 for a text without end."""
    out: list[Lexeme] = []
    for found in _TOKEN.finditer(text):
        kind = str(found.lastgroup)
        if found[0] == "/*":
            raise not_evaluated("a comment of more lines")
        if kind == "sign" and found[0] in "'[\"":
            raise error(102, near=text[found.start() : found.start() + 20])
        if kind != "space":
            out.append(Lexeme(kind, found[0], found.start(), found.end()))
    return out


class Lexemes:
    """A text's tokens, and how far they are read."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.position = text, scan(text), 0

    def peek(self, ahead: int = 0) -> Lexeme:
        index = self.position + ahead
        end = len(self.text)
        return self.tokens[index] if index < len(self.tokens) else Lexeme("end", "", end, end)

    def next(self, expected: str | None = None) -> Lexeme:
        token = self.peek()
        if token.kind == "end" or (expected is not None and token.text.upper() != expected):
            raise error(102, near=token.text or self.text[-20:])
        self.position += 1
        return token

    def skip_semicolons(self) -> bool:
        """Whether anything follows."""
        while self.peek().text == ";":
            self.position += 1
        return self.peek().kind != "end"

    def at_end(self) -> bool:
        token = self.peek()
        return token.kind == "end" or token.text == ";" or token.upper in _STARTS

    def until_end(self, stops: str = "") -> str:
        """The text up to the statement's end, or to one of `stops` outside of parentheses."""
        start = self.peek().start
        end, depth, cases = start, 0, 0
        while (token := self.peek()).kind != "end":
            if depth == 0 and (token.text == ";" or (stops and token.text in stops)):
                break
            inside_case = token.upper in ("ELSE", "END") and cases
            if depth == 0 and end > start and token.upper in _STARTS and not inside_case:
                break
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            cases += {"CASE": 1, "END": -1}.get(token.upper, 0)
            if depth < 0:
                raise error(102, near=")")
            end = token.end
            self.position += 1
        if end == start:
            raise error(102, near=self.peek().text)
        return self.text[start:end]


def parse_batch(text: str) -> tuple[Statement, ...]:
    """Raises SqlError 102, or that a statement is not evaluated."""
    lexemes = Lexemes(text)
    out = []
    while lexemes.skip_semicolons():
        out.append(_statement(lexemes))
    return tuple(out)


def _statement(lexemes: Lexemes) -> Statement:
    word = lexemes.peek().upper
    if word in READERS:
        return READERS[word](lexemes)
    if word in _STARTS:
        raise not_evaluated(f"the statement {word}")
    raise error(102, near=lexemes.peek().text)


def _query(lexemes: Lexemes) -> Statement:
    return Query(lexemes.until_end())


def _declare(lexemes: Lexemes) -> Statement:
    lexemes.next()
    out = []
    while True:
        name = lexemes.next()
        if not name.text.startswith("@"):
            raise error(102, near=name.text)
        kind, value = lexemes.until_end("=,"), None
        if lexemes.peek().text == "=":
            lexemes.next()
            value = lexemes.until_end(",")
        out.append((name.text, kind, value))
        if lexemes.peek().text != ",":
            return Declare(tuple(out))
        lexemes.next()


def _set(lexemes: Lexemes) -> Statement:
    lexemes.next()
    if lexemes.peek().text.startswith("@"):
        raise not_evaluated("SET of a variable")
    return SetOption(lexemes.until_end())


def _if(lexemes: Lexemes) -> Statement:
    lexemes.next()
    condition = lexemes.until_end()
    then = _statement(lexemes)
    mark = lexemes.position
    lexemes.skip_semicolons()
    if lexemes.peek().upper != "ELSE":
        lexemes.position = mark
        return If(condition, then, None)
    lexemes.next()
    return If(condition, then, _statement(lexemes))


def _use(lexemes: Lexemes) -> Statement:
    lexemes.next()
    name = lexemes.next().text
    if name.startswith("["):
        return Use(name[1:-1].replace("]]", "]"))
    return Use(name[1:-1].replace('""', '"') if name.startswith('"') else name)


def _revert(lexemes: Lexemes) -> Statement:
    lexemes.next()
    return Revert()


def _execute(lexemes: Lexemes) -> Statement:
    lexemes.next()
    if lexemes.peek().upper == "AS":
        lexemes.next()
        kind = lexemes.next().upper
        lexemes.next("=")
        text = _constant(lexemes)
        if lexemes.peek().upper == "WITH":
            raise not_evaluated("EXECUTE AS … WITH")
        return ExecuteAs(kind, text)
    if lexemes.peek().text == "(":
        raise not_evaluated("EXECUTE of a text")
    if lexemes.peek(1).text == "=":
        raise not_evaluated("EXECUTE with a return value")
    name = lexemes.next().text
    while lexemes.peek().text == ".":
        name += lexemes.next().text
        name += lexemes.next().text if lexemes.peek().text != "." else ""
    return Execute(name, _arguments(lexemes))


def _arguments(lexemes: Lexemes) -> tuple[tuple[str, str], ...]:
    out: list[tuple[str, str]] = []
    while not lexemes.at_end():
        name = ""
        if lexemes.peek().text.startswith("@") and lexemes.peek(1).text == "=":
            name = lexemes.next().text
            lexemes.next()
        out.append((name, _constant(lexemes)))
        if lexemes.peek().text == ",":
            lexemes.next()
    return tuple(out)


def _constant(lexemes: Lexemes) -> str:
    """What EXECUTE takes: a constant or a variable, no expression. Raises SqlError 102."""
    token = lexemes.next()
    if lexemes.peek().upper in ("OUTPUT", "OUT"):
        raise not_evaluated("OUTPUT parameters")
    for one in (token, lexemes.peek()):
        if one.kind == "sign" and (one is token or one.text not in ",;"):
            raise error(102, near=one.text)
    return token.text


READERS: dict[str, Callable[[Lexemes], Statement]] = {
    "SELECT": _query,
    "DECLARE": _declare,
    "SET": _set,
    "IF": _if,
    "USE": _use,
    "EXEC": _execute,
    "EXECUTE": _execute,
    "REVERT": _revert,
}
