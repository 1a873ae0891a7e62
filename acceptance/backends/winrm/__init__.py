"""WinRM: one shell and one powershell.exe per host and run.

Others use `WinRMBackend`; the rest of the room is its own.
"""

from acceptance.backends.winrm.backend import WinRMBackend

__all__ = ["WinRMBackend"]
