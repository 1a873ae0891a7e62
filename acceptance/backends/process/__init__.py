"""A program of this machine in between: PowerShell itself (`local`), or the system's ssh (`ssh`).

Others use `ProcessBackend`; the rest of the room is its own.
"""

from acceptance.backends.process.backend import ProcessBackend

__all__ = ["ProcessBackend"]
