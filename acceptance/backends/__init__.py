"""How a host is reached: a backend runs one program there, or one SQL batch,
and knows nothing of facts.

Others use `WinRMBackend` of `winrm`, `SqlBackend` of `sql.backend`, and the protocols of `base`.
"""
