"""sqlglot as a reader of T-SQL that changes nothing: functions stay as they are written."""

from functools import lru_cache
from typing import Any, ClassVar

from acceptance.simulator.sqlserver.errors import not_evaluated
from acceptance.simulator.sqlserver.sqltypes import SqlType, parse_type
from sqlglot import exp
from sqlglot.dialects.tsql import TSQL
from sqlglot.errors import SqlglotError
from sqlglot.parsers.tsql import TSQLParser

AGGREGATES = ("COUNT", "SUM")
CONVERSIONS = ("CAST", "CONVERT")
CAST_LENGTH = 30  # of CAST(x AS nvarchar): not 1, as in a declaration


class PlainTSQL(TSQL):
    """sqlglot would turn LEN, ISNULL, SUSER_SNAME … into other databases' functions; here only
    aggregates are known."""

    class Parser(TSQLParser):
        FUNCTIONS = {
            name: build for name, build in TSQLParser.FUNCTIONS.items() if name in AGGREGATES
        }
        FUNCTION_PARSERS = {
            name: read for name, read in TSQLParser.FUNCTION_PARSERS.items() if name in CONVERSIONS
        }
        NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {}


DIALECT = PlainTSQL()

# What of a node is evaluated, beside `this`, `expression` and `expressions`. sqlglot reads much
# more; whatever else it
# found in a query (a PIVOT, USING, a frame of a window …) must not be overlooked.
PARTS: dict[type[exp.Expr], str] = {
    exp.Select: "from_ joins where order limit distinct",
    exp.Table: "db catalog alias",
    exp.Alias: "alias",
    exp.Subquery: "alias",
    exp.TableAlias: "",
    exp.Join: "on side kind",
    exp.Ordered: "desc nulls_first",
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
ALWAYS = {"this", "expression", "expressions"}


@lru_cache(1000)  # the collectors send the same texts; nothing changes a tree
def parse_query(text: str) -> exp.Query:
    """One SELECT. Raises SqlError where sqlglot does not read it: the statement may be good
    T-SQL all the same."""
    try:
        parsed = DIALECT.parse(text)
    except SqlglotError as failure:
        raise not_evaluated(
            f"this statement ({str(failure).splitlines()[0]}): {text.strip()[:200]}"
        ) from None
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
        raise not_evaluated(f"this statement as a query: {text.strip()[:200]}")
    for node in parsed[0].walk():
        read = {part for part, value in node.args.items() if value}
        unknown = read - ALWAYS - set(PARTS.get(type(node), "").split())
        if unknown:
            parts = ", ".join(sorted(unknown)).upper()
            raise not_evaluated(f"{parts} in a {node.key.upper()}: {text.strip()[:200]}")
    return parsed[0]


def declared_type(node: exp.DataType) -> SqlType:
    """The type of CAST and CONVERT. Raises SqlError for a type that is not evaluated."""
    text = node.sql(DIALECT)
    try:
        kind = parse_type(text)
    except ValueError:
        raise not_evaluated(f"the data type {text}") from None
    bare = (kind.is_text or kind.is_binary) and "(" not in text and text.lower() != "sysname"
    return SqlType(kind.name, CAST_LENGTH) if bare else kind
