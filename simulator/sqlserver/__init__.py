"""A SQL Server on loopback that knows what the collectors and Microsoft's clients send; all else is
an error.

Wire: tds (its numbers), transport, typeinfo, reading (what clients send), tokens (what they get),
requests, server.
Twin: state (data), security (who may do what), catalog and views.yaml (the sys views), metadata,
functions.
T-SQL: batches (statements), dialect (sqlglot reads queries), terms, expressions, queries,
execution, session.
Others may use server.SqlServer, state.load_twin with its models, tds.Encryption.
"""
