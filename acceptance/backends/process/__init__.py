"""A program of this machine in between: PowerShell itself (`local`), or the system's ssh (`ssh`)."""

from acceptance.backends.process.backend import ProcessBackend

__all__ = ["ProcessBackend"]
