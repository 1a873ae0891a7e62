"""What another session does to a table while this one reads it."""

from time import sleep
from typing import Any

from acceptance.simulator.sqlserver.errors import error
from acceptance.simulator.sqlserver.state import Table

FOREVER = -1  # SET LOCK_TIMEOUT's default: the lock is waited for without end
FOR_ALL_PRACTICAL_PURPOSES = 600.0  # seconds
DEADLOCK_CHECK = 0.1  # seconds; a real server looks every 5 s, sooner where there are many
FATAL = 20  # from this class on the server ends the connection ([MS-TDS] 2.2.7.10)


def enter(session: Any, table: Table) -> None:
    """Before a table's rows are read.

    Raises SqlError 1222, 1205 or 596 where another session is in the way.
    """
    if table.held == "locked":
        seconds = session.lock_timeout / 1000
        sleep(FOR_ALL_PRACTICAL_PURPOSES if session.lock_timeout == FOREVER else seconds)
        raise error(1222)
    if table.held == "deadlocked":
        sleep(DEADLOCK_CHECK)
        raise error(1205)
    if table.held == "killed":
        raise error(596)
