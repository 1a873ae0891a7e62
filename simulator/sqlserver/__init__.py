"""A SQL Server on loopback: TDS 7.4 with TLS for Microsoft's ODBC driver, T-SQL really evaluated over a twin.

Wire: constants, packets, prelogin, login7, typeinfo, tokens, rpc (pure functions on bytes);
transport, connection, server (sockets).
Twin: state (what the YAML says), security (who may do what), catalog (the sys views), functions (T-SQL's functions).
T-SQL: batches (statements), dialect (sqlglot reads queries), compiler (one query for SQLite) with its parts
terms, names, expressions, calls and sources; engine (SQLite runs it), session (runs a batch for one login).
"""
