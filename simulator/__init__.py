"""Simulated servers for `--hosts=demo` and the tests: they share no code with what they test.

Rooms: winrm (WS-Man), windows (what Windows' commands answer), sqlserver (TDS and T-SQL).
Others may use internet.Endpoints and certificates.
"""
