"""A batch's statements: T-SQL's procedural part, read by hand; queries and expressions stay text for sqlglot.

Semicolons are optional in T-SQL, so a statement ends where the next one's first word stands outside of parentheses
and of CASE … END.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from acceptance.simulator.sqlserver.errors import error, not_evaluated
from acceptance.simulator.sqlserver.statements import (
    Assign,
    Block,
    Declare,
    Execute,
    ExecuteAs,
    ExecuteText,
    If,
    Print,
    Query,
    Return,
    Revert,
    SetOption,
    Statement,
    Throw,
    TryCatch,
    Use,
    While,
)

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*)
    |(?P<comment>/\*)
    |(?P<string>N?'(?:[^']|'')*')
    |(?P<quoted>\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*")
    |(?P<word>[@\#]{0,2}[^\W\d][\w@$\#]*)
    |(?P<number>0[xX][0-9a-fA-F]*|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)
    |(?P<sign><>|<=|>=|!=|\+=|::|.)""",
    re.VERBOSE | re.DOTALL,
)
_STARTS = frozenset(
    (
        *(
            "SELECT",
            "WITH",
            "DECLARE",
            "SET",
            "IF",
            "ELSE",
            "BEGIN",
            "END",
            "USE",
            "EXEC",
            "EXECUTE",
            "REVERT",
            "PRINT",
        ),
        *(
            "RETURN",
            "THROW",
            "RAISERROR",
            "WHILE",
            "INSERT",
            "UPDATE",
            "DELETE",
            "MERGE",
            "CREATE",
            "ALTER",
            "DROP",
        ),
        *(
            "TRUNCATE",
            "GRANT",
            "REVOKE",
            "DENY",
            "COMMIT",
            "ROLLBACK",
            "WAITFOR",
            "GOTO",
            "BREAK",
            "CONTINUE",
            "OPEN",
        ),
        *(
            "CLOSE",
            "FETCH",
            "DEALLOCATE",
            "BACKUP",
            "RESTORE",
            "DBCC",
            "KILL",
            "SHUTDOWN",
            "RECONFIGURE",
            "SAVE",
        ),
    )
)


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
    """The tokens without white space and comments. Raises SqlError 105 for a text that does not end."""
    out: list[Lexeme] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:  # pragma: no cover - the last alternative takes any character
            raise error(102, near=text[position])
        kind = str(found.lastgroup)
        end = found.end()
        if kind == "comment":
            end = _comment_end(text, position)
        elif kind != "space":
            if kind == "sign" and found[0] in "'[\"":
                raise error(102, near=text[position : position + 20])
            out.append(Lexeme(kind, found[0], position, end))
        position = end
    return out


def _comment_end(text: str, start: int) -> int:
    """T-SQL's comments nest."""
    depth = 0
    for found in re.finditer(r"/\*|\*/", text[start:]):
        depth += 1 if found[0] == "/*" else -1
        if depth == 0:
            return start + found.end()
    raise error(102, near="/*")


