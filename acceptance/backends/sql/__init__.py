"""SQL Server over Microsoft's ODBC driver, in a process of its own for each server.

Others use `SqlBackend` of `backend`.
"""
