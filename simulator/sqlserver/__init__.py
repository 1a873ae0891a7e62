"""A SQL Server on loopback: TDS 7.4 with TLS for Microsoft's ODBC driver, T-SQL really evaluated over a twin.

Wire: constants, packets, prelogin, login7, typeinfo, tokens, rpc (pure functions on bytes), transport and server (sockets).
Twin: state (what the YAML says), security (who may do what), catalog (the sys views), functions (T-SQL's functions).
T-SQL: batches (statements), compiler (one SELECT into SQLite), session (runs a batch for one login).
"""
