"""What answers as SQL Server does: the products
by SERVERPROPERTY('EngineEdition') (Microsoft Learn).
"""

SQL_SERVER = frozenset({1, 2, 3, 4})  # Personal, Standard, Enterprise, Express
OTHERS = {
    5: "Azure SQL Database",
    6: "Azure Synapse Analytics",
    8: "Azure SQL Managed Instance",
    9: "Azure SQL Edge",
    11: "Azure Synapse serverless SQL pool",
    12: "SQL database in Microsoft Fabric",
}


def other_product(engine_edition: int) -> str:
    """The product's name where it is no SQL Server as the document means it; "" for a SQL Server.

    Their version numbers, logins and system views have other meanings,
    so that nothing read there decides.

    >>> other_product(5)
    'Azure SQL Database'
    """
    if engine_edition in SQL_SERVER:
        return ""
    return OTHERS.get(engine_edition, f"a product with the engine edition {engine_edition}")
