"""sp_datatype_info: the server's data types as ODBC's SQLGetTypeInfo wants them."""

from pathlib import Path

from acceptance.simulator.sqlserver.session import ResultSet
from acceptance.simulator.sqlserver.sqltypes import columns_of
from acceptance.simulator.twinfiles import read_yaml


def type_info(number: int) -> ResultSet:
    """The row of an ODBC type; none for a type that is not in datatypes.yaml."""
    written = read_yaml(Path(__file__).with_name("datatypes.yaml"))
    rows = tuple(tuple(row) for row in written["rows"] if row[1] == number)
    return ResultSet(tuple(columns_of(written["columns"]).items()), rows)
