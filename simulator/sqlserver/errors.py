"""SQL Server's errors by number; their severity, state, reach and text stand in errors.yaml."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from acceptance.simulator.twinfiles import read_yaml

# How far an error reaches: the next statement of the batch still runs; the batch ends; it ends
# before it has begun.
Scope = Literal["STATEMENT", "BATCH", "COMPILE"]


@dataclass
class SqlError(Exception):
    """An error as the client sees it. `number` decides, never the text."""

    number: int
    message: str
    severity: int = 16
    state: int = 1
    line: int = 1
    scope: Scope = "STATEMENT"

    @property
    def refuses_batch(self) -> bool:
        """Before it has begun; not where the statement may be one that never runs."""
        return self.scope == "COMPILE" and self.number not in (208, NOT_EVALUATED)

    def __str__(self) -> str:
        return f"{self.number}: {self.message}"


# number: [severity, state, scope, text]
MESSAGES: dict[int, tuple[int, int, Scope, str]] = read_yaml(
    Path(__file__).with_name("errors.yaml")
)
# No number of SQL Server's: what this simulator cannot do is never an empty answer.
NOT_EVALUATED = 60000


def error(number: int, **values: object) -> SqlError:
    """One of MESSAGES with its values filled in."""
    severity, state, scope, text = MESSAGES[number]
    return SqlError(number, text.format(**values), severity, state, scope=scope)


def not_evaluated(construct: str) -> SqlError:
    """The simulator does not evaluate this; `construct` says what."""
    message = f"The simulated SQL Server cannot evaluate {construct}."
    return SqlError(NOT_EVALUATED, message, scope="COMPILE")
