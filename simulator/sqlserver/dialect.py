"""sqlglot as a reader of T-SQL that changes nothing: functions stay as they are written.

What the collectors do not write is not evaluated; among it every statement that changes anything,
and a batch whose statements no semicolons part.
"""

from functools import lru_cache
from typing import Any, ClassVar

from acceptance.simulator.sqlserver.errors import error, not_evaluated
from acceptance.simulator.sqlserver.sqltypes import SqlType, parse_type
from sqlglot import exp
from sqlglot.dialects.tsql import TSQL
from sqlglot.errors import SqlglotError, TokenError
from sqlglot.parsers.tsql import TSQLParser
from sqlglot.tokenizer_core import Token, TokenType


class ExecuteAs(exp.Expression):
    """EXECUTE AS LOGIN = value (access, rights): `this` is LOGIN or USER."""

    arg_types = {"this": True, "expression": True}


class Revert(exp.Expression):
    """REVERT (access, rights)."""

    arg_types: ClassVar[dict[str, bool]] = {}


class PlainTSQL(TSQL):
    """sqlglot would turn LEN, ISNULL, SUSER_SNAME … into other databases' functions; here only
    aggregates are known."""

    class Parser(TSQLParser):
        FUNCTIONS = {name: TSQLParser.FUNCTIONS[name] for name in ("COUNT", "SUM")}
        FUNCTION_PARSERS = {name: TSQLParser.FUNCTION_PARSERS[name] for name in ("CAST", "CONVERT")}
        NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {}

        def parse(self, raw_tokens: list[Token], sql: str) -> list[exp.Expr | None]:
            """sqlglot would leave out an ELSE without its IF, and all after it."""
            statements = super().parse(raw_tokens, sql)
            if self._match(TokenType.ELSE, advance=False):
                self.raise_error("Unexpected ELSE")
            return statements

        def _parse_statement(self) -> exp.Expr | None:
            if self._match_text_seq("REVERT"):
                return self.expression(Revert())
            return super()._parse_statement()

        def _parse_execute(self) -> Any:
            if not self._match(TokenType.ALIAS):
                return super()._parse_execute()
            kind = self._parse_var(any_token=True)
            if not self._match(TokenType.EQ):
                self.raise_error("Expected =")
            return self.expression(ExecuteAs(this=kind, expression=self._parse_unary()))

        def _parse_if(self) -> exp.Expr | None:
            """One statement each: sqlglot would take all that follows into the IF."""
            condition, then = self._parse_disjunction(), self._parse_statement()
            return self.expression(exp.IfBlock(this=condition, true=then, false=self._parse_else()))

        def _parse_else(self) -> exp.Expr | None:
            """Also after the semicolon that ended the statement before."""
            following = [chunk[0] for chunk in self._chunks[self._chunk_index :][:1] if chunk]
            if not self._curr and [one.token_type for one in following] == [TokenType.ELSE]:
                self._advance_chunk()
            return self._parse_statement() if self._match(TokenType.ELSE) else None


DIALECT = PlainTSQL()

# What of a node is evaluated, beside `this`, `expression` and `expressions`. sqlglot reads much
# more; whatever else it found in a statement (a PIVOT, USING, a frame of a window …) must not be
# overlooked.
PARTS: dict[type[exp.Expr], str] = {
    exp.IfBlock: "true false",
    exp.DeclareItem: "kind default",
    exp.Select: "from_ joins where order limit distinct",
    exp.Table: "db alias",
    exp.Alias: "alias",
    exp.Subquery: "alias",
    exp.TableAlias: "",
    exp.Join: "on side kind",
    exp.Ordered: "nulls_first",
    exp.Case: "ifs default",
    exp.If: "true",
    exp.Cast: "to",
    exp.Convert: "style",
    exp.Count: "big_int",
    exp.Column: "table db",
    exp.Identifier: "quoted",
    exp.Literal: "is_string",
    exp.DataType: "kind nested",
}
# How T-SQL spells the types that sqlglot calls by other names.
SPELT: dict[object, str] = {
    exp.DType.UTINYINT: "tinyint",
    exp.DType.UUID: "uniqueidentifier",
    exp.DType.VARIANT: "sql_variant",
    exp.DType.TEXT: "nvarchar(max)",  # ntext: pyodbc's parameters of more than 4000 characters
}
ALWAYS = {"this", "expression", "expressions"}


def written(node: exp.Expr) -> str:
    """How it is written, for messages."""
    return node.sql(DIALECT)[:200]


@lru_cache(1000)  # the collectors send the same texts; nothing changes a tree
def parse(text: str) -> tuple[exp.Expr, ...]:
    """A batch's statements. Raises SqlError where sqlglot does not read it: it may be good T-SQL
    all the same."""
    try:
        parsed = DIALECT.parse(text)
    except TokenError:
        raise error(102, near=text.strip()[-20:]) from None
    except SqlglotError as failure:
        reason = str(failure).splitlines()[0]
        raise not_evaluated(f"this batch ({reason}): {text.strip()[:200]}") from None
    statements = tuple(one for one in parsed if one and not isinstance(one, exp.Semicolon))
    for statement in statements:
        for node in statement.walk():
            read = {part for part, value in node.args.items() if value}
            unknown = read - ALWAYS - set(PARTS.get(type(node), "").split())
            if unknown:
                parts = ", ".join(sorted(unknown)).upper()
                raise not_evaluated(f"{parts} in a {node.key.upper()}: {text.strip()[:200]}")
    return statements


def declared_type(node: exp.DataType) -> SqlType:
    """The type of CAST, CONVERT, DECLARE. Raises SqlError for a type that is not evaluated."""
    text = SPELT.get(node.this) or node.args.get("kind") or node.this.value
    if node.expressions:
        text += f"({node.expressions[0].name})"
    try:
        return parse_type(text)
    except ValueError:
        raise not_evaluated(f"the data type {text}") from None
