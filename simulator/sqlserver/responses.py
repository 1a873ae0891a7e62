"""A batch's results as the tokens of one answer ([MS-TDS] 2.2.7)."""

from collections.abc import Sequence

from acceptance.simulator.sqlserver import tokens
from acceptance.simulator.sqlserver.constants import DoneStatus, EnvChange, Token
from acceptance.simulator.sqlserver.errors import SqlError, error
from acceptance.simulator.sqlserver.results import DatabaseChange, Result


def response(results: Sequence[Result], server: str, procedure: bytes = b"") -> bytes:
    """All tokens; `procedure` is what stands before DONEPROC in the answer of a stored procedure (2.2.7.8)."""
    each = Token.DONEINPROC if procedure else Token.DONE
    out = b"".join(_result_tokens(result, each, server) for result in results)
    status = DoneStatus.ERROR if has_failed(results) else DoneStatus.FINAL
    return out + procedure + tokens.done(Token.DONEPROC if procedure else Token.DONE, status)


def has_failed(results: Sequence[Result]) -> bool:
    """Whether an error, not only a message, is among the results."""
    return any(
        isinstance(result, SqlError) and result.severity > tokens.INFORMATION for result in results
    )


def _result_tokens(result: Result, each: Token, server: str) -> bytes:
    if isinstance(result, SqlError):
        return tokens.message(result, server)
    if isinstance(result, DatabaseChange):
        change = tokens.env_change(EnvChange.DATABASE, result.new, result.old)
        return change + tokens.message(error(5701, name=result.new), server)
    rows = b"".join(tokens.row(result.columns, values) for values in result.rows)
    count = tokens.done(each, DoneStatus.MORE | DoneStatus.COUNT, len(result.rows))
    return tokens.column_metadata(result.columns) + rows + count
