"""The statements that a batch may have; queries and expressions are texts, for sqlglot to read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Query:
    """A SELECT."""

    text: str


@dataclass(frozen=True)
class Declare:
    """DECLARE @a type [= value], …"""

    variables: tuple[tuple[str, str, str | None], ...]


@dataclass(frozen=True)
class Assign:
    """SET @a = value (or +=)."""

    name: str
    text: str


@dataclass(frozen=True)
class SetOption:
    """SET NOCOUNT ON and the like."""

    text: str


@dataclass(frozen=True)
class Use:
    """USE database."""

    name: str


@dataclass(frozen=True)
class ExecuteAs:
    """EXECUTE AS LOGIN = value."""

    kind: str
    text: str


@dataclass(frozen=True)
class Revert:
    """REVERT."""


@dataclass(frozen=True)
class Execute:
    """EXECUTE procedure arguments. `procedure` is the name as written, or a variable; arguments are (name, text)."""

    procedure: str
    arguments: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ExecuteText:
    """EXECUTE ('…' + @a)."""

    text: str


@dataclass(frozen=True)
class If:
    """IF condition … ELSE …"""

    condition: str
    then: "Statement"
    otherwise: "Statement | None"


@dataclass(frozen=True)
class While:
    """WHILE condition …"""

    condition: str
    body: "Statement"


@dataclass(frozen=True)
class Block:
    """BEGIN … END."""

    statements: tuple["Statement", ...]


@dataclass(frozen=True)
class TryCatch:
    """BEGIN TRY … END TRY BEGIN CATCH … END CATCH."""

    body: Block
    handler: Block


@dataclass(frozen=True)
class Throw:
    """THROW without arguments."""


@dataclass(frozen=True)
class Print:
    """PRINT value."""

    text: str


@dataclass(frozen=True)
class Return:
    """RETURN: the batch ends."""


Statement = (
    Query | Declare | Assign | SetOption | Use | ExecuteAs | Revert | Execute | ExecuteText | If | While | Block
    | TryCatch | Throw | Print | Return
)  # fmt: skip
