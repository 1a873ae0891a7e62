"""SQL Server's errors by number; their severity, state, reach and text stand in errors.yaml."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from acceptance.simulator.twinfiles import read_yaml


class Scope(Enum):
    """How far an error reaches."""

    STATEMENT = "the next statement of the batch still runs"
    BATCH = "the batch ends"
    COMPILE = "the batch ends before it has begun"


@dataclass
class SqlError(Exception):
    """An error as the client sees it. `number` decides, never the text."""

    number: int
    message: str
    severity: int = 16
    state: int = 1
    line: int = 1
    scope: Scope = Scope.STATEMENT

    @property
    def refuses_batch(self) -> bool:
        """Before it has begun; not where the statement may be one that never runs."""
        return self.scope is Scope.COMPILE and self.number not in (208, NOT_EVALUATED)

    def __str__(self) -> str:
        return f"{self.number}: {self.message}"


# number: [severity, state, scope, text]
MESSAGES: dict[int, tuple[int, int, str, str]] = read_yaml(Path(__file__).with_name("errors.yaml"))
# No number of SQL Server's: what this simulator cannot do is never an empty answer.
NOT_EVALUATED = 60000


def error(number: int, **values: object) -> SqlError:
    """One of MESSAGES with its values filled in."""
    severity, state, scope, text = MESSAGES[number]
    return SqlError(number, text.format(**values), severity, state, scope=Scope[scope])


def not_evaluated(construct: str) -> SqlError:
    """The simulator does not evaluate this; `construct` says what."""
    message = f"The simulated SQL Server cannot evaluate {construct}."
    return SqlError(NOT_EVALUATED, message, scope=Scope.COMPILE)
