"""What of this process's environment the driver's process gets."""

import os

# What a driver, Kerberos and Python need; the rest may hold other servers' passwords.
PASSED_ON = frozenset(
    [
        "PATH",
        "HOME",
        "USER",
        "LANG",
        "TZ",
        "TMPDIR",
        "LD_LIBRARY_PATH",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "SYSTEMROOT",
        "SYSTEMDRIVE",
        "WINDIR",
        "TEMP",
        "TMP",
        "USERPROFILE",
        "APPDATA",
        "LOCALAPPDATA",
        "PROGRAMDATA",
        "PROGRAMFILES",
        "COMSPEC",
        "PATHEXT",
        "USERDOMAIN",
    ]
)
PASSED_ON_PREFIXES = ("LC_", "KRB5", "ODBC", "PYTHON", "VIRTUAL_ENV", "COVERAGE")


def environment() -> dict[str, str]:
    """This process's variables, as far as a driver needs them."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() in PASSED_ON or name.upper().startswith(PASSED_ON_PREFIXES)
    }
