"""sp_datatype_info: the server's data types as ODBC's SQLGetTypeInfo wants them."""

from acceptance.simulator.sqlserver.session import ResultSet
from acceptance.simulator.sqlserver.sqltypes import columns_of

COLUMNS = columns_of(
    "TYPE_NAME sysname, DATA_TYPE smallint, PRECISION int, LITERAL_PREFIX varchar(32), "
    "LITERAL_SUFFIX varchar(32), "
    "CREATE_PARAMS varchar(32), NULLABLE smallint, CASE_SENSITIVE smallint, SEARCHABLE smallint, "
    "UNSIGNED_ATTRIBUTE smallint, MONEY smallint, AUTO_INCREMENT smallint, "
    "LOCAL_TYPE_NAME sysname, "
    "MINIMUM_SCALE smallint, MAXIMUM_SCALE smallint, SQL_DATA_TYPE smallint, "
    "SQL_DATETIME_SUB smallint, "
    "NUM_PREC_RADIX int, INTERVAL_PRECISION smallint, USERTYPE smallint"
)
# ODBC's type number: name, greatest length, prefix, suffix. The types that pyodbc asks for.
TYPES: dict[int, tuple[str, int, str | None, str | None]] = {
    12: ("varchar", 8000, "'", "'"),
    -9: ("nvarchar", 4000, "N'", "'"),
    -3: ("varbinary", 8000, "0x", None),
    93: ("datetime2", 27, "'", "'"),
}


def type_info(number: int) -> ResultSet:
    """The row of an ODBC type; none for a type that is not in TYPES."""
    named = tuple(COLUMNS.items())
    if number not in TYPES:
        return ResultSet(named, ())
    name, length, prefix, suffix = TYPES[number]
    row = (name, number, length, prefix, suffix, "max length", 1, 0, 3, None, 0, None, name, None,
    None, number,
           None, None, None, 0)  # fmt: skip
    return ResultSet(named, (row,))
