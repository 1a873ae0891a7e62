"""The backend of a host that was already asked:
it holds stored evidence and refuses to run anything.
"""

from typing import Any, NoReturn

from testinfra.backend.base import BaseBackend

from acceptance.errors import UsageError


class EvidenceBackend(BaseBackend):  # type: ignore[misc]  # testinfra has no types
    """Stands behind testinfra's Host while judging,
    so that no test can reach a server by accident.
    """

    NAME = "evidence"

    def __init__(self, host: str) -> None:
        super().__init__(host)

    def run(self, command: str, *args: str, **kwargs: Any) -> NoReturn:
        """Judging reads evidence only. Raises UsageError always."""
        raise UsageError(
            f"a test tried to run {command!r} on {self.hostname}, "
            "but judging never touches a server.",
            "Read the fact in a collector and judge it from the evidence.",
        )