@dataclass
class Parser:
    """Reads statements off a text."""

    text: str
    tokens: list[Lexeme] = field(init=False)
    position: int = 0

    def __post_init__(self) -> None:
        self.tokens = scan(self.text)

    def batch(self) -> tuple[Statement, ...]:
        """All statements. Raises SqlError."""
        out = []
        while self._skip_semicolons():
            out.append(self.statement())
        return tuple(out)

    def statement(self) -> Statement:
        word = self._peek().upper
        readers: dict[str, Callable[[], Statement]] = {
            "SELECT": self._query,
            "WITH": self._query,
            "DECLARE": self._declare,
            "SET": self._set,
            "IF": self._if,
            "WHILE": self._while,
            "BEGIN": self._begin,
            "USE": self._use,
            "EXEC": self._execute,
            "EXECUTE": self._execute,
            "REVERT": lambda: self._single(Revert()),
            "THROW": self._throw,
            "PRINT": self._print,
            "RETURN": lambda: self._single(Return()),
        }
        if word in readers:
            return readers[word]()
        if word in _STARTS:
            raise not_evaluated(f"the statement {word}")
        raise error(102, near=self._peek().text)

    # -- tokens ----------------------------------------------------------------------------------------------

    def _skip_semicolons(self) -> bool:
        while self.position < len(self.tokens) and self.tokens[self.position].text == ";":
            self.position += 1
        return self.position < len(self.tokens)

    def _peek(self, ahead: int = 0) -> Lexeme:
        index = self.position + ahead
        return (
            self.tokens[index]
            if index < len(self.tokens)
            else Lexeme("end", "", len(self.text), len(self.text))
        )

    def _next(self, expected: str | None = None) -> Lexeme:
        token = self._peek()
        if token.kind == "end" or (expected is not None and token.text.upper() != expected):
            raise error(102, near=token.text or self.text[-20:])
        self.position += 1
        return token

    def _single(self, statement: Statement) -> Statement:
        self.position += 1
        return statement

    def _until_end(self, stops: str = "", *, query: bool = False) -> str:
        """The text up to the statement's end, or to one of `stops` outside of parentheses."""
        start = self._peek().start
        end, depth, cases = start, 0, 0
        first, before = True, ""
        while (token := self._peek()).kind != "end":
            if depth == 0 and (token.text == ";" or (stops and token.text in stops)):
                break
            ends = token.upper in _STARTS and not (token.upper in ("ELSE", "END") and cases)
            if (
                depth == 0
                and ends
                and not first
                and not (query and _continues(token.upper, before))
            ):
                break
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            cases += {"CASE": 1, "END": -1}.get(token.upper, 0)
            if depth < 0:
                raise error(102, near=")")
            end, first, before = token.end, False, token.upper or token.text
            self.position += 1
        if end == start:
            raise error(102, near=self._peek().text)
        return self.text[start:end]

    # -- statements ------------------------------------------------------------------------------------------

    def _query(self) -> Statement:
        if self._peek().upper == "WITH":
            start = self._peek().start
            self._next()
            self._until_end()  # the common table expressions, up to SELECT
            self._until_end(query=True)
            return Query(self.text[start : self.tokens[self.position - 1].end])
        return Query(self._until_end(query=True))

    def _declare(self) -> Statement:
        self._next()
        out = []
        while True:
            name = self._next()
            if not name.text.startswith("@"):
                raise error(102, near=name.text)
            if self._peek().upper == "AS":
                self._next()
            if self._peek().upper == "TABLE":
                raise not_evaluated("table variables")
            kind = self._until_end("=,")
            value = None
            if self._peek().text == "=":
                self._next()
                value = self._until_end(",")
            out.append((name.text, kind, value))
            if self._peek().text != ",":
                return Declare(tuple(out))
            self._next()

    def _set(self) -> Statement:
        self._next()
        name = self._peek()
        if not name.text.startswith("@"):
            return SetOption(self._until_end())
        self._next()
        sign = self._next().text
        value = self._until_end()
        if sign == "+=":
            value = f"{name.text} + ({value})"
        elif sign != "=":
            raise error(102, near=sign)
        return Assign(name.text, value)

    def _if(self) -> Statement:
        self._next()
        condition = self._until_end()
        self._skip_no_semicolon()
        then = self.statement()
        mark = self.position
        self._skip_semicolons()
        if self._peek().upper != "ELSE":
            self.position = mark
            return If(condition, then, None)
        self._next()
        return If(condition, then, self.statement())

    def _skip_no_semicolon(self) -> None:
        if self._peek().text == ";":
            raise error(102, near=";")

    def _while(self) -> Statement:
        self._next()
        return While(self._until_end(), self.statement())

    def _begin(self) -> Statement:
        self._next()
        if self._peek().upper in ("TRAN", "TRANSACTION"):
            raise not_evaluated("the statement BEGIN TRANSACTION")
        if self._peek().upper != "TRY":
            return self._block_to("END")
        self._next()
        body = self._block_to("END", "TRY")
        self._skip_semicolons()
        for word in ("BEGIN", "CATCH"):
            self._next(word)
        return TryCatch(body, self._block_to("END", "CATCH"))

    def _block_to(self, *words: str) -> Block:
        out = []
        while self._skip_semicolons() and self._peek().upper != "END":
            out.append(self.statement())
        for word in words:
            self._next(word)
        return Block(tuple(out))

    def _use(self) -> Statement:
        self._next()
        return Use(unquote(self._next().text))

    def _throw(self) -> Statement:
        self._next()
        if (
            self._peek().kind != "end"
            and self._peek().text != ";"
            and self._peek().upper not in _STARTS
        ):
            raise not_evaluated("THROW with arguments")
        return Throw()

    def _print(self) -> Statement:
        self._next()
        return Print(self._until_end())

    def _execute(self) -> Statement:
        self._next()
        if self._peek().upper == "AS":
            self._next()
            kind = self._next().upper
            self._next("=")
            text = self._constant()
            if self._peek().upper == "WITH":
                raise not_evaluated("EXECUTE AS … WITH")
            return ExecuteAs(kind, text)
        if self._peek().text == "(":
            return ExecuteText(self._until_end())
        if self._peek().text.startswith("@") and self._peek(1).text == "=":
            raise not_evaluated("EXECUTE with a return value")
        name = self._next().text
        while self._peek().text == ".":
            name += self._next().text
            name += self._next().text if self._peek().text != "." else ""
        return Execute(name, self._arguments())

    def _arguments(self) -> tuple[tuple[str, str], ...]:
        out: list[tuple[str, str]] = []
        while (
            self._peek().kind != "end"
            and self._peek().text != ";"
            and self._peek().upper not in _STARTS
        ):
            name = ""
            if self._peek().text.startswith("@") and self._peek(1).text == "=":
                name = self._next().text
                self._next()
            out.append((name, self._constant()))
            if self._peek().text == ",":
                self._next()
        return tuple(out)

    def _constant(self) -> str:
        """What EXECUTE takes for a value: a constant or a variable, no expression. Raises SqlError 102."""
        token = self._next()
        if token.text in ("-", "+"):
            return token.text + self._next().text
        if self._peek().upper in ("OUTPUT", "OUT"):
            raise not_evaluated("OUTPUT parameters")
        if token.kind == "sign":
            raise error(102, near=token.text)
        if self._peek().kind == "sign" and self._peek().text not in ",;":
            raise error(102, near=self._peek().text)
        return token.text


def _continues(word: str, before: str) -> bool:
    """Whether a word that can start a statement goes on with a query instead."""
    if word == "SELECT":
        return before in ("UNION", "ALL", "EXCEPT", "INTERSECT")
    return word == "WITH" or (
        word == "SET" and before == "OFF"
    )  # table hints: FROM t WITH (NOLOCK)


def unquote(name: str) -> str:
    if name.startswith("["):
        return name[1:-1].replace("]]", "]")
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def parse_batch(text: str) -> tuple[Statement, ...]:
    """Raises SqlError 102, or that a statement is not evaluated (every statement that writes)."""
    return Parser(text).batch()
