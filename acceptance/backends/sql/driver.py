"""Which ODBC driver to use, and the sentence for a machine that has none.

Order: the inventory's, the newest installed "ODBC Driver NN for SQL Server",
the one inside the PyPI package mssql-python-odbc.
"""

import ctypes
import importlib.util
import platform
import re
import sys
from collections.abc import Iterable
from pathlib import Path

MICROSOFT = re.compile(r"^ODBC Driver (\d+) for SQL Server$")
# unixODBC's library, and libltdl, which the driver inside the package needs besides.
UNIXODBC = {
    "debian_ubuntu": "sudo apt-get install -y libodbc2 libltdl7",
    "rhel": "sudo dnf install -y unixODBC libtool-ltdl",
    "suse": "sudo zypper install -y unixODBC libltdl7",
    "alpine": "sudo apk add unixodbc libltdl",
    "macos": "brew install unixodbc",
}
DRIVER = {"windows": "winget install --id Microsoft.msodbcsql.18"}
PACKAGE = "pip install mssql-python-odbc"


class DriverError(Exception):
    """No usable ODBC driver on this machine.

    `args`: what is missing, and the command that installs it.
    """


def system() -> str:
    """This system's family, named as the package mssql-python-odbc names its folders."""
    if sys.platform == "win32":
        return "windows"
    if sys.platform == "darwin":
        return "macos"
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return "debian_ubuntu"
    words = f"{release.get('ID', '')} {release.get('ID_LIKE', '')}".split()
    families = {
        "rhel": ("rhel", "fedora", "centos"),
        "suse": ("suse", "sles", "opensuse"),
        "alpine": ("alpine",),
    }
    return next((name for name, ids in families.items() if set(ids) & set(words)), "debian_ubuntu")


def load_unixodbc(family: str) -> None:
    """Make unixODBC's library loadable before `import pyodbc`.

    Raises DriverError with this system's command.
    """
    if family in ("windows", "macos"):  # there pyodbc's wheels bring what they need
        return
    for name in ("libltdl.so.7", "libodbc.so.2"):
        try:
            ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
        except OSError:
            raise DriverError(
                f"the library {name} of unixODBC is missing here", UNIXODBC[family]
            ) from None


def choose(
    configured: str | None, installed: Iterable[str], packaged: Path | None, family: str
) -> str:
    """A driver's name or path. Raises DriverError: none, or the configured one is not there.

    >>> installed = ["SQLite3", "ODBC Driver 17 for SQL Server", "ODBC Driver 18 for SQL Server"]
    >>> choose(None, installed, None, "rhel")
    'ODBC Driver 18 for SQL Server'
    """
    names = list(installed)
    if configured is not None:
        if configured in names or Path(configured).is_file():
            return configured
        known = ", ".join(names) or "none"
        raise DriverError(
            f"the driver {configured!r} of the inventory is not installed (installed: {known})",
            "correct sql.driver in the inventory, or leave it out",
        )
    numbered = [(int(match[1]), name) for name in names if (match := MICROSOFT.match(name))]
    if numbered:
        return max(numbered)[1]
    if packaged is not None:
        return str(packaged)
    raise DriverError(
        "no ODBC driver for SQL Server is installed here", DRIVER.get(family, PACKAGE)
    )


def packaged_driver(family: str) -> Path | None:
    """The driver library inside the package mssql-python-odbc, for this system and processor;
    None: not there.
    """
    package = importlib.util.find_spec("mssql_python_odbc")
    if package is None or package.origin is None:
        return None
    libraries = Path(package.origin).parent / "libs"
    machine = platform.machine().lower()
    architectures = {
        "amd64": ("x86_64", "x64"),
        "x86_64": ("x86_64", "x64"),
        "aarch64": ("arm64", "aarch64"),
    }
    pattern = {"windows": "msodbcsql*.dll", "macos": "libmsodbcsql*.dylib"}.get(
        family, "libmsodbcsql*.so*"
    )
    folder = libraries / (family if family in ("windows", "macos") else f"linux/{family}")
    for architecture in architectures.get(machine, (machine,)):
        found = sorted((folder / architecture).rglob(pattern)) if folder.is_dir() else []
        if found:
            return found[-1]
    return None
