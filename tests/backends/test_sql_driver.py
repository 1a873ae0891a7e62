"""Which ODBC driver is taken, and what a machine without one is told."""

from pathlib import Path

import pytest

from acceptance.backends.sql.driver import DriverError, choose, packaged_driver, system
from tests.fixtures.conftest import run_pytest
from tests.sql_twins import needs_driver

INSTALLED = [
    "SQLite3",
    "ODBC Driver 9 for SQL Server",
    "ODBC Driver 18 for SQL Server",
    "ODBC Driver 17 for SQL Server",
]
# Python runs this at its start: the libraries of unixODBC are then as if they were not installed.
WITHOUT_UNIXODBC = """import ctypes
class Library(ctypes.CDLL):
    def __init__(self, name, *arguments, **others):
        if name and "odbc" in str(name):
            raise OSError(f"{name}: cannot open shared object file")
        super().__init__(name, *arguments, **others)
ctypes.CDLL = Library
"""


def test_the_order_of_choice(tmp_path: Path) -> None:
    """The inventory's, by name or path; the newest that is installed, by number;
    the one inside the package.
    """
    packaged = tmp_path / "libmsodbcsql.so"
    packaged.touch()
    assert (
        choose("ODBC Driver 17 for SQL Server", INSTALLED, packaged, "rhel")
        == "ODBC Driver 17 for SQL Server"
    )
    assert choose(str(packaged), INSTALLED, None, "rhel") == str(packaged)
    assert choose(None, INSTALLED, packaged, "rhel") == "ODBC Driver 18 for SQL Server"
    assert choose(None, ["SQLite3"], packaged, "rhel") == str(packaged)


@pytest.mark.parametrize("family", ["debian_ubuntu", "rhel", "suse", "alpine", "macos", "windows"])
def test_no_driver_names_the_command_that_installs_one(family: str) -> None:
    with pytest.raises(DriverError) as caught:
        choose(None, ["SQLite3"], None, family)
    what, command = caught.value.args
    assert what == "no ODBC driver for SQL Server is installed here"
    assert command == (
        "winget install --id Microsoft.msodbcsql.18"
        if family == "windows"
        else "pip install mssql-python-odbc"
    )


def test_an_unknown_driver_of_the_inventory_is_not_replaced_silently() -> None:
    with pytest.raises(
        DriverError,
        match="'No Such Driver' of the inventory is not installed \\(installed: SQLite3\\)",
    ):
        choose("No Such Driver", ["SQLite3"], None, "rhel")


def test_the_package_brings_a_driver_for_this_system() -> None:
    needs_driver()
    found = packaged_driver(system())
    assert found is not None
    assert found.is_file()


def test_without_unixodbc_the_other_markers_work(tmp_path: Path) -> None:
    """The whole demo: what needs SQL Server says what to install, everything else is judged."""
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_UNIXODBC, encoding="utf-8")
    report = tmp_path / "report"
    ran = run_pytest(
        "--hosts=demo", f"--report-dir={report}", report=report, PYTHONPATH=str(tmp_path)
    )
    # What is asked of its Windows awaits confirmation there, whatever SQL Server says.
    database = {name: kind for name, kind in ran.kinds("db01").items() if name[:3] != "OS-"}
    assert {*database.values()} - {"not applicable", "hint"} == {"could not be checked"}
    web = ran.kinds()
    assert {name for name, kind in web.items() if kind == "could not be checked"} == {
        "SYN-02",
        "SYN-03",
    }
    assert {web["IIS-01"], web["OS-01"], web["IIS-25"]} == {"met"}
    assert "db01: the library libodbc.so.2 of unixODBC is missing here." in ran.output
    assert "Traceback" not in ran.output
